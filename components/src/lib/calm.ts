const ACTS = ['click', 'keydown'] as const
/** Milliseconds after a press in which what it sets going may not have begun. */
const QUIET = 1000

/** Whether a run of the page is asked for or under way: it may lead to another page, and Streamlit empties that page when a fragment
 * of the old one is asked for after it. */
export class Calm {
  private acted = 0

  constructor() {
    for (const kind of ACTS) window.addEventListener(kind, this.act, true)
  }

  destroy(): void {
    for (const kind of ACTS) window.removeEventListener(kind, this.act, true)
  }

  private readonly act = () => {
    this.acted = Date.now()
  }

  get busy(): boolean {
    const state = document.querySelector<HTMLElement>('[data-testid="stApp"]')?.dataset['testScriptState']
    return Date.now() - this.acted < QUIET || (state !== undefined && state !== 'notRunning')
  }
}
