import { isPodLevelResource } from '../../kinds/pod/resources.ts'
import type { PodSpec } from '../../kinds/pod/types.ts'
import { Quantity } from '../../objects/quantity.ts'
import { isExtendedResource, isHugePages, isNativeResource } from '../../objects/resource-names.ts'
import { parseTime } from '../../objects/time.ts'
import type { GroupResource, NewObject } from '../../objects/types.ts'
import type { AdmissionAttributes } from '../plugin.ts'
import { type PodLike, podLimits, podRequests } from '../pod-resources.ts'
import { type ResourceList, resourceList } from '../resource-list.ts'
import { storageClassOf } from '../storage.ts'
import { claimMatchesScope, isTerminating, podMatchesScope, type ScopeSelector } from './scopes.ts'

/** How objects of a resource count against quotas (upstream's `quota.Evaluator`, 1.34). All functions are pure. */
export interface QuotaEvaluator {
  /** Whether a write of it may change what is used. */
  handles(attributes: AdmissionAttributes): boolean
  /** Whether a quota's limit by this name is about it. */
  counts(name: string): boolean
  /** What one object uses; `now` in ms since 1970. */
  usage(object: NewObject, now: number): ResourceList
  matchesScope(scope: ScopeSelector, object: NewObject): boolean
  /** What an object must say to be let in where these are limited; undefined if it says it. */
  missing?(limited: readonly string[], object: NewObject): string | undefined
}

const one = Quantity.of(1)
const zero = Quantity.of(0)
const writes = /^(CREATE|UPDATE)$/

const countName = ({ group, resource }: GroupResource): string =>
  group === '' ? `count/${resource}` : `count/${resource}.${group}`

/** Resources that may be limited by their plain names as well. */
const ALIASES = ['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets']
const IGNORED = ['bindings', 'componentstatuses', 'events']

/** Undefined for what is never counted. */
export function evaluatorOf(of: GroupResource): QuotaEvaluator | undefined {
  if (of.group === '') {
    if (IGNORED.includes(of.resource)) return undefined
    if (of.resource === 'pods') return pods
    if (of.resource === 'services') return services
    if (of.resource === 'persistentvolumeclaims') return claims
  }
  if (of.group === 'events.k8s.io' && of.resource === 'events') return undefined
  if (of.group === 'authorization.k8s.io' || of.group === 'authentication.k8s.io') return undefined
  return counting(of)
}

function counting(of: GroupResource): QuotaEvaluator {
  const names = [countName(of), ...(of.group === '' && ALIASES.includes(of.resource) ? [of.resource] : [])]
  const used = new Map(names.map((name) => [name, one]))
  return {
    handles: ({ operation, subresource }) => operation === 'CREATE' && subresource === '',
    counts: (name) => names.includes(name),
    usage: () => used,
    matchesScope: () => false,
  }
}

const podNames: ReadonlySet<string> = new Set([
  ...['count/pods', 'pods', 'cpu', 'memory', 'ephemeral-storage'],
  ...['requests.cpu', 'requests.memory', 'requests.ephemeral-storage'],
  ...['limits.cpu', 'limits.memory', 'limits.ephemeral-storage'],
])
/** Where one of these is limited, each container must say how much of it it wants. */
const mustBeSaid = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']

