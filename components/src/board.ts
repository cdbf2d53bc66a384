/** The board: columns of cards, moved by hand, finger or keys. Only the cards in sight are in the document. */
import css from './board.css'
import { component, nonce, safe, styled, text, type Host, type Labels, type View } from './lib/component'
import { fill, focused, h } from './lib/dom'
import { Dragging } from './lib/drag'
import { icon } from './lib/icon'
import { Live } from './lib/live'
import { Menu } from './lib/menu'
import { avatar, type Who } from './lib/people'
import { Toasts } from './lib/toast'

interface Column { id: string; title: string; color: string; semantics: string; count: number; sum: string; can_add: boolean; can_drop: boolean; more: number }
interface Card {
  id: number; col: string; title: string; lines: { label: string; text: string }[]; who: Who | null
  marks: { kind: string; text: string }[]; version: number; can_move: boolean; key?: string
}
interface Data { columns: Column[]; cards: Card[]; labels: Labels; locale: string; live: boolean; refused: { element: number; reason: string; nonce: number }[] }

interface Pending { from: string; to: string; index: number; version: number; since: number }
interface Shown { el: HTMLElement; card: HTMLElement; sign: string }
interface Lane {
  column: Column; el: HTMLElement; title: HTMLElement; count: HTMLElement; sum: HTMLElement; add: HTMLElement; quick: HTMLElement
  list: HTMLElement; inner: HTMLElement; empty: HTMLElement; more: HTMLButtonElement; cards: Card[]; tops: number[]; heights: number[]
  soon: string[]; width: number
}
interface Timing { painted: number; drops: { element: number; at: number; shown: number; settled: number }[] }

const GAP = 8
const AHEAD = 400
const PATIENCE = 10_000
const MARKS: Record<string, string> = { overdue: 'alarm', slow: 'hourglass_empty' }
const timing: Timing = { painted: 0, drops: [] }
;(window as unknown as { __voronka_board: Timing }).__voronka_board = timing

class Board implements View<Data> {
  private data!: Data
  private stash: Data | null = null
  private readonly strip = h('div', { cls: 'strip', role: 'group' })
  private readonly help = h('div', { cls: 'sr', id: 'board-keys' })
  private readonly lanes = new Map<string, Lane>()
  private readonly shown = new Map<number, Shown>()
  private readonly pending = new Map<number, Pending>()
  private readonly asked = new Set<string>()
  private readonly toasts: Toasts
  private readonly menu: Menu
  private readonly dragging: Dragging
  private readonly unfill: () => void
  private readonly resized: ResizeObserver
  private live: Live | null = null
  private current: number | null = null
  /** The last refusal that was there. */
  private heard: number | null = null
  private patience = 0
  private grip: { card: Card; dx: number; dy: number; ghost: HTMLElement; height: number; to: string | null; index: number; over: string | null; focus: boolean } | null = null
  private readonly slot = h('div', { cls: 'slot' })
  private readonly pen = document.createElement('canvas').getContext('2d')
  private readonly widths = new Map<string, number>()
  private readonly coarse = matchMedia('(pointer: coarse)')

  constructor(private readonly host: Host) {
    host.root.classList.add('board')
    host.root.append(this.strip, this.help)
    this.toasts = new Toasts(host.root)
    this.menu = new Menu(host.root)
    this.unfill = fill(host.root, 420)
    this.dragging = new Dragging(host.root, { pick: e => this.pick(e), begin: (el, x, y) => this.begin(el, x, y), move: (x, y) => this.move(x, y), end: ok => this.end(ok) }, x => [this.strip, ...this.lanesAt(x).map(l => l.list)])
    this.resized = new ResizeObserver(() => this.data && this.paint())
    this.resized.observe(this.strip)
    this.strip.addEventListener('keydown', e => this.key(e))
    this.strip.addEventListener('click', e => this.click(e))
    this.strip.addEventListener('focusin', e => {
      const id = idOf(e.target)
      if (id !== null) this.setCurrent(id)
    })
    void document.fonts?.ready.then(() => {
      this.widths.clear()
      if (this.data) this.paint()
    })
  }

