/** A funnel of centred bars: how many, how much, and what share went on from stage to stage. A press asks for what is behind it. */
import css from './funnelbars.css'
import { component, ink, safe, styled, text, type Host, type Labels, type View } from './lib/component'
import { focused, h } from './lib/dom'

interface Stage {
  id: string
  title: string
  color: string
  count: number
  count_text: string
  sum_text: string
  conversion_text: string
  share: number
  semantics: string
}

interface Data {
  stages: Stage[]
  labels: Labels
  selected: string | null
}

class FunnelBars implements View<Data> {
  private data!: Data
  private picked: string | null = null
  private shown = ''
  private at = ''

  constructor(private readonly host: Host) {
    host.root.classList.add('funnel')
    host.root.addEventListener('keydown', e => this.key(e))
  }

  update(data: Data): void {
    this.data = data
    this.picked = data.selected
    const wanted = JSON.stringify(data)
    if (wanted !== this.shown) this.draw()
    this.shown = wanted
  }

  destroy(): void {}

  private draw(): void {
    const { stages, labels } = this.data
    if (!stages.length) return this.host.root.replaceChildren(h('p', { cls: 'empty' }, text(labels, 'empty')))
    const had = focused(this.host.root) !== null
    if (!stages.some(s => s.id === this.at)) this.at = this.picked ?? stages[0]?.id ?? ''
    const list = h('ol', { 'aria-label': text(labels, 'funnelbars') })
    stages.forEach((stage, i) => list.append(this.row(stage, stages[i - 1])))
    this.host.root.replaceChildren(list)
    if (had) this.button(this.at)?.focus({ preventScroll: true })
  }

  private row(stage: Stage, before: Stage | undefined): HTMLElement {
    const { labels } = this.data
    const color = safe(stage.color)
    const width = `${Math.round(Math.min(1, Math.max(0, stage.share || 0)) * 1000) / 10}%`
    const went = stage.conversion_text && `${text(labels, 'conversion')} ${stage.conversion_text}`
    const bar = h('span', { cls: 'bar', style: { '--w': width, background: color, color: ink(color) } }, h('b', {}, stage.count_text))
    const button = h(
      'button',
      {
        cls: 'stage', type: 'button', 'data-id': stage.id, 'aria-pressed': String(stage.id === this.picked),
        tabindex: stage.id === this.at ? '0' : '-1', onclick: () => this.pick(stage),
      },
      h('span', { cls: 'title', title: stage.title }, stage.title), h('span', { cls: 'room' }, bar), h('span', { cls: 'sum' }, stage.sum_text), went && h('span', { cls: 'sr' }, `, ${went}`),
    )
    const lost = stage.semantics === 'F'
    const gap = stage.conversion_text ? h('div', { cls: 'went', title: went, 'aria-hidden': 'true' }, h('i'), stage.conversion_text) : null
    return h('li', { cls: `${lost ? 'lost' : ''}${lost && before?.semantics !== 'F' ? ' first' : ''}` }, gap, button)
  }

  private pick(stage: Stage): void {
    this.picked = stage.id
    this.at = stage.id
    this.host.root.querySelectorAll<HTMLElement>('.stage').forEach(el => {
      el.setAttribute('aria-pressed', String(el.dataset.id === stage.id))
      el.tabIndex = el.dataset.id === stage.id ? 0 : -1
    })
    this.host.emit('pick', stage.id)
  }

  private button(id: string): HTMLElement | undefined {
    return [...this.host.root.querySelectorAll<HTMLElement>('.stage')].find(el => el.dataset.id === id)
  }

  private key(e: KeyboardEvent): void {
    const all = [...this.host.root.querySelectorAll<HTMLElement>('.stage')]
    const i = all.indexOf(focused(this.host.root) as HTMLElement)
    const to = { ArrowDown: i + 1, ArrowUp: i - 1, Home: 0, End: all.length - 1 }[e.key]
    const next = to === undefined || i < 0 ? undefined : all[Math.max(0, Math.min(all.length - 1, to))]
    if (!next) return
    e.preventDefault()
    this.at = next.dataset.id ?? ''
    for (const el of all) el.tabIndex = el === next ? 0 : -1
    next.focus()
  }
}

export default component<Data>(styled(css), host => new FunnelBars(host))
