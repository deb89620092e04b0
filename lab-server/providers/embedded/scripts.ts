/** What the server itself runs in a reader's home. */
import type { Socket } from 'node:net'
import { posix } from 'node:path'
import type { RunInHome } from '../home-files.ts'
import { startHere } from './launcher/here.ts'
import type { Start } from './launcher/launcher.ts'
import type { Home } from './sandbox/home.ts'

/** Output of a script that is handed back, in bytes. */
const OUTPUT_LIMIT = 64 * 1024

export interface Ended {
  code: number
  output: string
}

/** Runs a script in bash; aborted, it ends with all its processes. */
export async function runScript(home: Home, start: Start, script: string, signal: AbortSignal): Promise<Ended> {
  signal.throwIfAborted()
  // A session of its own, so that all of it can be ended; its leader says who it is
  const command = home.command(['setsid', '--wait', 'bash', '-c', 'echo $$ >&3; exec bash -c "$0" 3>&-', script])
  const { streams, exited, kill } = await start(command, [false, true, true, true])
  const [, stdout, stderr, leads] = streams
  let output = Buffer.alloc(0)
  let leader = ''
  const keep = (chunk: Buffer) => {
    output = Buffer.concat([output, chunk.subarray(0, OUTPUT_LIMIT - output.length)])
  }
  const ended = Promise.all([exited, over(stdout), over(stderr)])
  stdout?.on('data', keep)
  stderr?.on('data', keep)
  leads?.on('data', (chunk: Buffer) => {
    // A number and no more, whatever else is written there
    leader = (leader + chunk).slice(0, 16)
  })
  return new Promise((resolve, reject) => {
    const abort = () => {
      void endSession(home, start, Number(leader))
      kill('SIGKILL')
      reject(signal.reason)
    }
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    void ended.then(([code]) => {
      signal.removeEventListener('abort', abort)
      resolve({ code: code ?? 137, output: output.toString('utf8') })
    }, reject)
  })
}

/** Resolves when nothing more comes of a stream. */
export const over = (stream: Socket | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (stream === undefined || stream.destroyed) resolve()
    else stream.once('end', resolve).once('close', () => resolve())
  })

/** Its number is the home's own, so only a process of the home can name it. */
async function endSession(home: Home, start: Start, leader: number): Promise<void> {
  if (!(leader > 1) || !home.running) return
  const command = home.command(['bash', '-c', 'kill -KILL -- "-$0"', String(leader)])
  await start(command, [false, false, false]).catch(() => {})
}

/** Runs a command in the home, with an input. */
export const runInHome =
  (home: Pick<Home, 'command'>, start: Start = startHere): RunInHome =>
  async (argv, { stdin = '', limit, signal }) => {
    signal?.throwIfAborted()
    const { streams, exited, kill } = await start(home.command(argv), [true, true, false])
    const [input, output] = streams
    const kept: Buffer[] = []
    let left = limit
    output?.on('data', (chunk: Buffer) => {
      kept.push(chunk.subarray(0, left))
      left -= Math.min(left, chunk.length)
    })
    const ended = Promise.all([exited, over(output)])
    input?.end(stdin)
    return new Promise((resolve, reject) => {
      const abort = () => {
        kill('SIGKILL')
        reject(signal?.reason)
      }
      if (signal?.aborted) return abort()
      signal?.addEventListener('abort', abort, { once: true })
      void ended.then(([code]) => {
        signal?.removeEventListener('abort', abort)
        resolve({ code: code ?? 137, stdout: Buffer.concat(kept) })
      }, reject)
    })
  }

/** @throws {Error} for what is no text file below the home */
export async function writeHomeFile(home: Home, path: string, content: string): Promise<void> {
  const normal = posix.normalize(path)
  if (posix.isAbsolute(normal) || normal.startsWith('..') || normal.endsWith('/') || normal.includes('\0')) {
    throw new Error(`${JSON.stringify(path)}: expected a path inside the reader's home`)
  }
  if (content.includes('\0')) throw new Error(`${path}: expected text`)
  await home.write(normal, content)
}
