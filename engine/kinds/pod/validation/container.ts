import { invalidEach } from '../../../objects/field-checks.ts'
import {
  duplicateValue,
  type FieldError,
  forbiddenField,
  invalidValue,
  requiredValue,
  valueNotFound,
} from '../../../objects/field-error.ts'
import { portNameErrors, portNumberErrors } from '../../../objects/names.ts'
import { restartsAlways } from '../resources.ts'
import type { Container, ContainerPort, PodSpec, Volume } from '../types.ts'
import { dnsLabel, present, presentOneOf } from './checks.ts'
import { envErrors, envFromErrors } from './environment.ts'
import { deviceErrors, mountErrors } from './mounts.ts'
import { lifecycleErrors, probesErrors } from './probes.ts'
import { containerResourcesErrors } from './resources.ts'
import { securityErrors } from './security.ts'

/** What containers are checked against. */
export interface Surroundings {
  readonly spec: PodSpec
  readonly volumes: ReadonlyMap<string, Volume>
  /** Names of the Pod's resource claims. */
  readonly claims: ReadonlySet<string>
}

const messagePolicies = ['File', 'FallbackToLogsOnError']
const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const protocols = ['SCTP', 'TCP', 'UDP']

export function containersErrors(around: Surroundings, field: string): FieldError[] {
  const containers = around.spec.containers ?? []
  if (containers.length === 0) return [requiredValue(field)]
  const grace = around.spec.terminationGracePeriodSeconds
  const names = new Set<string>()
  const errors = containers.flatMap((container, index) => {
    const at = `${field}[${index}]`
    const twice = names.has(container.name) ? [duplicateValue(`${at}.name`, container.name)] : []
    names.add(container.name)
    return [
      ...commonErrors(container, around, at),
      ...twice,
      ...lifecycleErrors(container, grace, `${at}.lifecycle`),
      ...probesErrors(container, grace, at),
      ...(container.restartPolicy === undefined
        ? []
        : [forbiddenField(`${at}.restartPolicy`, 'may not be set for non-init containers')]),
    ]
  })
  return [...errors, ...hostPortErrors(containers, field)]
}

export function initContainersErrors(around: Surroundings, field: string): FieldError[] {
  const grace = around.spec.terminationGracePeriodSeconds
  const names = new Set((around.spec.containers ?? []).map(({ name }) => name))
  return (around.spec.initContainers ?? []).flatMap((container, index) => {
    const at = `${field}[${index}]`
    const { name } = container
    const errors = commonErrors(container, around, at)
    if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name))
    else if (name !== '') names.add(name)
    errors.push(...hostPortErrors([container], field))
    if (restartsAlways(container)) {
      errors.push(...lifecycleErrors(container, grace, `${at}.lifecycle`), ...probesErrors(container, grace, at))
      return errors
    }
    for (const hook of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (container[hook] === undefined) continue
      errors.push(forbiddenField(`${at}.${hook}`, 'may not be set for init containers without restartPolicy=Always'))
    }
    return errors
  })
}

const notForEphemeral = ['ports', 'resources', 'resizePolicy', 'restartPolicy', 'restartPolicyRules'] as const
const notForEphemeralEither = ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const

export function ephemeralContainersErrors(around: Surroundings, field: string): FieldError[] {
  const { containers, initContainers, ephemeralContainers } = around.spec
  const others = new Set([...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name))
  const names = new Set(others)
  return (ephemeralContainers ?? []).flatMap((container, index) => {
    const at = `${field}[${index}]`
    const { name, targetContainerName: target = '' } = container
    const errors = [...commonErrors(container, around, at), ...blankImageErrors(container, at)]
    if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name))
    names.add(name)
    if (target !== '' && !others.has(target)) errors.push(valueNotFound(`${at}.targetContainerName`, target))
    const why = 'cannot be set for an Ephemeral Container'
    for (const part of [...notForEphemeral, ...notForEphemeralEither]) {
      const value = container[part]
      const unset = value === undefined || (part === 'resources' && Object.keys(value).length === 0)
      if (!unset) errors.push(forbiddenField(`${at}.${part}`, why))
    }
    for (const [place, mount] of (container.volumeMounts ?? []).entries()) {
      for (const part of ['subPath', 'subPathExpr'] as const) {
        if ((mount[part] ?? '') !== '') errors.push(forbiddenField(`${at}.volumeMounts[${place}].${part}`, why))
      }
    }
    return errors
  })
}

