/** Asks for its fragment once the connection is back, and keeps what is to be remembered where each request carries it, the very first
 * one to a server that knows nothing of it, too. Shows nothing. */
import { component, type Host, type View } from './lib/component'

interface Data {
  memory: Record<string, unknown>
}

class Reunion implements View<Data> {
  private readonly app = document.querySelector<HTMLElement>('[data-testid="stApp"]')
  private readonly watch = new MutationObserver(() => this.look())
  private away = false
  private kept = '{}'

  constructor(private readonly host: Host) {
    if (this.app) this.watch.observe(this.app, { attributeFilter: ['data-test-connection-state'] })
  }

  update(data: Data): void {
    const memory = JSON.stringify(data.memory)
    if (memory === this.kept) return
    this.kept = memory
    this.host.keep('memory', data.memory)
  }

  destroy(): void {
    this.watch.disconnect()
  }

  private look(): void {
    const connected = this.app?.dataset['testConnectionState'] === 'CONNECTED'
    if (connected && this.away) this.host.emit('back', null)
    this.away = !connected
  }
}

export default component<Data>('', host => new Reunion(host))
