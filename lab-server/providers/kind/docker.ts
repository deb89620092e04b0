import { PassThrough, type Readable } from 'node:stream'
import type Docker from 'dockerode'
import { type Clock, sleep } from '../../clock.ts'

/** The status of an error of Docker's API; undefined for any other error. */
export const statusOf = (error: unknown): number | undefined =>
  (error as { statusCode?: number } | undefined)?.statusCode

/** Lets an error pass that says the thing is not there. */
export function gone(error: unknown): undefined {
  if (statusOf(error) === 404) return undefined
  throw error
}

export interface ExecOptions {
  /** As in `docker exec --user`; the container's own user if left out. */
  user?: string
  env?: string[]
  workingDir?: string
  /** Written to standard input, which is closed after it; without it there is none. */
  stdin?: Readable | string
  signal?: AbortSignal
  /** Bytes that are kept of stdout, and of stderr; 1 MiB if left out. What follows is read and dropped. */
  limit?: number
}

export interface ExecResult {
  code: number
  stdout: string
  /** Of stdout, whatever they mean. */
  bytes: Buffer
  stderr: string
}

const EXEC_LIMIT = 1024 * 1024
/** How often a command is asked whether it has ended, in ms: what it left in the background may hold its output open. */
const EXEC_POLL = 500

/**
 * `docker exec`. An abort stops waiting; the command itself goes on, as Docker has no way to end it.
 * @throws the error of Docker's API; a command that fails is a result
 */
export async function exec(
  container: Docker.Container,
  clock: Clock,
  command: string[],
  options: ExecOptions = {},
  onOutput?: (chunk: Buffer) => void,
): Promise<ExecResult> {
  const { signal, limit = EXEC_LIMIT } = options
  signal?.throwIfAborted()
  const stdin = options.stdin !== undefined
  const process = await container.exec({
    Cmd: command,
    AttachStdin: stdin,
    AttachStdout: true,
    AttachStderr: true,
    ...(options.user !== undefined && { User: options.user }),
    ...(options.env && { Env: options.env }),
    ...(options.workingDir !== undefined && { WorkingDir: options.workingDir }),
  })
  const stream = await process.start({ hijack: true, stdin })
  const out = collector(limit, onOutput)
  const err = collector(limit, onOutput)
  container.modem.demuxStream(stream, out.sink, err.sink)
  const ended = new Promise<void>((resolve, reject) => {
    stream.once('end', resolve)
    stream.once('close', resolve)
    stream.once('error', reject)
  })
  const over = new AbortController()
  const abort = () => stream.destroy()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    if (typeof options.stdin === 'string') stream.end(options.stdin)
    else if (options.stdin) {
      options.stdin.once('error', (error) => stream.destroy(error))
      options.stdin.pipe(stream)
    }
    await Promise.race([ended, exited(process, clock, over.signal)])
    signal?.throwIfAborted()
    const { ExitCode } = await process.inspect()
    return { code: ExitCode ?? -1, stdout: out.text(), bytes: out.bytes(), stderr: err.text() }
  } finally {
    over.abort()
    signal?.removeEventListener('abort', abort)
    stream.destroy()
  }
}

/** Resolves a moment after the command has ended, when its output had time to arrive. Never rejects. */
async function exited(process: Docker.Exec, clock: Clock, signal: AbortSignal): Promise<void> {
  try {
    do await sleep(clock, EXEC_POLL, signal)
    while ((await process.inspect()).Running)
    await sleep(clock, EXEC_POLL, signal)
  } catch {
    await new Promise(() => {})
  }
}

function collector(limit: number, onOutput?: (chunk: Buffer) => void) {
  const sink = new PassThrough()
  const chunks: Buffer[] = []
  let size = 0
  sink.on('data', (chunk: Buffer) => {
    onOutput?.(chunk)
    if (size < limit) chunks.push(chunk.subarray(0, limit - size))
    size += chunk.length
  })
  const bytes = () => Buffer.concat(chunks)
  return { sink, bytes, text: () => bytes().toString('utf8') }
}

/** {@link exec}, but a command that fails is an error with its last words. */
export async function mustExec(
  container: Docker.Container,
  clock: Clock,
  command: string[],
  options: ExecOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await exec(container, clock, command, options)
  if (code !== 0) throw new Error(`${command[0]} in a container ended with ${code}: ${stderr.slice(-2000)}`)
  return stdout
}

/** Removes a container with its anonymous volumes, running or not, and waits until it is gone. */
export async function removeContainer(container: Docker.Container, clock: Clock): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      await container.remove({ force: true, v: true })
      return
    } catch (error) {
      if (statusOf(error) === 404) return
      // Being removed already, perhaps by a call of ours that was cut off
      if (statusOf(error) !== 409) throw error
      await sleep(clock, 200)
    }
  }
  throw new Error(`container ${container.id} is still being removed after 10 s`)
}
