import { semanticallyEqual } from '../../objects/equal.ts'
import { invalidEach, qualifiedName } from '../../objects/field-checks.ts'
import { type FieldError, requiredValue } from '../../objects/field-error.ts'
import { ipWarnings, legacyIpErrors } from '../../objects/ip-errors.ts'
import { dns1123LabelErrors, dns1123SubdomainErrors, portNumberErrors } from '../../objects/names.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { defineKind, type Schemas } from '../define.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'
import { endpointIpErrors } from './address-errors.ts'
import { protocolErrors } from './service/port-errors.ts'

interface Subset {
  readonly addresses?: readonly Address[]
  readonly notReadyAddresses?: readonly Address[]
  readonly ports?: readonly Port[]
}

interface Address {
  readonly ip: string
  readonly hostname?: string
  readonly nodeName?: string
}

interface Port {
  readonly name?: string
  readonly port: number
  readonly protocol?: string
  readonly appProtocol?: string
}

const subsetsOf = ({ subsets }: NewObject): readonly Subset[] => (subsets ?? []) as readonly Subset[]

/** core/v1 Endpoints (1.34). */
export function endpoints(schemas: Schemas): ResourceDefinition {
  const definition = defineKind(schemas, {
    group: '',
    version: 'v1',
    kind: 'Endpoints',
    resource: 'endpoints',
    metadataChecks: { again: 1 },
    deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
    prefix: '/registry/services/endpoints',
    createOnUpdate: true,
    default: defaultEndpoints,
    validate: subsetErrors,
    // What older servers took for valid stays.
    validateUpdate: (object, old) => (semanticallyEqual(subsetsOf(object), subsetsOf(old)) ? [] : subsetErrors(object)),
    warnings: endpointsWarnings,
    printer,
  })
  const deprecation = 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'
  return { ...definition, versions: definition.versions.map((version) => ({ ...version, deprecation })) }
}

function defaultEndpoints(object: NewObject): NewObject {
  const subsets = subsetsOf(object)
  const lacks = ({ protocol }: Port): boolean => protocol === undefined || protocol === ''
  if (!subsets.some(({ ports }) => ports?.some(lacks))) return object
  return {
    ...object,
    subsets: subsets.map((subset) =>
      subset.ports?.some(lacks)
        ? { ...subset, ports: subset.ports.map((port) => (lacks(port) ? { ...port, protocol: 'TCP' } : port)) }
        : subset,
    ),
  }
}

function subsetErrors(object: ApiObject): FieldError[] {
  return subsetsOf(object).flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, index) => {
    const at = `subsets[${index}]`
    return [
      ...(addresses.length + notReadyAddresses.length === 0
        ? [requiredValue(at, 'must specify `addresses` or `notReadyAddresses`')]
        : []),
      ...addresses.flatMap((address, place) => addressErrors(address, `${at}.addresses[${place}]`)),
      ...notReadyAddresses.flatMap((address, place) => addressErrors(address, `${at}.notReadyAddresses[${place}]`)),
      ...ports.flatMap((port, place) => portErrors(port, ports.length > 1, `${at}.ports[${place}]`)),
    ]
  })
}

function addressErrors({ ip, hostname = '', nodeName }: Address, at: string): FieldError[] {
  return [
    ...legacyIpErrors(`${at}.ip`, ip),
    ...(hostname === '' ? [] : invalidEach(`${at}.hostname`, hostname, dns1123LabelErrors(hostname))),
    ...(nodeName === undefined ? [] : invalidEach(`${at}.nodeName`, nodeName, dns1123SubdomainErrors(nodeName))),
    ...endpointIpErrors(`${at}.ip`, ip),
  ]
}

function portErrors({ name = '', port, protocol, appProtocol }: Port, required: boolean, at: string): FieldError[] {
  const unnamed = required ? [requiredValue(`${at}.name`)] : []
  return [
    ...(name === '' ? unnamed : invalidEach(`${at}.name`, name, dns1123LabelErrors(name))),
    ...invalidEach(`${at}.port`, port, portNumberErrors(port)),
    ...protocolErrors(`${at}.protocol`, protocol),
    ...(appProtocol === undefined ? [] : qualifiedName(`${at}.appProtocol`, appProtocol)),
  ]
}

/** The controller's own are known to be in good form. */
function endpointsWarnings(object: ApiObject): string[] {
  if (object.metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return []
  return subsetsOf(object).flatMap(({ addresses = [], notReadyAddresses = [] }, index) => [
    ...addresses.flatMap(({ ip }, place) => ipWarnings(`subsets[${index}].addresses[${place}].ip`, ip)),
    ...notReadyAddresses.flatMap(({ ip }, place) => ipWarnings(`subsets[${index}].notReadyAddresses[${place}].ip`, ip)),
  ])
}

/** Addresses that a cell shows. */
const SHOWN = 3

function endpointsText(object: ApiObject): string {
  const subsets = subsetsOf(object)
  if (subsets.length === 0) return '<none>'
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`)),
  )
  const text = all.slice(0, SHOWN).join(',')
  return all.length > SHOWN ? `${text} + ${all.length - SHOWN} more...` : text
}

const printer: Printer = {
  columns: [nameColumn, column('Endpoints', 'string', 'Addresses that are ready.'), ageColumn],
  cells: (object, now) => [object.metadata.name, endpointsText(object), age(object.metadata.creationTimestamp, now)],
}