/** Of Pods, not of templates: what old templates got away with stays valid. */
export function blankImageErrors({ image = '' }: Container, field: string): FieldError[] {
  return image.trim() === image
    ? []
    : [invalidValue(`${field}.image`, image, 'must not have leading or trailing whitespace')]
}

function commonErrors(container: Container, { spec, volumes, claims }: Surroundings, at: string): FieldError[] {
  const { name } = container
  return [
    ...(name === '' ? [requiredValue(`${at}.name`)] : dnsLabel(`${at}.name`, name)),
    ...present(`${at}.image`, container.image),
    ...presentOneOf(`${at}.terminationMessagePolicy`, container.terminationMessagePolicy, messagePolicies),
    ...containerPortsErrors(container.ports, `${at}.ports`),
    ...envErrors(container.env, `${at}.env`),
    ...envFromErrors(container.envFrom, `${at}.envFrom`),
    ...mountErrors(container, volumes, `${at}.volumeMounts`),
    ...deviceErrors(container, volumes, `${at}.volumeDevices`),
    ...presentOneOf(`${at}.imagePullPolicy`, container.imagePullPolicy, pullPolicies),
    ...containerResourcesErrors(container.resources, claims, `${at}.resources`),
    ...resizePolicyErrors(container, spec.restartPolicy, `${at}.resizePolicy`),
    ...securityErrors(container.securityContext, spec.hostUsers === false, `${at}.securityContext`),
  ]
}

function containerPortsErrors(ports: readonly ContainerPort[] | undefined, field: string): FieldError[] {
  const names = new Set<string>()
  return (ports ?? []).flatMap(({ name = '', containerPort, hostPort = 0, protocol = '' }, index) => {
    const at = `${field}[${index}]`
    const errors: FieldError[] = []
    if (name !== '') {
      const wrong = portNameErrors(name)
      if (wrong.length > 0) errors.push(...invalidEach(`${at}.name`, name, wrong))
      else if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name))
      else names.add(name)
    }
    if (containerPort === 0) errors.push(requiredValue(`${at}.containerPort`))
    else errors.push(...invalidEach(`${at}.containerPort`, containerPort, portNumberErrors(containerPort)))
    if (hostPort !== 0) errors.push(...invalidEach(`${at}.hostPort`, hostPort, portNumberErrors(hostPort)))
    return [...errors, ...presentOneOf(`${at}.protocol`, protocol, protocols)]
  })
}

function hostPortErrors(containers: readonly Container[], field: string): FieldError[] {
  const taken = new Set<string>()
  const errors: FieldError[] = []
  for (const [index, { ports }] of containers.entries()) {
    for (const [place, { hostPort = 0, protocol = '', hostIP = '' }] of (ports ?? []).entries()) {
      if (hostPort === 0) continue
      const door = `${protocol}/${hostIP}/${hostPort}`
      if (taken.has(door)) errors.push(duplicateValue(`${field}[${index}].ports[${place}].hostPort`, door))
      taken.add(door)
    }
  }
  return errors
}

const resizes = ['NotRequired', 'RestartContainer']

function resizePolicyErrors({ resizePolicy }: Container, podPolicy: string | undefined, field: string): FieldError[] {
  const seen = new Set<string>()
  return (resizePolicy ?? []).flatMap(({ resourceName, restartPolicy }, index) => {
    const errors = seen.has(resourceName) ? [duplicateValue(`${field}[${index}]`, resourceName)] : []
    seen.add(resourceName)
    errors.push(...presentOneOf(field, resourceName, ['cpu', 'memory']), ...presentOneOf(field, restartPolicy, resizes))
    if (podPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      errors.push(invalidValue(field, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"))
    }
    return errors
  })
}
