/** The drawing: its nodes and wires, what was done to them, and what Python is told. */
import { applyEdgeChanges, applyNodeChanges, type EdgeChange, type NodeChange, type ReactFlowInstance, type Viewport } from '@xyflow/react'
import { text, type Host } from '../lib/component'
import type { Menu } from '../lib/menu'
import type { Toasts } from '../lib/toast'
import { above, free, layout, newId, size, snap, WIDTH } from './graph'
import type { Card, Data, Info, Kind, Line, Port, Tip, Tone, Wire } from './types'

export interface View {
  data: Data
  nodes: Card[]
  edges: Line[]
  canUndo: boolean
  canRedo: boolean
  tip: Tip | null
  narrow: boolean
  open: boolean
}
interface Drawing { nodes: Card[]; edges: Line[] }

const SOON = 150
const DEPTH = 100
const SAME_MOVE = 800
const FIT = { padding: 0.12, maxZoom: 1, duration: 250 }
const LEGIBLE = 0.6
export const PALETTE = 248

export class Sheet {
  flow: ReactFlowInstance<Card, Line> | null = null
  private view: View
  private readonly watchers = new Set<() => void>()
  private readonly known = new Map<string, Info>()
  private past: Drawing[] = []
  private future: Drawing[] = []
  private held: Drawing | null = null
  private stash: Data | null = null
  private nudgedAt = -Infinity
  private graphTimer = 0
  private selectTimer = 0
  private sent = ''
  private picked: string | null = null
  private asked: string | null
  private readonly echoes: (string | null)[] = []

  constructor(private readonly host: Host, readonly toasts: Toasts, readonly menu: Menu, data: Data) {
    this.asked = data.selected
    this.view = { data, ...this.drawn(data), canUndo: false, canRedo: false, tip: null, narrow: false, open: true }
    if (data.selected !== null) this.select([data.selected])
  }

  destroy(): void {
    this.flush()
  }

  // -- for React -------------------------------------------------------------------------------------------------

  readonly watch = (run: () => void) => {
    this.watchers.add(run)
    return () => void this.watchers.delete(run)
  }
  readonly read = () => this.view

  put(part: Partial<View>): void {
    this.view = { ...this.view, ...part }
    for (const run of this.watchers) run()
  }

  label(key: string, values: Record<string, string | number> = {}): string {
    return text(this.view.data.labels, key, values)
  }

  tip(tip: Tip | null): void {
    if (tip !== this.view.tip) this.put({ tip })
  }

  // -- from Python -----------------------------------------------------------------------------------------------

  update(data: Data): void {
    if (this.held) {
      this.stash = data
      return
    }
    if (data.rev !== this.view.data.rev) this.adopt(data)
    else {
      for (const info of data.nodes) this.known.set(info.id, info)
      const { nodes, edges } = this.view
      this.put({ data, ...this.dressed({ nodes, edges }, data) })
    }
    if (data.selected !== this.asked) this.obey(data.selected)
  }

  private adopt(data: Data): void {
    this.flush()
    const before = new Map(this.view.nodes.map(n => [n.id, n]))
    const drawn = this.drawn(data)
    const nodes = drawn.nodes.map(n => ({ ...n, selected: before.get(n.id)?.selected ?? false, measured: before.get(n.id)?.measured }))
    this.past = []
    this.future = []
    this.put({ data, nodes, edges: drawn.edges, canUndo: false, canRedo: false })
    if (!nodes.some(n => before.has(n.id))) void this.flow?.setViewport(this.start())
    this.tellSelected()
  }

  private drawn(data: Data): Drawing {
    for (const info of data.nodes) this.known.set(info.id, info)
    const nodes = data.nodes.map(n => this.node(n.id, n.kind, { x: n.x, y: n.y }))
    return this.dressed({ nodes, edges: data.edges.map(e => this.line(e)) }, data)
  }

