import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml'
import { goQuote } from '../objects/go-quote.ts'
import type { JsonNode } from './json-document.ts'
import { syntaxFault } from './yaml-faults.ts'
import { resolvePlain, type Scalar, tagged } from './yaml-scalars.ts'

/** Not YAML, or YAML that is no JSON; in the words of upstream's YAML library. */
export class YamlError extends Error {
  override name = 'YamlError'
}

export interface YamlDocument {
  /** As the JSON that upstream makes of it: members sorted by name. */
  readonly node: JsonNode
  /** Keys that came twice, where strict reading refuses them. */
  readonly duplicates: string | undefined
}

/** Nodes that a document may hold once its aliases are followed: what upstream takes for an attack. */
const maxNodes = 1_000_000
const maxDepth = 1_000

/** The first document of a text; null where there is none. @throws YamlError */
export function parseYaml(text: string): YamlDocument {
  const events = read(text)
  const composer = new Composer(text, events)
  const node = composer.document()
  const duplicates =
    composer.duplicates.length === 0 ? undefined : `yaml: unmarshal errors:\n  ${composer.duplicates.join('\n  ')}`
  return { node, duplicates }
}

function read(text: string): readonly Event[] {
  try {
    return parseEvents(text, { maxDepth })
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    throw new YamlError(syntaxFault(text, error.reason, error.mark?.position ?? text.length))
  }
}

interface Composed {
  readonly node: JsonNode
  /** What it is as a key of a map. */
  readonly scalar?: Scalar
  /** Nodes in it, aliases followed. */
  readonly size: number
  readonly line: number
}

class Composer {
  readonly duplicates: string[] = []
  private readonly text: string
  private readonly events: readonly Event[]
  private at = 0
  private readonly anchors = new Map<string, Composed | undefined>()
  private readonly lines: readonly number[]

  constructor(text: string, events: readonly Event[]) {
    this.text = text
    this.events = events
    this.lines = [...text.matchAll(/\n/g)].map((match) => match.index)
  }

  document(): JsonNode {
    if (this.events[0]?.type !== EVENT_ID.DOCUMENT) return { type: 'null' }
    this.at = 1
    return this.events[1]?.type === EVENT_ID.POP ? { type: 'null' } : this.value().node
  }

  private value(): Composed {
    const event = this.events[this.at++]
    if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) {
      throw new YamlError('yaml: did not find expected node content')
    }
    const anchor = event.anchorStart < 0 ? undefined : this.text.slice(event.anchorStart, event.anchorEnd)
    if (event.type === EVENT_ID.ALIAS) return this.alias(anchor ?? '')
    if (anchor !== undefined) this.anchors.set(anchor, undefined)
    const composed =
      event.type === EVENT_ID.SCALAR
        ? this.scalar(event)
        : event.type === EVENT_ID.SEQUENCE
          ? this.sequence(event.start)
          : this.mapping(event.start)
    if (composed.size > maxNodes) throw new YamlError('yaml: document contains excessive aliasing')
    if (anchor !== undefined) this.anchors.set(anchor, composed)
    return composed
  }

  private alias(name: string): Composed {
    const found = this.anchors.get(name)
    if (found !== undefined) return found
    throw new YamlError(
      this.anchors.has(name)
        ? `yaml: anchor '${name}' value contains itself`
        : `yaml: unknown anchor '${name}' referenced`,
    )
  }

  private scalar(event: Extract<Event, { type: typeof EVENT_ID.SCALAR }>): Composed {
    const text = getScalarValue(this.text, event)
    if (!text.isWellFormed()) throw new YamlError('yaml: found invalid Unicode character escape code')
    const tag = event.tagStart < 0 ? undefined : this.text.slice(event.tagStart, event.tagEnd)
    const scalar: Scalar =
      tag !== undefined
        ? tagged(tag, text)
        : event.style === SCALAR_STYLE.PLAIN
          ? resolvePlain(text)
          : { type: 'string', value: text }
    if (scalar.type === 'fault') throw new YamlError(scalar.message)
    return { node: jsonOf(scalar), scalar, size: 1, line: this.lineOf(event.valueStart) }
  }

  private sequence(start: number): Composed {
    const items: JsonNode[] = []
    let size = 1
    while (this.events[this.at]?.type !== EVENT_ID.POP) {
      const item = this.value()
      items.push(item.node)
      size += item.size
    }
    this.at++
    return { node: { type: 'array', items }, size, line: this.lineOf(start) }
  }

  private mapping(start: number): Composed {
    const members = new Map<string, JsonNode>()
    let size = 1
    while (this.events[this.at]?.type !== EVENT_ID.POP) {
      const key = this.value()
      const value = this.value()
      size += key.size + value.size
      if (key.scalar?.type === 'merge') this.merge(members, value.node)
      else {
        const name = keyText(key, value)
        if (members.has(name)) {
          this.duplicates.push(`line ${value.line + 1}: key ${goKey(key.scalar, name)} already set in map`)
        }
        members.set(name, value.node)
      }
    }
    this.at++
    const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1))
    return { node: { type: 'object', members: sorted }, size, line: this.lineOf(start) }
  }

  private merge(members: Map<string, JsonNode>, from: JsonNode): void {
    const sources = from.type === 'array' ? [...from.items].reverse() : [from]
    for (const source of sources) {
      if (source.type !== 'object') throw new YamlError('yaml: map merge requires map or sequence of maps as the value')
      for (const [key, value] of source.members) members.set(key, value)
    }
  }

  /** From 0. */
  private lineOf(position: number): number {
    let low = 0
    let high = this.lines.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.lines[middle] ?? 0) < position) low = middle + 1
      else high = middle
    }
    return low
  }
}

function jsonOf(scalar: Scalar): JsonNode {
  switch (scalar.type) {
    case 'merge':
      return { type: 'string', value: '<<' }
    case 'fault':
      throw new YamlError(scalar.message)
    case 'number':
      if (!/^[-+.]*(?:inf|nan)$/i.test(scalar.text)) return scalar
      throw new YamlError(`json: unsupported value: ${scalar.text}`)
    default:
      return scalar
  }
}

function keyText(key: Composed, value: Composed): string {
  const { scalar } = key
  switch (scalar?.type) {
    case 'string':
      return scalar.value
    case 'bool':
      return String(scalar.value)
    case 'number':
      return scalar.text
    case undefined:
      throw new YamlError(
        `yaml: invalid map key: ${key.node.type === 'array' ? '[]interface {}' : 'map[interface {}]interface {}'}`,
      )
    default: {
      const shown = value.scalar === undefined ? value.node.type : goKey(value.scalar, '')
      throw new YamlError(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${shown}`)
    }
  }
}

function goKey(scalar: Scalar | undefined, name: string): string {
  switch (scalar?.type) {
    case 'string':
      return goQuote(scalar.value)
    case 'number':
      return scalar.text
    case 'bool':
      return String(scalar.value)
    case 'null':
      return 'interface {}(nil)'
    default:
      return goQuote(name)
  }
}
