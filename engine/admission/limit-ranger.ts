import { aggregateSentences } from '../auth/sentences.ts'
import type { Container, PodSpec } from '../kinds/pod/types.ts'
import type { Quantity } from '../objects/quantity.ts'
import type { NewObject } from '../objects/types.ts'
import type { AdmissionAttributes, AdmissionPlugin, Backend } from './plugin.ts'
import { podLimits, podRequests } from './pod-resources.ts'
import { all, refuse } from './refuse.ts'
import { type ResourceList, resourceList } from './resource-list.ts'

interface Limit {
  readonly type: string
  readonly max?: Amounts
  readonly min?: Amounts
  readonly default?: Amounts
  readonly defaultRequest?: Amounts
  readonly maxLimitRequestRatio?: Amounts
}
type Amounts = Readonly<Record<string, string>>

const ANNOTATION = 'kubernetes.io/limit-ranger'
/** Pod-level resources that it looks at; hugepages are not among them here. */
const levels = (name: string): boolean => name === 'cpu' || name === 'memory'

/** Fills in what LimitRanges give by default, and refuses what is outside of them. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  mutate(attributes, backend) {
    const { object } = attributes
    if (object === undefined) throw new Error('A write comes with its object.')
    if (!applies(attributes) || object.kind !== 'Pod') return object
    return limitsOf(attributes, backend).reduce(withDefaults, object)
  },
  validate(attributes, backend) {
    const { object } = attributes
    if (object === undefined || !applies(attributes)) return
    for (const limits of limitsOf(attributes, backend)) {
      const wrong = object.kind === 'Pod' ? podErrors(limits, object) : claimErrors(limits, object)
      if (wrong.length > 0) throw refuse(attributes, aggregateSentences(wrong))
    }
  },
}

/** Containers of a Pod only change their resources through `resize`. */
function applies({ resource, subresource, operation, oldObject }: AdmissionAttributes): boolean {
  if (resource.group !== '' || oldObject?.metadata.deletionTimestamp !== undefined) return false
  if (resource.resource === 'pods') {
    return subresource === 'resize' ? operation === 'UPDATE' : subresource === '' && operation === 'CREATE'
  }
  return resource.resource === 'persistentvolumeclaims' && subresource === '' && /^(CREATE|UPDATE)$/.test(operation)
}

function limitsOf({ namespace }: AdmissionAttributes, backend: Backend): readonly (readonly Limit[])[] {
  return all(backend, '', 'limitranges', namespace).map(
    ({ spec }) => ((spec as { limits?: readonly Limit[] | null }).limits ?? []) as readonly Limit[],
  )
}

