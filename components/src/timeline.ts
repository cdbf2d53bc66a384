/** What happened to an element, by day: who, what, when; changes as before and after; robots' steps and small changes folded. */
import css from './timeline.css'
import { component, styled, text, type Host, type Labels, type View } from './lib/component'
import { focused, h } from './lib/dom'
import { icon } from './lib/icon'
import { Live } from './lib/live'
import { avatar, type Who } from './lib/people'
import { symbol } from './lib/symbol'

interface Change { label: string; before: string; after: string }
interface Step { label: string; port: string; state: string; text: string }
interface Item {
  id: string; icon: string; tone: string; when: string; day: string; who: Who | null; title: string; text?: string
  changes?: Change[]; trace?: Step[]; link?: { id: string; label: string } | null; quiet?: boolean
}
interface Data { items: Item[]; labels: Labels; more: number; live: boolean }

/** So many changes are shown open; more of them are folded. */
const FEW = 3
const TONES = ['good', 'bad', 'info', 'robot']
const STATES: Record<string, string> = { done: 'check_circle', failed: 'error', waiting: 'hourglass_empty', retrying: 'sync', skipped: 'cancel' }

class Timeline implements View<Data> {
  private data!: Data
  private sign = ''
  private live: Live | null = null
  private readonly open = new Set<string>()
  private readonly known = new Map<string, { sign: string; el: HTMLElement }>()
  private readonly days = h('div', { cls: 'days' })
  private readonly empty = h('p', { cls: 'empty' })
  private readonly more = h('button', { type: 'button', cls: 'more', onclick: () => this.ask() })

  constructor(private readonly host: Host) {
    host.root.classList.add('timeline')
    host.root.append(this.days, this.empty, this.more)
  }

  update(data: Data): void {
    const { items, labels, more } = data
    this.data = data
    if (data.live && !this.live) this.live = new Live(rev => this.host.emit('poke', rev))
    this.more.textContent = text(labels, 'more', { n: more })
    this.more.hidden = more <= 0
    this.more.removeAttribute('aria-busy')
    const sign = JSON.stringify([items, labels])
    if (sign === this.sign) return
    this.sign = sign
    this.empty.textContent = text(labels, 'empty')
    this.empty.hidden = items.length > 0
    this.days.setAttribute('role', 'region')
    this.days.setAttribute('aria-label', text(labels, 'timeline'))
    const had = focused(this.days)
    this.days.replaceChildren(...runs(items, i => i.day).map(day => this.day(day)))
    const kept = new Set(items.map(i => i.id))
    for (const id of this.known.keys()) if (!kept.has(id)) this.known.delete(id)
    if (had instanceof HTMLElement && had.isConnected) had.focus({ preventScroll: true })
  }

  destroy(): void {
    this.live?.destroy()
  }

  private ask(): void {
    if (this.more.getAttribute('aria-busy')) return
    this.more.setAttribute('aria-busy', 'true')
    this.host.emit('more', this.data.items.length)
  }

  // -- drawing ---------------------------------------------------------------------------------------------------

  private day(items: Item[]): HTMLElement {
    const list = h('ol')
    for (const run of runs(items, i => (i.quiet ? 'quiet' : i.id))) {
      const [first] = run
      if (first && run.length > 1) list.append(this.quiet(first, run))
      else if (first) list.append(this.item(first))
    }
    return h('section', {}, h('h3', {}, items[0]?.day), list)
  }

  /** Several small changes in a row: one line until somebody wants to see them. */
  private quiet(first: Item, items: Item[]): HTMLElement {
    const inside = h('ol', {}, ...items.map(i => this.item(i)))
    const faces = h('span', { cls: 'faces' })
    for (const who of unique(items)) faces.append(avatar(who, 20))
    const times = [...new Set([items.at(-1)?.when, first.when])].join(' – ')
    const head = [h('span', { cls: 'dot' }, symbol('edit', 16)), h('b', {}, text(this.data.labels, 'quiet', { n: items.length })), faces, h('time', {}, times)]
    return h('li', { cls: 'hush' }, this.fold(`quiet:${items.at(-1)?.id}`, head, inside))
  }

