import type { StreamingSession } from '../../api/http.ts'
import { parseSize, processStatus } from './process-status.ts'
import { Queue } from './queue.ts'
import type { SpdyConnection, SpdyStream } from './spdy.ts'

/** The protocols for exec and attach over SPDY, the best first. */
export const spdyProcessProtocols = ['v4.channel.k8s.io']

/** Runs a process whose streams are streams of SPDY: clients that do not speak WebSocket. Never fails. */
export async function serveSpdyProcess(
  connection: SpdyConnection,
  session: Extract<StreamingSession, { kind: 'exec' | 'attach' }>,
): Promise<void> {
  const gone = new AbortController()
  void connection.run().then(() => gone.abort())
  const streams = await openedStreams(connection, session.options)
  if (streams === undefined) return
  const { stdin, stdout, stderr, error, resize } = streams
  const write = (stream: SpdyStream | undefined) => (chunk: Uint8Array) => stream?.write(chunk) ?? Promise.resolve()
  const result = await session
    .start({
      stdin: stdin?.incoming ?? nothing(),
      stdout: write(stdout),
      stderr: write(stderr),
      sizes: sizesOf(resize),
      signal: gone.signal,
    })
    .catch((failed: unknown) => ({ failure: (failed as Error).message }))
  await stdout?.finish()
  await stderr?.finish()
  await error?.write(Buffer.from(processStatus(result)))
  await error?.finish()
  connection.close()
}

type Name = 'stdin' | 'stdout' | 'stderr' | 'error' | 'resize'

/** The streams that the request's options promise, once all of them are there; undefined if the client goes before. */
async function openedStreams(
  connection: SpdyConnection,
  options: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean; readonly tty: boolean },
): Promise<Partial<Record<Name, SpdyStream>> | undefined> {
  const expected = new Set<string>(['error'])
  if (options.stdin) expected.add('stdin')
  if (options.stdout) expected.add('stdout')
  if (options.stderr && !options.tty) expected.add('stderr')
  if (options.tty) expected.add('resize')
  const streams: Partial<Record<Name, SpdyStream>> = {}
  for await (const stream of connection.streams) {
    const name = stream.headers.streamtype
    if (name !== undefined && expected.delete(name)) streams[name as Name] = stream
    if (expected.size === 0) return streams
  }
  return undefined
}

async function* sizesOf(stream: SpdyStream | undefined) {
  if (stream === undefined) return
  const decoder = new TextDecoder()
  // Sizes are written by a JSON encoder, one a line.
  for await (const chunk of stream.incoming) {
    for (const line of decoder.decode(chunk).split('\n')) {
      const size = parseSize(line)
      if (size !== undefined) yield size
    }
  }
}

function nothing(): Queue<Uint8Array> {
  const queue = new Queue<Uint8Array>()
  queue.end()
  return queue
}
