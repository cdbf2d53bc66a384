/** What Streamlit hands to a component, and how ours keep their state between reruns. */
import base from './base.css'

export interface Args<D> {
  data: D
  parentElement: HTMLElement | ShadowRoot
  setStateValue(name: string, value: unknown): void
  setTriggerValue(name: string, value: unknown): void
}

export type Labels = Record<string, string | undefined>

export interface Host {
  /** The element to draw in; it outlives reruns. */
  root: HTMLDivElement
  /** Tell Python of an act, once. */
  emit(name: string, value: unknown): void
  /** Tell Python and keep it there (a state). */
  keep(name: string, value: unknown): void
}

export interface View<D> {
  update(data: D): void
  destroy(): void
}

interface Act {
  n: number
  name: string
  value: unknown
}

/** Milliseconds, and number of acts at most, in which an act is told again with those after it. */
const AGAIN = 30_000
const AT_MOST = 20

/** Tells Python acts, none lost: a trigger that comes while a run is waiting takes the place of the one before it, so each
 * carries the last acts too, and Python passes over the numbers it has heard. Another `talk` is another session, told nothing old. */
class Teller {
  private acts: Act[] = []
  private talk = ''

  /** What the newest data belong to. */
  of(talk: string): void {
    if (talk !== this.talk) this.acts = []
    this.talk = talk
  }

  tell(args: Args<unknown>, name: string, value: unknown): void {
    const n = nonce()
    this.acts = [...this.acts.filter(a => n - a.n < AGAIN), { n, name, value }].slice(-AT_MOST)
    args.setTriggerValue('acts', { talk: this.talk, acts: this.acts })
  }
}

interface Entry<D> {
  view: View<D>
  args: Args<D>
  root: HTMLDivElement
  teller: Teller
}

/** A component's own styles over those that all share. */
export const styled = (css: string): string => base + css

/** Streamlit calls the default export on each rerun: the first call builds, the later ones update. */
export function component<D>(css: string, create: (host: Host, data: D) => View<D>) {
  const live = new WeakMap<object, Entry<D>>()
  return (args: Args<D & { talk: string }>) => {
    const parent = args.parentElement
    const known = live.get(parent)
    if (known) {
      known.args = args
      known.teller.of(args.data.talk)
      theme(known.root)
      known.view.update(args.data)
    } else {
      const style = document.createElement('style')
      style.textContent = css
      const root = document.createElement('div')
      root.className = 'vk'
      parent.append(style, root)
      theme(root)
      const entry = { args, root, teller: new Teller() } as Entry<D>
      entry.teller.of(args.data.talk)
      entry.view = create(
        {
          root,
          emit: (name, value) => entry.teller.tell(entry.args, name, value),
          keep: (name, value) => entry.args.setStateValue(name, value),
        },
        args.data,
      )
      live.set(parent, entry)
      entry.view.update(args.data)
    }
    return () => {
      const entry = live.get(parent)
      if (!entry) return
      live.delete(parent)
      entry.view.destroy()
      entry.root.previousElementSibling?.remove()
      entry.root.remove()
    }
  }
}

/** Marks the root as dark or light by the theme's own background, so both get readable tones. */
export function theme(root: HTMLElement): boolean {
  const background = getComputedStyle(root).getPropertyValue('--st-background-color')
  const dark = background ? luminance(background) < 0.35 : matchMedia('(prefers-color-scheme: dark)').matches
  root.classList.toggle('dark', dark)
  return dark
}

/** Relative luminance (WCAG) of #rgb, #rrggbb or rgb(). */
export function luminance(color: string): number {
  const c = color.trim()
  let parts: number[]
  if (c.startsWith('#')) {
    const hex = c.length < 6 ? [...c.slice(1)].map(d => d + d).join('') : c.slice(1)
    parts = [0, 2, 4].map(i => parseInt(hex.slice(i, i + 2), 16))
  } else parts = (c.match(/[\d.]+/g) ?? ['255', '255', '255']).slice(0, 3).map(Number)
  const [r = 0, g = 0, b = 0] = parts.map(p => {
    const s = (Number.isFinite(p) ? p : 128) / 255
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** Black or white, whichever reads better on the colour (one of the two always passes AA). */
export function ink(color: string): string {
  return luminance(color) > 0.179 ? '#000' : '#fff'
}

/** A colour we may put into CSS: hex only, else the given stand-in. */
export function safe(color: string | null | undefined, otherwise = '#7a8594'): string {
  return color && /^#[0-9a-f]{3,8}$/i.test(color) ? color : otherwise
}

export const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches

export function text(labels: Labels, key: string, values: Record<string, string | number> = {}): string {
  return (labels[key] ?? '').replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole))
}

let last = 0
/** A number that only grows in this tab: milliseconds, or one more than the last. */
export function nonce(): number {
  last = Math.max(last + 1, Date.now())
  return last
}
