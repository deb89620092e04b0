import { semanticallyEqual } from '../../../objects/equal.ts'
import { immutable, invalidEach } from '../../../objects/field-checks.ts'
import { duplicateValue, type FieldError, forbiddenField, invalidValue } from '../../../objects/field-error.ts'
import { isV4, parseIp } from '../../../objects/ip.ts'
import { legacyIpErrors } from '../../../objects/ip-errors.ts'
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../../objects/names.ts'
import type { ApiObject } from '../../../objects/types.ts'
import { restartsAlways } from '../resources.ts'
import type { ContainerStatus, PodCondition, PodSpec, PodStatus } from '../types.ts'
import { annotationChangeErrors, podAnnotationErrors } from './annotations.ts'
import { dnsSubdomain, userOrGroupId } from './checks.ts'
import { specOf } from './update.ts'

const podStatusOf = (pod: ApiObject): PodStatus => (pod.status ?? {}) as PodStatus

/** `ValidatePodStatusUpdate` without the metadata (core/v1, 1.34). */
export function podStatusErrors(pod: ApiObject, old: ApiObject): FieldError[] {
  const [spec, status, before] = [specOf(pod), podStatusOf(pod), podStatusOf(old)]
  const { annotations } = pod.metadata
  const { nominatedNodeName: nominated = '', observedGeneration = 0 } = status
  return [
    ...annotationChangeErrors(annotations, old.metadata.annotations, 'metadata.annotations'),
    ...podAnnotationErrors(annotations, spec, 'metadata.annotations'),
    ...conditionErrors(status.conditions),
    ...(nominated !== '' && nominated !== before.nominatedNodeName
      ? dnsSubdomain('status.nominatedNodeName', nominated)
      : []),
    ...(observedGeneration < 0
      ? [invalidValue('status.observedGeneration', observedGeneration, 'must be a non-negative integer')]
      : []),
    ...immutable('status.qosClass', status.qosClass ?? '', before.qosClass ?? ''),
    ...containerTransitions(status, before, specOf(old)),
    ...claimErrors(status, spec),
    ...podIpErrors(status),
    ...hostIpErrors(status),
    ...userErrors(status, spec),
  ]
}

function conditionErrors(conditions: readonly PodCondition[] = []): FieldError[] {
  const own = ['PodScheduled', 'Ready', 'Initialized']
  return conditions.flatMap(({ type, observedGeneration = 0 }, index) => {
    const at = `status.conditions[${index}]`
    return [
      ...(observedGeneration < 0
        ? [invalidValue(`${at}.observedGeneration`, observedGeneration, 'must be a non-negative integer')]
        : []),
      ...(own.includes(type) ? [] : invalidEach(`${at}.Type`, type, qualifiedNameErrors(type))),
    ]
  })
}

/** What has ended for good does not come back. */
function containerTransitions(now: PodStatus, before: PodStatus, spec: PodSpec): FieldError[] {
  const { restartPolicy, initContainers = [] } = spec
  const isSidecar = (name: string): boolean => initContainers.some((one) => one.name === name && restartsAlways(one))
  const maySucceed = ({ state }: ContainerStatus): boolean =>
    state.terminated?.exitCode !== 0 && restartPolicy === 'OnFailure'
  const errors = (
    list: 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses',
    mayRestart: (status: ContainerStatus) => boolean,
  ): FieldError[] =>
    (before[list] ?? []).flatMap((old, index) => {
      if (old.state?.terminated === undefined || mayRestart(old)) return []
      const next = now[list]?.find(({ name }) => name === old.name)
      if (next === undefined || next.state?.terminated !== undefined) return []
      return [forbiddenField(`status.${list}[${index}].state`, 'may not be transitioned to non-terminated state')]
    })
  const always = restartPolicy === 'Always'
  return [
    ...errors('containerStatuses', (status) => always || maySucceed(status)),
    ...errors('initContainerStatuses', (status) => always || maySucceed(status) || isSidecar(status.name)),
    ...errors('ephemeralContainerStatuses', () => false),
  ]
}

