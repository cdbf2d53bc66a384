/** The stages of an element as chevrons: coloured up to where it stands, final ones behind one menu, a press moves it. */
import css from './stagebar.css'
import { component, ink, safe, styled, text, type Host, type Labels, type View } from './lib/component'
import { focused, h } from './lib/dom'
import { icon } from './lib/icon'
import { Menu, type Choice } from './lib/menu'
import { Toasts } from './lib/toast'

interface Stage {
  id: string
  title: string
  color: string
  semantics: 'P' | 'S' | 'F'
  can: boolean
  hint?: string
}

interface Data {
  stages: Stage[]
  current: string
  labels: Labels
  disabled: boolean
}

/** Below this width of the whole bar it is one button with a menu. */
const NARROW = 560
const PATIENCE = 10_000

class StageBar implements View<Data> {
  private data!: Data
  /** Where the element stands as shown: a chosen stage at once, whatever the data say after that. */
  private at = ''
  private here = 0
  private late = 0
  private narrow: boolean
  private readonly bar = h('div', { cls: 'bar' })
  private readonly menu: Menu
  private readonly toasts: Toasts
  private readonly resized: ResizeObserver

  constructor(private readonly host: Host) {
    host.root.classList.add('stagebar')
    host.root.append(this.bar)
    this.menu = new Menu(host.root)
    this.toasts = new Toasts(host.root)
    this.narrow = host.root.clientWidth < NARROW
    this.resized = new ResizeObserver(() => this.fit())
    this.resized.observe(host.root)
    this.bar.addEventListener('keydown', e => this.key(e))
    this.bar.addEventListener('pointerover', e => this.preview(indexOf(e.target)))
    this.bar.addEventListener('pointerleave', () => this.preview(-1))
  }

  update(data: Data): void {
    const moved = !this.data || data.current !== this.data.current
    this.data = data
    this.at = data.current
    clearTimeout(this.late)
    this.draw(moved)
  }

  destroy(): void {
    clearTimeout(this.late)
    this.menu.close(false)
    this.resized.disconnect()
  }

  // -- drawing ---------------------------------------------------------------------------------------------------

  private fit(): void {
    const narrow = this.host.root.clientWidth < NARROW
    if (narrow === this.narrow || !this.data) return
    this.narrow = narrow
    this.draw(true)
  }

  private draw(reveal: boolean): void {
    const { labels } = this.data
    const had = focused(this.bar) !== null
    this.bar.className = this.narrow ? 'bar narrow' : 'bar'
    this.bar.setAttribute('role', this.narrow ? 'group' : 'toolbar')
    this.bar.setAttribute('aria-label', text(labels, 'stagebar'))
    this.bar.replaceChildren(...(this.narrow ? this.short() : this.chevrons()))
    if (had) this.button(this.here)?.focus({ preventScroll: true })
    if (reveal) this.reveal()
  }

  private reveal(): void {
    const now = this.bar.querySelector<HTMLElement>('[aria-current]')
    if (now) this.bar.scrollLeft = now.offsetLeft - (this.bar.clientWidth - now.offsetWidth) / 2
  }

  private get stage(): Stage | undefined {
    return this.data.stages.find(s => s.id === this.at)
  }

  private get finals(): Stage[] {
    const finals = this.data.stages.filter(s => s.semantics !== 'P')
    return [...finals.filter(s => s.semantics === 'S'), ...finals.filter(s => s.semantics === 'F')]
  }

  private chevrons(): HTMLElement[] {
    const way = this.data.stages.filter(s => s.semantics === 'P')
    const { finals, stage } = this
    const ended = stage !== undefined && stage.semantics !== 'P'
    const reached = ended ? way.length : way.findIndex(s => s.id === this.at)
    const color = safe(stage?.color)
    this.here = Math.max(0, reached)
    const buttons = way.map((s, i) => this.chevron(s, i, i < reached, i === reached, color))
    const [only] = finals
    if (only && finals.length === 1) buttons.push(this.chevron(only, way.length, false, ended, color))
    else if (only) buttons.push(this.finish(finals, way.length, ended ? stage : undefined))
    return buttons
  }

  private chevron(stage: Stage, i: number, passed: boolean, current: boolean, color: string): HTMLElement {
    const { labels } = this.data
    const why = this.why(stage)
    const said = [stage.title, ...this.state(stage, passed, current), why]
    return h(
      'button',
      {
        cls: `step ${current ? 'now' : passed ? 'passed' : 'ahead'}`, type: 'button', 'data-i': i, 'data-id': stage.id,
        tabindex: i === this.here ? '0' : '-1', 'aria-current': current && 'step', 'aria-disabled': Boolean(why) && 'true',
        'aria-label': said.filter(Boolean).join(', '), title: [stage.title, why].filter(Boolean).join('\n'),
        style: { '--own': safe(stage.color), '--fill': color, '--ink': ink(color) }, onclick: () => this.choose(stage),
      },
      why && !current && icon('lock', 14), stage.semantics === 'S' && icon('check', 16), h('span', {}, stage.title || text(labels, 'finish')),
    )
  }

