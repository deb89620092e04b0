/** What the server adds between a shell and a socket, with 100 busy shells, on the real code and without a network. */
import { systemClock } from '../../lab-server/clock.ts'
import { randomIds } from '../../lab-server/ids.ts'
import { fakeShell } from '../../lab-server/providers/provider.fake.ts'
import type { Shell } from '../../lab-server/providers/provider.ts'
import { createTerminal } from '../../lab-server/terminal/create-terminal.ts'
import { decodeServerFrame, encodeClientFrame } from '../../protocol/terminal.ts'
import { percentile, row } from './report.ts'

const SHELLS = 100
const SECONDS = 5
/** A busy shell: a screenful every 50 ms. */
const CHUNK_BYTES = 2_000
const EVERY_MS = 50

export async function benchTerminals(): Promise<void> {
  const delays: number[] = []
  const feeds: ((data: Uint8Array) => void)[] = []
  const terminals = Array.from({ length: SHELLS }, () => {
    const shell: Shell = { ...fakeShell(1), attach: async ({ onData }) => void feeds.push(onData) }
    const terminal = createTerminal({ shell, clock: systemClock, ids: randomIds, onInput() {}, onExit() {} })
    let deliver: (frame: Uint8Array) => void = () => {}
    terminal.connect({
      buffered: 0,
      send(bytes) {
        const frame = decodeServerFrame(bytes)
        if (frame.kind !== 'output') return
        // Each chunk begins with the time at which the shell wrote it.
        const view = new DataView(frame.data.buffer, frame.data.byteOffset, frame.data.byteLength)
        for (let at = 0; at + 8 <= frame.data.length; at += CHUNK_BYTES)
          delays.push(performance.now() - view.getFloat64(at))
        deliver(encodeClientFrame({ kind: 'acknowledge', offset: frame.offset + frame.data.length }))
      },
      close() {},
      onFrame: (listener) => {
        deliver = listener
      },
      onClose() {},
    })
    deliver(encodeClientFrame({ kind: 'hello', hello: { offset: 0, cols: 80, rows: 24 } }))
    return terminal
  })
  await new Promise((resolve) => setTimeout(resolve, 100))

  const cpu = process.cpuUsage()
  const timers = feeds.map((feed, index) => {
    const write = () => {
      const chunk = new Uint8Array(CHUNK_BYTES)
      new DataView(chunk.buffer).setFloat64(0, performance.now())
      feed(chunk)
    }
    return setTimeout(
      () => {
        write()
        timers.push(setInterval(write, EVERY_MS))
      },
      (index * EVERY_MS) / SHELLS,
    ) as NodeJS.Timeout
  })
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000))
  for (const timer of timers) clearInterval(timer)
  const { user, system } = process.cpuUsage(cpu)
  for (const terminal of terminals) terminal.close()

  row(
    `PTY to socket, ${SHELLS} busy shells, p50 · p99`,
    `${percentile(delays, 50).toFixed(1)} · ${percentile(delays, 99).toFixed(1)} ms`,
    'p99 at most 10 ms',
  )
  row('processor for that', `${((user + system) / 1e4 / SECONDS).toFixed(0)} % of one core`)
}
