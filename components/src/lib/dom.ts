/** Elements without innerHTML: text is always text. */
type Child = Node | string | null | undefined | false
type Props = Record<string, unknown>

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const el = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith('on')) el.addEventListener(name.slice(2), value as EventListener)
    else if (name === 'style') for (const [k, v] of Object.entries(value as Record<string, string>)) el.style.setProperty(k, v)
    else el.setAttribute(name === 'cls' ? 'class' : name, value === true ? '' : String(value))
  }
  for (const child of children) if (child) el.append(child)
  return el
}

export function svg(path: string, box = '0 -960 960 960', size = 20): SVGSVGElement {
  const ns = 'http://www.w3.org/2000/svg'
  const el = document.createElementNS(ns, 'svg')
  el.setAttribute('viewBox', box)
  el.setAttribute('width', String(size))
  el.setAttribute('height', String(size))
  el.setAttribute('fill', 'currentColor')
  el.setAttribute('aria-hidden', 'true')
  const p = document.createElementNS(ns, 'path')
  p.setAttribute('d', path)
  el.append(p)
  return el
}

/** The focused element inside our own (shadow) tree. */
export function focused(root: HTMLElement): Element | null {
  const tree = root.getRootNode() as Document | ShadowRoot
  const el = tree.activeElement
  return el && root.contains(el) ? el : null
}

export function under(root: HTMLElement, x: number, y: number): Element | null {
  return (root.getRootNode() as Document | ShadowRoot).elementFromPoint(x, y)
}

/** Keeps `el` as high as the room left below it in the window; returns what stops watching. */
export function fill(el: HTMLElement, least: number, gap = 24): () => void {
  const scroller = scrollParent(el)
  const measure = () => {
    const top = el.getBoundingClientRect().top + (scroller ? scroller.scrollTop - scroller.getBoundingClientRect().top : window.scrollY)
    const room = (scroller ? scroller.clientHeight : window.innerHeight) - top - gap
    const want = `${Math.max(least, Math.floor(room))}px`
    if (el.style.height !== want) el.style.height = want
  }
  measure()
  const seen = new ResizeObserver(measure)
  if (scroller) {
    seen.observe(scroller)
    for (const child of scroller.children) seen.observe(child)
  }
  window.addEventListener('resize', measure)
  return () => {
    seen.disconnect()
    window.removeEventListener('resize', measure)
  }
}

function scrollParent(el: HTMLElement): HTMLElement | null {
  let node: Node | null = el.parentNode
  while (node) {
    if (node instanceof ShadowRoot) node = node.host
    if (node instanceof HTMLElement && node !== document.body && /(auto|scroll)/.test(getComputedStyle(node).overflowY)) return node
    node = node.parentNode
  }
  return null
}
