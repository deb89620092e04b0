/** From an HTTP upgrade to a terminal: who may, how many, and when it ends. */
import type { IncomingMessage, Server } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { closeCodes, MAX_CLIENT_FRAME } from '../../protocol/terminal.ts'
import type { Clock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { Limits } from './limits.ts'
import type { Look, LookAt } from './looking.ts'
import type { Metrics } from './metrics.ts'
import type { Guard } from './origin.ts'
import { problemOf } from './problems.ts'
import { shellNumber, TERMINAL_PATH } from './routes.ts'
import { terminalSocket } from './web-socket.ts'
import { LOOK_PATH } from './workshop-routes.ts'

export interface TerminalServices {
  server: Server
  /** Whether a request is for another part of the server. */
  isElsewhere(request: IncomingMessage): boolean
  sessions: Pick<Sessions, 'get'>
  lookAt: LookAt
  guard: Guard
  clock: Clock
  log: Logger
  limits: Limits
  metrics: Pick<Metrics, 'opened' | 'closed' | 'refused'>
  readerOf(request: IncomingMessage): string | undefined
  addressOf(request: IncomingMessage): string
  /** Takes a place among the open connections; undefined if there is none left. */
  enter(address: string, session: string): (() => void) | undefined
}

const matcher = (path: string) => new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/?]+)')}$`)
const ownPath = matcher(TERMINAL_PATH)
const lookPath = matcher(LOOK_PATH)

/** What the page is told in place of a terminal. */
interface Refusal {
  code: number
  reason: string
}

/** WebSocket's "service restart": the page comes back by itself. */
const RESTART = 1012
/** "Try again later": as above, the page comes back by itself. */
const NOT_YET = 1013
/** Milliseconds that pages have to take their leave when the server closes. */
const LEAVE_WITHIN = 500

/** @returns closes all terminals' sockets */
export function serveTerminals(services: TerminalServices): () => Promise<void> {
  const { server, sessions, guard, clock, limits, metrics } = services
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_CLIENT_FRAME,
    // A terminal's frames are small or already flow-controlled, and a compressor for each socket costs 300 KiB.
    perMessageDeflate: false,
  })
  let closing = false

  server.on('upgrade', (request, duplex, head) => {
    if (services.isElsewhere(request)) return
    // Until `ws` takes over, nobody else listens, and an error without a listener ends the process.
    duplex.on('error', () => duplex.destroy())
    try {
      upgrade(request, duplex, head)
    } catch (error) {
      const problem = problemOf(error)
      metrics.refused(problem.body.error.code)
      services.log.info({ code: problem.body.error.code, address: services.addressOf(request) }, 'terminal refused')
      if (problem.unexpected) services.log.error({ err: error }, 'upgrade failed')
      refuse(duplex, problem)
    }
  })

  function upgrade(request: IncomingMessage, duplex: Duplex, head: Buffer): void {
    if (closing) throw new ReaderError('shutting-down', 'The lab server is about to restart.', { status: 503 })
    guard.checkHost(request.headers.host)
    const [path = ''] = (request.url ?? '').split('?')
    const own = ownPath.exec(path)?.groups
    const asked = own ?? lookPath.exec(path)?.groups
    if (!asked) throw new ReaderError('not-found', 'There is nothing at this address.', { status: 404 })
    guard.checkUpgrade(request.headers)
    const id = own ? (own.id ?? '') : `look at ${asked.seat}`
    const leave = services.enter(services.addressOf(request), id)
    if (!leave) {
      throw new ReaderError('too-many-terminals', 'Too many terminals are open from here.', {
        status: 429,
        retryAfter: 10,
      })
    }
    duplex.once('close', leave)
    const found = own ? find(services.readerOf(request), id, own.shell ?? '') : look(request, asked)
    sockets.handleUpgrade(request, duplex, head, (socket) => {
      metrics.opened('terminal')
      socket.once('close', () => metrics.closed('terminal'))
      const terminal = terminalSocket({ socket, clock, pingEvery: limits.pingEvery })
      // Only after the upgrade can a page be told the reason: browsers hide the answer to a refused one.
      if ('code' in found) {
        services.log.info({ session: id, code: found.code }, 'terminal refused')
        terminal.close(found.code, found.reason)
        return
      }
      const { session } = found
      const leaveSession = session.subscribe((view) => {
        if (view.status.state === 'ended') terminal.close(closeCodes.forbidden, 'the session is over')
      })
      terminal.onClose(leaveSession)
      found.connect(terminal)
    })
  }

  /** A terminal, or the code to close with. A session of someone else and one that does not exist look the same. */
  function find(reader: string | undefined, id: string, shell: string): Look | Refusal {
    try {
      const session = reader === undefined ? undefined : sessions.get(reader, id)
      if (!session || session.view().status.state === 'ended')
        return { code: closeCodes.forbidden, reason: 'no such session of yours' }
      const terminal = session.terminal(shellNumber(shell))
      if (terminal) return { session, connect: (socket) => terminal.connect(socket) }
      // After a restart of the server it takes a while until a lab's shells are there again
      return session.view().status.state === 'ready'
        ? { code: closeCodes.unknownShell, reason: 'no such shell' }
        : { code: NOT_YET, reason: 'the shells are not there yet' }
    } catch (error) {
      if (!(error instanceof ReaderError)) throw error
      return error.code === 'unknown-shell'
        ? { code: closeCodes.unknownShell, reason: 'no such shell' }
        : { code: closeCodes.forbidden, reason: 'no such session of yours' }
    }
  }

  /** A seat of somebody else's workshop and one that does not exist look the same. */
  function look(request: IncomingMessage, asked: Record<string, string>): Look | Refusal {
    const { workshop = '', seat = '', shell = '' } = asked
    try {
      const found = services.lookAt(request, { workshop, seat, shell: shellNumber(shell) })
      return found ?? { code: closeCodes.unknownShell, reason: 'no such shell' }
    } catch (error) {
      if (!(error instanceof ReaderError)) throw error
      return { code: closeCodes.forbidden, reason: 'no such seat of yours' }
    }
  }

  return async () => {
    closing = true
    const open = [...sockets.clients]
    for (const socket of open) socket.close(RESTART, 'the lab server restarts')
    await new Promise<void>((resolve) => {
      if (open.length === 0) resolve()
      else clock.after(LEAVE_WITHIN, resolve)
    })
    for (const socket of sockets.clients) socket.terminate()
  }
}

function refuse(duplex: Duplex, problem: ReturnType<typeof problemOf>): void {
  const body = JSON.stringify(problem.body)
  const { retryAfter } = problem.body.error
  duplex.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...(retryAfter === undefined ? [] : [`Retry-After: ${retryAfter}`]),
      '',
      body,
    ].join('\r\n'),
  )
  // The answer has been handed to the kernel; a peer that keeps its half open gets no more of ours.
  duplex.once('finish', () => duplex.destroy())
}
