// What bench/pages.py puts into every page it measures. All times are milliseconds of the wall clock, so that those of two browsers compare.
window.bench = {
  released: 0,
  awaited: {},
  now: () => performance.timeOrigin + performance.now(),

  /** The moment at which the frame after the one in which `test` came true begins: by then it has been painted. */
  seen(test) {
    return new Promise(done => {
      const look = () => requestAnimationFrame(test() ? () => done(bench.now()) : look)
      look()
    })
  },

  /** The board's own document, once it is there. */
  board() {
    if (!this.root?.host.isConnected) {
      const hosts = document.querySelectorAll('[data-testid^="stBidiComponent"], [data-testid^="stBidiComponent"] *')
      this.root = [...hosts].map(el => el.shadowRoot).find(root => root?.querySelector('.strip'))
    }
    return this.root
  },

  /** The card of an element in a column. */
  card: (id, column) => bench.board()?.querySelector(`.col[data-col="${column}"] .item[data-id="${id}"] .card`),

  /** Every column shows cards. */
  isFull() {
    const columns = [...(bench.board()?.querySelectorAll('.col') ?? [])]
    return columns.length > 0 && columns.every(column => column.querySelector('.item .card'))
  },
}
addEventListener('pointerup', () => (bench.released = bench.now()), true)
