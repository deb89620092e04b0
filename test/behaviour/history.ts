/** A tape as lines of text that are the same for the same behaviour. */
import { type Facets, facetsOf } from './facets.ts'
import { finalLines } from './final.ts'
import { isGenerated, namer } from './names.ts'
import { asUsual, inUsualOrder, isChance, passing } from './passing.ts'
import type { Json } from './side.ts'
import type { Tape } from './tape.ts'

/** Lines by what they are about: `Pod web-<1>-<x>`. */
export type History = ReadonlyMap<string, readonly string[]>

export function historyOf(tape: Tape, distinct = false): History {
  const name = namer(tape)
  const lives = new Map<string, Life>()
  for (const event of tape.events) {
    const { type, object } = event
    if (object.kind === 'Event') continue
    if (isEverywhere(object)) continue
    const uid = `${object.kind} ${object.metadata.uid}`
    let life = lives.get(uid)
    if (life === undefined) {
      life = new Life(name(`${object.kind} ${object.metadata.name}`), !isGenerated(object), name)
      lives.set(uid, life)
    }
    if (type === 'DELETED') life.end()
    else life.see(object)
  }
  for (const { object } of tape.events) {
    if (object.kind !== 'Event') continue
    const { kind, uid, name: about } = object.involvedObject
    const life =
      lives.get(`${kind} ${uid}`) ?? [...lives.values()].find((one) => one.title === name(`${kind} ${about}`))
    life?.tell(object)
  }
  const result = new Map<string, string[]>()
  for (const [title, group] of Map.groupBy(lives.values(), (life) => life.title)) {
    const texts = group.map((life) => life.lines().join('\n'))
    const inOrder = group[0]?.named ? texts : texts.sort()
    result.set(
      title,
      (distinct && !group[0]?.named ? [...new Set(inOrder)] : inOrder).flatMap((one) => one.split('\n')),
    )
  }
  if (tape.notes.length > 0)
    result.set(
      'notes',
      tape.notes.map(({ name: title, value }) => name(`${title}: ${JSON.stringify(value)}`)),
    )
  return new Map([...result].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What each namespace has. */
const isEverywhere = ({ kind, metadata }: Json) => kind === 'ConfigMap' && metadata.name === 'kube-root-ca.crt'

class Life {
  readonly title: string
  /** Its name is the scenario's, not the cluster's. */
  readonly named: boolean
  readonly #name: (text: string) => string
  readonly #facets = new Map<string, (string | number)[]>()
  readonly #events = new Map<string, Set<string>>()
  #last: Json
  #gone = false

  constructor(title: string, named: boolean, name: (text: string) => string) {
    this.title = title
    this.named = named
    this.#name = name
  }

  see(object: Json): void {
    this.#last = object
    const facets: Facets = facetsOf(object)
    for (const [facet, value] of Object.entries(facets)) this.#append(facet, value)
    // What is no longer there
    for (const facet of this.#facets.keys()) if (!(facet in facets)) this.#append(facet, undefined)
  }

  end(): void {
    this.#gone = true
  }

  tell({ type, reason, message, source, reportingComponent, involvedObject }: Json): void {
    const component = this.#name(source?.component || reportingComponent)
    const told = this.#events.get(component) ?? new Set()
    this.#events.set(component, told)
    const where = involvedObject.fieldPath === undefined ? '' : ` (${involvedObject.fieldPath})`
    const text = asUsual(this.#name(`${type} ${reason}: ${message}${where}`))
    if (!isChance(text, [...told])) told.add(text)
  }

  lines(): string[] {
    const facets = [...this.#facets].sort(([a], [b]) => (a < b ? -1 : 1))
    return [
      ...facets.flatMap(([facet, values]) => {
        const seen = passing(facet, values)
        // What has come and gone unseen
        return seen.every((value) => value === '–') ? [] : [`  ${facet}: ${seen.join(' → ')}`]
      }),
      ...[...this.#events]
        .sort()
        .flatMap(([component, told]) => inUsualOrder([...told]).map((one) => `  event ${component} ${one}`)),
      this.#gone ? '  gone' : '  stays',
      ...(this.#gone ? [] : finalLines(this.#last).map((line) => `  final ${this.#name(line)}`)),
    ]
  }

  #append(facet: string, value: string | number | undefined): void {
    const values = this.#facets.get(facet) ?? []
    const text = typeof value === 'string' ? this.#name(value) : value
    if (text === undefined && values.length === 0) return
    const next = text ?? '–'
    if (values.at(-1) !== next) values.push(next)
    this.#facets.set(facet, values)
  }
}
