import { ReaderError } from '../errors.ts'

/** The first is called `worker`, as kind calls it, the next ones `worker2`, `worker3`. */
export const workerNames = (count: number, prefix = ''): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}worker${index === 0 ? '' : index + 1}`)

/** @throws {ReaderError} with a part of a sentence, if a node is not one of those that can be switched */
export function requireWorker(workers: readonly string[], node: string): void {
  if (workers.includes(node)) return
  throw new ReaderError('not-a-worker', `only workers can be switched, and ${node} is none.`, { status: 409 })
}
