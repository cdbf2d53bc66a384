/** Lists put in order by hand, finger or keys; an order is shown at once and told after the drop. */
import css from './sorter.css'
import { calm, component, safe, styled, text, type Host, type Labels, type View } from './lib/component'
import { focused, h } from './lib/dom'
import { Dragging } from './lib/drag'
import { icon } from './lib/icon'
import { symbol } from './lib/symbol'
import { Toasts } from './lib/toast'

interface Item { id: string; label: string; hint?: string; color?: string; icon?: string; badge?: string; locked?: boolean; kind?: string }
interface Group { id: string; title: string; items: Item[]; can_add: boolean; can_drop_kinds?: string[] }
interface Data { groups: Group[]; labels: Labels; selected: string | null; cross: boolean; removable: boolean }
interface Place { group: string; index: number }

class Sorter implements View<Data> {
  private data!: Data
  private stash: Data | null = null
  /** The order as shown: ids by group. */
  private order = new Map<string, string[]>()
  private selected: string | null = null
  /** The one item that Tab reaches. */
  private at: string | null = null
  private grip: { item: Item; home: Place; place: Place; el: HTMLElement; ghost: HTMLElement; dx: number; dy: number } | null = null
  private readonly rows = new Map<string, { sign: string; el: HTMLElement }>()
  private readonly lists = new Map<string, HTMLElement>()
  private readonly groups = h('div', { cls: 'groups' })
  private readonly help = h('div', { cls: 'sr', id: 'sorter-keys' })
  private readonly toasts: Toasts
  private readonly dragging: Dragging

  constructor(private readonly host: Host) {
    host.root.classList.add('sorter')
    host.root.append(this.groups, this.help)
    this.toasts = new Toasts(host.root)
    this.dragging = new Dragging(
      host.root,
      {
        pick: e => this.pick(e), begin: (el, x, y) => this.begin(el, x, y), move: (x, y) => this.move(x, y), end: ok => this.end(ok),
        handle: e => (e.target as Element).closest('.grip') !== null,
      },
      () => [scroller(host.root)],
    )
    this.groups.addEventListener('keydown', e => this.key(e))
    this.groups.addEventListener('focusin', e => this.reach(idOf(e.target)))
  }

  update(data: Data): void {
    if (this.dragging.active) this.stash = data
    else this.adopt(data)
  }

  destroy(): void {
    this.dragging.destroy()
  }

  // -- data in ---------------------------------------------------------------------------------------------------

  private adopt(data: Data): void {
    this.data = data
    this.selected = data.selected
    this.order = new Map(data.groups.map(g => [g.id, g.items.map(i => i.id)]))
    this.help.textContent = text(data.labels, 'keys')
    this.groups.setAttribute('role', 'group')
    this.groups.setAttribute('aria-label', text(data.labels, 'sorter'))
    if (!this.at || !this.item(this.at)) this.at = this.selected ?? [...this.order.values()].flat()[0] ?? null
    this.frame()
    this.paint()
  }

  private item(id: string): Item | undefined {
    for (const group of this.data.groups) {
      const found = group.items.find(i => i.id === id)
      if (found) return found
    }
    return undefined
  }

  private group(id: string): Group | undefined {
    return this.data.groups.find(g => g.id === id)
  }

  private placeOf(id: string): Place {
    for (const [group, ids] of this.order) if (ids.includes(id)) return { group, index: ids.indexOf(id) }
    return { group: '', index: -1 }
  }

  /** Where in the group it may stand: locked items at the ends keep their places. */
  private clamp(place: Place, id: string): Place {
    const ids = (this.order.get(place.group) ?? []).filter(i => i !== id)
    const locked = ids.map(i => this.item(i)?.locked === true)
    const first = locked.indexOf(false)
    const low = first < 0 ? (locked.length && place.index === 0 ? 0 : locked.length) : first
    const high = first < 0 ? locked.length : locked.lastIndexOf(false) + 1
    return { group: place.group, index: Math.max(low, Math.min(high, place.index)) }
  }

