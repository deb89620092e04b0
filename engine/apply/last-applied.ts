import { annotationsBytes, maxAnnotationsBytes } from '../objects/label-errors.ts'
import { getIn, removeIn, setIn } from '../objects/paths.ts'
import { goJson } from './path-element.ts'
import { type Fields, isMap } from './shape.ts'

/** Where client-side `kubectl apply` notes what it last applied. */
const annotation = ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'] as const

export function lastApplied(object: Fields): string | undefined {
  const value = getIn(object, annotation)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The configuration noted, if it is one of this version. */
export function lastAppliedFor(object: Fields, apiVersion: string): Fields | undefined {
  const noted = lastApplied(object)
  if (noted === undefined) return undefined
  try {
    const config: unknown = JSON.parse(noted)
    return isMap(config) && config.apiVersion === apiVersion ? config : undefined
  } catch {
    return undefined
  }
}

/** Keeps the note in step with a server-side apply, so that one can go back to client-side apply; a note that would be too long is left out. */
export function withLastApplied(object: Fields, config: Fields): Fields {
  const noted = `${goJson(sorted(removeIn(config, annotation)))}\n`
  const written = setIn(object, annotation, noted)
  const bytes = annotationsBytes(getIn(written, ['metadata', 'annotations']) as Record<string, string>)
  return bytes > maxAnnotationsBytes ? removeIn(object, annotation) : written
}

/** As Go writes maps: keys in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  )
}
