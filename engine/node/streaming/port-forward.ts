import type { StreamingSession } from '../../api/http.ts'
import type { SpdyConnection, SpdyStream } from './spdy.ts'

/** Over WebSocket and over SPDY: the first holds the second as its messages. */
export const portForwardProtocol = 'portforward.k8s.io'
export const tunnelledPortForwardProtocol = 'SPDY/3.1+portforward.k8s.io'

/** Forwards the connections of one client until it goes: two streams each, one for data and one for errors. Never fails. */
export async function servePortForward(
  connection: SpdyConnection,
  session: Extract<StreamingSession, { kind: 'portforward' }>,
): Promise<void> {
  const waiting = new Map<string, SpdyStream>()
  void connection.run()
  for await (const stream of connection.streams) {
    const { streamtype: type, requestid: request = '' } = stream.headers
    const other = waiting.get(request)
    if (other === undefined) waiting.set(request, stream)
    else {
      waiting.delete(request)
      void forward(session, ...(type === 'data' ? ([stream, other] as const) : ([other, stream] as const)))
    }
  }
}

async function forward(
  session: Extract<StreamingSession, { kind: 'portforward' }>,
  data: SpdyStream,
  error: SpdyStream,
): Promise<void> {
  try {
    const port = await session.connect(Number(data.headers.port))
    const sent = (async () => {
      for await (const chunk of data.incoming) await port.write(chunk)
    })()
    for await (const chunk of port.incoming) await data.write(chunk)
    await data.finish()
    port.close()
    // What the client still sends has no reader any more; it ends with the client's side of the stream.
    await sent.catch(() => undefined)
  } catch (failed) {
    await error.write(Buffer.from((failed as Error).message)).catch(() => undefined)
    await data.finish().catch(() => undefined)
  } finally {
    await error.finish().catch(() => undefined)
  }
}
