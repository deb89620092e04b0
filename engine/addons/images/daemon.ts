import type { Process, Program } from '../../containers/contract.ts'
import { type Answer, serve } from '../../network/http/server.ts'

/** Answers of a component's own little servers, by path; what is not among them is not found. */
export interface Endpoints {
  readonly port: number
  readonly host?: string
  readonly tls?: boolean
  readonly answers: Readonly<Record<string, string | ((process: Process) => string | undefined)>>
}

export interface Daemon {
  readonly endpoints?: readonly Endpoints[]
  /** What it writes when it starts; lines without their end. */
  says?(process: Process): readonly string[]
  /** What it does besides. What it throws ends it. */
  begin?(process: Process): void
}

/** A component of the cluster: its work is the engine's; what is left is to be there, to say that it is well, and to go when told. */
export const daemon =
  ({ endpoints = [], says, begin }: Daemon): Program =>
  async (process) => {
    const ended = new Promise<void>((resolve) => {
      process.on('SIGTERM', resolve)
      process.on('SIGINT', resolve)
    })
    begin?.(process)
    for (const { port, host, tls, answers } of endpoints) {
      const options = {
        clock: process.clock,
        port,
        ...(host === undefined ? {} : { host }),
        ...(tls === true ? { tls: { names: [process.hostname, 'localhost'], authority: '' } } : {}),
      }
      const given = (path: string) => answer(answers[path], process)
      serve(process.network, { ...options, glance: (path) => given(path).status }, async ({ path }) => given(path))
    }
    for (const line of says?.(process) ?? []) await process.stderr.write(`${line}\n`)
    await ended
    return 0
  }

function answer(text: string | ((process: Process) => string | undefined) | undefined, process: Process): Answer {
  const body = typeof text === 'function' ? text(process) : text
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' }
  if (text === undefined) return { status: 404, headers, body: '404 page not found\n' }
  return body === undefined ? { status: 503, headers, body: '' } : { status: 200, headers, body }
}

/** As klog begins a line: `I0102 03:04:05.000000       1 server.go:10] `. */
export function klog({ clock }: Process, at: string): string {
  const time = new Date(clock.now()).toISOString()
  const day = time.slice(5, 7) + time.slice(8, 10)
  return `I${day} ${time.slice(11, 23)}000       1 ${at}] `
}
