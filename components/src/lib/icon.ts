/** The small icon set; a name outside it becomes a neutral dot, never a missing glyph's name. */
import paths from 'virtual:icons/small'
import { svg } from './dom'

const dot = 'M480-340q-58 0-99-41t-41-99q0-58 41-99t99-41q58 0 99 41t41 99q0 58-41 99t-99 41Z'

export function icon(name: string | undefined, size = 20): SVGSVGElement {
  return svg(paths[(name ?? '').replace(/^:material\/|:$/g, '')] ?? dot, undefined, size)
}
