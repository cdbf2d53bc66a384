/** Dragging by pointer: a mouse starts after a few pixels, a finger after a long press (before that it scrolls). */
import { calm } from './component'

export interface Drag {
  /** The thing under the pointer that may be dragged, or null. */
  pick(event: PointerEvent): HTMLElement | null
  /** Held by a handle (`touch-action: none`) a finger drags at once. */
  handle?(event: PointerEvent): boolean
  begin(el: HTMLElement, x: number, y: number): void
  move(x: number, y: number): void
  /** `dropped` is false when the drag was cancelled. */
  end(dropped: boolean): void
}

const FAR = 5
const LONG_PRESS = 280
/** The quickest scrolling at an edge, in pixels a frame. */
const FAST = 18

export class Dragging {
  active = false
  private held: { el: HTMLElement; target: EventTarget; id: number; x: number; y: number; touch: boolean; timer: number } | null = null
  private x = 0
  private y = 0
  private frame = 0
  private readonly off: (() => void)[] = []

  /** `scrollers` says what scrolls when the pointer nears an edge. */
  constructor(root: HTMLElement, private readonly drag: Drag, private readonly scrollers: (x: number, y: number) => Element[]) {
    const on = (target: EventTarget, name: string, run: (e: never) => void, options?: AddEventListenerOptions) => {
      target.addEventListener(name, run as EventListener, options)
      this.off.push(() => target.removeEventListener(name, run as EventListener, options))
    }
    on(root, 'pointerdown', (e: PointerEvent) => this.down(e))
    on(window, 'pointermove', (e: PointerEvent) => this.moved(e))
    on(window, 'pointerup', (e: PointerEvent) => this.up(e, true))
    on(window, 'pointercancel', (e: PointerEvent) => this.up(e, false))
    on(window, 'keydown', (e: KeyboardEvent) => this.key(e), { capture: true })
    on(window, 'blur', () => this.stop(false))
    on(root, 'contextmenu', (e: Event) => this.held?.touch && e.preventDefault())
    on(root, 'dragstart', (e: Event) => this.held && e.preventDefault())
    on(root, 'click', (e: Event) => this.swallow && (e.preventDefault(), e.stopPropagation()), { capture: true })
  }

  destroy(): void {
    this.stop(false)
    for (const off of this.off) off()
  }

  private swallow = false
  /** Keeps the browser from scrolling under a drag. */
  private readonly still = (e: Event) => {
    if (this.active && e.cancelable) e.preventDefault()
  }

  private down(e: PointerEvent): void {
    if (e.button !== 0 || this.held) return
    const el = this.drag.pick(e)
    if (!el) return
    const touch = e.pointerType !== 'mouse' && !this.drag.handle?.(e)
    const target = e.target ?? el
    // On the touched element itself: its events no longer reach the root once a view has taken it out of the document.
    target.addEventListener('touchmove', this.still, { passive: false })
    this.held = { el, target, id: e.pointerId, x: e.clientX, y: e.clientY, touch, timer: touch ? window.setTimeout(() => this.start(), LONG_PRESS) : 0 }
    this.x = e.clientX
    this.y = e.clientY
  }

  private start(): void {
    if (!this.held || this.active) return
    this.active = true
    getSelection()?.removeAllRanges()
    if (this.held.touch) navigator.vibrate?.(12)
    this.drag.begin(this.held.el, this.held.x, this.held.y)
    this.frame = requestAnimationFrame(() => this.scroll())
  }

  private moved(e: PointerEvent): void {
    const held = this.held
    if (!held || e.pointerId !== held.id) return
    this.x = e.clientX
    this.y = e.clientY
    const far = Math.hypot(this.x - held.x, this.y - held.y) > FAR
    if (!this.active && far) {
      if (held.touch) return this.stop(false)
      this.start()
    }
    if (this.active) this.drag.move(this.x, this.y)
  }

  private up(e: PointerEvent, dropped: boolean): void {
    if (this.held && e.pointerId === this.held.id) this.stop(dropped)
  }

  private key(e: KeyboardEvent): void {
    if (e.key !== 'Escape' || !this.active) return
    e.preventDefault()
    e.stopPropagation()
    this.stop(false)
  }

  private stop(dropped: boolean): void {
    if (!this.held) return
    clearTimeout(this.held.timer)
    this.held.target.removeEventListener('touchmove', this.still)
    cancelAnimationFrame(this.frame)
    this.held = null
    if (!this.active) return
    this.active = false
    this.swallow = true
    setTimeout(() => (this.swallow = false), 0)
    this.drag.end(dropped)
  }

  private scroll(): void {
    if (!this.active) return
    const step = (near: number) => (near < 0 ? 0 : Math.ceil((near / 56) ** 2 * (calm() ? 8 : 18)))
    for (const el of this.scrollers(this.x, this.y)) {
      const box = el.getBoundingClientRect()
      const dx = step(56 - (box.right - this.x)) - step(56 - (this.x - box.left))
      const dy = step(56 - (box.bottom - this.y)) - step(56 - (this.y - box.top))
      // About a screen a second at most, so that a phone's columns can be hit.
      const x = Math.min(FAST, Math.ceil(el.clientWidth / 60))
      const y = Math.min(FAST, Math.ceil(el.clientHeight / 60))
      if (el.scrollWidth > el.clientWidth) el.scrollLeft += Math.max(-x, Math.min(x, dx))
      if (el.scrollHeight > el.clientHeight) el.scrollTop += Math.max(-y, Math.min(y, dy))
    }
    this.drag.move(this.x, this.y)
    this.frame = requestAnimationFrame(() => this.scroll())
  }
}
