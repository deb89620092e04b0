/** Where each field of a YAML text stands, from js-yaml's own events. */
import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE } from 'js-yaml'

export type Path = readonly (string | number)[]

export interface Positions {
  /** Line, from 1, of the field's key, or of the item's first character; that of the nearest field above it if it is not there. */
  line(path: Path): number
  /** Line, from 1, of the character at `offset` of the text that the field holds. */
  lineWithin(path: Path, offset: number): number
}

interface Place {
  /** Offsets into the source. */
  key: number
  /** Where the text of a literal block (`|`) begins, each of whose lines is a line of the file; else undefined. */
  block: number | undefined
  text: string
}

/** @param document which one of the stream, from 0 */
export function positions(source: string, events: Event[], document = 0): Positions {
  const places = new Map<string, Place>()
  const opening = events.flatMap((event, index) => (event.type === EVENT_ID.DOCUMENT ? [index] : []))[document] ?? 0
  let next = opening + 1

  const walk = (path: Path, key: number | undefined): void => {
    const event = events[next++]
    if (event === undefined || event.type === EVENT_ID.POP) return
    const start = startOf(event)
    const literal = event.type === EVENT_ID.SCALAR && event.style === SCALAR_STYLE.LITERAL_BLOCK
    places.set(nameOf(path), {
      key: key ?? start,
      block: literal ? start : undefined,
      text: literal ? getScalarValue(source, event) : '',
    })
    if (event.type === EVENT_ID.SEQUENCE) {
      for (let index = 0; !atEnd(); index++) walk([...path, index], undefined)
      next++
    } else if (event.type === EVENT_ID.MAPPING) {
      while (!atEnd()) {
        const name = events[next++]
        const plain = name?.type === EVENT_ID.SCALAR
        walk([...path, plain ? getScalarValue(source, name) : ''], name && startOf(name))
      }
      next++
    }
  }
  const atEnd = () => (events[next]?.type ?? EVENT_ID.POP) === EVENT_ID.POP
  walk([], undefined)

  const place = (path: Path): Place => {
    for (let length = path.length; length > 0; length--) {
      const found = places.get(nameOf(path.slice(0, length)))
      if (found) return found
    }
    return { key: 0, block: undefined, text: '' }
  }
  const lineAt = (offset: number) => source.slice(0, offset).split('\n').length
  return {
    line: (path) => lineAt(place(path).key),
    lineWithin(path, offset) {
      const { key, block, text } = place(path)
      return block === undefined ? lineAt(key) : lineAt(block) + text.slice(0, offset).split('\n').length - 1
    },
  }
}

/** `steps[1].checks[0].expect`. */
export function nameOf(path: Path): string {
  return path.reduce<string>(
    (name, part) => (typeof part === 'number' ? `${name}[${part}]` : name === '' ? part : `${name}.${part}`),
    '',
  )
}

function startOf(event: Event): number {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return event.valueStart
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start
    case EVENT_ID.ALIAS:
      return event.anchorStart
    default:
      return 0
  }
}
