/** What is known of an element: sections of label and value. Empty fields are folded; a press on a value asks to edit it. */
import css from './facts.css'
import { component, safe, styled, text, type Host, type Labels, type View } from './lib/component'
import { h } from './lib/dom'
import { icon } from './lib/icon'
import { avatar, type Who } from './lib/people'

interface Value {
  text: string
  who?: Who | null
  href?: string
  open?: number
  color?: string
}

interface Fact {
  code: string
  label: string
  values: Value[]
  help?: string
  locked?: boolean
}

interface Section {
  code: string
  title: string
  facts: Fact[]
  empty: Fact[]
}

interface Data {
  sections: Section[]
  labels: Labels
  editable: boolean
}

class Facts implements View<Data> {
  private shown = ''
  private data!: Data
  private unfolded = new Set<string>()

  constructor(private host: Host) {}

  update(data: Data) {
    const wanted = JSON.stringify(data)
    if (wanted === this.shown) return
    this.shown = wanted
    this.data = data
    this.draw()
  }

  destroy() {}

  private draw() {
    this.host.root.replaceChildren(...this.data.sections.map(section => this.section(section)))
  }

  private section(section: Section): HTMLElement {
    const { labels, editable } = this.data
    const list = h('dl', { cls: 'facts' }, ...section.facts.map(fact => this.fact(section, fact)))
    const head = h('div', { cls: 'head' }, h('h3', {}, section.title))
    if (editable)
      head.append(
        h(
          'button',
          {
            cls: 'ic edit', type: 'button', title: text(labels, 'edit'), 'aria-label': `${text(labels, 'edit')}: ${section.title}`,
            onclick: () => this.edit(section, ''),
          },
          icon('edit', 18),
        ),
      )
    const box = h('section', { cls: 'section', 'aria-label': section.title }, head, list)
    if (section.empty.length) box.append(this.empties(section))
    return box
  }

  private empties(section: Section): HTMLElement {
    const open = this.unfolded.has(section.code)
    const fold = h('details', { cls: 'empty', open }, h('summary', {}, text(this.data.labels, 'empty', { n: section.empty.length })))
    fold.addEventListener('toggle', () => (fold.open ? this.unfolded.add(section.code) : this.unfolded.delete(section.code)))
    fold.append(h('dl', { cls: 'facts' }, ...section.empty.map(fact => this.fact(section, fact))))
    return fold
  }

  private fact(section: Section, fact: Fact): HTMLElement {
    const can = this.data.editable && !fact.locked
    const body = fact.values.length ? fact.values.map(value => this.value(value)) : [h('span', { cls: 'none' }, text(this.data.labels, 'add'))]
    const dd = h('dd', { cls: can ? 'can' : '' }, ...body)
    // The keyboard's way is the section's own button; a value that is pressed only gets there sooner.
    if (can)
      dd.addEventListener('click', event => {
        if (!(event.target as Element).closest('a, button')) this.edit(section, fact.code)
      })
    return h('div', { cls: 'fact' }, h('dt', { title: fact.help }, fact.label), dd)
  }

  private value(value: Value): HTMLElement {
    const inside = h('span', { cls: 'value' })
    if (value.who) inside.append(avatar(value.who, 20))
    if (value.color) inside.append(h('i', { cls: 'dot', style: { background: safe(value.color) } }))
    if (value.open)
      inside.append(h('button', { cls: 'link', type: 'button', onclick: () => this.host.emit('open', value.open) }, value.text))
    else if (value.href && /^(https?:|mailto:|tel:|\/files\/)/i.test(value.href))
      inside.append(h('a', { href: value.href, target: '_blank', rel: 'noopener noreferrer' }, value.text))
    else inside.append(h('span', {}, value.text))
    return inside
  }

  private edit(section: Section, code: string) {
    this.host.emit('edit', { section: section.code, code })
  }
}

export default component<Data>(styled(css), host => new Facts(host))
