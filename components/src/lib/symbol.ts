/** Icons named by Python; a name outside the set becomes a neutral dot, never a missing glyph's name. */
import paths from 'virtual:icons/small'
import { svg } from './dom'

const dot = 'M480-340q-58 0-99-41t-41-99q0-58 41-99t99-41q58 0 99 41t41 99q0 58-41 99t-99 41Z'

export const plainName = (name: string | undefined | null): string => (name ?? '').replace(/^:material\/|:$/g, '')

export function symbol(name: string | undefined | null, size = 20): SVGSVGElement {
  return svg(paths[plainName(name)] ?? dot, undefined, size)
}