  /** Python wants another node selected, unless this is only the echo of what was told to it. */
  private obey(wanted: string | null): void {
    this.asked = wanted
    const echo = this.echoes.indexOf(wanted)
    if (echo >= 0) {
      this.echoes.splice(0, echo + 1)
      return
    }
    if (wanted === this.sole()) return
    this.select(wanted === null ? [] : [wanted])
    if (wanted !== null) this.reveal(wanted)
  }

  // -- what is shown of a node and a wire ------------------------------------------------------------------------

  private node(id: string, kind: string, position: { x: number; y: number }, copyOf: string | null = null): Card {
    const item = this.view?.data.palette.find(p => p.kind === kind)
    const info = this.known.get(id) ?? { label: kind, icon: '', group: '', input: true, ports: [], ...item, id, kind, ...position, summary: '', problems: [], state: null }
    this.known.set(id, info)
    return { id, type: 'card', position, data: { info, tone: 'robot', lost: [], input: true, wired: [], copyOf } }
  }

  private line({ id, source, target, port }: Wire): Line {
    return { id, type: 'wire', source, target, sourceHandle: port, targetHandle: 'in', data: { tone: 'plain', broken: false, faint: false, locked: false } }
  }

  /** Fills in everything that follows from the wires and from what Python says; keeps what stayed the same. */
  private dressed({ nodes, edges }: Drawing, data: Data): Drawing {
    const tones = new Map<string, Tone>(data.groups.map(g => [g.id, g.tone ?? 'robot']))
    const infos = new Map(nodes.map(n => [n.id, this.known.get(n.id) ?? n.data.info]))
    const old = new Map(nodes.map(n => [n.id, n.data]))
    const traced = [...infos.values()].some(i => i.state)
    const out = new Map<string, Line[]>()
    const into = new Set(edges.map(e => e.target))
    for (const e of edges) out.set(e.source, [...(out.get(e.source) ?? []), e])
    const called = (id: string) => infos.get(id)?.label ?? id
    return {
      nodes: nodes.map(n => {
        const info = infos.get(n.id) as Info
        const lines = out.get(n.id) ?? []
        const has = new Set(info.ports.map(p => p.id))
        const before = old.get(n.id)
        const lost: Port[] = [...new Set(lines.map(e => e.sourceHandle ?? ''))].filter(p => !has.has(p)).map(id => {
          const was = [...(before?.info.ports ?? []), ...(before?.lost ?? [])].find(p => p.id === id)
          return { id, label: was?.label || id, tone: 'bad' }
        })
        const ports = new Map([...info.ports, ...lost].map(p => [p.id, p.label]))
        const ways = lines.map(e => [ports.get(e.sourceHandle ?? ''), called(e.target)].filter(Boolean).join(' → '))
        const told = [info.label, info.summary, info.state && this.labelOf(data, `state_${info.state}`), info.note, ...ways, ...info.problems]
        const shown = { info, tone: tones.get(info.group) ?? 'robot', lost, input: info.input || into.has(n.id), wired: [...new Set(lines.map(e => e.sourceHandle ?? ''))], copyOf: n.data.copyOf }
        const ariaLabel = told.filter(Boolean).join(', ')
        return same(n.data, shown) && n.ariaLabel === ariaLabel ? n : { ...n, data: shown, ariaLabel, domAttributes: { 'aria-roledescription': undefined, 'aria-describedby': 'canvas-keys' } }
      }),
      edges: edges.map(e => {
        const from = infos.get(e.source)
        const to = infos.get(e.target)
        const port = from?.ports.find(p => p.id === e.sourceHandle)
        const broken = !port || to?.input === false
        const faint = traced && (!from?.state || !to?.state || to.state === 'skipped' || from.state === 'skipped')
        const shown = { tone: port?.tone ?? 'plain', broken, faint, locked: data.readonly }
        const ariaLabel = `${called(e.source)} → ${called(e.target)}`
        return same(e.data, shown) && e.ariaLabel === ariaLabel ? e : { ...e, data: shown, ariaLabel, domAttributes: { 'aria-roledescription': undefined } }
      }),
    }
  }

