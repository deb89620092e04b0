import { notAcceptable, StatusError, unsupportedMediaType } from '../objects/status-error.ts'
import type { ApiRequest } from './http.ts'

/** What an answer is transformed to. */
export interface Target {
  readonly kind: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'
  readonly version: 'v1' | 'v1beta1'
}

export interface Accepted {
  readonly format: 'json' | 'yaml'
  readonly target?: Target
  readonly pretty: boolean
}

interface Clause {
  readonly type: string
  readonly subtype: string
  readonly quality: number
  readonly parameters: Readonly<Record<string, string>>
}

/** What upstream names in its refusals, though this server answers in the first two only: clients that ask for more always take JSON too. */
const ACCEPTED = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const STREAMS = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']
const META_GROUP = 'meta.k8s.io'
const TARGETS: readonly string[] = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']

/** How to answer. `transforms`: whether tables and bare metadata may be asked for here. Throws 406. */
export function negotiate(request: ApiRequest, transforms: boolean): Accepted {
  const { accept = '' } = request.headers
  if (accept === '') return { format: 'json', pretty: isPretty(request) }
  const clauses = parseAccept(accept)
  if (!clauses.some(isKnown)) throw noRepresentation()
  for (const clause of clauses) {
    for (const format of ['json', 'yaml'] as const) {
      if (!fits(clause, format)) continue
      const target = targetOf(clause.parameters)
      if (target === 'unknown' || (target !== undefined && !transforms)) continue
      const { stream = '' } = clause.parameters
      if (stream !== '' && (stream !== 'watch' || format !== 'json')) continue
      return {
        format,
        ...(target === undefined ? {} : { target }),
        pretty: clause.parameters.pretty === '1' || isPretty(request),
      }
    }
  }
  throw notAcceptable(`only the following media types are accepted: ${ACCEPTED.join(', ')}`)
}

/** Watches are told as lines of JSON. Throws 406. */
export function negotiateStream(accepted: Accepted): void {
  if (accepted.format !== 'json') {
    throw notAcceptable(`only the following media types are accepted: ${STREAMS.join(', ')}`)
  }
}

export function unsupported(accepted: readonly string[]): Error {
  const list = accepted.join(', ')
  return unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${list}`,
  )
}

/** Without parameters, in lower case. */
export function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase()
}

/** As one that people read, for browsers and curl where it is not said. */
export function isPretty({ query, headers }: ApiRequest): boolean {
  const asked = query.get('pretty') ?? ''
  if (asked !== '') return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(asked)
  const agent = headers['user-agent'] ?? ''
  return agent.startsWith('curl') || agent.startsWith('Wget') || agent.startsWith('Mozilla/5.0')
}

/** The clauses of an Accept header, best first. */
export function parseAccept(header: string): Clause[] {
  const clauses = header.split(',').flatMap((text): Clause[] => {
    const [range = '', ...rest] = text.split(';').map((part) => part.trim())
    const [type = '', subtype = '', ...more] = range === '*' ? ['*', '*'] : range.split('/')
    if (type === '' || subtype === '' || more.length > 0) return []
    const parameters: Record<string, string> = {}
    let quality = 1
    for (const parameter of rest) {
      const [key = '', value = ''] = parameter.split('=', 2).map((part) => part.trim())
      if (key === 'q') quality = Number(value) || 0
      else parameters[key] = value
    }
    return [{ type, subtype, quality, parameters }]
  })
  return clauses.sort((left, right) => right.quality - left.quality || specificity(right) - specificity(left))
}

function specificity({ type, subtype }: Clause): number {
  return (type === '*' ? 0 : 2) + (subtype === '*' ? 0 : 1)
}

/** The web framework of upstream looks at types alone, before the API server looks at parameters. */
function isKnown({ type, subtype }: Clause): boolean {
  if (type === '*') return subtype === '*'
  return type === 'application' && (subtype === '*' || ACCEPTED.includes(`application/${subtype}`))
}

function noRepresentation(): StatusError {
  const message = `406: Not Acceptable\n\nAvailable representations: ${ACCEPTED.join(', ')}`
  return new StatusError(406, 'NotAcceptable', message, { details: {} })
}

function fits({ type, subtype }: Clause, format: 'json' | 'yaml'): boolean {
  if (type === '*') return subtype === '*'
  return type === 'application' && (subtype === '*' || subtype === format)
}

function targetOf(parameters: Readonly<Record<string, string>>): Target | 'unknown' | undefined {
  const { as: kind, g: group, v: version } = parameters
  if (kind === undefined && group === undefined && version === undefined) return undefined
  if (group !== META_GROUP || (version !== 'v1' && version !== 'v1beta1')) return 'unknown'
  return TARGETS.includes(kind ?? '') ? { kind: kind as Target['kind'], version } : 'unknown'
}
