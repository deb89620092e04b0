import { semanticallyEqual } from '../../objects/equal.ts'
import { immutable, invalidEach, qualifiedName } from '../../objects/field-checks.ts'
import {
  duplicateValue,
  type FieldError,
  internalFieldError,
  invalidValue,
  notSupported,
  requiredValue,
  tooManyItems,
} from '../../objects/field-error.ts'
import { isV4, parseIp } from '../../objects/ip.ts'
import { ipErrors, ipWarnings, legacyIpErrors } from '../../objects/ip-errors.ts'
import { labelErrors } from '../../objects/label-errors.ts'
import { dns1123LabelErrors, dns1123SubdomainErrors, labelValueErrors } from '../../objects/names.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { endpointIpErrors } from '../core/address-errors.ts'
import { protocolErrors } from '../core/service/port-errors.ts'
import { defineKind, type Schemas } from '../define.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'

interface Slice {
  readonly addressType: string
  readonly endpoints?: readonly Endpoint[] | null
  readonly ports?: readonly Port[] | null
}

interface Endpoint {
  readonly addresses?: readonly string[] | null
  readonly hostname?: string
  readonly nodeName?: string
  readonly deprecatedTopology?: Readonly<Record<string, string>>
  readonly hints?: { readonly forZones?: readonly Hint[]; readonly forNodes?: readonly Hint[] }
}

interface Hint {
  readonly name: string
}

interface Port {
  readonly name?: string
  readonly protocol?: string
  readonly port?: number
  readonly appProtocol?: string
}

const sliceOf = (object: NewObject): Slice => object as unknown as Slice
const endpointsOf = (object: NewObject): readonly Endpoint[] => sliceOf(object).endpoints ?? []
const portsOf = (object: NewObject): readonly Port[] => sliceOf(object).ports ?? []

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const CONTROLLERS = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io']

/** discovery.k8s.io/v1 EndpointSlice (1.34). */
export function endpointSlices(schemas: Schemas): ResourceDefinition {
  return defineKind(schemas, {
    group: 'discovery.k8s.io',
    version: 'v1',
    kind: 'EndpointSlice',
    resource: 'endpointslices',
    metadataChecks: { again: 1, onChange: false },
    default: defaultSlice,
    prepareForCreate: (slice) => withoutTopology(slice, undefined),
    prepareForUpdate: withoutTopology,
    changesGeneration,
    validate: (slice) => [...formErrors(slice), ...endpointErrors(slice)],
    validateUpdate: (slice, old) => [
      ...formErrors(slice),
      // What older servers took for valid stays.
      ...(semanticallyEqual(endpointsOf(slice), endpointsOf(old)) ? [] : endpointErrors(slice)),
      ...immutable('addressType', sliceOf(slice).addressType, sliceOf(old).addressType),
    ],
    warnings: sliceWarnings,
    printer,
  })
}

function defaultSlice(slice: NewObject): NewObject {
  const ports = portsOf(slice)
  if (ports.every(({ name, protocol }) => name !== undefined && protocol !== undefined)) return slice
  return {
    ...slice,
    ports: ports.map((port) => ({ ...port, name: port.name ?? '', protocol: port.protocol ?? 'TCP' })),
  }
}

function changesGeneration(slice: ApiObject, old: ApiObject): boolean {
  const { metadata: now, ...rest } = slice
  const { metadata: before, ...oldRest } = old
  return !semanticallyEqual(rest, oldRest) || !semanticallyEqual(now.labels, before.labels)
}

const HOSTNAME = 'kubernetes.io/hostname'

