/** What the API server of Kubernetes 1.34 would say of the objects that pages show, as far as structure tells. */
import type { Path } from '../../protocol/lab/positions.ts'
import { Quantity } from '../../protocol/lab/quantity.ts'
import { type Complaint, compare, fieldOf, flattened, isRecord, type Rules, type Schema } from './schema.ts'

export interface Kind {
  /** Empty for the core group. */
  group: string
  version: string
  kind: string
  schema: Schema
}

export interface Kinds {
  all: readonly Kind[]
  resolve: Rules['resolve']
}

export const apiVersionOf = ({ group, version }: Kind) => (group === '' ? version : `${group}/${version}`)

const QUANTITY = 'machinery.api.resource.Quantity'
/** What metadata.name and a label may be: RFC 1123 and apimachinery's validation of labels. */
const name = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/
const label = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/

/** The references of the recorded schemas, with a pattern for amounts, whose schema has none. */
function rulesOf(kinds: Kinds, whole: boolean): Rules {
  const amount: Schema = { type: ['string', 'number'] }
  return { resolve: (reference) => (reference === QUANTITY ? amount : kinds.resolve(reference)), closed: true, whole }
}

/** The kinds that a custom resource definition among the objects of a page brings. */
export function kindsOfDefinition(object: unknown): Kind[] {
  if (!isRecord(object) || object.kind !== 'CustomResourceDefinition' || !isRecord(object.spec)) return []
  const { group, names, versions } = object.spec
  if (!isRecord(names) || !Array.isArray(versions)) return []
  return versions.filter(isRecord).map((version) => {
    const own = isRecord(version.schema) ? (version.schema.openAPIV3Schema as Schema | undefined) : undefined
    const base: Record<string, Schema> = {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { $ref: 'meta.v1.ObjectMeta' },
    }
    return {
      group: String(group),
      version: String(version.name),
      kind: String(names.kind),
      schema: { ...own, type: 'object', properties: { ...own?.properties, ...base } },
    }
  })
}

/** A whole object. */
export function objectComplaints(object: unknown, kinds: Kinds): Complaint[] {
  if (!isRecord(object)) return [{ path: [], found: 'no object', expected: 'apiVersion, kind and fields' }]
  const named = kinds.all.filter(({ kind }) => kind === object.kind)
  const found = named.find((one) => apiVersionOf(one) === object.apiVersion)
  if (found === undefined) {
    const what = `${JSON.stringify(object.kind)} of ${JSON.stringify(object.apiVersion)}`
    return named.length > 0
      ? [{ path: ['apiVersion'], found: what, expected: named.map(apiVersionOf).join(' or ') }]
      : [
          {
            path: ['kind'],
            found: what,
            expected:
              'a kind of Kubernetes or of a CustomResourceDefinition on this page; else mark it unchecked="why"',
          },
        ]
  }
  return [
    ...compare(object, found.schema, rulesOf(kinds, true)),
    ...nameComplaints(object),
    ...selectorComplaints(object),
    ...amountComplaints(object, []),
  ]
}

/** `Deployment`, `apps/v1 Deployment spec.template.spec`, `Pod spec.containers[]`: the schema at that place, or why there is none. */
export function placeOf(mark: string, kinds: Kinds): { schema: Schema } | { expected: string } {
  const words = mark.trim().split(/\s+/)
  const apiVersion = /^v\d|\//.test(words[0] ?? '') ? words.shift() : undefined
  const [kind = '', path = '', ...rest] = words
  const expected = 'a kind and a path, like partial="Deployment spec.template"'
  if (rest.length > 0 || kind === '') return { expected }
  const named = kinds.all.filter(
    (one) => one.kind === kind && (apiVersion === undefined || apiVersionOf(one) === apiVersion),
  )
  if (named.length === 0) return { expected: `${expected}, of a kind that there is` }
  if (named.length > 1)
    return {
      expected: `an apiVersion too: ${named.map((one) => `partial="${apiVersionOf(one)} ${mark}"`).join(' or ')}`,
    }
  let schema = named[0]?.schema as Schema
  for (const part of path.split(/\.|(?=\[\])/).filter((part) => part !== '')) {
    const here = flattened(schema, kinds.resolve)
    const next = part === '[]' ? here.items : fieldOf(here, part)
    if (next === undefined) return { expected: `a path that there is; ${kind} has no ${part} in ${path}` }
    schema = next
  }
  return { schema }
}

/** A piece of an object. */
export const pieceComplaints = (piece: unknown, schema: Schema, kinds: Kinds): Complaint[] => [
  ...compare(piece, schema, rulesOf(kinds, false)),
  ...amountComplaints(piece, []),
]

function nameComplaints(object: Record<string, unknown>): Complaint[] {
  const { metadata } = object
  if (!isRecord(metadata)) return [{ path: [], found: 'no metadata', expected: 'metadata with a name' }]
  if (metadata.name === undefined && metadata.generateName === undefined)
    return [{ path: ['metadata'], found: 'no name', expected: 'metadata.name' }]
  // Roles and their bindings may have colons in theirs.
  const free = String(object.apiVersion).startsWith('rbac.authorization.k8s.io/')
  const wrongName = !free && typeof metadata.name === 'string' && !name.test(metadata.name)
  const labels = isRecord(metadata.labels) ? Object.entries(metadata.labels) : []
  return [
    ...(wrongName
      ? [
          {
            path: ['metadata', 'name'],
            found: JSON.stringify(metadata.name),
            expected: 'lower-case letters, digits, dashes and dots',
          },
        ]
      : []),
    ...labels
      .filter(([, value]) => typeof value === 'string' && !label.test(value))
      .map(([key, value]) => ({
        path: ['metadata', 'labels', key],
        found: JSON.stringify(value),
        expected: 'at most 63 letters, digits, dashes, dots and underscores',
      })),
  ]
}

/** Workloads refuse a selector that does not choose their own Pods. */
function selectorComplaints(object: Record<string, unknown>): Complaint[] {
  if (!['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].includes(String(object.kind)) || !isRecord(object.spec))
    return []
  const { selector, template } = object.spec
  const wanted = isRecord(selector) && isRecord(selector.matchLabels) ? selector.matchLabels : {}
  const metadata = isRecord(template) && isRecord(template.metadata) ? template.metadata : {}
  const labels = isRecord(metadata.labels) ? metadata.labels : {}
  return Object.entries(wanted)
    .filter(([key, value]) => labels[key] !== value)
    .map(([key, value]) => ({
      path: ['spec', 'selector', 'matchLabels', key],
      found: `${key}: ${String(value)}`,
      expected: 'a label that the Pods of spec.template.metadata.labels have',
    }))
}

/** Amounts of resources, wherever they stand: the schema takes any text for one. */
function amountComplaints(value: unknown, path: Path): Complaint[] {
  if (Array.isArray(value)) return value.flatMap((one, at) => amountComplaints(one, [...path, at]))
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, key]
    const amounts = ['requests', 'limits'].includes(key) && path.at(-1) === 'resources' && isRecord(inner)
    if (!amounts) return amountComplaints(inner, here)
    return Object.entries(inner)
      .filter(([, amount]) => Quantity.parse(String(amount)) === undefined)
      .map(([resource, amount]) => ({
        path: [...here, resource],
        found: JSON.stringify(amount),
        expected: 'an amount, like "250m" or "128Mi"',
      }))
  })
}
