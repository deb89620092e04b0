import type { RawData, WebSocket } from 'ws'
import type { StreamingSession } from '../../api/http.ts'
import { parseSize, processStatus } from './process-status.ts'
import { Queue } from './queue.ts'

/** The protocols for exec and attach, the best first: v5 can say that stdin has ended. */
export const processProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io']

/** First byte of each message (remotecommand, 1.34). */
const STDIN = 0
const STDOUT = 1
const STDERR = 2
const STATUS = 3
const RESIZE = 4
const CLOSE = 255

/** Bytes on their way to the client above which the process waits. */
const HIGH_WATER = 1024 * 1024
/** Chunks of input that wait for the process above which the socket is not read. */
const MOST_INPUT = 64
const GOING_AWAY = 1000

/** Runs a process whose streams are messages of a WebSocket. Never fails. */
export async function serveProcess(
  socket: WebSocket,
  session: Extract<StreamingSession, { kind: 'exec' | 'attach' }>,
): Promise<void> {
  const stdin = new Queue<Uint8Array>()
  const sizes = new Queue<{ readonly width: number; readonly height: number }>()
  const gone = new AbortController()
  socket.on('close', () => {
    stdin.end()
    sizes.end()
    gone.abort()
  })
  if (!session.options.stdin) stdin.end()
  socket.on('message', (data: RawData) => {
    const message = data as Buffer
    const content = message.subarray(1)
    switch (message[0]) {
      case STDIN:
        if (content.length === 0) return
        stdin.push(content)
        if (stdin.waiting > MOST_INPUT) {
          socket.pause()
          void stdin.drained(MOST_INPUT / 2).then(() => socket.resume())
        }
        return
      case RESIZE: {
        const size = parseSize(content.toString())
        if (size !== undefined) sizes.push(size)
        return
      }
      case CLOSE:
        if (content[0] === STDIN) stdin.end()
    }
  })
  const send = (channel: number) => async (chunk: Uint8Array) => {
    if (socket.readyState !== socket.OPEN) return
    const sent = Promise.withResolvers<void>()
    socket.send(Buffer.concat([Uint8Array.of(channel), chunk]), () => sent.resolve())
    if (socket.bufferedAmount > HIGH_WATER) await sent.promise
  }
  const result = await session
    .start({ stdin, stdout: send(STDOUT), stderr: send(STDERR), sizes, signal: gone.signal })
    .catch((error: unknown) => ({ failure: (error as Error).message }))
  await send(STATUS)(Buffer.from(processStatus(result)))
  socket.close(GOING_AWAY)
}
