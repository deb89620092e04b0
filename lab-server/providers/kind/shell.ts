import type { Duplex } from 'node:stream'
import type Docker from 'dockerode'
import { type Clock, sleep } from '../../clock.ts'
import type { Shell, TerminalSize } from '../provider.ts'
import { gone, statusOf } from './docker.ts'

/** After its stream has ended, a shell that has not exited within this time, in ms, is attached to again. */
const EXIT_WAIT = 2000
/** A width that no page has, so that the page's own makes the shell draw its line again. */
const REDRAW: TerminalSize = { cols: 79, rows: 24 }

export interface DockerShell extends Shell {
  /** Lets go of the stream; the shell runs on. */
  release(): void
}

const openStream = (container: Docker.Container, logs: boolean) =>
  container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true, logs }) as Promise<
    NodeJS.ReadWriteStream & Duplex
  >

/** Attaches to a container before it is started, so that no byte is missed: nothing is read until somebody listens. */
export async function startShell(
  container: Docker.Container,
  id: number,
  size: TerminalSize,
  clock: Clock,
): Promise<DockerShell> {
  const stream = await openStream(container, false)
  stream.pause()
  await container.start()
  const shell = createShell(container, id, clock, stream)
  await shell.resize(size)
  return shell
}

/** A shell that is running already: it tells first what Docker has kept of its output. */
export const adoptShell = (container: Docker.Container, id: number, clock: Clock): DockerShell =>
  createShell(container, id, clock, undefined)

function createShell(container: Docker.Container, id: number, clock: Clock, first: Duplex | undefined): DockerShell {
  let stream = first
  let paused = false
  let released = false

  async function resize({ cols, rows }: TerminalSize): Promise<void> {
    try {
      await container.resize({ h: rows, w: cols })
    } catch (error) {
      // It has exited in this moment
      if (statusOf(error) !== 409 && statusOf(error) !== 404 && statusOf(error) !== 500) throw error
    }
  }

  /** The exit code, null if it cannot be known, undefined if the shell runs on. */
  async function exitCode(): Promise<number | null | undefined> {
    const waited = container.wait().then(
      ({ StatusCode }: { StatusCode: number }) => StatusCode,
      () => null,
    )
    return Promise.race([waited, sleep(clock, EXIT_WAIT).then(() => undefined)])
  }

  function listen(to: Duplex, handlers: Parameters<Shell['attach']>[0]) {
    stream = to
    to.on('data', (chunk: Buffer) => handlers.onData(chunk))
    to.on('error', () => to.destroy())
    let over = false
    const end = async () => {
      if (over || released) return
      over = true
      to.destroy()
      const code = await exitCode()
      if (released) return
      if (code !== undefined) return handlers.onExit(code)
      try {
        listen(await openStream(container, false), handlers)
      } catch {
        handlers.onExit(null)
      }
    }
    to.on('end', end)
    to.on('close', end)
    if (paused) to.pause()
    else to.resume()
  }

  return {
    id,
    async attach(handlers) {
      if (stream) return listen(stream, handlers)
      listen(await openStream(container, true), handlers)
      // Docker keeps whole lines: the one that is being typed comes only by being drawn again
      await resize(REDRAW)
    },
    write: (data) => (stream && !stream.destroyed ? stream.write(data) : true),
    drained: () =>
      new Promise((resolve) => {
        if (!stream || stream.destroyed || !stream.writableNeedDrain) return resolve()
        const done = () => {
          stream?.off('drain', done)
          stream?.off('close', done)
          resolve()
        }
        stream.on('drain', done)
        stream.on('close', done)
      }),
    pause() {
      paused = true
      stream?.pause()
    },
    resume() {
      paused = false
      stream?.resume()
    },
    resize,
    async close() {
      try {
        await container.kill()
      } catch (error) {
        if (statusOf(error) !== 409) gone(error)
      }
    },
    release() {
      released = true
      stream?.destroy()
    },
  }
}
