/**
 * Freezes JSON all the way down and hands it back. What is frozen already is taken to be frozen throughout, so that a changed copy that
 * shares most of itself with the object before costs only what is new.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (Array.isArray(value)) for (const item of value) deepFreeze(item)
  else for (const key of Object.keys(value)) deepFreeze((value as Record<string, unknown>)[key])
  return Object.freeze(value)
}
