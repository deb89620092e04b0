import type { Pod } from '../../kinds/pod/status.ts'
import type { Container, EnvVar, KeyRef } from '../../kinds/pod/types.ts'
import { StatusError } from '../../objects/status-error.ts'
import type { ClusterObjects } from '../objects.ts'
import { expand } from './expansion.ts'
import { type Facts, fieldValue, resourceValue } from './fields.ts'

/** References may be to what need not be there. */
export interface Optional {
  readonly optional?: boolean
}

export interface EnvironmentOptions {
  readonly objects: ClusterObjects
  readonly facts: Facts
  /** Of Services; what the container says goes before. */
  readonly services: ReadonlyMap<string, string>
}

/** The container's variables (`makeEnvironmentVariables`, 1.34). Throws Error with the sentence of CreateContainerConfigError. */
export function environmentOf(pod: Pod, container: Container, options: EnvironmentOptions): Map<string, string> {
  const { objects, services } = options
  const namespace = pod.metadata.namespace ?? ''
  const own = new Map<string, string>()
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef !== undefined) {
      const found = present(configMapRef, () => objects.configMap(namespace, configMapRef.name ?? ''))
      for (const [key, value] of Object.entries(found?.data ?? {})) own.set(prefix + key, value)
    } else if (secretRef !== undefined) {
      const found = present(secretRef, () => objects.secret(namespace, secretRef.name ?? ''))
      for (const [key, value] of Object.entries(found?.data ?? {})) own.set(prefix + key, decoded(value))
    }
  }
  for (const variable of container.env ?? []) {
    const value = textOf(variable, pod, container, options, (name) => own.get(name) ?? services.get(name))
    if (value !== undefined) own.set(variable.name, value)
  }
  return new Map([...services, ...own])
}

function textOf(
  { value = '', valueFrom }: EnvVar,
  pod: Pod,
  container: Container,
  { objects, facts }: EnvironmentOptions,
  known: (name: string) => string | undefined,
): string | undefined {
  if (value !== '' || valueFrom === undefined) return expand(value, known)
  const namespace = pod.metadata.namespace ?? ''
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom
  if (fieldRef !== undefined) return fieldValue(fieldRef, pod, facts)
  if (resourceFieldRef !== undefined) return resourceValue(resourceFieldRef, pod, container, facts)
  if (configMapKeyRef !== undefined) {
    const { name = '' } = configMapKeyRef
    const found = present(configMapKeyRef, () => objects.configMap(namespace, name))
    return keyOf(configMapKeyRef, found?.data, `ConfigMap ${namespace}/${name}`)
  }
  if (secretKeyRef !== undefined) {
    const { name = '' } = secretKeyRef
    const found = present(secretKeyRef, () => objects.secret(namespace, name))
    const text = keyOf(secretKeyRef, found?.data, `Secret ${namespace}/${name}`)
    return text === undefined ? undefined : decoded(text)
  }
  return ''
}

/** What there is, or undefined where it need not be. Throws 404. */
export function present<T>(ref: object, get: () => T): T | undefined {
  try {
    return get()
  } catch (error) {
    if ((ref as Optional).optional === true && error instanceof StatusError && error.reason === 'NotFound') {
      return undefined
    }
    throw error
  }
}

function keyOf(ref: KeyRef, data: Readonly<Record<string, string>> | undefined, where: string): string | undefined {
  const value = data?.[ref.key]
  if (value !== undefined || (ref as Optional).optional === true) return value
  throw new Error(`couldn't find key ${ref.key} in ${where}`)
}

export const bytesOf = (base64: string): Uint8Array =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))

const decoded = (base64: string): string => new TextDecoder().decode(bytesOf(base64))