  private finish(finals: Stage[], i: number, chosen: Stage | undefined): HTMLElement {
    const { labels } = this.data
    const color = safe(chosen?.color)
    const said = [chosen?.title ?? text(labels, 'finish'), ...(chosen ? this.state(chosen, false, true) : [])]
    const button: HTMLElement = h(
      'button',
      {
        cls: `step ${chosen ? 'now' : 'ahead'}`, type: 'button', 'data-i': i, tabindex: i === this.here ? '0' : '-1', 'aria-haspopup': 'menu',
        'aria-current': chosen && 'step', 'aria-label': said.join(', '), title: said[0],
        style: { '--own': safe(finals[0]?.color), '--fill': color, '--ink': ink(color) },
        onclick: () => this.open(button, text(labels, 'finish'), finals),
      },
      icon('flag', 16), h('span', {}, said[0]), h('i', { cls: 'caret' }),
    )
    return button
  }

  /** On a phone: where it stands, how far that is, and a menu of all stages. */
  private short(): HTMLElement[] {
    const { labels, stages } = this.data
    const way = stages.filter(s => s.semantics === 'P')
    const stage = this.stage
    const color = safe(stage?.color)
    const reached = stage && stage.semantics !== 'P' ? way.length : way.findIndex(s => s.id === this.at)
    this.here = 0
    const button: HTMLElement = h(
      'button',
      {
        cls: 'choose', type: 'button', 'data-i': 0, 'aria-haspopup': 'menu', 'aria-current': 'step',
        'aria-label': `${stage?.title ?? ''}, ${text(labels, 'current')}`,
        onclick: () => this.open(button, text(labels, 'stagebar'), [...way, ...this.finals]),
      },
      h('i', { cls: 'dot', style: { background: color } }), h('span', {}, stage?.title ?? ''), h('i', { cls: 'caret' }),
    )
    const track = h('div', { cls: 'track', 'aria-hidden': 'true' })
    way.forEach((_, i) => track.append(h('i', i <= reached ? { style: { background: color } } : {})))
    return [button, track]
  }

  private open(at: HTMLElement, title: string, stages: Stage[]): void {
    const choices: Choice[] = stages.map(s => ({
      id: s.id, label: s.title, color: s.color, chosen: s.id === this.at, refused: Boolean(this.why(s)),
      note: [s.semantics === 'P' ? '' : text(this.data.labels, s.semantics === 'S' ? 'success' : 'failure'), this.why(s)].filter(Boolean).join(' · '),
    }))
    this.menu.open(at, title, choices, id => {
      const stage = stages.find(s => s.id === id)
      if (stage) this.choose(stage)
    })
  }

  private preview(i: number): void {
    const steps = this.bar.querySelectorAll<HTMLElement>('.step')
    const target = steps[i]
    const shown = target && target.getAttribute('aria-disabled') !== 'true' && target.dataset.id
    steps.forEach((el, k) => el.classList.toggle('maybe', Boolean(shown) && k <= i && i > this.here))
    if (shown) this.bar.style.setProperty('--maybe', target.style.getPropertyValue('--own'))
  }

  // -- acts ------------------------------------------------------------------------------------------------------

  /** Why nobody may choose this stage now; empty if they may. */
  private why(stage: Stage): string {
    if (stage.id === this.at || (stage.can && !this.data.disabled)) return ''
    return stage.hint || text(this.data.labels, 'not_allowed')
  }

  private state(stage: Stage, passed: boolean, current: boolean): string[] {
    const { labels } = this.data
    const words = [current ? text(labels, 'current') : passed ? text(labels, 'passed') : '']
    if (stage.semantics !== 'P') words.push(text(labels, stage.semantics === 'S' ? 'success' : 'failure'))
    return words.filter(Boolean)
  }

  private choose(stage: Stage): void {
    if (stage.id === this.at) return
    const why = this.why(stage)
    if (why) return this.toasts.show(`${stage.title}: ${why}`, text(this.data.labels, 'dismiss'), 'plain', 5000)
    this.at = stage.id
    this.draw(true)
    this.button(this.here)?.focus({ preventScroll: true })
    this.toasts.say(`${stage.title}, ${text(this.data.labels, 'current')}`)
    this.host.emit('move', stage.id)
    clearTimeout(this.late)
    this.late = window.setTimeout(() => this.update(this.data), PATIENCE)
  }

  private button(i: number): HTMLElement | null {
    return this.bar.querySelector<HTMLElement>(`[data-i="${i}"]`)
  }

  private key(e: KeyboardEvent): void {
    const i = indexOf(e.target)
    const count = this.bar.querySelectorAll('[data-i]').length
    const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: count - 1 }[e.key]
    if (i < 0 || to === undefined || e.altKey || e.ctrlKey || e.metaKey) return
    e.preventDefault()
    const next = this.button(Math.max(0, Math.min(count - 1, to)))
    if (!next) return
    this.bar.querySelectorAll<HTMLElement>('[data-i]').forEach(el => (el.tabIndex = el === next ? 0 : -1))
    next.focus()
  }
}

function indexOf(target: EventTarget | null): number {
  const el = target instanceof Element ? target.closest<HTMLElement>('[data-i]') : null
  return el ? Number(el.dataset.i) : -1
}

export default component<Data>(styled(css), host => new StageBar(host))
