import { immutable } from '../../objects/field-checks.ts'
import { type FieldError, forbiddenField, notSupported, requiredValue } from '../../objects/field-error.ts'
import type { ApiObject } from '../../objects/types.ts'

const HIGHEST_OF_USERS = 1_000_000_000
const SYSTEM_PREFIX = 'system-'
const POLICIES = ['PreemptLowerPriority', 'Never']

/** What every cluster has, by name. */
const systemClasses: ReadonlyMap<string, number> = new Map([
  ['system-node-critical', 2 * HIGHEST_OF_USERS + 1000],
  ['system-cluster-critical', 2 * HIGHEST_OF_USERS],
])

export function priorityClassErrors(object: ApiObject): FieldError[] {
  const { name = '' } = object.metadata
  const value = object.value as number
  const policy = object.preemptionPolicy as string | undefined
  const errors: FieldError[] = []
  if (name.startsWith(SYSTEM_PREFIX)) {
    const wrong = systemClassError(name, value, object.globalDefault === true)
    if (wrong !== undefined) {
      const why = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${wrong}`
      errors.push(forbiddenField('metadata.name', why))
    }
  } else if (value > HIGHEST_OF_USERS) {
    errors.push(forbiddenField('value', `maximum allowed value of a user defined priority is ${HIGHEST_OF_USERS}`))
  }
  if (policy === '') errors.push(requiredValue('preemptionPolicy'))
  else if (policy !== undefined && !POLICIES.includes(policy)) {
    errors.push(notSupported('preemptionPolicy', policy, POLICIES))
  }
  return errors
}

function systemClassError(name: string, value: number, globalDefault: boolean): string | undefined {
  const known = systemClasses.get(name)
  if (known === undefined) return `${name} is not a known system priority class`
  if (value !== known) return `value of ${name} PriorityClass must be ${known}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}

export function priorityClassChangeErrors(object: ApiObject, old: ApiObject): FieldError[] {
  const changed = object.value !== old.value
  return [
    ...(changed ? [forbiddenField('value', 'may not be changed in an update.')] : []),
    ...immutable('preemptionPolicy', object.preemptionPolicy, old.preemptionPolicy),
  ]
}
