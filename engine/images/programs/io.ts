import type { Process } from '../../containers/contract.ts'

/** All of a process's input. */
export async function readAll(process: Process): Promise<string> {
  const decoder = new TextDecoder()
  let all = ''
  for (let part = await process.stdin.read(); part !== null; part = await process.stdin.read()) {
    all += decoder.decode(part, { stream: true })
  }
  return all + decoder.decode()
}

/** Lines of an input as they come, without their ends; what follows the last end too, if it is not empty. */
export async function* linesOf(input: Process['stdin']): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for (let part = await input.read(); part !== null; part = await input.read()) {
    rest += decoder.decode(part, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}

/** Resolves when the process is killed, for programs that only serve. */
export function untilKilled(process: Process): Promise<never> {
  return new Promise((_, reject) => {
    if (process.signal.aborted) reject(process.signal.reason)
    process.signal.addEventListener('abort', () => reject(process.signal.reason), { once: true })
  })
}

/** A path as the process means it. */
export function absolute(process: Process, path: string): string {
  if (path.startsWith('/')) return path
  return `${process.cwd === '/' ? '' : process.cwd}/${path.replace(/^(?:\.\/)+/, '')}`
}

/** Of what a file call, a connection or anything else throws: the sentence for people. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
