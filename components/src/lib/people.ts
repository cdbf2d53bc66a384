import { ink, safe } from './component'
import { h } from './dom'

export interface Who {
  name: string
  initials: string
  color: string
}

export function avatar(who: Who, size = 22): HTMLElement {
  const color = safe(who.color)
  return h(
    'span',
    {
      cls: 'who', role: 'img', title: who.name, 'aria-label': who.name,
      style: { background: color, color: ink(color), width: `${size}px`, height: `${size}px`, 'font-size': `${Math.round(size * 0.42)}px` },
    },
    who.initials.slice(0, 2),
  )
}
