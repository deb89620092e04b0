/** A host's WebSocket to somebody's terminal: who may, who is told, and when it ends. */
import type { IncomingMessage } from 'node:http'
import { closeCodes } from '../../protocol/terminal.ts'
import { ReaderError } from '../errors.ts'
import type { SignIns } from '../host/sign-ins.ts'
import type { Session } from '../sessions/sessions.ts'
import type { TerminalSocket } from '../terminal/terminal.ts'
import type { Rooms } from '../workshops/rooms.ts'

export interface Look {
  session: Session
  connect(socket: TerminalSocket): void
}

export interface LookingServices {
  signIns: Pick<SignIns, 'who' | 'attend'>
  rooms: Pick<Rooms, 'get' | 'seatIn' | 'terminalOf' | 'helping'>
  /** The token of the host's cookie. */
  hostOf(request: IncomingMessage): string | undefined
}

export type LookAt = (
  request: IncomingMessage,
  at: { workshop: string; seat: string; shell: number },
) => Look | undefined

/**
 * Undefined: no such terminal at this moment.
 * @throws {ReaderError} not-a-host (403), not-yours (403), unknown-seat (404)
 */
export const createLooking =
  ({ signIns, rooms, hostOf }: LookingServices): LookAt =>
  (request, at) => {
    const signIn = signIns.who(hostOf(request))
    if (!signIn) throw new ReaderError('not-a-host', 'Sign in as a host first.', { status: 403 })
    const { host } = signIn
    const workshop = rooms.get(host, at.workshop)
    const seat = rooms.seatIn(workshop, at.seat)
    const found = rooms.terminalOf(seat, at.shell)
    if (!found) return undefined
    return {
      session: found.session,
      connect(socket) {
        // The participant is told before the first byte is shown.
        const leave = rooms.helping.look(host, workshop, seat, at.shell)
        const signedOut = () => socket.close(closeCodes.forbidden, 'no longer signed in')
        const forget = signIns.attend(signIn, signedOut)
        socket.onClose(() => {
          forget()
          leave()
        })
        found.terminal.connect(socket, { mayType: () => rooms.helping.mayType(seat) })
      },
    }
  }
