import type { Container, PodSpec } from '../../kinds/pod/types.ts'
import { deepEqual } from '../../objects/equal.ts'
import { goQuote } from '../../objects/go-quote.ts'
import { forbidden, invalid } from '../../objects/status-error.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import type { AdmissionAttributes, AdmissionPlugin, Backend } from '../plugin.ts'
import { all, find } from '../refuse.ts'
import { baseline } from './baseline.ts'
import type { PodToCheck, Violation } from './checks.ts'
import { compareLevels, type LevelVersion, policyOf, policyText } from './policy.ts'
import { replaced, restricted } from './restricted.ts'

/** The newest policy there is, as a minor of 1.x. */
const NEWEST = 34

/** Doors of a Pod through which its spec does not change. */
const IGNORED = ['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status']

/** Where the Pod is within objects that make Pods. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  '/replicationcontrollers': ['spec', 'template'],
  '/podtemplates': ['template'],
  'apps/replicasets': ['spec', 'template'],
  'apps/deployments': ['spec', 'template'],
  'apps/statefulsets': ['spec', 'template'],
  'apps/daemonsets': ['spec', 'template'],
  'batch/jobs': ['spec', 'template'],
  'batch/cronjobs': ['spec', 'jobTemplate', 'spec', 'template'],
}

/** Pod Security admission (1.34): refuses Pods and warns of them by the labels of their namespace. */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  validate(attributes, backend) {
    const { resource, subresource, operation, object } = attributes
    if (object === undefined || (operation !== 'CREATE' && operation !== 'UPDATE')) return
    const name = `${resource.group}/${resource.resource}`
    if (name === '/namespaces' && subresource === '') validateNamespace(attributes, backend, object)
    else if (name === '/pods' && !IGNORED.includes(subresource)) validatePod(attributes, backend, object)
    else if (subresource === '' && TEMPLATES[name] !== undefined) {
      const pod = TEMPLATES[name].reduce<unknown>(
        (at, step) => (at as Record<string, unknown> | undefined)?.[step],
        object,
      )
      if (pod === undefined || pod === null) return
      const { metadata, spec } = pod as Partial<PodToCheck>
      if (spec !== undefined)
        warn(attributes, labelsOf(backend, attributes.namespace), { metadata: metadata ?? {}, spec })
    }
  },
}

/** What a Pod violates of a policy, in the order in which upstream tells it. */
export function violations({ level, version }: LevelVersion, pod: PodToCheck): readonly Violation[] {
  if (level === 'privileged') return []
  const minor = version === 'latest' ? NEWEST : Math.min(version, NEWEST)
  const strict = level === 'restricted'
  const checks = [
    ...Object.entries(baseline).filter(([id]) => !strict || minor < (replaced[id] ?? Number.POSITIVE_INFINITY)),
    ...(strict ? Object.entries(restricted) : []),
  ]
  return checks.map(([, check]) => check(pod, minor)).filter((violation) => violation !== undefined)
}

const detailed = (found: readonly Violation[]): string =>
  found.map(({ reason, detail }) => `${reason} (${detail})`).join(', ')

function labelsOf(backend: Backend, namespace: string): Readonly<Record<string, string>> {
  return find(backend, '', 'namespaces', '', namespace)?.metadata.labels ?? {}
}

function validatePod(attributes: AdmissionAttributes, backend: Backend, pod: NewObject): void {
  const { oldObject, operation, resource, name } = attributes
  const labels = labelsOf(backend, attributes.namespace)
  const checked = { metadata: pod.metadata, spec: pod.spec as PodSpec }
  if (operation === 'UPDATE' && oldObject !== undefined && !matters(checked.spec, oldObject.spec as PodSpec)) return
  const { enforce } = policyOf(labels).policy
  const found = violations(enforce, checked)
  if (found.length > 0) {
    throw forbidden(resource, name, `violates PodSecurity ${goQuote(policyText(enforce))}: ${detailed(found)}`)
  }
  warn(attributes, labels, checked)
}

function warn({ warn: tell }: AdmissionAttributes, labels: Readonly<Record<string, string>>, pod: PodToCheck): void {
  const policy = policyOf(labels).policy.warn
  const found = violations(policy, pod)
  if (found.length > 0) tell(`would violate PodSecurity ${goQuote(policyText(policy))}: ${detailed(found)}`)
}

/** Of what can change in a Pod, images and added containers are looked at. */
function matters(spec: PodSpec, old: PodSpec): boolean {
  const changed = (now: readonly Container[] = [], before: readonly Container[] = []) =>
    now.length !== before.length || now.some(({ image }, index) => image !== before[index]?.image)
  if (changed(spec.containers ?? [], old.containers ?? []) || changed(spec.initContainers, old.initContainers))
    return true
  return (spec.ephemeralContainers ?? []).some(({ name, image }) => {
    const before = old.ephemeralContainers?.find((container) => container.name === name)
    return before === undefined || before.image !== image
  })
}

function validateNamespace(attributes: AdmissionAttributes, backend: Backend, namespace: NewObject): void {
  const { kind, name, operation, oldObject } = attributes
  const { policy, errors } = policyOf(namespace.metadata.labels)
  const before = oldObject === undefined ? undefined : policyOf(oldObject.metadata.labels)
  if (errors.length > 0 && (before === undefined || !deepEqual(errors, before.errors)))
    throw invalid(kind, name, errors)
  if (operation === 'CREATE' || before === undefined) return
  const now = policy.enforce
  const old = before.policy.enforce
  if (deepEqual(now, old) || now.level === 'privileged') return
  if (now.version === old.version && compareLevels(now.level, old.level) < 1) return
  for (const text of podWarnings(namespace.metadata.name ?? name, now, all(backend, '', 'pods', name)))
    attributes.warn(text)
}

/** What existing Pods would violate; Pods that violate the same are told together, by the first of their names. */
function podWarnings(namespace: string, enforce: LevelVersion, pods: readonly ApiObject[]): readonly string[] {
  const byWarning = new Map<string, string[]>()
  for (const { metadata, spec } of pods) {
    const found = violations(enforce, { metadata, spec: spec as PodSpec })
    if (found.length === 0) continue
    const warning = found.map(({ reason }) => reason).join(', ')
    byWarning.set(warning, [...(byWarning.get(warning) ?? []), metadata.name].sort())
  }
  if (byWarning.size === 0) return []
  const start = `existing pods in namespace ${goQuote(namespace)} violate the new PodSecurity enforce level`
  const each = [...byWarning].map(([warning, [first = '', ...others]]) => {
    if (others.length === 0) return `${first}: ${warning}`
    return `${first} (and ${others.length} other ${others.length === 1 ? 'pod' : 'pods'}): ${warning}`
  })
  return [`${start} ${goQuote(policyText(enforce))}`, ...each.sort()]
}
