/** What Docker Compose would say of the files that pages show, as far as structure tells. */
import { type Complaint, compare, fieldOf, flattened, isRecord, type Rules, type Schema } from './schema.ts'

const rulesOf = (schema: Schema, whole: boolean): Rules => ({
  resolve: (reference) => (schema.$defs as Record<string, Schema>)[reference.replace('#/$defs/', '')],
  closed: false,
  whole,
})

/** A whole file. */
export function composeComplaints(file: unknown, schema: Schema): Complaint[] {
  const complaints = compare(file, schema, rulesOf(schema, true))
  if (complaints.length > 0 || !isRecord(file)) return complaints
  const services = isRecord(file.services) ? file.services : {}
  return [
    ...(file.version === undefined
      ? []
      : [{ path: ['version'], found: 'version', expected: 'none: Compose calls it obsolete' }]),
    ...Object.entries(services).flatMap(([name, service]) => (isRecord(service) ? missing(name, service, file) : [])),
  ]
}

/** `Compose` or `Compose services.web`: the schema at that place. */
export function composePlace(mark: string, schema: Schema): { schema: Schema } | { expected: string } {
  const [, path = ''] = mark.trim().split(/\s+/)
  const rules = rulesOf(schema, false)
  let here = schema
  for (const part of path.split('.').filter((part) => part !== '')) {
    const next = fieldOf(flattened(here, rules.resolve), part)
    if (next === undefined) return { expected: `a path that there is; Compose has no ${part} in ${path}` }
    here = next
  }
  return { schema: here }
}

export const composePieceComplaints = (piece: unknown, place: Schema, schema: Schema): Complaint[] =>
  compare(piece, place, rulesOf(schema, false))

/** What a service refers to and the file does not hold. */
function missing(name: string, service: Record<string, unknown>, file: Record<string, unknown>): Complaint[] {
  const namesOf = (value: unknown) =>
    Array.isArray(value) ? value.map(sourceOf) : Object.keys(isRecord(value) ? value : {})
  const sourceOf = (one: unknown): string | undefined =>
    typeof one === 'string' ? one : isRecord(one) && typeof one.source === 'string' ? one.source : undefined
  // A volume of the file is a name; what begins with a dot, a slash or a tilde is a path.
  const volumes = Array.isArray(service.volumes)
    ? service.volumes.map((one) => (isRecord(one) && one.type !== 'volume' ? undefined : sourceOf(one)?.split(':')[0]))
    : []
  const named = volumes.filter((one) => one !== undefined && /^[a-zA-Z0-9]/.test(one))
  const references: [field: string, kind: string, names: (string | undefined)[]][] = [
    ['depends_on', 'services', namesOf(service.depends_on)],
    ['networks', 'networks', namesOf(service.networks).filter((one) => one !== 'default')],
    ['secrets', 'secrets', namesOf(service.secrets)],
    ['configs', 'configs', namesOf(service.configs)],
    ['volumes', 'volumes', named],
  ]
  return references.flatMap(([field, kind, names]) => {
    const known = isRecord(file[kind]) ? Object.keys(file[kind]) : []
    return names
      .filter((one) => one !== undefined && !known.includes(one))
      .map((one) => ({
        path: ['services', name, field],
        found: `"${one}"`,
        expected: `one of the file's ${kind}: ${known.join(', ') || 'there are none'}`,
      }))
  })
}