const pods: QuotaEvaluator = {
  handles({ operation, subresource, object, oldObject }) {
    if (subresource === 'resize') return operation === 'UPDATE'
    if (subresource !== '') return false
    if (operation === 'CREATE') return true
    return operation === 'UPDATE' && isTerminating(object) !== isTerminating(oldObject)
  },
  counts(name) {
    if (podNames.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')) return true
    return !isNativeResource(name) && name.startsWith('requests.')
  },
  usage(object, now) {
    const pod = object as unknown as PodLike
    const counted = new Map([['count/pods', one]])
    if (!isAlive(object, now)) return counted
    const whole = { status: true, overhead: true }
    return new Map([...counted, ...computed(podRequests(pod, whole), podLimits(pod, whole))])
  },
  matchesScope: podMatchesScope,
  missing(limited, object) {
    const spec = object.spec as PodSpec
    const { requests, limits } = spec.resources ?? {}
    if ([...Object.keys(requests ?? {}), ...Object.keys(limits ?? {})].some(isPodLevelResource)) return undefined
    const required = mustBeSaid.filter((name) => limited.includes(name)).sort()
    const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
    const lacking = required.flatMap((name) => {
      const names = containers
        .filter(({ resources }) => {
          return !computed(resourceList(resources.requests), resourceList(resources.limits)).has(name)
        })
        .map((container) => container.name)
      return names.length === 0 ? [] : [`${name} for: ${[...new Set(names)].sort().join(',')}`]
    })
    return lacking.length === 0 ? undefined : `must specify ${lacking.join('; ')}`
  },
}

/** A Pod that has ended, or that was to be gone by now, uses nothing but its place. */
function isAlive(object: NewObject, now: number): boolean {
  const { phase } = (object.status ?? {}) as { phase?: string }
  if (phase === 'Failed' || phase === 'Succeeded') return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true
  return now <= (parseTime(deletionTimestamp) ?? now) + deletionGracePeriodSeconds * 1000
}

/** Requests and limits by the names by which quotas limit them. */
function computed(requests: ResourceList, limits: ResourceList): ResourceList {
  const used = new Map([['pods', one]])
  for (const name of ['cpu', 'memory', 'ephemeral-storage']) {
    const request = requests.get(name)
    const limit = limits.get(name)
    if (request !== undefined) used.set(name, request).set(`requests.${name}`, request)
    if (limit !== undefined) used.set(`limits.${name}`, limit)
  }
  for (const [name, request] of requests) {
    if (isHugePages(name)) used.set(name, request)
    if (isHugePages(name) || isExtendedResource(name)) used.set(`requests.${name}`, request)
  }
  return used
}

interface ServiceSpec {
  readonly type?: string
  readonly allocateLoadBalancerNodePorts?: boolean
  readonly ports?: readonly { readonly nodePort?: number }[]
}

const serviceNames = ['count/services', 'services', 'services.nodeports', 'services.loadbalancers']

const services: QuotaEvaluator = {
  handles: ({ operation, subresource }) => subresource === '' && writes.test(operation),
  counts: (name) => serviceNames.includes(name),
  usage(object) {
    const { type, ports = [], allocateLoadBalancerNodePorts } = object.spec as ServiceSpec
    const given = ports.filter(({ nodePort = 0 }) => nodePort !== 0)
    const balanced = type === 'LoadBalancer'
    const nodePorts = balanced && allocateLoadBalancerNodePorts === false ? given : ports
    return new Map([
      ['count/services', one],
      ['services', one],
      ['services.loadbalancers', balanced ? one : zero],
      ['services.nodeports', balanced || type === 'NodePort' ? Quantity.of(nodePorts.length) : zero],
    ])
  },
  matchesScope: () => false,
}

const BY_CLASS = '.storageclass.storage.k8s.io/'
const claimNames = ['persistentvolumeclaims', 'requests.storage']

const claims: QuotaEvaluator = {
  handles({ operation, subresource }) {
    return subresource === 'status' ? operation === 'UPDATE' : subresource === '' && writes.test(operation)
  },
  counts(name) {
    if (name === 'count/persistentvolumeclaims' || claimNames.includes(name)) return true
    return claimNames.some((claim) => name.endsWith(BY_CLASS + claim))
  },
  usage(object) {
    const used = new Map([
      ['persistentvolumeclaims', one],
      ['count/persistentvolumeclaims', one],
    ])
    const storage = storageOf(object)
    if (storage !== undefined) used.set('requests.storage', storage)
    const name = storageClassOf(object)
    if (name === '') return used
    used.set(`${name}${BY_CLASS}persistentvolumeclaims`, one)
    if (storage !== undefined) used.set(`${name}${BY_CLASS}requests.storage`, storage)
    return used
  },
  matchesScope: claimMatchesScope,
}

/** In whole bytes; while a claim grows, what it has been given if that is more. */
function storageOf(object: NewObject): Quantity | undefined {
  const { resources } = object.spec as { resources?: { requests?: Record<string, string> } }
  const { allocatedResources } = (object.status ?? {}) as { allocatedResources?: Record<string, string> }
  const wanted = resourceList(resources?.requests).get('storage')
  const given = resourceList(allocatedResources).get('storage')
  if (wanted === undefined) return undefined
  return (given !== undefined && given.compare(wanted) > 0 ? given : wanted).roundUp(0)
}
