/** The process that starts others for the server: it has little memory, so that starting costs little, and ends with the server. */
import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { dirname } from 'node:path'
import process from 'node:process'
import { type IPty, spawn as spawnTerminal } from 'node-pty'
import type { FromLauncher, ToLauncher } from './messages.ts'
import { headOf } from './messages.ts'

/** Where the server listens for streams. */
const [path = ''] = process.argv.slice(2)

const children = new Map<number, ChildProcess>()
const terminals = new Map<number, IPty>()
/** Of what is being started: whether it was killed meanwhile. */
const starting = new Map<number, { killed: boolean }>()

const tell = (message: FromLauncher): void => {
  if (process.connected) process.send?.(message)
}

/** Nothing is read from it here: its bytes are for who gets it. */
function stream(id: number, index: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.pause()
    socket.once('error', reject)
    socket.write(headOf(id, index), () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

async function start({ id, command, streams }: Extract<ToLauncher, { kind: 'spawn' }>): Promise<void> {
  const sockets = await Promise.all(streams.map((wanted, index) => (wanted ? stream(id, index) : undefined)))
  const killed = isKilled(id)
  const close = () => {
    for (const socket of sockets) socket?.destroy()
  }
  if (killed) {
    close()
    return tell({ kind: 'exit', id, code: null })
  }
  const { file, args, env, cwd } = command
  const child = spawn(file, args, { env, cwd, stdio: sockets.map((socket) => socket ?? 'ignore') })
  children.set(id, child)
  child.on('error', ({ message }) => {
    if (children.delete(id)) tell({ kind: 'failed', id, message })
  })
  child.on('exit', (code) => {
    if (children.delete(id)) tell({ kind: 'exit', id, code })
  })
  close()
}

async function open({ id, command, cols, rows }: Extract<ToLauncher, { kind: 'terminal' }>): Promise<void> {
  const socket = await stream(id, 0)
  if (isKilled(id)) {
    socket.destroy()
    return tell({ kind: 'exit', id, code: null })
  }
  const { file, args, env, cwd = '/' } = command
  const terminal = spawnTerminal(file, args, { name: 'xterm-256color', cols, rows, cwd, env, encoding: null })
  terminals.set(id, terminal)
  socket.on('error', () => {})
  terminal.onData((data) => {
    // Who does not read holds the terminal up, and so what writes to it
    if (!socket.write(data)) terminal.pause()
  })
  socket.on('drain', () => terminal.resume())
  socket.on('data', (data) => {
    // Without an encoding it is bytes, whatever the types say
    if (terminals.has(id)) terminal.write(data as unknown as string)
  })
  terminal.onExit(({ exitCode }) => {
    terminals.delete(id)
    socket.end(() => tell({ kind: 'exit', id, code: exitCode }))
  })
  socket.resume()
}

function kill(id: number, signal: NodeJS.Signals): void {
  const begun = starting.get(id)
  if (begun !== undefined) begun.killed = true
  else (children.get(id) ?? terminals.get(id))?.kill(signal)
}

function isKilled(id: number): boolean {
  const begun = starting.get(id)
  starting.delete(id)
  return begun?.killed === true
}

process.on('message', (message: ToLauncher) => {
  switch (message.kind) {
    case 'spawn':
    case 'terminal':
      starting.set(message.id, { killed: false })
      ;(message.kind === 'spawn' ? start(message) : open(message)).catch((error: Error) =>
        tell({ kind: 'failed', id: message.id, message: error.message }),
      )
      return
    case 'resize':
      terminals.get(message.id)?.resize(message.cols, message.rows)
      return
    case 'kill':
      kill(message.id, message.signal)
  }
})
process.on('exit', () => rmSync(dirname(path), { recursive: true, force: true }))
process.on('disconnect', () => process.exit())
// The terminal's Ctrl+C is for the server, which ends this process when it is done
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
