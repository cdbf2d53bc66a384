import paths from 'virtual:icons/all'
import { plainName } from '../lib/symbol'

const DOT = 'M480-340q-58 0-99-41t-41-99q0-58 41-99t99-41q58 0 99 41t41 99q0 58-41 99t-99 41Z'

/** A material symbol by its name; one we do not carry becomes a dot. */
export function Glyph({ name, size = 20 }: { name: string; size?: number }) {
  return (
    <svg viewBox="0 -960 960 960" width={size} height={size} fill="currentColor" aria-hidden="true">
      <path d={paths[plainName(name)] ?? DOT} />
    </svg>
  )
}
