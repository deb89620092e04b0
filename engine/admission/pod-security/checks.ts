import type { Container, PodSpec, SecurityContext } from '../../kinds/pod/types.ts'
import { goQuote } from '../../objects/go-quote.ts'
import type { ObjectMeta } from '../../objects/types.ts'

/** What a check has against a Pod: in short, and with the names of what is wrong. */
export interface Violation {
  readonly reason: string
  readonly detail: string
}

export interface PodToCheck {
  readonly metadata: Partial<ObjectMeta>
  readonly spec: PodSpec
}

/** Undefined where the Pod passes. */
export type Check = (pod: PodToCheck, minor: number) => Violation | undefined

/** In upstream's order: init containers first. */
export function containersOf({ initContainers = [], containers, ephemeralContainers = [] }: PodSpec): Container[] {
  return [...initContainers, ...(containers ?? []), ...ephemeralContainers]
}

/** Names of the containers of which this holds. */
export function containersWhere(
  spec: PodSpec,
  holds: (context: SecurityContext, container: Container) => boolean,
): string[] {
  return containersOf(spec)
    .filter((container) => holds(container.securityContext ?? {}, container))
    .map(({ name }) => name)
}

export const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')

export const plural = (count: number, one: string, many = `${one}s`): string => (count === 1 ? one : many)

/** `container "a"`, `containers "a", "b"`. */
export const containersText = (names: readonly string[]): string =>
  `${plural(names.length, 'container')} ${quoted(names)}`

/** `pod and containers "a", "b"`: who has set something. */
export function settersText(pod: boolean, containers: readonly string[], ...others: readonly string[]): string {
  const setters = [...(pod ? ['pod'] : []), ...(containers.length > 0 ? [containersText(containers)] : []), ...others]
  return setters.join(' and ')
}

export function sortedSet(values: Iterable<string>): string[] {
  return [...new Set(values)].sort()
}

export const isWindows = ({ os }: PodSpec): boolean => os?.name === 'windows'

/** `key="value"` of the annotations that this is true of, in order. */
export function annotationsWhere(
  { annotations = {} }: Partial<ObjectMeta>,
  bad: (key: string, value: string) => boolean,
): string[] {
  return Object.entries(annotations)
    .filter(([key, value]) => bad(key, value))
    .map(([key, value]) => `${key}=${goQuote(value)}`)
    .sort()
}