  private labelOf(data: Data, key: string): string {
    return text(data.labels, key)
  }

  // -- changes ---------------------------------------------------------------------------------------------------

  get locked(): boolean {
    return this.view.data.readonly
  }

  private commit(next: Drawing, from: Drawing = this.view): void {
    this.past = [...this.past, { nodes: from.nodes, edges: from.edges }].slice(-DEPTH)
    this.future = []
    this.show(next)
  }

  private show(next: Drawing): void {
    this.put({ ...this.dressed(next, this.view.data), canUndo: this.past.length > 0, canRedo: this.future.length > 0, tip: null })
    clearTimeout(this.graphTimer)
    this.graphTimer = window.setTimeout(() => this.flush(), SOON)
    this.tellSelected()
  }

  undo(): void {
    this.travel(this.past, this.future)
  }

  redo(): void {
    this.travel(this.future, this.past)
  }

  private travel(from: Drawing[], to: Drawing[]): void {
    const drawing = from.pop()
    if (!drawing || this.locked) return
    to.push({ nodes: this.view.nodes, edges: this.view.edges })
    this.nudgedAt = -Infinity
    const now = new Map(this.view.nodes.map(n => [n.id, n]))
    const held = this.focusedId()
    this.show({ nodes: drawing.nodes.map(n => ({ ...(now.get(n.id) ?? { ...n, selected: false, className: undefined }), position: n.position })), edges: drawing.edges.map(e => ({ ...e, selected: false })) })
    if (held && !drawing.nodes.some(n => n.id === held)) this.focusStage()
  }

  /** Adds a robot at `at` (the canvas' own coordinates), selected; gives its id. */
  add(item: Kind, at: { x: number; y: number }, wire?: { source: string; port: string }): void {
    if (this.locked) return
    const id = this.newNodeId()
    const node = this.node(id, item.kind, { x: snap(at.x), y: snap(at.y) })
    const { nodes, edges } = this.view
    this.commit({
      nodes: [...nodes.map(n => (n.selected ? { ...n, selected: false } : n)), { ...node, selected: true }],
      edges: wire ? [...edges, this.line({ id: this.newWireId(), ...wire, target: id })] : edges,
    })
    this.toasts.say(this.label('added', { label: item.label }))
    this.focus(id)
  }

  /** Adds a robot where there is room: right of the selected node, else in the middle of what is seen. */
  addNearby(item: Kind): void {
    const { nodes } = this.view
    const last = nodes.find(n => n.id === this.sole())
    const stage = this.host.root.querySelector('.stage')?.getBoundingClientRect()
    if (!stage || !this.flow) return
    const middle = this.flow.screenToFlowPosition({ x: stage.left + stage.width / 2, y: stage.top + stage.height / 2 })
    this.add(item, free(last ? { x: last.position.x + WIDTH + 100, y: last.position.y } : { x: middle.x - WIDTH / 2, y: middle.y - 36 }, nodes))
  }

  remove(ids: readonly string[] = this.chosen(), wires: readonly string[] = this.view.edges.filter(e => e.selected).map(e => e.id)): void {
    if (this.locked || ids.length + wires.length === 0) return
    const gone = new Set(ids)
    const cut = new Set(wires)
    const { nodes, edges } = this.view
    this.commit({ nodes: nodes.filter(n => !gone.has(n.id)), edges: edges.filter(e => !cut.has(e.id) && !gone.has(e.source) && !gone.has(e.target)) })
    this.toasts.say(this.label('deleted', { n: gone.size || cut.size }))
    this.focusStage()
  }

