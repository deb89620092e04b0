import { invalidEach } from '../../objects/field-checks.ts'
import { type FieldError, invalidValue, notSupported, requiredValue } from '../../objects/field-error.ts'
import { parseIp } from '../../objects/ip.ts'
import { legacyIpErrors } from '../../objects/ip-errors.ts'
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  pathSegmentErrors,
  portNameErrors,
  portNumberErrors,
  wildcardSubdomainErrors,
} from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'

export interface TypedReference {
  /** Null where nothing is said. */
  readonly apiGroup?: string | null
  readonly kind: string
  readonly name: string
}

export interface IngressBackend {
  readonly service?: { readonly name: string; readonly port?: { readonly name?: string; readonly number?: number } }
  readonly resource?: TypedReference
}

export interface IngressPath {
  readonly path?: string
  readonly pathType?: string | null
  readonly backend: IngressBackend
}

export interface IngressRule {
  readonly host?: string
  readonly http?: { readonly paths: readonly IngressPath[] | null }
}

export interface IngressSpec {
  readonly ingressClassName?: string
  readonly defaultBackend?: IngressBackend
  readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[]
  readonly rules?: readonly IngressRule[]
}

export interface IngressStatus {
  readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] }
}

export const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
const NOT_AN_IP = 'must be a DNS name, not an IP address'
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']
const INVALID_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F']
const INVALID_SUFFIXES = ['/..', '/.']

const specOf = (ingress: ApiObject): IngressSpec => (ingress.spec ?? {}) as IngressSpec

export function ingressCreateErrors(ingress: ApiObject): FieldError[] {
  const errors = ingressErrors(ingress, undefined)
  const annotation = ingress.metadata.annotations?.[CLASS_ANNOTATION]
  const { ingressClassName } = specOf(ingress)
  if (annotation !== undefined && ingressClassName !== undefined && annotation !== ingressClassName) {
    const why = 'must match `ingressClassName` when both are specified'
    errors.push(invalidValue(`annotations.${CLASS_ANNOTATION}`, annotation, why))
  }
  return errors
}

/** What an old object has wrong already is let pass. */
export function ingressErrors(ingress: ApiObject, old: ApiObject | undefined): FieldError[] {
  const { defaultBackend, rules = [], tls = [], ingressClassName } = specOf(ingress)
  const before = old === undefined ? {} : specOf(old)
  const errors: FieldError[] = []
  if (rules.length === 0 && defaultBackend === undefined) {
    const shown = specOf(ingress).rules ?? null
    errors.push(invalidValue('spec', shown, 'either `defaultBackend` or `rules` must be specified'))
  }
  if (defaultBackend !== undefined) errors.push(...backendErrors(defaultBackend, 'spec.defaultBackend'))
  const anyWildcardRule = (before.rules ?? []).some((rule) => isWildcard(rule) && ruleValueErrors(rule, '').length > 0)
  rules.forEach((rule, index) => {
    const at = `spec.rules[${index}]`
    errors.push(...hostErrors(rule.host ?? '', `${at}.host`))
    if (!isWildcard(rule) || !anyWildcardRule) errors.push(...ruleValueErrors(rule, at))
  })
  const anySecretName = (before.tls ?? []).some(({ secretName }) => secretNameErrors(secretName).length > 0)
  tls.forEach(({ hosts = [], secretName = '' }, index) => {
    const at = `spec.tls[${index}]`
    errors.push(...hosts.flatMap((host, place) => invalidEach(`${at}.hosts[${place}]`, host, dnsNameErrors(host))))
    if (!anySecretName) errors.push(...invalidEach(`${at}.secretName`, secretName, secretNameErrors(secretName)))
  })
  if (ingressClassName !== undefined) {
    errors.push(...invalidEach('spec.ingressClassName', ingressClassName, dns1123SubdomainErrors(ingressClassName)))
  }
  return errors
}

const isWildcard = ({ host = '' }: IngressRule): boolean => host.includes('*')
const dnsNameErrors = (host: string): string[] =>
  host.includes('*') ? wildcardSubdomainErrors(host) : dns1123SubdomainErrors(host)
const secretNameErrors = (name = ''): string[] => (name === '' ? [] : dns1123SubdomainErrors(name))

