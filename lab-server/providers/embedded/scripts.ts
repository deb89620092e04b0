/** What the server itself runs in a reader's home. */
import { spawn } from 'node:child_process'
import { posix } from 'node:path'
import type { RunInHome } from '../home-files.ts'
import type { Home } from './sandbox/home.ts'

/** Output of a script that is handed back, in bytes. */
const OUTPUT_LIMIT = 64 * 1024

export interface Ended {
  code: number
  output: string
}

/** Runs a script in bash; aborted, it ends with all its processes. */
export async function runScript(home: Home, script: string, signal: AbortSignal): Promise<Ended> {
  signal.throwIfAborted()
  // A session of its own, so that all of it can be ended; its leader says who it is
  const { file, args, env, cwd } = home.command([
    'setsid',
    '--wait',
    'bash',
    '-c',
    'echo $$ >&3; exec bash -c "$0" 3>&-',
    script,
  ])
  const child = spawn(file, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
  let output = Buffer.alloc(0)
  let leader = ''
  const keep = (chunk: Buffer) => {
    output = Buffer.concat([output, chunk.subarray(0, OUTPUT_LIMIT - output.length)])
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    // A number and no more, whatever else is written there
    leader = (leader + chunk).slice(0, 16)
  })
  return new Promise((resolve, reject) => {
    const abort = () => {
      void endSession(home, Number(leader))
      child.kill('SIGKILL')
      reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    child.on('error', reject)
    child.on('close', (code) => {
      signal.removeEventListener('abort', abort)
      resolve({ code: code ?? 137, output: output.toString('utf8') })
    })
  })
}

/** Its number is the home's own, so only a process of the home can name it. */
async function endSession(home: Home, leader: number): Promise<void> {
  if (!(leader > 1) || !home.running) return
  const { file, args, env, cwd } = home.command(['bash', '-c', 'kill -KILL -- "-$0"', String(leader)])
  spawn(file, args, { env, cwd, stdio: 'ignore' }).on('error', () => {})
}

/** Runs a command in the home, with an input. */
export const runInHome =
  (home: Pick<Home, 'command'>): RunInHome =>
  (argv, { stdin = '', limit, signal }) =>
    new Promise((resolve, reject) => {
      const { file, args, env, cwd } = home.command(argv)
      const child = spawn(file, args, { env, cwd, stdio: ['pipe', 'pipe', 'ignore'], signal, killSignal: 'SIGKILL' })
      const kept: Buffer[] = []
      let left = limit
      child.stdout.on('data', (chunk: Buffer) => {
        kept.push(chunk.subarray(0, left))
        left -= Math.min(left, chunk.length)
      })
      // Whoever does not read its input has refused it
      child.stdin.on('error', () => {})
      child.on('error', reject)
      child.on('close', (code) => resolve({ code: code ?? 137, stdout: Buffer.concat(kept) }))
      child.stdin.end(stdin)
    })

/** @throws {Error} for what is no text file below the home */
export async function writeHomeFile(home: Home, path: string, content: string): Promise<void> {
  const normal = posix.normalize(path)
  if (posix.isAbsolute(normal) || normal.startsWith('..') || normal.endsWith('/') || normal.includes('\0')) {
    throw new Error(`${JSON.stringify(path)}: expected a path inside the reader's home`)
  }
  if (content.includes('\0')) throw new Error(`${path}: expected text`)
  await home.write(normal, content)
}
