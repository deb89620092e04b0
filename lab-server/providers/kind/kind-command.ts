import { spawn } from 'node:child_process'
import { meaningOf, providerError } from './errors.ts'

/**
 * Runs a command in a process group of its own and kills that whole group when its standard input ends. The server holds the
 * other end: however it goes, with kill -9 too, kind and the docker commands that kind runs go with it.
 */
const WRAPPER = `exec 3<&0
"$@" </dev/null 3<&- &
command=$!
( read -r _ <&3; kill -KILL 0 ) &
guard=$!
exec 3<&-
wait "$command"
code=$?
kill "$guard" 2>/dev/null
exit "$code"`

/** Bytes of kind's output that are kept: its end says what went wrong. */
const OUTPUT_LIMIT = 64 * 1024

export interface KindCommand {
  binary: string
  /** The environment of the server, of which Docker's settings are needed. */
  environment: Readonly<Record<string, string | undefined>>
}

/** The server's own settings, secrets among them, are none of kind's business; the user's kubeconfig neither. */
const inherited = (environment: KindCommand['environment']) =>
  Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('QUAYSIDE_') && !/^(KUBECONFIG$|KIND_)/.test(name)),
  )

/**
 * Runs kind. Resolves with what it wrote, if it succeeded.
 * @throws {ReaderError} by what kind said; the abort's reason if it was aborted, once no process is left
 */
export function runKind(
  { binary, environment }: KindCommand,
  args: string[],
  options: { env?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<string> {
  const { signal } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const child = spawn('sh', ['-c', WRAPPER, 'sh', binary, ...args], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...inherited(environment), KIND_EXPERIMENTAL_PROVIDER: 'docker', ...options.env },
    })
    let output = ''
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-OUTPUT_LIMIT)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.stdin.on('error', () => {})
    const kill = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended in this moment
      }
    }
    signal?.addEventListener('abort', kill, { once: true })
    child.on('error', (error) => reject(providerError('kind-failed', error)))
    child.on('close', (code) => {
      signal?.removeEventListener('abort', kill)
      if (signal?.aborted) return reject(signal.reason)
      if (code === 0) return resolve(output)
      const cause = new Error(`kind ended with ${code}: ${output}`)
      // What a shell says of a command that is not there, or may not be run
      if (code === 127 || code === 126) return reject(providerError('kind-missing', cause))
      reject(providerError(meaningOf(output) ?? 'kind-failed', cause))
    })
  })
}
