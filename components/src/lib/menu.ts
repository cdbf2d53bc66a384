/** A small list to choose from, next to what it belongs to; arrows, Enter and Escape work in it. */
import { safe } from './component'
import { focused, h } from './dom'
import { icon } from './icon'

export interface Choice {
  id: string
  label: string
  color?: string
  off?: boolean
  /** A second, quieter line. */
  note?: string
  chosen?: boolean
  /** Dimmed, but may be pressed to be told why not. */
  refused?: boolean
}

export class Menu {
  private el: HTMLElement | null = null
  private back: HTMLElement | null = null
  private readonly outside = (e: Event) => {
    if (this.el && !e.composedPath().includes(this.el)) this.close(false)
  }

  constructor(private readonly root: HTMLElement) {}

  /** Opens next to `at` (or at `spot`, in the window's pixels); `at` gets the focus back. */
  open(at: HTMLElement, title: string, choices: Choice[], pick: (id: string) => void, spot?: { x: number; y: number }): void {
    this.close(false)
    this.back = at
    const menu = h('div', { cls: 'menu', role: 'menu', 'aria-label': title }, h('h4', {}, title))
    for (const c of choices)
      menu.append(
        h('button', { type: 'button', role: 'menuitem', disabled: c.off, 'aria-disabled': c.refused && 'true', 'aria-current': c.chosen && 'true', 'data-id': c.id, onclick: () => (this.close(), pick(c.id)) },
          c.color ? h('i', { style: { background: safe(c.color) } }) : null, h('span', {}, c.label, c.note && h('small', {}, c.note)), c.chosen && icon('check', 18)),
      )
    menu.addEventListener('keydown', e => this.key(e, menu))
    this.root.append(menu)
    this.el = menu
    const box = spot ? { left: spot.x - 12, top: spot.y - 36 } : at.getBoundingClientRect()
    const size = menu.getBoundingClientRect()
    menu.style.left = `${Math.max(12, Math.min(box.left + 12, innerWidth - size.width - 12))}px`
    menu.style.top = `${Math.max(12, Math.min(box.top + 36, innerHeight - size.height - 12))}px`
    menu.querySelector<HTMLElement>('button:not(:disabled)')?.focus()
    window.addEventListener('pointerdown', this.outside, true)
    window.addEventListener('scroll', this.outside, true)
  }

  close(refocus = true): void {
    if (!this.el) return
    this.el.remove()
    this.el = null
    window.removeEventListener('pointerdown', this.outside, true)
    window.removeEventListener('scroll', this.outside, true)
    if (refocus) this.back?.focus({ preventScroll: true })
  }

  private key(e: KeyboardEvent, menu: HTMLElement): void {
    const buttons = [...menu.querySelectorAll<HTMLElement>('button:not(:disabled)')]
    const i = buttons.indexOf(focused(this.root) as HTMLElement)
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[e.key]
    if (step) buttons[(i + step + buttons.length) % buttons.length]?.focus()
    else if (e.key === 'Escape') this.close()
    else if (e.key === 'Tab') return this.close(false)
    else return
    e.preventDefault()
    e.stopPropagation()
  }
}
