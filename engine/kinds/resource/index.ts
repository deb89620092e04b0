import type { NewObject } from '../../objects/types.ts'
import { defineKind, type KindRules, type Schemas } from '../define.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'

/** Dynamic resource allocation, resource.k8s.io/v1: stored and shown; nothing here allots devices. */

interface ClaimStatus {
  readonly allocation?: object
  readonly reservedFor?: readonly object[]
}

interface SliceSpec {
  readonly driver?: string
  readonly pool?: { readonly name?: string }
  readonly nodeName?: string
}

const claimPrinter: Printer = {
  columns: [nameColumn, column('State', 'string', 'Pending, allocated, reserved or deleted.'), ageColumn],
  cells(object, now) {
    const { allocation, reservedFor = [] } = (object.status ?? {}) as ClaimStatus
    const deleted = object.metadata.deletionTimestamp !== undefined
    const states = deleted ? ['deleted'] : []
    if (allocation !== undefined) states.push('allocated', ...(reservedFor.length > 0 ? ['reserved'] : []))
    else if (!deleted) states.push('pending')
    return [object.metadata.name, states.join(','), age(object.metadata.creationTimestamp, now)]
  },
}

const slicePrinter: Printer = {
  columns: [
    nameColumn,
    column('Node', 'string', 'The node that has the devices.'),
    column('Driver', 'string', 'The driver that knows them.'),
    column('Pool', 'string', 'The pool that they are in.'),
    ageColumn,
  ],
  cells(object, now) {
    const { driver = '', pool, nodeName = '' } = (object.spec ?? {}) as SliceSpec
    return [object.metadata.name, nodeName, driver, pool?.name ?? '', age(object.metadata.creationTimestamp, now)]
  },
}

interface DeviceRequest {
  readonly allocationMode?: string
  readonly count?: number
}

interface ClaimRequest {
  readonly exactly?: DeviceRequest
  readonly firstAvailable?: readonly DeviceRequest[]
}

interface ClaimSpec {
  readonly devices?: { readonly requests?: readonly ClaimRequest[] | null }
}

/** One device, if nothing else is said. */
function defaultRequest(request: DeviceRequest): DeviceRequest {
  const mode = request.allocationMode ?? 'ExactCount'
  return { ...request, allocationMode: mode, ...(mode === 'ExactCount' ? { count: request.count ?? 1 } : {}) }
}

function defaultSpec(spec: ClaimSpec): ClaimSpec {
  const requests = spec.devices?.requests
  if (requests == null) return spec
  const defaulted = requests.map(
    ({ exactly, firstAvailable, ...request }): ClaimRequest => ({
      ...request,
      ...(exactly === undefined ? {} : { exactly: defaultRequest(exactly) }),
      ...(firstAvailable === undefined ? {} : { firstAvailable: firstAvailable.map(defaultRequest) }),
    }),
  )
  return { ...spec, devices: { ...spec.devices, requests: defaulted } }
}

const defaultClaim = (object: NewObject): NewObject => ({
  ...object,
  spec: defaultSpec((object.spec ?? {}) as ClaimSpec),
})

function defaultTemplate(object: NewObject): NewObject {
  const spec = (object.spec ?? {}) as { readonly spec?: ClaimSpec }
  return { ...object, spec: { ...spec, spec: defaultSpec(spec.spec ?? {}) } }
}

type Rules = Omit<KindRules, 'group' | 'version'>

const kinds: readonly Rules[] = [
  {
    kind: 'DeviceClass',
    resource: 'deviceclasses',
    namespaced: false,
    changesGeneration: true,
    metadataChecks: { again: 1 },
  },
  {
    kind: 'ResourceClaim',
    resource: 'resourceclaims',
    metadataChecks: { again: 1 },
    default: defaultClaim,
    status: {},
    printer: claimPrinter,
  },
  {
    kind: 'ResourceClaimTemplate',
    resource: 'resourceclaimtemplates',
    metadataChecks: { again: 1 },
    default: defaultTemplate,
  },
  {
    kind: 'ResourceSlice',
    resource: 'resourceslices',
    namespaced: false,
    changesGeneration: true,
    printer: slicePrinter,
    selectableFields: {
      'spec.nodeName': (object) => ((object.spec ?? {}) as SliceSpec).nodeName ?? '',
      'spec.driver': (object) => ((object.spec ?? {}) as SliceSpec).driver ?? '',
    },
  },
]

export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return kinds.map((rules) => defineKind(schemas, { ...rules, group: 'resource.k8s.io', version: 'v1' }))
}
