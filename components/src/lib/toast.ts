/** A line at the bottom of the component, read out by screen readers, closed by hand or after a while. */
import { h } from './dom'
import { icon } from './icon'

export class Toasts {
  private readonly box = h('div', { cls: 'toasts' })
  private readonly quiet = h('div', { cls: 'sr', 'aria-live': 'polite', role: 'status' })
  private readonly loud = h('div', { cls: 'sr', 'aria-live': 'assertive', role: 'alert' })

  constructor(root: HTMLElement) {
    root.append(this.box, this.quiet, this.loud)
  }

  /** Only heard. */
  say(words: string): void {
    this.quiet.textContent = ''
    this.quiet.textContent = words
  }

  /** Seen and heard. */
  show(words: string, dismiss: string, tone: 'bad' | 'plain' = 'bad', stay = 9000): void {
    const note = h('div', { cls: `toast ${tone}` }, icon(tone === 'bad' ? 'error' : 'info'), h('span', {}, words))
    const close = h('button', { type: 'button', cls: 'x', 'aria-label': dismiss, title: dismiss, onclick: () => note.remove() }, icon('close', 18))
    note.append(close)
    while (this.box.childElementCount > 2) this.box.firstElementChild?.remove()
    this.box.append(note)
    this.loud.textContent = words
    setTimeout(() => note.remove(), stay)
  }
}