  destroy(): void {
    this.dragging.destroy()
    this.live?.destroy()
    this.unfill()
    this.resized.disconnect()
    clearTimeout(this.patience)
  }

  update(data: Data): void {
    if (this.dragging.active) this.stash = data
    else this.adopt(data)
  }

  // -- data in ---------------------------------------------------------------------------------------------------

  private adopt(data: Data): void {
    this.data = data
    this.strip.setAttribute('aria-label', text(data.labels, 'board'))
    this.help.textContent = text(data.labels, 'keys')
    if (data.live && !this.live) this.live = new Live(rev => this.host.emit('poke', rev))
    if (!data.live && this.live) {
      this.live.destroy()
      this.live = null
    }
    for (const lane of this.lanes.values()) lane.soon = []
    this.settle()
    this.paint()
  }

  private settle(): void {
    const { refused } = this.data
    const fresh = refused.filter(r => this.heard !== null && r.nonce > this.heard)
    this.heard = Math.max(this.heard ?? 0, ...refused.map(r => r.nonce))
    const byId = new Map(this.data.cards.map(c => [c.id, c]))
    for (const [id, p] of this.pending) {
      const card = byId.get(id)
      const late = performance.now() - p.since > PATIENCE
      if (!card || card.col !== p.from || card.version !== p.version || late || fresh.some(r => r.element === id)) {
        this.pending.delete(id)
        const drop = timing.drops.findLast(d => d.element === id)
        if (drop && !drop.settled) drop.settled = performance.now()
      }
    }
    for (const { reason } of fresh) this.toasts.show(reason, text(this.data.labels, 'dismiss'))
    clearTimeout(this.patience)
    if (this.pending.size) this.patience = window.setTimeout(() => (this.settle(), this.paint()), PATIENCE)
  }

  /** The cards of each column as they should be seen: with moves not yet confirmed, without the card in hand. */
  private arrange(): Map<string, Card[]> {
    const out = new Map<string, Card[]>(this.data.columns.map(c => [c.id, []]))
    const moved: [Card, Pending][] = []
    for (const card of this.data.cards) {
      if (this.grip?.card.id === card.id) continue
      const p = this.pending.get(card.id)
      if (p) moved.push([card, p])
      else out.get(card.col)?.push(card)
    }
    for (const [card, p] of moved) out.get(p.to)?.splice(p.index, 0, card)
    return out
  }

  // -- painting --------------------------------------------------------------------------------------------------

  private paint(): void {
    const cards = this.arrange()
    const ids = this.data.columns.map(c => c.id)
    this.strip.classList.toggle('bare', this.data.columns.every(c => !c.sum))
    for (const [id, lane] of this.lanes) if (!ids.includes(id)) (lane.el.remove(), this.lanes.delete(id))
    this.data.columns.forEach((column, i) => {
      const lane = this.lanes.get(column.id) ?? this.lane(column)
      lane.column = column
      if (this.strip.children[i] !== lane.el) this.strip.insertBefore(lane.el, this.strip.children[i] ?? null)
      this.paintHead(lane)
      this.layout(lane, cards.get(column.id) ?? [])
    })
    if (this.current === null || !this.data.cards.some(c => c.id === this.current)) this.current = [...this.lanes.values()].find(l => l.cards.length)?.cards[0]?.id ?? null
    const keep = new Set<number>()
    for (const lane of this.lanes.values()) this.window(lane, keep)
    for (const [id, s] of this.shown) if (!keep.has(id)) (s.el.remove(), this.shown.delete(id))
    requestAnimationFrame(() => {
      timing.painted = performance.now()
      for (const d of timing.drops) if (!d.shown) d.shown = timing.painted
    })
  }

