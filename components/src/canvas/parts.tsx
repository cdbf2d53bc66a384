/** What the others draw with: the sheet at hand, a tip, a button. */
import { createContext, useContext, useLayoutEffect, useRef, useSyncExternalStore, type ReactNode } from 'react'
import { Glyph } from './glyph'
import type { Sheet } from './sheet'
import type { Tip } from './types'

export const SheetContext = createContext<Sheet | null>(null)

export function useSheet(): Sheet {
  const sheet = useContext(SheetContext)
  if (!sheet) throw new Error('no sheet')
  return sheet
}

export const useView = (sheet: Sheet) => useSyncExternalStore(sheet.watch, sheet.read)

export function Button({ icon, label, run, off, cls = '', turned, children }: { icon: string; label: string; run: () => void; off?: boolean; cls?: string; turned?: boolean; children?: ReactNode }) {
  return (
    <button type="button" className={`ic ${cls}`} title={label} aria-label={label} disabled={off} aria-expanded={turned} onClick={run}>
      <Glyph name={icon} />
      {children}
    </button>
  )
}

/** Stands in the window's pixels, so that it can be read at any zoom. What it says is also in the label of what it belongs to. */
export function TipBox({ tip }: { tip: Tip | null }) {
  const ref = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const el = ref.current
    if (!el || !tip) return
    const { width, height } = el.getBoundingClientRect()
    const { box, side } = tip
    const x = side === 'right' ? box.right + 8 : box.left + box.width / 2 - width / 2
    const y = side === 'right' ? box.top + box.height / 2 - height / 2 : box.top - height - 8
    el.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`
    el.style.top = `${y < 8 ? box.bottom + 8 : Math.min(y, innerHeight - height - 8)}px`
  }, [tip])
  if (!tip) return null
  return (
    <div ref={ref} className={`tip${tip.bad ? ' bad' : ''}`} role="tooltip" aria-hidden="true">
      <b>{tip.title}</b>
      {tip.lines.length === 1 ? <p>{tip.lines[0]}</p> : <ul>{tip.lines.map((line, i) => <li key={i}>{line}</li>)}</ul>}
    </div>
  )
}
