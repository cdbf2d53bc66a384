/** The designer's canvas: robots wired by named ports. The drawing lives in `canvas/sheet.ts`, what is seen of it in the rest of `canvas/`. */
import flow from '@xyflow/react/dist/base.css'
import { createRoot, type Root } from 'react-dom/client'
import css from './canvas.css'
import { App } from './canvas/flow'
import { Sheet } from './canvas/sheet'
import type { Data } from './canvas/types'
import { component, styled, text, type Host, type View } from './lib/component'
import { fill, h } from './lib/dom'
import { Menu } from './lib/menu'
import { Toasts } from './lib/toast'

const NARROW = 640
const STEP = 10
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

class Canvas implements View<Data> {
  private readonly sheet: Sheet
  private readonly react: Root
  private readonly help = h('div', { cls: 'sr', id: 'canvas-keys' })
  private readonly resized: ResizeObserver
  private readonly off = new AbortController()
  private readonly unfill: () => void

  constructor(private readonly host: Host, data: Data) {
    const { root } = host
    root.classList.add('canvas')
    const mount = h('div', { cls: 'mount' })
    root.append(mount, this.help)
    this.sheet = new Sheet(host, new Toasts(root), new Menu(root), data)
    this.unfill = fill(root, 440)
    this.measure(root.clientWidth)
    this.react = createRoot(mount)
    this.react.render(<App sheet={this.sheet} root={root} />)
    this.resized = new ResizeObserver(() => this.measure(root.clientWidth))
    this.resized.observe(root)
    const { signal } = this.off
    root.addEventListener('keydown', e => this.key(e), { signal })
    root.addEventListener('focusin', e => this.focus(e), { signal })
    root.addEventListener('pointerdown', e => this.pressed(e), { signal })
    window.addEventListener('pointerdown', e => e.composedPath().includes(root) || this.sheet.flush(), { signal, capture: true })
    window.addEventListener('mouseup', e => this.outside(e), { signal })
    window.addEventListener('pagehide', () => this.sheet.flush(), { signal })
  }

  update(data: Data): void {
    if (data.dark !== null) this.host.root.classList.toggle('dark', data.dark)
    this.help.textContent = text(data.labels, 'keys')
    this.sheet.update(data)
  }

  destroy(): void {
    this.off.abort()
    this.resized.disconnect()
    this.unfill()
    this.sheet.destroy()
    this.react.unmount()
  }

  private measure(width: number): void {
    const narrow = width > 0 && width < NARROW
    if (narrow !== this.sheet.read().narrow) this.sheet.put({ narrow, open: !narrow })
  }

  /** What is pressed on the bare canvas cannot take the focus itself, and without it no key would reach us. */
  private pressed(e: PointerEvent): void {
    const target = e.target as Element
    if (target.closest('.stage') && !target.closest('.react-flow__node, button')) this.sheet.focusStage()
  }

  /** React Flow listens within our shadow tree only: a wire let go outside of it would hang on the pointer. */
  private outside(e: MouseEvent): void {
    if (e.composedPath().includes(this.host.root)) return
    this.host.root.getRootNode().dispatchEvent(new MouseEvent('mouseup', { clientX: e.clientX, clientY: e.clientY }))
  }

  /** Tab selects what it comes to; a click has done so already. */
  private focus(e: FocusEvent): void {
    const el = e.target as HTMLElement
    const id = el.matches('.react-flow__node:focus-visible') && el.dataset.id
    if (!id) return
    if (!this.sheet.chosen().includes(id)) this.sheet.select([id])
    this.sheet.see(id)
  }

  private key(e: KeyboardEvent): void {
    const target = e.target as HTMLElement
    const { sheet } = this
    const ctrl = e.ctrlKey || e.metaKey
    if (target.matches('input') || e.altKey) return
    if (ctrl && e.code === 'KeyZ') e.shiftKey ? sheet.redo() : sheet.undo()
    else if (ctrl && e.code === 'KeyY') sheet.redo()
    else if (!target.closest('.stage')) return
    else if (!this.onStage(e, target, ctrl)) return
    e.preventDefault()
    e.stopPropagation()
  }

  private onStage(e: KeyboardEvent, target: HTMLElement, ctrl: boolean): boolean {
    const { sheet } = this
    const id = target.matches('.react-flow__node') ? target.dataset.id : undefined
    const arrow = ARROWS[e.key]
    const acts = arrow || ['Delete', 'Backspace'].includes(e.key) || (ctrl && e.code === 'KeyD')
    if (acts && id && !sheet.chosen().includes(id)) sheet.select([id])
    const [only, ...others] = sheet.chosen()
    if (ctrl && e.code === 'KeyA') sheet.selectAll()
    else if (ctrl && e.code === 'KeyD') sheet.duplicate()
    else if (ctrl) return false
    else if (e.key === 'Delete' || e.key === 'Backspace') sheet.remove()
    else if (e.key === 'Escape') sheet.select([])
    else if (e.key === 'Enter' && id) sheet.act('open', id)
    else if (e.key === ' ' && id) sheet.select(sheet.chosen().includes(id) ? sheet.chosen().filter(x => x !== id) : [...sheet.chosen(), id])
    else if (e.code === 'KeyC' && (id || (only && !others.length))) sheet.connectFrom(id ?? only ?? '')
    else if (arrow && only) sheet.nudge(...(arrow.map(v => v * STEP * (e.shiftKey ? 5 : 1)) as [number, number]))
    else if (e.key === '+' || e.key === '=') void sheet.flow?.zoomIn({ duration: 150 })
    else if (e.key === '-') void sheet.flow?.zoomOut({ duration: 150 })
    else return false
    return true
  }
}

export default component<Data>(styled(flow + css), (host, data) => new Canvas(host, data))
