/** Asks for its fragment again and again, but never while another run of the page is asked for or under way. Shows nothing. */
import { Calm } from './lib/calm'
import { component, type Host, type View } from './lib/component'

interface Data {
  seconds: number
}

class Pulse implements View<Data> {
  private readonly calm = new Calm()
  private timer = 0
  private seconds = 0

  constructor(private readonly host: Host) {}

  update(data: Data): void {
    if (data.seconds === this.seconds) return
    this.seconds = data.seconds
    clearInterval(this.timer)
    this.timer = window.setInterval(() => this.beat(), data.seconds * 1000)
  }

  destroy(): void {
    clearInterval(this.timer)
    this.calm.destroy()
  }

  private beat(): void {
    if (!document.hidden && !this.calm.busy) this.host.emit('beat', null)
  }
}

export default component<Data>('', host => new Pulse(host))