  private takes(group: string, item: Item): boolean {
    if (this.placeOf(item.id).group === group) return true
    const kinds = this.group(group)?.can_drop_kinds
    return this.data.cross && (kinds === undefined || kinds.includes(item.kind ?? ''))
  }

  // -- drawing ---------------------------------------------------------------------------------------------------

  /** The boxes of the groups: title, list, button. */
  private frame(): void {
    const { groups, labels } = this.data
    const had = focused(this.groups)
    this.lists.clear()
    const boxes = groups.map(group => {
      const list = h('ul', { 'data-group': group.id, 'aria-label': group.title || text(labels, 'sorter') })
      this.lists.set(group.id, list)
      const box = h('section', { cls: 'group', 'data-group': group.id }, group.title && h('h3', {}, group.title), list)
      if (group.can_add) {
        const said = [text(labels, 'add'), group.title].filter(Boolean).join(': ')
        box.append(h('button', { type: 'button', cls: 'add', 'aria-label': said, onclick: () => this.host.emit('add', group.id) }, icon('add', 18), text(labels, 'add')))
      }
      return box
    })
    // Rows move into the new lists before the old ones go, so that a focused row stays focused where that can be.
    this.groups.replaceChildren(...boxes)
    this.paint()
    if (had instanceof HTMLElement && had.isConnected) had.focus({ preventScroll: true })
  }

  private paint(): void {
    const tops = this.tops()
    const shown = new Set<string>()
    for (const [group, ids] of this.order) {
      const list = this.lists.get(group)
      if (!list) continue
      const rows = ids.map(id => {
        shown.add(id)
        return this.row(id)
      })
      rows.forEach((row, i) => list.children[i] !== row && list.insertBefore(row, list.children[i] ?? null))
      while (list.children.length > rows.length) list.lastElementChild?.remove()
      if (!rows.length) list.append(h('li', { cls: 'empty' }, text(this.data.labels, 'empty')))
    }
    for (const id of this.rows.keys()) if (!shown.has(id)) this.rows.delete(id)
    this.glide(tops)
  }

  private row(id: string): HTMLElement {
    const item = this.item(id) as Item
    const sign = JSON.stringify([item, this.data.labels, this.data.removable])
    let row = this.rows.get(id)
    if (!row) {
      row = { sign: '', el: h('li', { cls: 'row', 'data-id': id }) }
      this.rows.set(id, row)
    }
    if (row.sign !== sign) row.el.replaceChildren(...this.inside(item))
    row.sign = sign
    const chosen = id === this.selected
    row.el.classList.toggle('chosen', chosen)
    row.el.classList.toggle('locked', Boolean(item.locked))
    row.el.querySelector('.main')?.setAttribute('aria-pressed', String(chosen))
    for (const el of row.el.querySelectorAll<HTMLElement>('button')) el.tabIndex = id === this.at ? 0 : -1
    return row.el
  }

  private inside(item: Item): HTMLElement[] {
    const { labels, removable } = this.data
    const act = (cls: string, name: string, sign: string, run: () => void) =>
      h('button', { type: 'button', cls: `ic ${cls}`, title: text(labels, name), 'aria-label': `${text(labels, name)}: ${item.label}`, onclick: run }, icon(sign, 18))
    const grip = item.locked ? h('span', { cls: 'pin', title: text(labels, 'locked') }, icon('lock', 16)) : h('span', { cls: 'grip' }, icon('drag_indicator', 20))
    const sign = item.color ? h('i', { cls: 'color', style: { background: safe(item.color) } }) : item.icon ? symbol(item.icon, 18) : null
    const words = h('span', { cls: 'words' }, h('span', { cls: 'label' }, item.label), item.hint && h('span', { cls: 'hint' }, item.hint))
    const main = h(
      'button',
      { type: 'button', cls: 'main', 'aria-describedby': 'sorter-keys', title: item.label, onclick: () => this.select(item.id) },
      sign, words, item.badge && h('span', { cls: 'badge' }, item.badge), item.locked && h('span', { cls: 'sr' }, text(labels, 'locked')),
    )
    const acts = h('span', { cls: 'acts' })
    if (!item.locked) acts.append(act('up', 'move_up', 'arrow_upward', () => this.step(item.id, -1)), act('down', 'move_down', 'arrow_downward', () => this.step(item.id, 1)))
    if (!item.locked && removable) acts.append(act('remove', 'remove', 'close', () => this.host.emit('remove', item.id)))
    return [grip, main, acts]
  }