function claimErrors({ resourceClaimStatuses = [] }: PodStatus, { resourceClaims = [] }: PodSpec): FieldError[] {
  const seen = new Set<string>()
  return resourceClaimStatuses.flatMap(({ name, resourceClaimName }, index) => {
    const at = `status.resourceClaimStatuses[${index}].name`
    const errors: FieldError[] = []
    if (!resourceClaims.some((claim) => claim.name === name)) {
      errors.push(invalidValue(at, name, 'must match the name of an entry in `spec.resourceClaims`'))
    }
    if (seen.has(name)) errors.push(duplicateValue(at, name))
    seen.add(name)
    if (resourceClaimName !== undefined) {
      errors.push(...invalidEach(at, resourceClaimName, dns1123SubdomainErrors(resourceClaimName)))
    }
    return errors
  })
}

type Ips = readonly { readonly ip: string }[]

function podIpErrors({ podIPs = [] }: PodStatus): FieldError[] {
  return [
    ...podIPs.flatMap(({ ip }, index) => legacyIpErrors(`status.podIPs[${index}]`, ip)),
    ...familyErrors(podIPs, 'status.podIPs'),
  ]
}

function hostIpErrors({ hostIP = '', hostIPs = [] }: PodStatus): FieldError[] {
  const [first] = hostIPs
  if (first === undefined) return []
  return [
    ...(first.ip === hostIP ? [] : [invalidValue('status.hostIPs[0].ip', first.ip, 'must be equal to `hostIP`')]),
    ...hostIPs.flatMap(({ ip }, index) => legacyIpErrors(`status.hostIPs[${index}]`, ip)),
    ...familyErrors(hostIPs, 'status.hostIPs'),
  ]
}

function familyErrors(ips: Ips, field: string): FieldError[] {
  if (ips.length < 2) return []
  const families = ips.map(({ ip }) => {
    const address = parseIp(ip)
    return address === undefined ? undefined : isV4(address)
  })
  if (ips.length === 2 && families.includes(true) && families.includes(false)) return []
  const shown = ips.map(({ ip }) => ({ IP: ip }))
  return [invalidValue(field, shown, 'may specify no more than one IP for each IP family')]
}

function userErrors(status: PodStatus, { os }: PodSpec): FieldError[] {
  const lists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const
  return lists.flatMap((list) =>
    (status[list] ?? []).flatMap(({ user }, index) => {
      const at = `status.${list}[${index}].user.linux`
      if (user?.linux === undefined) return []
      if (os?.name === 'windows') return [forbiddenField(at, 'cannot be set for a windows pod')]
      const { uid, gid, supplementalGroups = [] } = user.linux
      return [
        ...userOrGroupId(`${at}.uid`, uid),
        ...userOrGroupId(`${at}.gid`, gid),
        ...supplementalGroups.flatMap((group, place) => userOrGroupId(`${at}.supplementalGroups[${place}]`, group)),
      ]
    }),
  )
}

/** What a status that does not say it goes on to have: its class, and for which generation it speaks. */
export function keepObserved(pod: ApiObject, old: ApiObject): ApiObject {
  const [status, before] = [podStatusOf(pod), podStatusOf(old)]
  const observed = new Map<string, (number | undefined)[]>()
  for (const { type, observedGeneration } of before.conditions ?? []) {
    observed.set(type, [...(observed.get(type) ?? []), observedGeneration])
  }
  const conditions = status.conditions?.map((condition) => {
    const generation = observed.get(condition.type)?.shift()
    if ((condition.observedGeneration ?? 0) !== 0 || (generation ?? 0) === 0) return condition
    return { ...condition, observedGeneration: generation }
  })
  const { qosClass, observedGeneration } = before
  const next = {
    ...status,
    ...(conditions === undefined ? {} : { conditions }),
    ...((status.qosClass ?? '') === '' && qosClass !== undefined ? { qosClass } : {}),
    ...((status.observedGeneration ?? 0) === 0 && observedGeneration !== undefined ? { observedGeneration } : {}),
  }
  return semanticallyEqual(next, status) ? pod : { ...pod, status: next }
}