  private lane(column: Column): Lane {
    const id = column.id
    const label = (key: string, values = {}) => text(this.data.labels, key, values)
    const title = h('h3', { id: `col-${id}` })
    const count = h('span', { cls: 'n' })
    const sum = h('div', { cls: 'sum' })
    const add = h('button', { type: 'button', cls: 'ic', onclick: () => this.quick(lane) }, icon('add', 20))
    const quick = h('div', { cls: 'quick', hidden: true })
    const inner = h('div', { cls: 'inner', role: 'list', 'aria-labelledby': `col-${id}` })
    const empty = h('div', { cls: 'empty', hidden: true })
    const more = h('button', { type: 'button', cls: 'more', hidden: true, onclick: () => this.more(lane) })
    const list = h('div', { cls: 'list', tabindex: '-1' }, inner, empty, more)
    const deny = h('div', { cls: 'deny-note' }, icon('close', 18), h('span', {}, label('not_allowed')))
    const el = h('section', { cls: 'col', 'data-col': id, 'aria-labelledby': `col-${id}` }, h('div', { cls: 'head' }, h('div', { cls: 'row' }, title, count, add), sum), quick, list, deny)
    const lane: Lane = { column, el, title, count, sum, add, quick, list, inner, empty, more, cards: [], tops: [], heights: [], soon: [], width: 0 }
    list.addEventListener('scroll', () => this.scrolled(lane), { passive: true })
    this.lanes.set(id, lane)
    return lane
  }

  private paintHead(lane: Lane): void {
    const { column } = lane
    const labels = this.data.labels
    let shift = 0
    for (const p of this.pending.values()) shift += Number(p.to === column.id) - Number(p.from === column.id)
    const unsure = [...this.pending.values()].some(p => p.to === column.id || p.from === column.id)
    lane.el.style.setProperty('--stage', safe(column.color))
    put(lane.title, column.title)
    lane.title.title = column.title
    const n = new Intl.NumberFormat(this.data.locale).format(Math.max(0, column.count + shift))
    put(lane.count, n)
    lane.count.setAttribute('aria-label', text(labels, 'count', { n }))
    put(lane.sum, column.sum)
    lane.count.classList.toggle('unsure', unsure)
    lane.sum.classList.toggle('unsure', unsure)
    lane.add.hidden = !column.can_add
    lane.add.style.display = column.can_add ? '' : 'none'
    lane.add.setAttribute('aria-label', text(labels, 'add', { title: column.title }))
    lane.add.title = text(labels, 'add', { title: column.title })
    lane.quick.querySelectorAll('.soon').forEach((el, i) => i >= lane.soon.length && el.remove())
  }

  private layout(lane: Lane, cards: Card[]): void {
    const anchor = this.anchor(lane)
    lane.width = lane.inner.clientWidth || 250
    lane.cards = cards
    lane.heights = cards.map(c => this.height(c, lane.width))
    const grip = this.grip
    const gap = grip && grip.to === lane.column.id ? Math.min(grip.index, cards.length) : -1
    lane.tops = []
    let y = 0
    for (let i = 0; i <= cards.length; i++) {
      if (i === gap && grip) {
        this.slot.style.height = `${grip.height}px`
        this.slot.style.transform = `translateY(${y}px)`
        this.slot.classList.toggle('back', grip.to === grip.card.col)
        lane.inner.append(this.slot)
        y += grip.height + GAP
      }
      if (i < cards.length) {
        lane.tops.push(y)
        y += (lane.heights[i] ?? 0) + GAP
      }
    }
    lane.inner.style.height = `${Math.max(0, y - GAP)}px`
    lane.empty.hidden = cards.length > 0 || gap >= 0 || lane.column.more > 0
    put(lane.empty, text(this.data.labels, 'empty'))
    lane.more.hidden = !(lane.column.more > 0)
    put(lane.more, text(this.data.labels, 'more', { n: lane.column.more }))
    if (anchor && !grip) this.restore(lane, anchor)
  }

  private anchor(lane: Lane): { id: number; offset: number } | null {
    const top = lane.list.scrollTop
    if (top < 8) return null
    const i = lane.tops.findIndex(t => t >= top)
    const card = lane.cards[i]
    return card ? { id: card.id, offset: (lane.tops[i] ?? 0) - top } : null
  }

