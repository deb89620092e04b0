/** A page's end of a terminal, without the page: for tests and benchmarks that type and read. */
import WebSocket from 'ws'
import { decodeServerFrame, encodeClientFrame, type Welcome } from '../protocol/terminal.ts'

export interface TerminalClient {
  readonly welcome: Welcome
  /** Everything drawn so far, as text; only the last 1 MiB. */
  text(): string
  /** Bytes of output received. */
  readonly received: number
  type(text: string): void
  /** Resolves as soon as the output that came after the call holds the text. */
  expect(text: string | RegExp, timeoutMs?: number): Promise<string>
  /** Stops reading and acknowledging, as a tab that hangs does. */
  stall(): void
  close(): void
  readonly closed: Promise<{ code: number; reason: string }>
}

const KEPT = 1024 * 1024

/** @param cookie of the reader; the Origin is the server's own */
export function openTerminal(
  url: string,
  session: string,
  shell: number,
  cookie: string,
  options: { origin?: string; offset?: number; epoch?: string } = {},
): Promise<TerminalClient> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/sessions/${session}/shells/${shell}/terminal`, {
    headers: { cookie, origin: options.origin ?? url },
  })
  socket.binaryType = 'nodebuffer'
  const decoder = new TextDecoder()
  let text = ''
  /** Characters that came before the kept ones. */
  let dropped = 0
  let received = 0
  let drawn = 0
  let listener: (() => void) | undefined
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }))
  })

  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    void closed.then(({ code, reason }) => reject(new Error(`closed with ${code}: ${reason}`)))
    socket.once('open', () => {
      const { epoch, offset = 0 } = options
      socket.send(
        encodeClientFrame({ kind: 'hello', hello: { ...(epoch ? { epoch } : {}), offset, cols: 100, rows: 30 } }),
      )
    })
    socket.on('message', (data: Buffer) => {
      const frame = decodeServerFrame(data)
      if (frame.kind === 'welcome') resolve(client(frame.welcome))
      if (frame.kind !== 'output') return
      received += frame.data.length
      text += decoder.decode(frame.data, { stream: true })
      dropped += Math.max(0, text.length - KEPT)
      text = text.slice(-KEPT)
      const end = frame.offset + frame.data.length
      // The rhythm that the flow control asks of pages: half of its low mark.
      if (end - drawn >= 32 * 1024) {
        drawn = end
        socket.send(encodeClientFrame({ kind: 'acknowledge', offset: end }))
      }
      listener?.()
    })
  })

  function client(welcome: Welcome): TerminalClient {
    return {
      welcome,
      text: () => text,
      get received() {
        return received
      },
      type: (input) => socket.send(encodeClientFrame({ kind: 'input', data: new TextEncoder().encode(input) })),
      expect(wanted, timeoutMs = 30_000) {
        const from = dropped + text.length
        return new Promise((found, failed) => {
          const timer = setTimeout(() => {
            listener = undefined
            failed(new Error(`not seen within ${timeoutMs} ms: ${wanted}\n${text.slice(-2_000)}`))
          }, timeoutMs)
          listener = () => {
            const fresh = text.slice(Math.max(0, from - dropped))
            if (typeof wanted === 'string' ? !fresh.includes(wanted) : !wanted.test(fresh)) return
            clearTimeout(timer)
            listener = undefined
            found(fresh)
          }
          listener()
        })
      },
      stall() {
        socket.pause()
      },
      close: () => socket.close(),
      closed,
    }
  }
}
