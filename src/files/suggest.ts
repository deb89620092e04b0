/** What Kubernetes would take at a place of a manifest. */
import { apiVersionOf, type Kind, type Kinds } from '../content-checks/kubernetes.ts'
import { fieldOf, flattened, type Schema } from '../content-checks/schema.ts'
import { ITEM, type Place, type Step } from './place.ts'

export interface Suggestion {
  /** What is seen, and matched with what is written. */
  label: string
  /** What is written in its place. */
  text: string
  /** Its type, in a word. */
  detail?: string
  required?: true
}

export function suggest(place: Place, kinds: Kinds): Suggestion[] {
  if (place.path.length === 0 && place.at === 'value') {
    if (place.key === 'kind') return kindsFor(place.apiVersion, kinds)
    if (place.key === 'apiVersion') return versionsFor(place.kind, kinds)
  }
  const root = rootOf(place, kinds)
  if (root === undefined) {
    const missing = ['apiVersion', 'kind', 'metadata', 'spec'].filter((name) => !place.siblings.includes(name))
    return place.path.length === 0 && place.at === 'name'
      ? missing.map((name) => ({ label: name, text: /^(a|k)/.test(name) ? `${name}: ` : `${name}:\n  ` }))
      : []
  }
  const here = follow(root.schema, place.path, kinds)
  if (here === undefined) return []
  return place.at === 'name' ? names(here, place, kinds) : values(here, place.key ?? '', kinds)
}

const rootOf = ({ apiVersion, kind }: Place, { all }: Kinds): Kind | undefined => {
  const named = all.filter((one) => one.kind === kind)
  return apiVersion === undefined
    ? named.length === 1
      ? named[0]
      : undefined
    : named.find((one) => apiVersionOf(one) === apiVersion)
}

function follow(schema: Schema, path: readonly Step[], kinds: Kinds): Schema | undefined {
  let here: Schema | undefined = flattened(schema, kinds.resolve)
  for (const step of path) {
    const next: Schema | undefined = step === ITEM ? here.items : fieldOf(here, step)
    if (next === undefined) return undefined
    here = flattened(next, kinds.resolve)
  }
  return here
}

function names(schema: Schema, place: Place, kinds: Kinds): Suggestion[] {
  const required = new Set(schema.required ?? [])
  return Object.entries(schema.properties ?? {})
    .filter(([name]) => !place.siblings.includes(name) && !(place.path.length === 0 && name === 'status'))
    .map(([name, field]): Suggestion => {
      const known = flattened(field, kinds.resolve)
      return {
        label: name,
        text: `${name}:${opening(known, place.indent)}`,
        detail: typeOf(known, kinds),
        ...(required.has(name) && { required: true }),
      }
    })
}

/** What comes after the colon: on the same line, or below it. */
function opening(schema: Schema, indent: number): string {
  const below = `\n${' '.repeat(indent + 2)}`
  if (schema.type === 'array') return `${below}- `
  return isObject(schema) ? below : ' '
}

const isObject = (schema: Schema) =>
  schema.type === 'object' || schema.properties !== undefined || typeof schema.additionalProperties === 'object'

function values(schema: Schema, key: string, kinds: Kinds): Suggestion[] {
  const field = fieldOf(schema, key)
  if (field === undefined) return []
  const known = flattened(field, kinds.resolve)
  const all = known.enum ?? (known.type === 'boolean' ? [true, false] : [])
  return all.map((one) => ({ label: String(one), text: String(one) }))
}

function kindsFor(apiVersion: string | undefined, { all }: Kinds): Suggestion[] {
  return [
    ...new Set(
      all.filter((one) => apiVersion === undefined || apiVersionOf(one) === apiVersion).map(({ kind }) => kind),
    ),
  ].map((kind) => ({ label: kind, text: kind }))
}

function versionsFor(kind: string | undefined, { all }: Kinds): Suggestion[] {
  const known = all.filter((one) => kind === undefined || one.kind === kind)
  return [...new Set(known.map(apiVersionOf))].map((version) => ({ label: version, text: version }))
}

function typeOf(schema: Schema, kinds: Kinds): string {
  if (schema.type === 'array') {
    const items = schema.items && flattened(schema.items, kinds.resolve)
    return items && !isObject(items) ? `list of ${typeOf(items, kinds)}` : 'list'
  }
  if (isObject(schema)) return 'fields'
  if (schema['x-kubernetes-int-or-string'] === true) return 'number or text'
  const type = [schema.type ?? 'text'].flat()[0] ?? 'text'
  return { string: 'text', integer: 'number', boolean: 'true or false' }[type] ?? type
}