  /** Keep what is being read where it is when cards come or go above it. */
  private restore(lane: Lane, anchor: { id: number; offset: number }): void {
    const top = lane.tops[lane.cards.findIndex(c => c.id === anchor.id)]
    if (top === undefined || Math.abs(top - anchor.offset - lane.list.scrollTop) < 1) return
    lane.inner.classList.add('still')
    lane.list.scrollTop = top - anchor.offset
    requestAnimationFrame(() => lane.inner.classList.remove('still'))
  }

  private window(lane: Lane, keep: Set<number>): void {
    const from = lane.list.scrollTop - AHEAD
    const to = lane.list.scrollTop + (lane.list.clientHeight || 800) + AHEAD
    let after: Element | null = null
    lane.cards.forEach((card, i) => {
      const top = lane.tops[i] ?? 0
      const seen = top < to && top + (lane.heights[i] ?? 0) > from
      if (!seen && card.id !== this.current) return
      keep.add(card.id)
      const s = this.draw(card)
      const at = `translateY(${top}px)`
      if (s.el.parentNode !== lane.inner) {
        const had = focused(this.host.root) === s.card
        s.el.style.transition = 'none'
        s.el.style.transform = at
        lane.inner.insertBefore(s.el, after ? after.nextSibling : lane.inner.firstChild)
        if (had) s.card.focus({ preventScroll: true })
        requestAnimationFrame(() => (s.el.style.transition = ''))
      } else if (s.el.style.transform !== at) s.el.style.transform = at
      s.el.style.height = `${lane.heights[i]}px`
      s.el.setAttribute('aria-posinset', String(i + 1))
      s.el.setAttribute('aria-setsize', String(lane.column.count))
      after = s.el
    })
  }

  private scrolled(lane: Lane): void {
    const keep = new Set<number>()
    this.window(lane, keep)
    for (const card of lane.cards) {
      const s = this.shown.get(card.id)
      if (s && !keep.has(card.id)) (s.el.remove(), this.shown.delete(card.id))
    }
    const left = lane.list.scrollHeight - lane.list.scrollTop - lane.list.clientHeight
    if (lane.column.more > 0 && left < 300 && lane.list.scrollTop > 0) this.more(lane, true)
  }

  private more(lane: Lane, once = false): void {
    const mark = `${lane.column.id}:${lane.cards.length}`
    if (once && this.asked.has(mark)) return
    this.asked.add(mark)
    this.host.emit('more', lane.column.id)
  }

  private titleRows(title: string, width: number): number {
    let w = this.widths.get(title)
    if (w === undefined) {
      if (this.pen) this.pen.font = `500 14px ${getComputedStyle(this.host.root).fontFamily}`
      w = this.pen ? this.pen.measureText(title).width : title.length * 8
      this.widths.set(title, w)
    }
    return w + 1 > width - 26 - (this.coarse.matches ? 26 : 0) ? 2 : 1
  }

  private height(card: Card, width: number): number {
    const foot = card.who || card.marks.length || card.key
    return 22 + this.titleRows(card.title, width) * 20 + (card.lines.length ? 4 + card.lines.length * 20 : 0) + (foot ? 28 : 0) + (card.marks.length > 1 ? 26 : 0)
  }

  private draw(card: Card): Shown {
    const pending = this.pending.has(card.id)
    const lane = this.lanes.get(this.pending.get(card.id)?.to ?? card.col)
    const rows = this.titleRows(card.title, lane?.width ?? 250)
    const sign = JSON.stringify([card, pending, rows])
    let s = this.shown.get(card.id)
    if (!s) {
      const inside = h('div', { cls: 'card', tabindex: '-1', role: 'button', 'aria-describedby': 'board-keys' })
      s = { el: h('div', { cls: 'item', role: 'listitem', 'data-id': card.id }, inside), card: inside, sign: '' }
      this.shown.set(card.id, s)
    }
    s.card.tabIndex = card.id === this.current ? 0 : -1
    if (s.sign === sign) return s
    s.sign = sign
    s.card.className = `card${card.can_move ? ' free' : ''}${pending ? ' pending' : ''}`
    s.card.setAttribute('aria-busy', String(pending))
    s.card.replaceChildren(...this.inside(card, rows))
    s.card.nextElementSibling?.remove()
    if (card.can_move) s.el.append(h('button', { type: 'button', cls: 'ic move', tabindex: '-1', 'aria-label': `${text(this.data.labels, 'move')}: ${card.title}`, title: text(this.data.labels, 'move') }, icon('move_item', 18)))
    return s
  }

