/** Starts a process by this one: for programs that are small themselves. */
import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Launched, Start } from './launcher.ts'

export const startHere: Start = async ({ file, args, env, cwd }, streams): Promise<Launched> => {
  const child = spawn(file, args, { env, cwd, stdio: streams.map((wanted) => (wanted ? 'pipe' : 'ignore')) })
  return {
    streams: child.stdio.map((stream) => {
      // Who ends before all was read says so with its code
      stream?.on('error', () => {})
      return (stream ?? undefined) as Socket | undefined
    }),
    exited: new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', resolve)
    }),
    kill: (signal) => child.kill(signal),
  }
}