  duplicate(): void {
    const chosen = new Set(this.chosen())
    if (this.locked || !chosen.size) return
    const { nodes, edges } = this.view
    const copies = new Map<string, string>()
    const added = nodes.filter(n => chosen.has(n.id)).map(n => {
      const id = this.newNodeId()
      copies.set(n.id, id)
      this.known.set(id, { ...n.data.info, id, state: null })
      return { ...this.node(id, n.data.info.kind, { x: n.position.x + 40, y: n.position.y + 40 }, n.id), selected: true }
    })
    const wires = edges.filter(e => copies.has(e.source) && copies.has(e.target)).map(e => this.line({ id: this.newWireId(), source: copies.get(e.source) ?? '', target: copies.get(e.target) ?? '', port: e.sourceHandle ?? '' }))
    this.commit({ nodes: [...nodes.map(n => ({ ...n, selected: false })), ...added], edges: [...edges.map(e => ({ ...e, selected: false })), ...wires] })
    this.toasts.say(this.label('added', { label: added.map(n => n.data.info.label).join(', ') }))
    const first = added[0]
    if (first) this.focus(first.id)
  }

  arrange(): void {
    const { nodes, edges } = this.view
    if (this.locked || !nodes.length) return
    const places = layout(nodes, edges)
    this.commit({ nodes: nodes.map(n => ({ ...n, position: places.get(n.id) ?? n.position })), edges })
    this.fit()
  }

  nudge(dx: number, dy: number): void {
    const chosen = new Set(this.chosen())
    if (this.locked || !chosen.size) return
    const { nodes, edges } = this.view
    const next = { nodes: nodes.map(n => (chosen.has(n.id) ? { ...n, position: { x: n.position.x + dx, y: n.position.y + dy } } : n)), edges }
    const now = performance.now()
    if (now - this.nudgedAt < SAME_MOVE) this.show(next)
    else this.commit(next)
    this.nudgedAt = now
  }

  changeNodes(changes: NodeChange<Card>[]): void {
    this.put({ nodes: applyNodeChanges(changes, this.view.nodes) })
    if (changes.some(c => c.type === 'select')) this.tellSelected()
  }

  changeEdges(changes: EdgeChange<Line>[]): void {
    this.put({ edges: applyEdgeChanges(changes, this.view.edges) })
  }

  hold(): void {
    this.held = { nodes: this.view.nodes, edges: this.view.edges }
    this.tip(null)
  }

  /** The end of a drag: one step to undo, however far it went. */
  release(): void {
    const { held, stash } = this
    this.held = null
    if (!held) return
    const before = new Map(held.nodes.map(n => [n.id, n.position]))
    const moved = this.view.nodes.some(n => n.position.x !== before.get(n.id)?.x || n.position.y !== before.get(n.id)?.y)
    if (moved && !this.locked) this.commit(this.view, held)
    this.tellSelected()
    this.stash = null
    if (stash) this.update(stash)
  }

  // -- wires -----------------------------------------------------------------------------------------------------

  /** Why there may be no such wire: the name of a label, or '' for one that is there already. */
  refusal(source: string, port: string, target: string): 'cycle' | 'no_input' | '' | null {
    const { nodes, edges } = this.view
    if (nodes.find(n => n.id === target)?.data.info.input === false) return 'no_input'
    if (above(source, edges).has(target)) return 'cycle'
    return edges.some(e => e.source === source && e.sourceHandle === port && e.target === target) ? '' : null
  }

  connect(source: string, port: string, target: string): void {
    if (this.locked) return
    const why = this.refusal(source, port, target)
    if (why) this.toasts.show(this.label(why), this.label('dismiss'))
    if (why !== null) return
    const { nodes, edges } = this.view
    this.commit({ nodes, edges: [...edges, this.line({ id: this.newWireId(), source, target, port })] })
    this.toasts.say(this.label('connected', { from: this.called(source), to: this.called(target) }))
  }