  private inside(card: Card, rows: number): Node[] {
    const out: Node[] = [h('div', { cls: 'title', style: { '-webkit-line-clamp': String(rows), 'max-height': `${rows * 20}px` }, title: rows > 1 ? card.title : undefined }, card.title)]
    if (card.lines.length) out.push(h('div', { cls: 'lines' }, ...card.lines.map(l => h('div', { cls: 'line', title: `${l.label} ${l.text}`.trim() }, l.label && h('span', {}, l.label), h('b', {}, l.text)))))
    const marks = card.marks.map(m => h('span', { cls: `mark ${m.kind in MARKS ? m.kind : 'info'}`, title: m.text }, icon(MARKS[m.kind] ?? 'info', 14), h('em', {}, m.text)))
    if (marks.length > 1) out.push(h('div', { cls: 'foot' }, ...marks.splice(0)))
    if (card.who || card.marks.length || card.key) out.push(h('div', { cls: 'foot' }, card.key && h('span', { cls: 'key' }, card.key), ...marks, card.who && avatar(card.who)))
    return out
  }

  // -- acts ------------------------------------------------------------------------------------------------------

  private card(id: number): Card | undefined {
    return this.data.cards.find(c => c.id === id)
  }

  private colOf(card: Card): string {
    return this.pending.get(card.id)?.to ?? card.col
  }

  private relocate(card: Card, to: string, index: number): void {
    const from = this.colOf(card)
    if (from === to) return
    const column = this.lanes.get(to)?.column
    this.pending.set(card.id, { from: card.col, to, index, version: card.version, since: performance.now() })
    if (to === card.col) this.pending.delete(card.id)
    clearTimeout(this.patience)
    this.patience = window.setTimeout(() => (this.settle(), this.paint()), PATIENCE)
    timing.drops.push({ element: card.id, at: performance.now(), shown: 0, settled: 0 })
    if (timing.drops.length > 100) timing.drops.shift()
    this.toasts.say(text(this.data.labels, 'moved', { title: card.title, to: column?.title ?? '' }))
    this.host.emit('move', { element: card.id, from, to, index, version: card.version, nonce: nonce() })
  }

  private click(e: MouseEvent): void {
    const id = idOf(e.target)
    if (id === null) return
    if ((e.target as Element).closest('.move')) this.choose(id)
    else this.host.emit('open', id)
  }

  private choose(id: number): void {
    const card = this.card(id)
    const at = this.shown.get(id)?.card
    if (!card?.can_move || !at) return
    const here = this.colOf(card)
    this.menu.open(at, text(this.data.labels, 'move'), this.data.columns.map(c => ({ id: c.id, label: c.title, color: c.color, off: c.id === here || !c.can_drop })), to => {
      this.relocate(card, to, 0)
      this.paint()
      this.focus(id)
    })
  }

  private quick(lane: Lane): void {
    if (!lane.quick.hidden) return this.closeQuick(lane)
    const input = h('input', { type: 'text', maxlength: '300', placeholder: text(this.data.labels, 'add_placeholder'), 'aria-label': text(this.data.labels, 'add', { title: lane.column.title }), enterkeyhint: 'done' })
    input.addEventListener('keydown', e => {
      e.stopPropagation()
      if (e.isComposing) return
      if (e.key === 'Escape') this.closeQuick(lane)
      const title = input.value.trim()
      if (e.key !== 'Enter' || !title) return
      input.value = ''
      lane.soon.push(title)
      lane.quick.append(h('div', { cls: 'soon' }, title))
      this.host.emit('add', { stage: lane.column.id, title })
    })
    input.addEventListener('blur', () => !input.value.trim() && !lane.soon.length && this.closeQuick(lane, false))
    lane.quick.replaceChildren(input)
    lane.quick.hidden = false
    input.focus()
  }