/** The old way to say where an endpoint is cannot be written in v1; a node's name that was known from it is kept. */
function withoutTopology(slice: ApiObject, old: ApiObject | undefined): ApiObject {
  const endpoints = endpointsOf(slice)
  if (!endpoints.some(({ deprecatedTopology }) => deprecatedTopology !== undefined)) return slice
  if (old !== undefined && semanticallyEqual(endpoints, endpointsOf(old))) return slice
  const known = new Set(
    (old === undefined ? [] : endpointsOf(old)).map(({ deprecatedTopology }) => deprecatedTopology?.[HOSTNAME]),
  )
  return {
    ...slice,
    endpoints: endpoints.map(({ deprecatedTopology, ...endpoint }) => {
      const name = deprecatedTopology?.[HOSTNAME]
      const kept = endpoint.nodeName === undefined && name !== undefined && known.has(name)
      return kept && dns1123SubdomainErrors(name).length === 0 ? { ...endpoint, nodeName: name } : endpoint
    }),
  }
}

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6']
const MOST_PORTS = 20_000
const MOST_ENDPOINTS = 1000
const MOST_ADDRESSES = 100
const MOST_TOPOLOGY = 16
const MOST_HINTS = 8

function formErrors(slice: ApiObject): FieldError[] {
  const { addressType } = sliceOf(slice)
  const errors: FieldError[] = []
  if (addressType === '') errors.push(requiredValue('addressType'))
  else if (!ADDRESS_TYPES.includes(addressType)) {
    errors.push(notSupported('addressType', addressType, ADDRESS_TYPES))
  }
  const ports = portsOf(slice)
  if (ports.length > MOST_PORTS) return [...errors, tooManyItems('ports', ports.length, MOST_PORTS)]
  const names = new Set<string>()
  for (const [index, { name = '', protocol, appProtocol }] of ports.entries()) {
    const at = `ports[${index}]`
    if (name !== '') errors.push(...invalidEach(`${at}.name`, name, dns1123LabelErrors(name)))
    if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name))
    names.add(name)
    errors.push(...protocolErrors(`${at}.protocol`, protocol))
    if (appProtocol !== undefined) errors.push(...qualifiedName(`${at}.appProtocol`, appProtocol))
  }
  return errors
}

function endpointErrors(slice: ApiObject): FieldError[] {
  const endpoints = endpointsOf(slice)
  if (endpoints.length > MOST_ENDPOINTS) return [tooManyItems('endpoints', endpoints.length, MOST_ENDPOINTS)]
  return endpoints.flatMap((endpoint, index) => oneErrors(endpoint, sliceOf(slice).addressType, `endpoints[${index}]`))
}

function oneErrors(endpoint: Endpoint, type: string, at: string): FieldError[] {
  const { hostname, nodeName, deprecatedTopology: topology, hints } = endpoint
  const addresses = endpoint.addresses ?? []
  const places = topology === undefined ? 0 : Object.keys(topology).length
  return [
    ...(addresses.length === 0 ? [requiredValue(`${at}.addresses`, 'must contain at least 1 address')] : []),
    ...(addresses.length > MOST_ADDRESSES ? [tooManyItems(`${at}.addresses`, addresses.length, MOST_ADDRESSES)] : []),
    ...addresses.flatMap((address, index) => addressErrors(address, type, `${at}.addresses`, index)),
    ...(nodeName === undefined ? [] : invalidEach(`${at}.nodeName`, nodeName, dns1123SubdomainErrors(nodeName))),
    ...(places > MOST_TOPOLOGY ? [tooManyItems(`${at}.deprecatedTopology`, places, MOST_TOPOLOGY)] : []),
    ...labelErrors(topology, `${at}.deprecatedTopology`),
    ...(topology?.[ZONE] === undefined
      ? []
      : [internalFieldError(`${at}.deprecatedTopology[${ZONE}]`, 'reserved key was not removed in conversion')]),
    ...(hostname === undefined ? [] : invalidEach(`${at}.hostname`, hostname, dns1123LabelErrors(hostname))),
    ...(hints === undefined ? [] : hintErrors(hints, `${at}.hints`)),
  ]
}

const ZONE = 'topology.kubernetes.io/zone'