  /** Fades the cards a wire from `source` cannot go to; none of them without it. */
  fade(source: string | null): void {
    const { nodes, edges } = this.view
    const off = source === null ? new Set<string>() : above(source, edges)
    this.put({ nodes: nodes.map(n => {
      const cls = source !== null && n.id !== source && (off.has(n.id) || !n.data.info.input) ? 'off' : undefined
      return n.className === cls ? n : { ...n, className: cls }
    }) })
  }

  /** Choose a port and a target from menus: the way to wire without a mouse. A target that is wired already is cut off again. */
  connectFrom(id: string): void {
    const node = this.view.nodes.find(n => n.id === id)
    const at = this.element(id)
    if (!node || !at || this.locked) return
    const { ports } = node.data.info
    const only = ports[0]
    if (!only) this.toasts.show(this.label('no_targets'), this.label('dismiss'), 'plain')
    else if (ports.length === 1) this.connectTo(node, only.id, at)
    else this.menu.open(at, this.label('connect_from'), ports.map(p => ({ id: p.id, label: p.label || p.id })), port => this.connectTo(node, port, at))
  }

  private connectTo(node: Card, port: string, at: HTMLElement): void {
    const { nodes, edges } = this.view
    const targets = nodes.filter(n => n.id !== node.id && n.data.info.input)
    if (!targets.length) return this.toasts.show(this.label('no_targets'), this.label('dismiss'), 'plain')
    const wired = new Map(edges.filter(e => e.source === node.id && e.sourceHandle === port).map(e => [e.target, e.id]))
    const round = above(node.id, edges)
    const choices = targets.map(({ id, data: { info } }) => ({ id, label: info.label, note: round.has(id) ? this.label('cycle') : info.summary, chosen: wired.has(id), refused: round.has(id) }))
    this.menu.open(at, this.label('connect_to'), choices, id => {
      const wire = wired.get(id)
      if (wire) {
        this.remove([], [wire])
        this.focus(node.id)
      } else this.connect(node.id, port, id)
    })
  }

  /** A wire let go over the bare canvas: what should stand there? */
  addWired(source: string, port: string, spot: { x: number; y: number }): void {
    const stage = this.host.root.querySelector<HTMLElement>('.stage')
    const items = this.view.data.palette.filter(p => p.input)
    if (!stage || !items.length || this.locked) return
    this.menu.open(stage, this.label('add_node'), items.map(p => ({ id: p.kind, label: p.label })), kind => {
      const item = items.find(p => p.kind === kind)
      const at = this.flow?.screenToFlowPosition(spot)
      if (item && at) this.add(item, { x: at.x, y: at.y - 36 }, { source, port })
    }, spot)
  }

  // -- selection -------------------------------------------------------------------------------------------------

  chosen(): string[] {
    return this.view.nodes.filter(n => n.selected).map(n => n.id)
  }

  private sole(): string | null {
    const chosen = this.chosen()
    return chosen.length === 1 ? (chosen[0] ?? null) : null
  }

  select(ids: readonly string[]): void {
    const chosen = new Set(ids)
    const { nodes, edges } = this.view
    this.put({
      nodes: nodes.map(n => (Boolean(n.selected) === chosen.has(n.id) ? n : { ...n, selected: chosen.has(n.id) })),
      edges: edges.map(e => (e.selected ? { ...e, selected: false } : e)),
    })
    this.tellSelected()
  }

  selectAll(): void {
    this.select(this.view.nodes.map(n => n.id))
  }

  act(type: 'open' | 'open_problem', id: string): void {
    this.flush()
    this.host.emit('action', { type, id })
  }

  private called(id: string): string {
    return this.known.get(id)?.label ?? id
  }

  // -- to Python -------------------------------------------------------------------------------------------------

  private tellSelected(): void {
    clearTimeout(this.selectTimer)
    this.selectTimer = window.setTimeout(() => {
      const id = this.sole()
      if (this.held || id === this.picked) return
      this.flush()
      this.picked = id
      this.echoes.push(id)
      this.host.keep('selected', id)
    }, 60)
  }