  private closeQuick(lane: Lane, refocus = true): void {
    lane.quick.hidden = true
    lane.soon = []
    lane.quick.replaceChildren()
    if (refocus) lane.add.focus()
  }

  // -- keys ------------------------------------------------------------------------------------------------------

  private setCurrent(id: number): void {
    if (id === this.current) return
    const old = this.current === null ? undefined : this.shown.get(this.current)
    if (old) old.card.tabIndex = -1
    this.current = id
    const now = this.shown.get(id)
    if (now) now.card.tabIndex = 0
  }

  private focus(id: number): void {
    this.setCurrent(id)
    for (const lane of this.lanes.values()) {
      const i = lane.cards.findIndex(c => c.id === id)
      if (i < 0) continue
      const top = lane.tops[i] ?? 0
      const bottom = top + (lane.heights[i] ?? 0)
      if (top < lane.list.scrollTop) lane.list.scrollTop = top
      if (bottom > lane.list.scrollTop + lane.list.clientHeight - 12) lane.list.scrollTop = bottom - lane.list.clientHeight + 12
      this.window(lane, new Set())
      this.shown.get(id)?.card.focus({ preventScroll: true })
      lane.el.scrollIntoView({ block: 'nearest', inline: 'nearest' })
      return
    }
  }

  private key(e: KeyboardEvent): void {
    const id = idOf(e.target)
    const card = id === null ? undefined : this.card(id)
    if (!card || this.dragging.active) return
    const lanes = this.data.columns.map(c => this.lanes.get(c.id)).filter(l => l !== undefined)
    const at = lanes.findIndex(l => l.column.id === this.colOf(card))
    const lane = lanes[at]
    if (!lane) return
    const i = lane.cards.findIndex(c => c.id === card.id)
    const side = e.key === 'ArrowLeft' ? -1 : e.key === 'ArrowRight' ? 1 : 0
    if (side && (e.altKey || e.ctrlKey)) this.nudge(card, lanes, at, side)
    else if (e.ctrlKey || e.metaKey || e.altKey) return
    else if (e.key === 'ArrowDown') this.go(lane.cards[i + 1])
    else if (e.key === 'ArrowUp') this.go(lane.cards[i - 1])
    else if (e.key === 'Home') this.go(lane.cards[0])
    else if (e.key === 'End') this.go(lane.cards.at(-1))
    else if (side) {
      let next = at + side
      while (lanes[next] && !lanes[next]?.cards.length) next += side
      const cards = lanes[next]?.cards
      if (cards) this.go(cards[Math.min(i, cards.length - 1)])
    } else if (e.key === 'Enter' || e.key === ' ') (e.target as Element).closest('.move') ? this.choose(card.id) : this.host.emit('open', card.id)
    else if (e.code === 'KeyM') this.choose(card.id)
    else return
    e.preventDefault()
    e.stopPropagation()
  }

  private go(card: Card | undefined): void {
    if (card) this.focus(card.id)
  }

  private nudge(card: Card, lanes: Lane[], at: number, side: number): void {
    if (!card.can_move) return
    let next = at + side
    while (lanes[next] && !lanes[next]?.column.can_drop) next += side
    const to = lanes[next]
    if (!to) return this.toasts.say(text(this.data.labels, 'not_allowed'))
    this.relocate(card, to.column.id, 0)
    this.paint()
    this.focus(card.id)
  }

  // -- dragging --------------------------------------------------------------------------------------------------

  private pick(e: PointerEvent): HTMLElement | null {
    const target = e.target as Element
    const id = idOf(target)
    if (id === null || target.closest('button') || !this.card(id)?.can_move) return null
    return this.shown.get(id)?.el ?? null
  }

