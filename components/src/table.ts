/** A list of elements: one row each, sorted by pressing a column's head, opened by pressing anywhere in the row. */
import css from './table.css'
import { component, safe, styled, text, type Host, type Labels, type View } from './lib/component'
import { focused, h } from './lib/dom'
import { icon } from './lib/icon'
import { avatar, type Who } from './lib/people'

interface Value { text: string; who?: Who | null; color?: string; href?: string; open?: number }
interface Column { code: string; title: string; end: boolean; sorts: boolean }
interface Row { id: number; href: string; cells: Value[][] }
interface Data { columns: Column[]; rows: Row[]; by: string; down: boolean; labels: Labels }

class Table implements View<Data> {
  private data!: Data
  private sign = ''
  private readonly box = h('div', { cls: 'sheet' })

  constructor(private readonly host: Host) {
    host.root.append(this.box)
  }

  update(data: Data): void {
    const sign = JSON.stringify(data)
    if (sign === this.sign) return
    this.sign = sign
    this.data = data
    const had = focused(this.box)?.getAttribute('data-sort')
    const head = h('thead', {}, h('tr', {}, ...data.columns.map(c => this.head(c))))
    const body = h('tbody', {}, ...data.rows.map(r => this.row(r)))
    this.box.replaceChildren(h('table', { 'aria-label': text(data.labels, 'table') }, head, body))
    this.box.removeAttribute('aria-busy')
    this.box.scrollTop = 0
    if (had) this.box.querySelector<HTMLElement>(`[data-sort="${CSS.escape(had)}"]`)?.focus({ preventScroll: true })
  }

  destroy(): void {}

  private head(column: Column): HTMLElement {
    const { by, down } = this.data
    const sorted = column.code === by
    const cls = column.end ? 'end' : ''
    if (!column.sorts) return h('th', { scope: 'col', cls }, column.title)
    const press = () => {
      this.box.setAttribute('aria-busy', 'true')
      this.host.emit('sort', { by: column.code, down: sorted ? !down : column.end })
    }
    const arrow = icon(sorted && !down ? 'arrow_upward' : 'arrow_downward', 16)
    const button = h('button', { type: 'button', 'data-sort': column.code, cls: sorted ? 'on' : '', onclick: press }, h('span', {}, column.title), arrow)
    return h('th', { scope: 'col', cls, 'aria-sort': sorted ? (down ? 'descending' : 'ascending') : 'none' }, button)
  }

  private row(row: Row): HTMLElement {
    const open = () => {
      this.box.setAttribute('aria-busy', 'true')
      this.host.emit('open', row.id)
    }
    const [first, ...others] = row.cells.map((values, at) => this.cell(row, values, at, open))
    const tr = h('tr', {}, first, ...others)
    tr.addEventListener('click', event => {
      if (!(event.target as Element).closest('a') && !String(getSelection() ?? '')) open()
    })
    return tr
  }

  private cell(row: Row, values: Value[], at: number, open: () => void): HTMLElement {
    const cls = this.data.columns[at]?.end ? 'end' : ''
    const words = values.map(v => v.text).join(', ')
    if (at === 0) return h('th', { scope: 'row' }, this.link(row, words, open))
    const inside = h('div', { title: words.length > 24 ? words : undefined })
    for (const value of values) inside.append(this.value(value))
    return h('td', { cls }, inside)
  }

  /** A real link, so that it opens in a new tab with the keys that do so; a plain press stays in the session. */
  private link(row: Row, words: string, open: () => void): HTMLElement {
    const press = (event: MouseEvent) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return
      event.preventDefault()
      open()
    }
    return h('a', { href: row.href, title: words, onclick: press }, words)
  }

  private value(value: Value): HTMLElement {
    const out = h('span', { cls: 'value' })
    if (value.who) out.append(avatar(value.who, 20))
    if (value.color) out.append(h('i', { style: { background: safe(value.color) } }))
    if (value.href && /^(https?:|mailto:|tel:|\/files\/)/i.test(value.href))
      out.append(h('a', { href: value.href, target: '_blank', rel: 'noopener noreferrer' }, value.text))
    else out.append(h('span', {}, value.text))
    return out
  }
}

export default component<Data>(styled(css), host => new Table(host))
