/** V8's, which other engines do not mind. */
const traces = Error as { stackTraceLimit?: number }

/**
 * An outcome that programs live with, not a fault of ours: a file that is not there, the end of a process. Where in our code it came about
 * nobody reads, and to note it takes longer than all the rest of a command that looks through PATH.
 */
export class Traceless extends Error {
  constructor(message: string) {
    const limit = traces.stackTraceLimit
    traces.stackTraceLimit = 0
    super(message)
    if (limit !== undefined) traces.stackTraceLimit = limit
  }
}
