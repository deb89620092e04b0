/**
 * Has listeners opened where this process is not, in the networks of sandboxes, and handed over. That takes a process for each, which a small one
 * starts that is there for as long as this thread: started by the server itself each would cost it a copy of all its memory's table.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Server } from 'node:net'
import process from 'node:process'

/** Milliseconds for a command to open its listener. */
const WITHIN = 10_000

/** The small process's program: a command and its number in, the listener out. */
const program = `
const { spawn } = require('node:child_process')
process.on('message', ({ id, command: [file, ...args] }) => {
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], timeout: ${WITHIN} })
  let complaint = ''
  let answered = false
  const fail = (why) => {
    if (!answered) process.send({ id, failed: why + ': ' + complaint.trim() })
    answered = true
  }
  child.stderr.on('data', (chunk) => {
    complaint += chunk
  })
  child.on('message', (_, listening) => {
    answered = true
    process.send({ id }, listening, () => listening.close())
    child.send('taken', () => {})
  })
  child.on('error', (error) => fail(error.message))
  child.on('exit', (code) => fail(String(code)))
})
process.on('disconnect', () => process.exit())
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})`

type FromOpener = { readonly id: number; readonly failed?: string }

export class Opener {
  #child: ChildProcess | undefined
  #ids = 0
  readonly #waiting = new Map<number, PromiseWithResolvers<Server>>()

  /** The listening server that a short-lived command opens. */
  open(command: readonly string[]): Promise<Server> {
    const child = this.#begun()
    const id = ++this.#ids
    const waiting = Promise.withResolvers<Server>()
    this.#waiting.set(id, waiting)
    child.send({ id, command }, (error) => {
      if (error) this.#fail(id, error.message)
    })
    return waiting.promise
  }

  #begun(): ChildProcess {
    if (this.#child) return this.#child
    const child = spawn(process.execPath, ['-e', program], {
      env: process.env,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#child = child
    child.unref()
    child.channel?.unref()
    child.on('message', ({ id, failed }: FromOpener, listening) => {
      if (failed !== undefined) return this.#fail(id, failed)
      this.#waiting.get(id)?.resolve(listening as Server)
      this.#waiting.delete(id)
    })
    const over = () => {
      if (this.#child !== child) return
      this.#child = undefined
      for (const id of [...this.#waiting.keys()]) this.#fail(id, 'the process that opens listeners has ended')
    }
    child.on('error', over)
    child.on('exit', over)
    return child
  }

  #fail(id: number, why: string): void {
    this.#waiting.get(id)?.reject(new Error(`no listener was handed over (${why})`))
    this.#waiting.delete(id)
  }
}