  private item(item: Item): HTMLElement {
    const sign = JSON.stringify([item, this.data.labels])
    const known = this.known.get(item.id)
    if (known?.sign === sign) return known.el
    const tone = TONES.includes(item.tone) ? item.tone : 'plain'
    const head = h('div', { cls: 'head' }, h('span', { cls: 'title' }, item.title), h('time', {}, item.when))
    const body = h('div', { cls: 'body' }, head)
    if (item.text) body.append(h('p', { cls: 'text' }, ...linked(item.text)))
    if (item.changes?.length) body.append(this.changes(item.id, item.changes))
    if (item.trace?.length) body.append(this.trace(item.id, item.trace))
    const { link } = item
    if (link) body.append(h('button', { type: 'button', cls: 'link', onclick: () => this.host.emit('open', link.id) }, icon('arrow_forward', 16), h('span', {}, link.label)))
    const el = h('li', { cls: `item ${tone}${item.quiet ? ' quiet' : ''}`, 'data-id': item.id }, this.mark(item), body)
    this.known.set(item.id, { sign, el })
    return el
  }

  private mark(item: Item): HTMLElement {
    if (!item.who) return h('span', { cls: 'mark' }, h('span', { cls: 'dot' }, symbol(item.icon, 18)))
    return h('span', { cls: 'mark' }, avatar(item.who, 28), h('span', { cls: 'sort' }, symbol(item.icon, 12)))
  }

  private changes(id: string, changes: Change[]): HTMLElement {
    const list = h('dl', { cls: 'changes' }, ...changes.map(c => this.change(c)))
    if (changes.length <= FEW) return list
    return this.fold(`changes:${id}`, [h('b', {}, text(this.data.labels, 'changes', { n: changes.length })), h('span', { cls: 'n' }, String(changes.length))], list)
  }

  private change(change: Change): HTMLElement {
    const { labels } = this.data
    const side = (cls: string, words: string) => {
      const said = words || text(labels, 'nothing')
      return h('span', { cls: words ? cls : `${cls} none` }, h('span', { cls: 'sr' }, `${text(labels, cls)}: `), said)
    }
    return h('div', {}, h('dt', {}, change.label), h('dd', {}, side('before', change.before), ' ', icon('arrow_forward', 14), ' ', side('after', change.after)))
  }

  private trace(id: string, steps: Step[]): HTMLElement {
    const list = h('ol', { cls: 'trace' }, ...steps.map(s => this.step(s)))
    const failed = steps.some(s => s.state === 'failed')
    const head = [h('b', {}, text(this.data.labels, 'trace', { n: steps.length })), h('span', { cls: failed ? 'n bad' : 'n' }, String(steps.length))]
    return this.fold(`trace:${id}`, head, list)
  }

  private step(step: Step): HTMLElement {
    const state = step.state in STATES ? step.state : 'done'
    const name = text(this.data.labels, `state_${state}`)
    const badge = h('span', { cls: 'state', role: 'img', 'aria-label': name, title: name }, icon(STATES[state] ?? '', 16))
    const label = h('span', { cls: 'label' }, step.label)
    const words = h('div', {}, label, step.port && h('span', { cls: 'port' }, step.port), step.text && h('p', {}, ...linked(step.text)))
    return h('li', { cls: `step ${state}` }, badge, words)
  }

  private fold(id: string, head: Node[], inside: HTMLElement): HTMLElement {
    const fold = h('details', { open: this.open.has(id) }, h('summary', {}, ...head), inside)
    fold.addEventListener('toggle', () => (fold.open ? this.open.add(id) : this.open.delete(id)))
    return fold
  }
}

/** Neighbours of the same kind, together. */
function runs(items: Item[], kind: (item: Item) => string): Item[][] {
  const out: Item[][] = []
  for (const item of items) {
    const last = out.at(-1)
    if (last?.[0] && kind(last[0]) === kind(item)) last.push(item)
    else out.push([item])
  }
  return out
}

function unique(items: Item[]): Who[] {
  return [...new Map(items.flatMap(i => (i.who ? [[i.who.name, i.who] as const] : []))).values()].slice(0, 4)
}

/** Text with its web addresses as links. */
function linked(words: string): (Node | string)[] {
  return words.split(/(https?:\/\/[^\s<>"«»]*[^\s<>"«».,;:!?)\]])/).map((part, i) =>
    i % 2 ? h('a', { href: part, target: '_blank', rel: 'noopener noreferrer' }, part) : part,
  )
}

export default component<Data>(styled(css), host => new Timeline(host))
