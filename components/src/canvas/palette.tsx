/** What can be put on the canvas, by group; found by words, taken by mouse, finger or keys. */
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { Dragging } from '../lib/drag'
import { focused, under } from '../lib/dom'
import { Glyph } from './glyph'
import { words } from './graph'
import { Button, useSheet, useView } from './parts'
import type { Sheet } from './sheet'
import type { Kind, Tone } from './types'

interface Part { id: string; label: string; tone: Tone; items: Kind[] }

const coarse = matchMedia('(pointer: coarse)')

export function Palette() {
  const sheet = useSheet()
  const { data, narrow } = useView(sheet)
  const [query, setQuery] = useState('')
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const [current, setCurrent] = useState('')
  const box = useRef<HTMLDivElement>(null)
  useDragging(box, sheet)

  const parts = useMemo<Part[]>(() => {
    const groups = [...data.groups, ...new Set(data.palette.map(p => p.group).filter(g => !data.groups.some(x => x.id === g)))].map(g => (typeof g === 'string' ? { id: g, label: g } : g))
    const wanted = words(query).split(/\s+/).filter(Boolean)
    return groups
      .map(g => ({ id: g.id, label: g.label, tone: ('tone' in g && g.tone) || 'robot', items: data.palette.filter(p => p.group === g.id && wanted.every(w => words(`${p.label} ${p.help} ${g.label}`).includes(w))) }))
      .filter(g => g.items.length)
  }, [data.groups, data.palette, query])
  const seen = parts.flatMap(g => (query || !folded.has(g.id) ? g.items : []))
  const stop = seen.some(p => p.kind === current) ? current : seen[0]?.kind

  const take = (item: Kind | undefined) => {
    if (!item) return
    sheet.tip(null)
    if (narrow) sheet.put({ open: false })
    sheet.addNearby(item)
  }
  const keys = (e: KeyboardEvent<HTMLElement>) => {
    const rows = [...(box.current?.querySelectorAll<HTMLElement>('.item') ?? [])]
    const i = rows.indexOf(focused(e.currentTarget) as HTMLElement)
    const inSearch = (e.target as Element).matches('input')
    const next = { ArrowDown: i + 1, ArrowUp: i - 1, Home: 0, End: rows.length - 1 }[e.key]
    if (inSearch && e.key === 'Enter') take(seen[0])
    else if (inSearch && e.key === 'Escape') setQuery('')
    else if (inSearch && e.key !== 'ArrowDown') return
    else if (next === undefined) return
    else if (next < 0) box.current?.querySelector('input')?.focus()
    else rows[next]?.focus()
    e.preventDefault()
    e.stopPropagation()
  }
  const toggle = (id: string) => setFolded(old => new Set(old.has(id) ? [...old].filter(x => x !== id) : [...old, id]))

  return (
    <aside className="palette" aria-label={sheet.label('palette')} ref={box} onKeyDown={keys} onScroll={() => sheet.tip(null)}>
      <header>
        <h3>{sheet.label('palette')}</h3>
        <Button icon={narrow ? 'close' : 'chevron_left'} label={sheet.label(narrow ? 'close' : 'collapse')} run={() => sheet.put({ open: false })} turned cls="fold" />
      </header>
      <label className="find">
        <Glyph name="search" size={18} />
        <input type="search" value={query} placeholder={sheet.label('search')} aria-label={sheet.label('search')} onChange={e => setQuery(e.target.value)} />
      </label>
      <div className="groups" onScroll={() => sheet.tip(null)}>
        {parts.map(g => {
          const open = query !== '' || !folded.has(g.id)
          return (
            <section key={g.id}>
              <button type="button" className="group" aria-expanded={open} onClick={() => toggle(g.id)}>
                <Glyph name="chevron_right" size={18} />
                {g.label}
              </button>
              {open && g.items.map(p => (
                <button
                  key={p.kind} type="button" className={`item ${g.tone}`} data-kind={p.kind} tabIndex={p.kind === stop ? 0 : -1} aria-description={p.help}
                  onFocus={() => setCurrent(p.kind)} onDoubleClick={() => take(p)} onClick={e => (e.detail === 0 || coarse.matches) && take(p)}
                  onMouseEnter={e => !coarse.matches && p.help && sheet.tip({ box: e.currentTarget.getBoundingClientRect(), side: 'right', title: p.label, lines: [p.help], bad: false })}
                  onMouseLeave={() => sheet.tip(null)}
                >
                  <span className="tile"><Glyph name={p.icon} size={18} /></span>
                  <span>{p.label}</span>
                </button>
              ))}
            </section>
          )
        })}
        {!parts.length && <p className="none" role="status">{sheet.label('nothing_found')}</p>}
      </div>
    </aside>
  )
}

/** Carries an item over to the canvas; a ghost of it follows the pointer. */
function useDragging(box: { current: HTMLDivElement | null }, sheet: Sheet): void {
  useEffect(() => {
    const el = box.current
    const root = el?.closest<HTMLElement>('.vk')
    if (!el || !root) return
    let ghost: HTMLElement | null = null
    let at = { x: 0, y: 0 }
    let kind = ''
    const over = () => under(root, at.x, at.y)?.closest('.stage') ?? null
    const dragging = new Dragging(
      el,
      {
        pick: e => (e.target as Element).closest<HTMLElement>('.item'),
        begin: item => {
          kind = item.dataset.kind ?? ''
          ghost = item.cloneNode(true) as HTMLElement
          ghost.classList.add('ghost')
          root.append(ghost)
          root.classList.add('carrying')
          sheet.tip(null)
        },
        move: (x, y) => {
          at = { x, y }
          if (ghost) ghost.style.transform = `translate(${x - 24}px, ${y - 22}px)`
          root.classList.toggle('over', over() !== null)
        },
        end: dropped => {
          ghost?.remove()
          root.classList.remove('carrying', 'over')
          const item = sheet.read().data.palette.find(p => p.kind === kind)
          const place = over() && sheet.flow?.screenToFlowPosition({ x: at.x - 24, y: at.y - 28 })
          if (!dropped || !item || !place) return
          if (sheet.read().narrow) sheet.put({ open: false })
          sheet.add(item, place)
        },
      },
      () => [],
    )
    return () => dragging.destroy()
  }, [box, sheet])
}