function addressErrors(address: string, type: string, field: string, index: number): FieldError[] {
  const at = `${field}[${index}]`
  if (type === 'FQDN') return domainNameErrors(at, address)
  if (type !== 'IPv4' && type !== 'IPv6') return []
  const errors = type === 'IPv4' ? legacyIpErrors(at, address) : ipErrors(at, address)
  const parsed = parseIp(address)
  if (errors.length > 0 || parsed === undefined) return errors
  const other = isV4(parsed) !== (type === 'IPv4')
  return [
    ...(other ? [invalidValue(field, address, `must be an ${type} address`)] : []),
    ...endpointIpErrors(at, address),
  ]
}

/** apimachinery's `IsFullyQualifiedDomainName`. */
function domainNameErrors(field: string, name: string): FieldError[] {
  if (name === '') return [requiredValue(field)]
  const bare = name.replace(/\.$/, '')
  const joined = (value: string, sentences: readonly string[]): FieldError[] =>
    sentences.length === 0 ? [] : [invalidValue(field, value, sentences.join(','))]
  const errors = joined(bare, dns1123SubdomainErrors(bare))
  if (errors.length > 0) return errors
  const labels = bare.split('.')
  if (labels.length < 2) {
    return [invalidValue(field, bare, 'should be a domain with at least two segments separated by dots')]
  }
  const wrong = labels.find((label) => dns1123LabelErrors(label).length > 0)
  return wrong === undefined ? [] : joined(wrong, dns1123LabelErrors(wrong))
}

function hintErrors({ forZones = [], forNodes = [] }: NonNullable<Endpoint['hints']>, at: string): FieldError[] {
  if (forZones.length > MOST_HINTS) return [tooManyItems(`${at}.forZones`, forZones.length, MOST_HINTS)]
  const zones = namesErrors(forZones, `${at}.forZones`, labelValueErrors)
  if (forNodes.length > MOST_HINTS) return [...zones, tooManyItems(`${at}.forNodes`, forNodes.length, MOST_HINTS)]
  return [...zones, ...namesErrors(forNodes, `${at}.forNodes`, dns1123SubdomainErrors)]
}

function namesErrors(hints: readonly Hint[], field: string, check: (name: string) => string[]): FieldError[] {
  const seen = new Set<string>()
  return hints.flatMap(({ name }, index) => {
    const at = `${field}[${index}].name`
    const errors = seen.has(name) ? [duplicateValue(at, name)] : []
    seen.add(name)
    return [...errors, ...invalidEach(at, name, check(name))]
  })
}

function sliceWarnings(slice: ApiObject, old: ApiObject | undefined): string[] {
  const fqdn = old === undefined && sliceOf(slice).addressType === 'FQDN'
  const warnings = fqdn ? ['spec.addressType: FQDN endpoints are deprecated'] : []
  // The controllers' own are known to be in good form.
  if (CONTROLLERS.includes(slice.metadata.labels?.[MANAGED_BY] ?? '')) return warnings
  const addresses = endpointsOf(slice).flatMap(({ addresses: given }, index) =>
    (given ?? []).flatMap((address, place) => ipWarnings(`endpoints[${index}].addresses[${place}]`, address)),
  )
  return [...warnings, ...addresses]
}

/** Values that a cell shows. */
const SHOWN = 3

function listText(values: readonly string[]): string {
  if (values.length > SHOWN) return `${values.slice(0, SHOWN).join(',')} + ${values.length - SHOWN} more...`
  const text = values.join(',')
  return text === '' ? '<unset>' : text
}

const printer: Printer = {
  columns: [
    nameColumn,
    column('AddressType', 'string', 'What kind of addresses these are.'),
    column('Ports', 'string', 'The ports of all endpoints.'),
    column('Endpoints', 'string', 'Their addresses.'),
    ageColumn,
  ],
  cells: (slice, now) => [
    slice.metadata.name,
    sliceOf(slice).addressType,
    listText(portsOf(slice).map(({ port, name }) => (port === undefined ? (name ?? '*') : String(port)))),
    listText(endpointsOf(slice).flatMap(({ addresses }) => addresses ?? [])),
    age(slice.metadata.creationTimestamp, now),
  ],
}