  private begin(el: HTMLElement, x: number, y: number): void {
    const card = this.card(Number(el.dataset.id))
    if (!card) return
    this.menu.close()
    const box = el.getBoundingClientRect()
    const lane = this.lanes.get(this.colOf(card))
    const ghost = h('div', { cls: 'ghost', style: { width: `${box.width}px`, height: `${box.height}px` } })
    ghost.append(...[...el.children].map(c => c.cloneNode(true)))
    this.host.root.append(ghost)
    this.host.root.classList.add('dragging')
    this.grip = { card, dx: x - box.left, dy: y - box.top, ghost, height: box.height, to: this.colOf(card), index: lane?.cards.indexOf(card) ?? 0, over: null, focus: focused(el) !== null }
    for (const l of this.lanes.values()) l.el.classList.toggle('deny', !l.column.can_drop && l.column.id !== card.col)
    this.paint()
    this.move(x, y)
  }

  private lanesAt(x: number): Lane[] {
    return [...this.lanes.values()].filter(l => {
      const box = l.el.getBoundingClientRect()
      return x >= box.left && x < box.right
    })
  }

  private move(x: number, y: number): void {
    const grip = this.grip
    if (!grip) return
    grip.ghost.style.transform = `translate(${x - grip.dx}px, ${y - grip.dy}px)`
    const frame = this.strip.getBoundingClientRect()
    const lane = y > frame.top - 80 && y < frame.bottom + 80 ? this.lanesAt(Math.min(Math.max(x, frame.left + 1), frame.right - 1))[0] : undefined
    const home = this.colOf(grip.card)
    const ok = lane && (lane.column.can_drop || lane.column.id === grip.card.col)
    const to = ok ? lane.column.id : null
    const index = ok ? this.indexAt(lane, y) : 0
    if (to === grip.to && index === grip.index && (lane?.column.id ?? null) === grip.over) return
    grip.over = lane?.column.id ?? null
    const before = [grip.to, to]
    grip.to = to
    grip.index = to === home ? this.homeIndex(grip.card) : index
    if (!to) this.slot.remove()
    for (const l of this.lanes.values()) {
      l.el.classList.toggle('over', l === lane)
      l.el.classList.toggle('target', l.column.id === to && to !== home)
      if (before.includes(l.column.id)) {
        this.layout(l, l.cards)
        this.window(l, new Set())
      }
    }
  }

  /** Where the card lies in its own column: dropping it there changes nothing, so the slot does not wander. */
  private homeIndex(card: Card): number {
    const p = this.pending.get(card.id)
    if (p) return p.index
    return this.data.cards.filter(c => c.col === card.col && !this.pending.has(c.id)).findIndex(c => c.id === card.id)
  }

  private indexAt(lane: Lane, y: number): number {
    const inside = y - lane.inner.getBoundingClientRect().top
    let top = 0
    for (let i = 0; i < lane.cards.length; i++) {
      const height = lane.heights[i] ?? 0
      if (inside < top + height / 2) return i
      top += height + GAP
    }
    return lane.cards.length
  }

  private end(dropped: boolean): void {
    const grip = this.grip
    this.grip = null
    this.slot.remove()
    this.host.root.classList.remove('dragging')
    for (const l of this.lanes.values()) l.el.classList.remove('deny', 'over', 'target')
    if (grip) {
      grip.ghost.remove()
      if (dropped && grip.to && grip.to !== this.colOf(grip.card)) this.relocate(grip.card, grip.to, grip.index)
      else if (dropped && !grip.to && grip.over) this.toasts.show(text(this.data.labels, 'not_allowed'), text(this.data.labels, 'dismiss'), 'plain', 4000)
      else this.toasts.say(text(this.data.labels, 'cancelled'))
    }
    const stash = this.stash
    this.stash = null
    if (stash) this.adopt(stash)
    else this.paint()
    if (grip?.focus) this.focus(grip.card.id)
  }
}

function idOf(target: EventTarget | null): number | null {
  const el = target instanceof Element ? target.closest<HTMLElement>('.item') : null
  return el ? Number(el.dataset.id) : null
}

function put(el: HTMLElement, words: string): void {
  if (el.textContent !== words) el.textContent = words
}

export default component<Data>(styled(css), host => new Board(host))