  private tops(): Map<string, number> {
    return new Map([...this.rows].filter(([, row]) => row.el.isConnected).map(([id, row]) => [id, row.el.getBoundingClientRect().top]))
  }

  /** Rows slide from where they were to where they are. */
  private glide(before: Map<string, number>): void {
    if (calm()) return
    for (const [id, was] of before) {
      const el = this.rows.get(id)?.el
      const by = el?.isConnected ? was - el.getBoundingClientRect().top : 0
      if (el && Math.abs(by) > 1 && Math.abs(by) < 600) el.animate([{ transform: `translateY(${by}px)` }, { transform: 'none' }], { duration: 140, easing: 'ease-out' })
    }
  }

  // -- acts ------------------------------------------------------------------------------------------------------

  private reach(id: string | null): void {
    if (id === null || id === this.at) return
    const old = this.at
    this.at = id
    for (const one of [old, id]) if (one !== null && this.item(one)) this.row(one)
  }

  private select(id: string): void {
    if (id === this.selected) return
    const old = this.selected
    this.selected = id
    for (const one of [old, id]) if (one !== null && this.item(one)) this.row(one)
    this.host.emit('select', id)
  }

  private put(id: string, place: Place): void {
    for (const [group, ids] of this.order) this.order.set(group, ids.filter(i => i !== id))
    this.order.get(place.group)?.splice(place.index, 0, id)
  }

  private moved(item: Item, place: Place): void {
    const title = place.group === this.home(item.id) ? '' : this.group(place.group)?.title
    this.toasts.say([text(this.data.labels, 'moved', { label: item.label, n: place.index + 1 }), title].filter(Boolean).join(', '))
    this.host.emit('order', [...this.order].map(([group, ids]) => ({ group, ids })))
  }

  private home(id: string): string | undefined {
    return this.data.groups.find(g => g.items.some(i => i.id === id))?.id
  }

  /** One place up or down; past the end of a list, into the next one that takes it. */
  private step(id: string, by: number): void {
    const item = this.item(id)
    if (!item || item.locked) return this.toasts.say(text(this.data.labels, 'locked'))
    const from = this.placeOf(id)
    const to = this.clamp({ group: from.group, index: from.index + by }, id)
    const place = to.index !== from.index ? to : this.beyond(item, from, by)
    if (!place) return
    const had = focused(this.groups)
    this.put(id, place)
    this.paint()
    if (had instanceof HTMLElement) had.focus({ preventScroll: true })
    this.rows.get(id)?.el.scrollIntoView({ block: 'nearest' })
    this.moved(item, place)
  }

  private beyond(item: Item, from: Place, by: number): Place | null {
    const ids = [...this.order.keys()]
    for (let i = ids.indexOf(from.group) + by; ids[i] !== undefined; i += by) {
      const group = ids[i] as string
      if (this.takes(group, item)) return this.clamp({ group, index: by < 0 ? (this.order.get(group)?.length ?? 0) : 0 }, item.id)
    }
    return null
  }

  private key(e: KeyboardEvent): void {
    const id = idOf(e.target)
    if (id === null || this.dragging.active || e.ctrlKey || e.metaKey) return
    const by = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0
    const all = [...this.order.values()].flat()
    const i = all.indexOf(id)
    if (by && e.altKey) this.step(id, by)
    else if (e.altKey) return
    else if (by) this.focus(all[i + by])
    else if (e.key === 'Home') this.focus(all[0])
    else if (e.key === 'End') this.focus(all.at(-1))
    else if (e.key === 'Delete' && this.data.removable && !this.item(id)?.locked) this.host.emit('remove', id)
    else return
    e.preventDefault()
    e.stopPropagation()
  }

