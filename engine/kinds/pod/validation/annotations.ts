import { type FieldError, forbiddenField, invalidValue } from '../../../objects/field-error.ts'
import { goQuote } from '../../../objects/go-quote.ts'
import type { Labels } from '../../../objects/requirement.ts'
import { allContainers } from '../containers.ts'
import type { PodSpec, SeccompProfile, Toleration } from '../types.ts'
import { descendingPath } from './checks.ts'
import { tolerationErrors } from './scheduling.ts'

export const mirror = 'kubernetes.io/config.mirror'
const tolerations = 'scheduler.alpha.kubernetes.io/tolerations'
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'
export const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod'
export const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/'
export const appArmorOfContainer = 'container.apparmor.security.beta.kubernetes.io/'

/** `ValidatePodSpecificAnnotations`: annotations that once were the only place for what are fields today. */
export function podAnnotationErrors(annotations: Labels = {}, spec: PodSpec, field: string): FieldError[] {
  const errors: FieldError[] = []
  const mirrored = annotations[mirror]
  if (mirrored !== undefined && (spec.nodeName ?? '') === '') {
    const why = 'must set spec.nodeName if mirror pod annotation is set'
    errors.push(invalidValue(`${field}[${mirror}]`, mirrored, why))
  }
  errors.push(...toleratedErrors(annotations[tolerations] ?? '', field))
  const cost = annotations[deletionCost]
  if (cost !== undefined && !isDeletionCost(cost)) {
    errors.push(invalidValue(`${field}[${deletionCost}]`, cost, 'must be a 32bit integer'))
  }
  for (const [key, profile] of sorted(annotations)) {
    if (key === seccompOfPod || key.startsWith(seccompOfContainer)) {
      errors.push(...seccompErrors(profile, `${field}.${key}`))
    }
  }
  for (const [key, profile] of sorted(annotations)) {
    if (key.startsWith(appArmorOfContainer)) errors.push(...appArmorErrors(key, profile, spec, `${field}[${key}]`))
  }
  return errors
}

const sorted = (annotations: Labels): [string, string][] =>
  Object.entries(annotations).sort(([left], [right]) => (left < right ? -1 : 1))

function toleratedErrors(json: string, field: string): FieldError[] {
  if (json === '') return []
  try {
    const parsed: unknown = JSON.parse(json)
    return tolerationErrors(Array.isArray(parsed) ? (parsed as Toleration[]) : [], `${field}.${tolerations}`)
  } catch (error) {
    return [invalidValue(field, tolerations, (error as Error).message)]
  }
}

/** No plus sign, no zeros before the number. */
function isDeletionCost(text: string): boolean {
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return false
  const cost = Number(text)
  return cost >= -2147483648 && cost <= 2147483647
}

function seccompErrors(profile: string, field: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return []
  if (profile.startsWith('localhost/')) return descendingPath(field, profile.slice('localhost/'.length))
  return [invalidValue(field, profile, 'must be a valid seccomp profile')]
}

function appArmorErrors(key: string, profile: string, spec: PodSpec, field: string): FieldError[] {
  const name = key.slice(appArmorOfContainer.length)
  const errors: FieldError[] = []
  if (!allContainers(spec, 'spec').some(({ container }) => container.name === name)) {
    errors.push(invalidValue(field, name, 'container not found'))
  }
  const known = ['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith('localhost/')
  if (!known) errors.push(invalidValue(field, profile, `invalid AppArmor profile name: ${goQuote(profile)}`))
  return errors
}

/** Where both the annotation and the field are there, they say the same. */
export function matchingAnnotationErrors(annotations: Labels = {}, spec: PodSpec, field: string): FieldError[] {
  const ofPod = spec.securityContext?.seccompProfile
  const errors = mismatch('seccomp', annotations[seccompOfPod], ofPod, `${field}.securityContext.seccompProfile`)
  const containers = allContainers(spec, field)
  for (const { container, at } of containers) {
    const annotation = annotations[seccompOfContainer + container.name]
    const profile = container.securityContext?.seccompProfile
    errors.push(...mismatch('seccomp', annotation, profile, `${at}.securityContext.seccompProfile`))
  }
  if (spec.os?.name === 'windows') return errors
  for (const { container, at } of containers) {
    const annotation = annotations[appArmorOfContainer + container.name]
    const profile = container.securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile
    errors.push(...mismatch('apparmor', annotation, profile, `${at}.securityContext.appArmorProfile`))
  }
  return errors
}

function mismatch(
  what: 'seccomp' | 'apparmor',
  annotation: string | undefined,
  profile: SeccompProfile | undefined,
  field: string,
): FieldError[] {
  if (annotation === undefined || profile === undefined) return []
  const wrongType = [forbiddenField(`${field}.type`, `${what} type in annotation and field must match`)]
  switch (profile.type) {
    case 'Unconfined':
      return annotation === 'unconfined' ? [] : wrongType
    case 'RuntimeDefault':
      return annotation === 'runtime/default' || (what === 'seccomp' && annotation === 'docker/default')
        ? []
        : wrongType
    case 'Localhost': {
      if (!annotation.startsWith('localhost/')) return wrongType
      if (annotation.slice('localhost/'.length) === profile.localhostProfile) return []
      const why = `${what} profile in annotation and field must match`
      return [forbiddenField(`${field}.localhostProfile`, why)]
    }
    default:
      return []
  }
}

/** `ValidatePodSpecificAnnotationUpdates`, what of it is about the change. */
export function annotationChangeErrors(now: Labels = {}, before: Labels = {}, field: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [key, value] of sorted(before)) {
    if (now[key] === value) continue
    if (key.startsWith(appArmorOfContainer)) {
      errors.push(forbiddenField(`${field}[${key}]`, 'may not remove or update AppArmor annotations'))
    }
    if (key === mirror) {
      errors.push(forbiddenField(`${field}[${key}]`, 'may not remove or update mirror pod annotation'))
    }
  }
  for (const [key] of sorted(now)) {
    if (before[key] !== undefined) continue
    if (key.startsWith(appArmorOfContainer)) {
      errors.push(forbiddenField(`${field}[${key}]`, 'may not add AppArmor annotations'))
    }
    if (key === mirror) errors.push(forbiddenField(`${field}[${key}]`, 'may not add mirror pod annotation'))
  }
  return errors
}
