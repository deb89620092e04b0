/**
 * Pictures as values. The same value becomes text when the pages are built, and elements in a browser; there, a later value
 * changes only what differs, element by element, so that nothing loses focus and no picture is drawn anew.
 */

type Attributes = Record<string, string | number | boolean | undefined>

export interface Shape {
  tag: string
  /** Names it among its siblings, from one value to the next; without one its place does. */
  key: string | undefined
  attributes: Attributes
  children: readonly Shape[] | string
}

export const shape = (
  tag: string,
  attributes: Attributes = {},
  children: readonly Shape[] | string = [],
  key?: string,
): Shape => ({ tag, key, attributes, children })

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string) => text.replace(/[&<>"]/g, (letter) => escapes[letter] ?? letter)

/** As text, to be set into a page. */
export function toMarkup({ tag, attributes, children }: Shape): string {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => (value === true ? ` ${name}` : ` ${name}="${escaped(String(value))}"`))
    .join('')
  const inner = typeof children === 'string' ? escaped(children) : children.map(toMarkup).join('')
  return `<${tag}${given}>${inner}</${tag}>`
}

/** What an element was last drawn from. */
interface Drawn {
  attributes: Attributes
  children: readonly Shape[] | string
  elements: Map<string, Element>
}

/** What was drawn in which element; what others drew is not known and is cleared first. */
const drawings = new WeakMap<Element, Drawn>()

const SVG = 'http://www.w3.org/2000/svg'
const keyOf = ({ key, tag }: Shape, at: number) => key ?? `${tag}${at}`

/** Makes the children of an element what they should be. */
export function drawInto(parent: Element, children: readonly Shape[] | string): void {
  let drawn = drawings.get(parent)
  if (drawn === undefined) {
    parent.textContent = ''
    drawn = { attributes: {}, children: [], elements: new Map() }
    drawings.set(parent, drawn)
  }
  const before = drawn.children
  if (before === children) return
  drawn.children = children
  if (typeof children === 'string') {
    if (children !== before) parent.textContent = children
    drawn.elements.clear()
    return
  }
  if (typeof before === 'string') parent.textContent = ''
  const { elements } = drawn
  const wanted = new Set(children.map(keyOf))
  for (const [key, element] of elements)
    if (!wanted.has(key)) {
      element.remove()
      elements.delete(key)
    }
  let next = parent.firstElementChild
  children.forEach((child, at) => {
    const key = keyOf(child, at)
    let element = elements.get(key)
    if (element === undefined) {
      const namespace = child.tag === 'svg' || parent.namespaceURI === SVG ? SVG : parent.namespaceURI
      element = document.createElementNS(namespace, child.tag)
      elements.set(key, element)
    }
    if (element === next) next = next.nextElementSibling
    else parent.insertBefore(element, next)
    drawAttributes(element, child.attributes)
    drawInto(element, child.children)
  })
}

function drawAttributes(element: Element, attributes: Attributes): void {
  let drawn = drawings.get(element)
  if (drawn === undefined) {
    drawn = { attributes: {}, children: [], elements: new Map() }
    drawings.set(element, drawn)
  }
  const before = drawn.attributes
  drawn.attributes = attributes
  for (const [name, value] of Object.entries(attributes)) {
    if (before[name] === value) continue
    if (value === undefined || value === false) element.removeAttribute(name)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  for (const name of Object.keys(before)) if (!(name in attributes)) element.removeAttribute(name)
}