  private focus(id: string | undefined): void {
    if (id !== undefined) this.rows.get(id)?.el.querySelector<HTMLElement>('.main')?.focus()
  }

  // -- dragging --------------------------------------------------------------------------------------------------

  private pick(e: PointerEvent): HTMLElement | null {
    const target = e.target as Element
    const id = idOf(target)
    if (id === null || target.closest('.acts') || this.item(id)?.locked) return null
    return this.rows.get(id)?.el ?? null
  }

  private begin(el: HTMLElement, x: number, y: number): void {
    const item = this.item(el.dataset.id ?? '')
    if (!item) return
    const box = el.getBoundingClientRect()
    const ghost = h('div', { cls: 'ghost', style: { width: `${box.width}px` } }, el.cloneNode(true))
    const home = this.placeOf(item.id)
    this.host.root.append(ghost)
    this.host.root.classList.add('dragging')
    el.classList.add('held')
    this.grip = { item, home, place: home, el, ghost, dx: x - box.left, dy: y - box.top }
    for (const [id, list] of this.lists) list.parentElement?.classList.toggle('deny', !this.takes(id, item))
    this.move(x, y)
  }

  private move(x: number, y: number): void {
    const grip = this.grip
    if (!grip) return
    grip.ghost.style.transform = `translate(${x - grip.dx}px, ${y - grip.dy}px)`
    const place = this.target(y - grip.dy + grip.ghost.offsetHeight / 2, x, grip.item)
    if (!place || (place.group === grip.place.group && place.index === grip.place.index)) return
    grip.place = place
    this.put(grip.item.id, place)
    this.paint()
  }

  /** The place under the middle of what is dragged; null where it cannot lie. */
  private target(y: number, x: number, item: Item): Place | null {
    let best: { group: string; list: HTMLElement; away: number } | null = null
    for (const [group, list] of this.lists) {
      const box = list.parentElement?.getBoundingClientRect()
      if (!box || !this.takes(group, item)) continue
      const away = Math.max(0, box.left - x, x - box.right) + Math.max(0, box.top - y, y - box.bottom)
      if (!best || away < best.away) best = { group, list, away }
    }
    if (!best || best.away > 160) return null
    const rows = [...best.list.querySelectorAll<HTMLElement>('.row:not(.held)')]
    // Not the painted boxes: those may still be sliding.
    const top = best.list.getBoundingClientRect().top
    let index = 0
    for (const row of rows) if (top + row.offsetTop - best.list.offsetTop + row.offsetHeight / 2 < y) index++
    return this.clamp({ group: best.group, index }, item.id)
  }

  private end(dropped: boolean): void {
    const grip = this.grip
    this.grip = null
    if (!grip) return
    grip.ghost.remove()
    grip.el.classList.remove('held')
    this.host.root.classList.remove('dragging')
    for (const list of this.lists.values()) list.parentElement?.classList.remove('deny')
    const { home, place, item } = grip
    const changed = home.group !== place.group || home.index !== place.index
    const stash = this.stash
    this.stash = null
    if (!dropped && changed) {
      this.put(item.id, home)
      this.paint()
    }
    if (dropped && changed) this.moved(item, place)
    else {
      if (!dropped) this.toasts.say(text(this.data.labels, 'cancelled'))
      if (stash) this.adopt(stash)
    }
  }
}

function idOf(target: EventTarget | null): string | null {
  const el = target instanceof Element ? target.closest<HTMLElement>('.row') : null
  return el?.dataset.id ?? null
}

/** What scrolls when something is dragged to the edge: the page's own scroller. */
function scroller(root: HTMLElement): Element {
  return (root.getRootNode() as ShadowRoot).host?.closest('[data-testid="stMain"]') ?? document.scrollingElement ?? document.documentElement
}

export default component<Data>(styled(css), host => new Sorter(host))