  /** Tells what is still untold, at once. */
  flush(): void {
    if (!this.graphTimer) return
    clearTimeout(this.graphTimer)
    this.graphTimer = 0
    const { nodes, edges, data } = this.view
    const graph = {
      nodes: nodes.map(({ id, position, data: { info, copyOf } }) => ({ id, kind: info.kind, x: Math.round(position.x), y: Math.round(position.y), ...(copyOf ? { copy_of: copyOf } : {}) })),
      edges: edges.map(e => ({ id: e.id, source: e.source, target: e.target, port: e.sourceHandle ?? '' })),
      rev: data.rev,
    }
    const whole = JSON.stringify(graph)
    if (whole === this.sent) return
    this.sent = whole
    this.host.keep('graph', graph)
  }

  // -- where things are on the screen ----------------------------------------------------------------------------

  private newNodeId(): string {
    return newId('n', id => this.known.has(id))
  }

  private newWireId(): string {
    return newId('w', id => this.view.edges.some(e => e.id === id))
  }

  element(id: string): HTMLElement | null {
    return this.host.root.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`)
  }

  focusedId(): string | null {
    const tree = this.host.root.getRootNode() as Document | ShadowRoot
    return tree.activeElement?.closest<HTMLElement>('.react-flow__node')?.dataset.id ?? null
  }

  focusStage(): void {
    this.host.root.querySelector<HTMLElement>('.stage')?.focus({ preventScroll: true })
  }

  /** A new node can take the focus only once it has been measured, a frame or two later. */
  focus(id: string, tries = 20): void {
    const el = this.element(id)
    if (el && getComputedStyle(el).visibility === 'visible') {
      el.focus({ preventScroll: true })
      this.see(id)
    } else if (tries) requestAnimationFrame(() => this.focus(id, tries - 1))
  }

  /** What to see first: all of it if it can be read then, else where it begins. */
  start(): Viewport {
    const { nodes, narrow, open, data } = this.view
    const { clientWidth, clientHeight } = this.host.root
    const width = clientWidth - (open && !narrow && !data.readonly ? PALETTE : 0)
    const first = nodes.reduce<Card | undefined>((a, b) => (a && a.position.x <= b.position.x ? a : b), undefined)
    if (!first) return { x: 0, y: 0, zoom: 1 }
    const left = first.position.x
    const right = Math.max(...nodes.map(n => n.position.x + size(n).width))
    const top = Math.min(...nodes.map(n => n.position.y))
    const bottom = Math.max(...nodes.map(n => n.position.y + size(n).height))
    const whole = Math.min(1, (width * 0.88) / (right - left), (clientHeight * 0.8) / (bottom - top))
    if (whole >= LEGIBLE) return { x: (width - (left + right) * whole) / 2, y: (clientHeight - (top + bottom) * whole) / 2, zoom: whole }
    const zoom = 0.75
    return { x: 32 - left * zoom, y: clientHeight / 2 - (first.position.y + size(first).height / 2) * zoom, zoom }
  }

  fit(): void {
    requestAnimationFrame(() => requestAnimationFrame(() => void this.flow?.fitView(FIT)))
  }

  /** Brings a node into sight unless it is. */
  see(id: string): void {
    const box = this.element(id)?.getBoundingClientRect()
    const stage = this.host.root.querySelector('.stage')?.getBoundingClientRect()
    if (box && stage && (box.left < stage.left || box.right > stage.right || box.top < stage.top || box.bottom > stage.bottom)) this.reveal(id)
  }

  reveal(id: string): void {
    const node = this.view.nodes.find(n => n.id === id)
    if (node && this.flow) void this.flow.setCenter(node.position.x + WIDTH / 2, node.position.y + 40, { zoom: Math.max(this.flow.getZoom(), 0.75), duration: 250 })
  }
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