function hostErrors(host: string, field: string): FieldError[] {
  if (host === '') return []
  const address = parseIp(host) === undefined ? [] : [invalidValue(field, host, NOT_AN_IP)]
  return [...address, ...invalidEach(field, host, dnsNameErrors(host))]
}

function ruleValueErrors({ http }: IngressRule, field: string): FieldError[] {
  if (http === undefined) return []
  const paths = http.paths ?? []
  if (paths.length === 0) return [requiredValue(`${field}.http.paths`)]
  return paths.flatMap((path, index) => pathErrors(path, `${field}.http.paths[${index}]`))
}

function pathErrors({ path = '', pathType, backend }: IngressPath, field: string): FieldError[] {
  if (pathType === undefined || pathType === null) {
    return [requiredValue(`${field}.pathType`, 'pathType must be specified')]
  }
  const errors: FieldError[] = []
  const wrong = (why: string): number => errors.push(invalidValue(`${field}.path`, path, why))
  switch (pathType) {
    case 'Exact':
    case 'Prefix':
      if (!path.startsWith('/')) wrong('must be an absolute path')
      for (const part of INVALID_SEQUENCES) if (path.includes(part)) wrong(`must not contain '${part}'`)
      for (const end of INVALID_SUFFIXES) if (path.endsWith(end)) wrong(`cannot end with '${end}'`)
      break
    case 'ImplementationSpecific':
      if (path !== '' && !path.startsWith('/')) wrong('must be an absolute path')
      break
    default:
      errors.push(notSupported(`${field}.pathType`, pathType, PATH_TYPES))
  }
  return [...errors, ...backendErrors(backend, `${field}.backend`)]
}

function backendErrors({ service, resource }: IngressBackend, field: string): FieldError[] {
  if (resource !== undefined) {
    if (service === undefined) return typedReferenceErrors(resource, `${field}.resource`)
    return [invalidValue(field, '', 'cannot set both resource and service backends')]
  }
  if (service === undefined) return [invalidValue(field, '', 'resource or service backend is required')]
  const at = `${field}.service`
  const { name, number = 0 } = { ...service.port }
  return [
    ...(service.name === ''
      ? [requiredValue(`${at}.name`)]
      : invalidEach(`${at}.name`, service.name, dns1035LabelErrors(service.name))),
    ...portErrors(name ?? '', number, field, `${at}.port`),
  ]
}

function portErrors(name: string, number: number, backend: string, field: string): FieldError[] {
  if (name !== '' && number !== 0) return [invalidValue(backend, '', 'cannot set both port name & port number')]
  if (name !== '') return invalidEach(`${field}.name`, name, portNameErrors(name))
  if (number !== 0) return invalidEach(`${field}.number`, number, portNumberErrors(number))
  return [requiredValue(backend, 'port name or number is required')]
}

export function typedReferenceErrors({ apiGroup, kind, name }: TypedReference, field: string): FieldError[] {
  const segment = (at: string, value: string): FieldError[] =>
    value === '' ? [requiredValue(at)] : invalidEach(at, value, pathSegmentErrors(value))
  return [
    ...(apiGroup === undefined || apiGroup === null
      ? []
      : invalidEach(`${field}.apiGroup`, apiGroup, dns1123SubdomainErrors(apiGroup))),
    ...segment(`${field}.kind`, kind),
    ...segment(`${field}.name`, name),
  ]
}

export function ingressStatusErrors(ingress: ApiObject, old: ApiObject): FieldError[] {
  const points = pointsOf(ingress)
  const known = new Set(pointsOf(old).map(({ ip }) => ip))
  return points.flatMap(({ ip = '', hostname = '' }, index) => {
    const at = `status.loadBalancer.ingress[${index}]`
    const errors = ip === '' || known.has(ip) ? [] : legacyIpErrors(`${at}.ip`, ip)
    if (hostname === '') return errors
    errors.push(...invalidEach(`${at}.hostname`, hostname, dns1123SubdomainErrors(hostname)))
    if (parseIp(hostname) !== undefined) errors.push(invalidValue(`${at}.hostname`, hostname, NOT_AN_IP))
    return errors
  })
}

export function pointsOf(ingress: ApiObject): readonly { readonly ip?: string; readonly hostname?: string }[] {
  return (ingress.status as IngressStatus | undefined)?.loadBalancer?.ingress ?? []
}
