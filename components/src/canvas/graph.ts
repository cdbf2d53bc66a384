/** What can be said about a drawing without drawing it. */
import dagre from '@dagrejs/dagre'
import type { Card, Line } from './types'

export const WIDTH = 240
export const GRID = 10
const HEIGHT = 72

type Ends = Pick<Line, 'source' | 'target'>

/** The node and all that lead to it: a wire from it to one of them would close a cycle. */
export function above(node: string, edges: readonly Ends[]): Set<string> {
  const into = new Map<string, string[]>()
  for (const e of edges) into.set(e.target, [...(into.get(e.target) ?? []), e.source])
  const found = new Set([node])
  for (const one of found) for (const source of into.get(one) ?? []) found.add(source)
  return found
}

/** Short and random, so that two people drawing at once do not take the same. */
export function newId(prefix: string, taken: (id: string) => boolean): string {
  for (;;) {
    const id = prefix + [...crypto.getRandomValues(new Uint8Array(8))].map(b => (b % 36).toString(36)).join('')
    if (!taken(id)) return id
  }
}

export const size = (n: Card) => ({ width: n.measured?.width ?? WIDTH, height: n.measured?.height ?? HEIGHT })
export const snap = (v: number) => Math.round(v / GRID) * GRID

interface Point { x: number; y: number }

/** Places left to right along the wires: of dagre's proposals the one whose wires, drawn from their ports, cross least. */
export function layout(nodes: readonly Card[], edges: readonly Line[]): Map<string, Point> {
  const known = new Map(nodes.map(n => [n.id, n]))
  const port = (e: Line) => known.get(e.source)?.data.info.ports.findIndex(p => p.id === e.sourceHandle) ?? 0
  const drawn = edges.filter(e => known.has(e.source) && known.has(e.target)).sort((a, b) => port(a) - port(b))
  const proposals = [true, false].flatMap(ordered => {
    const places = proposed(nodes, drawn, ordered)
    return [places, new Map([...places].map(([id, p]) => [id, { x: p.x, y: -p.y }]))]
  })
  const crossings = (places: Map<string, Point>) => {
    const lines = drawn.map(e => {
      const a = places.get(e.source) as Point
      return { from: { x: a.x, y: a.y + port(e) }, to: places.get(e.target) as Point }
    })
    return lines.reduce((sum, a, i) => sum + lines.slice(0, i).filter(b => cross(a, b)).length, 0)
  }
  const counts = proposals.map(crossings)
  const best = proposals[counts.indexOf(Math.min(...counts))] ?? new Map<string, Point>()
  return new Map(nodes.map(n => {
    const at = best.get(n.id) ?? { x: 0, y: 0 }
    const { width, height } = size(n)
    return [n.id, { x: snap(at.x - width / 2), y: snap(at.y - height / 2) }]
  }))
}

/** The middles of the nodes as dagre puts them; in the order of the wires, or in the one it finds itself. */
function proposed(nodes: readonly Card[], edges: readonly Line[], ordered: boolean): Map<string, Point> {
  const g = new dagre.graphlib.Graph()
  g.setGraph({ rankdir: 'LR', nodesep: 36, ranksep: 100 })
  g.setDefaultEdgeLabel(() => ({}))
  for (const n of nodes) g.setNode(n.id, { ...size(n) })
  for (const e of edges) g.setEdge(e.source, e.target)
  dagre.layout(g, { disableOptimalOrderHeuristic: ordered })
  return new Map(nodes.map(n => [n.id, g.node(n.id) as Point]))
}

interface Segment { from: Point; to: Point }

function cross(a: Segment, b: Segment): boolean {
  const side = (s: Segment, p: Point) => Math.sign((s.to.x - s.from.x) * (p.y - s.from.y) - (s.to.y - s.from.y) * (p.x - s.from.x))
  return side(a, b.from) * side(a, b.to) < 0 && side(b, a.from) * side(b, a.to) < 0
}

/** The nearest place below `at` where a card of the usual size covers no other. */
export function free(at: { x: number; y: number }, nodes: readonly Card[]): { x: number; y: number } {
  const place = { x: snap(at.x), y: snap(at.y) }
  const covers = (n: Card) => Math.abs(n.position.x - place.x) < WIDTH + GRID && place.y < n.position.y + size(n).height + GRID && n.position.y < place.y + HEIGHT + GRID
  for (let under = nodes.find(covers); under; under = nodes.find(covers)) place.y = snap(under.position.y + size(under).height + 2 * GRID)
  return place
}

export const words = (text: string): string => text.toLowerCase().replaceAll('ё', 'е')