function withDefaults(pod: NewObject, limits: readonly Limit[]): NewObject {
  const ofContainers = limits.filter(({ type }) => type === 'Container')
  const requests: Amounts = Object.assign({}, ...ofContainers.map(({ defaultRequest }) => defaultRequest))
  const most: Amounts = Object.assign({}, ...ofContainers.map((limit) => limit.default))
  const told: string[] = []
  const fill = (what: string) => (container: Container) => filled(container, what, requests, most, told)
  const spec = pod.spec as PodSpec
  const containers = spec.containers?.map(fill('container')) ?? null
  const initContainers = spec.initContainers?.map(fill('init container'))
  if (told.length === 0) return pod
  const annotations = { ...pod.metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${told.join('; ')}` }
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations },
    spec: { ...spec, containers, ...(initContainers === undefined ? {} : { initContainers }) },
  }
}

function filled(container: Container, what: string, requests: Amounts, limits: Amounts, told: string[]): Container {
  const { resources } = container
  const missing = (amounts: Amounts, given: Amounts | undefined) =>
    Object.keys(amounts)
      .filter((name) => given?.[name] === undefined)
      .sort()
  const newRequests = missing(requests, resources.requests)
  const newLimits = missing(limits, resources.limits)
  if (newRequests.length > 0) told.push(`${newRequests.join(', ')} request for ${what} ${container.name}`)
  if (newLimits.length > 0) told.push(`${newLimits.join(', ')} limit for ${what} ${container.name}`)
  if (newRequests.length + newLimits.length === 0) return container
  return {
    ...container,
    resources: {
      ...resources,
      ...merged('limits', limits, resources.limits),
      ...merged('requests', requests, resources.requests),
    },
  }
}

function merged(field: 'limits' | 'requests', amounts: Amounts, given: Amounts | undefined): object {
  const both = { ...amounts, ...given }
  return Object.keys(both).length === 0 ? {} : { [field]: both }
}

function podErrors(limits: readonly Limit[], pod: NewObject): string[] {
  const spec = pod.spec as PodSpec
  return limits.flatMap((limit) => {
    if (limit.type === 'Pod') {
      return limitErrors(limit, podRequests({ spec }, { levels }), podLimits({ spec }, { levels }))
    }
    if (limit.type !== 'Container') return []
    return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap(({ resources }) =>
      limitErrors(limit, resourceList(resources.requests), resourceList(resources.limits)),
    )
  })
}

function limitErrors({ type, min, max, maxLimitRequestRatio }: Limit, requests: ResourceList, limits: ResourceList) {
  return [
    ...each(min, (name, enforced) => minError(type, name, enforced, requests.get(name), limits.get(name))),
    ...each(max, (name, enforced) => maxError(type, name, enforced, requests.get(name), limits.get(name))),
    ...each(maxLimitRequestRatio, (name, enforced) =>
      ratioError(type, name, enforced, requests.get(name), limits.get(name)),
    ),
  ]
}

/** Claims know no limits. */
function claimErrors(limits: readonly Limit[], claim: NewObject): string[] {
  const { resources } = claim.spec as { resources?: { requests?: Amounts } }
  const requests = resourceList(resources?.requests)
  return limits
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap(({ type, min, max }) => [
      ...each(min, (name, enforced) => minError(type, name, enforced, requests.get(name), undefined)),
      ...each(max, (name, enforced) => {
        const request = requests.get(name)
        const start = `maximum ${name} usage per ${type} is ${enforced}`
        if (request === undefined) return `${start}.  No request is specified`
        return request.compare(enforced) > 0 ? `${start}, but request is ${request}` : undefined
      }),
    ])
}

/** In the order of names; upstream's is random. */
function each(
  amounts: Amounts | undefined,
  check: (name: string, enforced: Quantity) => string | undefined,
): readonly string[] {
  return [...resourceList(amounts)]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, enforced]) => check(name, enforced))
    .filter((error) => error !== undefined)
}

type Amount = Quantity | undefined

function minError(type: string, name: string, enforced: Quantity, request: Amount, limit: Amount): string | undefined {
  const start = `minimum ${name} usage per ${type} is ${enforced}`
  if (request === undefined) return `${start}.  No request is specified`
  if (request.compare(enforced) < 0) return `${start}, but request is ${request}`
  if (limit !== undefined && limit.compare(enforced) < 0) return `${start}, but limit is ${limit}`
  return undefined
}

function maxError(type: string, name: string, enforced: Quantity, request: Amount, limit: Amount): string | undefined {
  const start = `maximum ${name} usage per ${type} is ${enforced}`
  if (limit === undefined) return `${start}.  No limit is specified`
  if (limit.compare(enforced) > 0) return `${start}, but limit is ${limit}`
  if (request !== undefined && request.compare(enforced) > 0) return `${start}, but request is ${request}`
  return undefined
}

function ratioError(
  type: string,
  name: string,
  enforced: Quantity,
  request: Amount,
  limit: Amount,
): string | undefined {
  const start = `${name} max limit to request ratio per ${type} is ${enforced}`
  if (request === undefined || request.isZero()) return `${start}, but no request is specified or request is 0`
  if (limit === undefined || limit.isZero()) return `${start}, but no limit is specified or limit is 0`
  const ratio = limit.toNumber() / request.toNumber()
  return ratio > enforced.toNumber() ? `${start}, but provided ratio is ${ratio.toFixed(6)}` : undefined
}
