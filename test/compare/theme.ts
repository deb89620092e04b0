/**
 * What is done on both sides: themes of command lines, each theme in a namespace of its own, so that they run side by side.
 * In command lines and files `$NS` is the theme's namespace (also a prefix for what has none) and `$NODE` the node on which Pods
 * really run.
 */
export interface Theme {
  readonly name: string
  /** Written into the folder in which the commands run. Objects are written as JSON. */
  readonly files?: Readonly<Record<string, string | object>>
  readonly steps: readonly Step[]
  /** Only for one of the pairs of clients; otherwise for both. */
  readonly client?: 'new' | 'old'
}

/** A command line for bash; its standard output, standard error and exit code are compared. */
export type Step = string | Invocation | Preparation

export interface Invocation {
  readonly run: string
  /** A script that begins together with the command: what controllers and kubelets would write while it waits. */
  readonly meanwhile?: string
  /** Besides what is always normalised. */
  readonly normalise?: readonly (readonly [RegExp, string])[]
  /** Lines come in no order. */
  readonly unordered?: boolean
}

/** Must succeed on both sides; what it says is not compared. */
export interface Preparation {
  readonly prepare: string
}

/** What a test, and a difference, is called: the command on one line. */
export const title = (step: Step): string => {
  const text = typeof step === 'string' ? step : 'run' in step ? step.run : `prepare: ${step.prepare}`
  return text.trim().replaceAll(/\s+/g, ' ')
}

/** Writes the status of an object as a controller would. */
export const writeStatus = (object: string, status: object): string =>
  `kubectl patch ${object} --subresource=status --type=merge -p '${JSON.stringify({ status })}' >&2`
