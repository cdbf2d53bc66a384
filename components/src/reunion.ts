/** Asks for its fragment once the connection is back, and keeps what is to be remembered where each request carries it, the very first
 * one to a server that knows nothing of it, too. Shows nothing until the session is over: then it leads to the sign-in page, and where
 * something was typed, says so first. */
import base from './lib/base.css'
import own from './reunion.css'
import { component, text, theme, type Host, type Labels, type View } from './lib/component'
import { h } from './lib/dom'

interface Data {
  memory: Record<string, unknown>
  labels: Labels
}

type Input = HTMLInputElement | HTMLTextAreaElement

/** What stood in an input when it was last typed into. */
interface Typed {
  label: string
  value: string
  at: number
}

/** Asked for while there is no connection: 401 says that nobody is signed in any more. */
const ASKED = '/_stcore/host-config'
const OVER = 401
/** Milliseconds to the first question, and from one to the next. */
const SOON = 200
const AGAIN = 2000
/** Milliseconds for which a text may be on its way: one that has just been sent may never have been heard. */
const JUST_NOW = 15_000
const WRITTEN = ['text', 'textarea', 'email', 'tel', 'url', 'number', 'search']
/** While this is shown, Streamlit's own words about the connection are not. */
const STILL = '[data-testid="stDialog"] { visibility: hidden }'

const isThere = (input: Input) => input.isConnected && input.value.trim() !== ''

class Reunion implements View<Data> {
  private readonly app = document.querySelector<HTMLElement>('[data-testid="stApp"]')
  private readonly watch = new MutationObserver(() => this.look())
  private readonly typed = new Map<Input, Typed>()
  private away = false
  private kept = '{}'
  private labels: Labels = {}
  private timer = 0
  private notice: HTMLElement | null = null

  constructor(private readonly host: Host) {
    if (this.app) this.watch.observe(this.app, { attributeFilter: ['data-test-connection-state'] })
    document.addEventListener('input', this.heard, true)
    this.note(document.activeElement) // typed into while this was on its way
    this.look() // it may have been lost while this was on its way
  }

  update(data: Data): void {
    this.labels = data.labels
    const memory = JSON.stringify(data.memory)
    if (memory === this.kept) return
    this.kept = memory
    this.host.keep('memory', data.memory)
  }

  destroy(): void {
    this.watch.disconnect()
    document.removeEventListener('input', this.heard, true)
    clearTimeout(this.timer)
    this.notice?.remove()
  }

  private readonly heard = (e: Event) => this.note(e.composedPath()[0])

  private note(input: EventTarget | null | undefined): void {
    if (!(input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement) || !WRITTEN.includes(input.type)) return
    if (input.value.trim()) this.typed.set(input, { label: name(input), value: input.value, at: Date.now() })
  }

  private look(): void {
    const connected = this.app?.dataset['testConnectionState'] === 'CONNECTED'
    if (connected && this.away) this.back()
    if (!connected && !this.away) this.timer = window.setTimeout(() => void this.ask(), SOON)
    this.away = !connected
  }

  private back(): void {
    clearTimeout(this.timer)
    this.notice?.remove()
    this.notice = null
    this.host.emit('back', null)
  }

  private async ask(): Promise<void> {
    const answer = await fetch(ASKED, { cache: 'no-store' }).catch(() => null)
    if (!this.away) return
    if (answer?.status === OVER) this.over()
    this.timer = window.setTimeout(() => void this.ask(), AGAIN)
  }

  private over(): void {
    if (this.notice) return
    const left = [...this.typed].filter(([input, last]) => isThere(input) || Date.now() - last.at < JUST_NOW)
    if (left.length) this.show(left.map(([input, last]) => (isThere(input) ? { ...last, value: input.value } : last)))
    else location.reload()
  }

  /** In the page itself, not in here, which nobody sees; over whatever stands there. */
  private show(left: Typed[]): void {
    this.notice = h('div')
    const root = h('div', { cls: 'vk' })
    for (const name of ['--st-background-color', '--st-text-color', '--st-primary-color', '--st-font'])
      root.style.setProperty(name, getComputedStyle(this.host.root).getPropertyValue(name))
    const link = h('a', { href: '/', target: '_blank', autofocus: true }, text(this.labels, 'sign_in'))
    const texts = left.map(({ label, value }) => h('div', {}, h('label', {}, label), h('pre', { tabindex: '0' }, value)))
    const title = text(this.labels, 'ended')
    const dialog = h('dialog', { 'aria-label': title }, h('h2', {}, title), h('p', {}, text(this.labels, 'typed')), ...texts, link)
    root.append(dialog)
    const only = h('style', {}, STILL)
    dialog.addEventListener('close', () => only.remove())
    this.notice.append(only)
    this.notice.attachShadow({ mode: 'open' }).append(h('style', {}, base + own), root)
    document.body.append(this.notice)
    theme(root)
    dialog.showModal()
  }
}

function name(input: Input): string {
  return input.getAttribute('aria-label') || input.labels?.[0]?.textContent || input.placeholder
}

export default component<Data>('', host => new Reunion(host))
