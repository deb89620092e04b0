/**
 * A reader's progress, as their browser keeps it. This is a contract: the ids are those of lab.yaml, and what is stored under
 * {@link storageKey} stays readable by every later version.
 *
 * ```json
 * { "labs": { "scaling": { "steps": { "spread": { "at": 1735689600000, "how": "passed" } } } } }
 * ```
 */
export const storageKey = 'quayside:progress:v1'

/** A file exported here is far below this. */
export const MAX_FILE_BYTES = 1024 * 1024

export interface StepDone {
  /** Milliseconds since the epoch. */
  at: number
  how: 'passed' | 'skipped'
}
export interface Progress {
  labs: Record<string, { steps: Record<string, StepDone> }>
}

export const nothing: Progress = { labs: {} }

/** What is wrong with a progress file; the page says it in words. */
export type ProgressProblem = { kind: 'json' } | { kind: 'shape'; field: string; expected: string } | { kind: 'large' }

type Read = { progress: Progress } | { problem: ProgressProblem }

const id = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

class ShapeError extends Error {
  readonly field: string
  readonly expected: string
  constructor(field: string, expected: string) {
    super(`${field}: expected ${expected}`)
    this.field = field
    this.expected = expected
  }
}

function recordOf<T>(value: unknown, field: string, read: (value: unknown, field: string) => T): Record<string, T> {
  if (!isRecord(value)) throw new ShapeError(field, 'an object')
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (!id.test(key)) throw new ShapeError(`${field}.${key}`, 'named by an id')
      return [key, read(inner, `${field}.${key}`)]
    }),
  )
}

function readStep(value: unknown, field: string): StepDone {
  if (!isRecord(value)) throw new ShapeError(field, 'an object')
  const { at, how } = value
  if (typeof at !== 'number' || !Number.isSafeInteger(at) || at < 0)
    throw new ShapeError(`${field}.at`, 'a time in milliseconds')
  if (how !== 'passed' && how !== 'skipped') throw new ShapeError(`${field}.how`, '"passed" or "skipped"')
  return { at, how }
}

/** Reads what was stored or exported. Never throws. */
export function readProgress(text: string): Read {
  if (text.length > MAX_FILE_BYTES) return { problem: { kind: 'large' } }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: { kind: 'json' } }
  }
  try {
    if (!isRecord(value)) throw new ShapeError('the whole', 'an object')
    const labs = recordOf(value.labs, 'labs', (lab, field) => {
      if (!isRecord(lab)) throw new ShapeError(field, 'an object')
      return { steps: recordOf(lab.steps, `${field}.steps`, readStep) }
    })
    return { progress: { labs } }
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    return { problem: { kind: 'shape', field: error.field, expected: error.expected } }
  }
}

/** A step counts from when it was first done; having passed it counts more than having skipped it. */
function better(a: StepDone | undefined, b: StepDone): StepDone {
  if (a === undefined) return b
  if (a.how === b.how) return a.at <= b.at ? a : b
  return a.how === 'passed' ? a : b
}

/** Both readers' worth: nothing that either holds is lost. */
export function merge(a: Progress, b: Progress): Progress {
  const labs = { ...a.labs }
  for (const [lab, { steps }] of Object.entries(b.labs)) {
    const merged = { ...labs[lab]?.steps }
    for (const [step, done] of Object.entries(steps)) merged[step] = better(merged[step], done)
    labs[lab] = { steps: merged }
  }
  return { labs }
}

/** @returns the same object if nothing changes, so that the caller need not store it. */
export function mark(progress: Progress, lab: string, step: string, done: StepDone): Progress {
  const before = progress.labs[lab]?.steps[step]
  const after = better(before, done)
  return after === before ? progress : merge(progress, { labs: { [lab]: { steps: { [step]: done } } } })
}

export function stepsDone(progress: Progress, lab: string, steps: readonly string[]): number {
  return steps.filter((step) => progress.labs[lab]?.steps[step] !== undefined).length
}

export function countSteps(progress: Progress): number {
  return Object.values(progress.labs).reduce((sum, lab) => sum + Object.keys(lab.steps).length, 0)
}
