/** Asks for its fragment once the connection is back, and tells what is to be remembered: the server may know nothing of it. Shows nothing. */
import { component, type Host, type View } from './lib/component'

interface Data {
  memory: Record<string, unknown>
}

class Reunion implements View<Data> {
  private readonly app = document.querySelector<HTMLElement>('[data-testid="stApp"]')
  private readonly watch = new MutationObserver(() => this.look())
  private away = false
  private memory: Data['memory'] = {}

  constructor(private readonly host: Host) {
    if (this.app) this.watch.observe(this.app, { attributeFilter: ['data-test-connection-state'] })
  }

  update(data: Data): void {
    this.memory = data.memory
  }

  destroy(): void {
    this.watch.disconnect()
  }

  private look(): void {
    const connected = this.app?.dataset['testConnectionState'] === 'CONNECTED'
    if (connected && this.away) this.host.emit('back', this.memory)
    this.away = !connected
  }
}

export default component<Data>('', host => new Reunion(host))
