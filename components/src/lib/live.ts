import { Calm } from './calm'

/** Milliseconds that further news may take to be told together with the first. */
const TOGETHER = 40

/** Listens to `/live` and says when something changed; silent while the tab is hidden, once when it is seen again. */
export class Live {
  private socket: WebSocket | null = null
  private wait = 1000
  private again = 0
  private later = 0
  private rev = 0
  private stale = false

  private readonly calm = new Calm()

  constructor(private readonly changed: (rev: number) => void) {
    document.addEventListener('visibilitychange', this.seen)
    this.open()
  }

  destroy(): void {
    document.removeEventListener('visibilitychange', this.seen)
    this.calm.destroy()
    this.close()
  }

  private readonly seen = () => {
    if (document.hidden) return this.close()
    this.stale = true
    this.wait = 1000
    this.open()
    this.tell()
  }

  private open(): void {
    if (this.socket || document.hidden) return
    const url = new URL('/live', location.origin)
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(url)
    this.socket = socket
    socket.onopen = () => {
      if (this.wait > 1000) this.poke()
      this.wait = 1000
    }
    socket.onmessage = e => this.heard(String(e.data))
    socket.onclose = () => {
      if (this.socket !== socket) return
      this.socket = null
      this.again = window.setTimeout(() => this.open(), this.wait * (0.75 + Math.random() / 2))
      this.wait = Math.min(this.wait * 2, 30000)
    }
  }

  private close(): void {
    clearTimeout(this.again)
    clearTimeout(this.later)
    const socket = this.socket
    this.socket = null
    socket?.close()
  }

  private heard(raw: string): void {
    try {
      const rev = Number((JSON.parse(raw) as { rev?: unknown }).rev)
      if (!Number.isFinite(rev) || rev === this.rev) return
      this.rev = rev
      this.poke()
    } catch {
      // not ours
    }
  }

  private poke(): void {
    this.stale = true
    clearTimeout(this.later)
    this.later = window.setTimeout(() => this.tell(), TOGETHER)
  }

  private tell(): void {
    if (!this.stale || document.hidden) return
    if (this.calm.busy) {
      clearTimeout(this.later)
      this.later = window.setTimeout(() => this.tell(), 200)
      return
    }
    this.stale = false
    this.changed(this.rev)
  }
}
