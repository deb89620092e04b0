/** The routes of hosts, their workshops and those who sit in them; protocol/workshop.ts says what is sent. */
import {
  BroadcastRequest,
  type Capacity,
  ExtendRequest,
  HandRequest,
  type HostView,
  JoinRequest,
  LinkRequest,
  type Pace,
  PaceRequest,
  SignInRequest,
  StepRequest,
  TypingRequest,
  WorkshopDraft,
} from '../../protocol/workshop.ts'
import { ReaderError } from '../errors.ts'
import type { SignIns } from '../host/sign-ins.ts'
import { csvOf, fileNameOf } from '../workshops/export.ts'
import type { Rooms } from '../workshops/rooms.ts'
import type { Seat } from '../workshops/workshop.ts'
import { newestOf } from './feed.ts'
import type { Answer, ApiRequest, ApiRoute } from './routes.ts'

export interface WorkshopServices {
  signIns: SignIns
  rooms: Rooms
  /** What this machine can host at this moment. */
  capacity(): Capacity
}

const WORKSHOP = '/api/workshops/:workshop'
const SEAT = `${WORKSHOP}/seats/:seat`

/** Where a host asks for a WebSocket that shows somebody's terminal; a plain GET is told so. */
export const LOOK_PATH = `${SEAT}/shells/:shell/terminal`

const json = (body: unknown): Answer => ({ kind: 'json', status: 200, body })
const nothing: Answer = { kind: 'nothing' }

/** Of a host's own workshop. */
const seatIn = (request: ApiRequest, rooms: Rooms): Seat => rooms.seatIn(request.workshop(), request.params.seat ?? '')

/** From now on this browser is the seat's. */
function seated(rooms: Rooms, seat: Seat): Answer {
  return { kind: 'json', status: 200, body: viewOf(rooms, seat), reader: seat.reader }
}

function viewOf(rooms: Rooms, seat: Seat) {
  const view = rooms.seatView(seat)
  if (view) return view
  throw noSeat()
}

const noSeat = () => new ReaderError('no-seat', 'You have no seat in a workshop.', { status: 404 })

export const workshopRoutes: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/host',
    about: 'anyone',
    answer({ signedIn }, { signIns }) {
      const name = signedIn()?.host.name
      return json({ ways: signIns.ways, ...(name === undefined ? {} : { name }) } satisfies HostView)
    },
  },
  {
    method: 'POST',
    path: '/api/host/sign-in',
    about: 'anyone',
    body: SignInRequest,
    async answer({ body, address, begun }, { signIns }) {
      const token = await signIns.signIn(body as SignInRequest, address, begun)
      const name = signIns.who(token)?.host.name ?? ''
      return { kind: 'json', status: 200, body: { ways: signIns.ways, name } satisfies HostView, host: token }
    },
  },
  {
    method: 'GET',
    path: '/api/host/openid',
    about: 'anyone',
    answer: async ({ begun }, { signIns }) => ({ kind: 'elsewhere', ...(await signIns.begin(begun.origin)) }),
  },
  {
    method: 'DELETE',
    path: '/api/host/sign-in',
    about: 'host',
    answer(request, { signIns }) {
      signIns.signOut(request.signIn())
      return { kind: 'nothing', signedOut: true }
    },
  },
  {
    method: 'GET',
    path: '/api/host/capacity',
    about: 'host',
    answer: (_, { capacity }) => json(capacity()),
  },
  {
    method: 'GET',
    path: '/api/workshops',
    about: 'host',
    answer: (request, { rooms }) => json({ workshops: rooms.of(request.signIn().host) }),
  },
  {
    method: 'POST',
    path: '/api/workshops',
    about: 'host',
    body: WorkshopDraft,
    answer: (request, { rooms }) => ({
      kind: 'json',
      status: 201,
      body: rooms.create(request.signIn().host, request.body as WorkshopDraft),
    }),
  },
  {
    method: 'GET',
    path: WORKSHOP,
    about: 'workshop',
    answer: (request, { rooms }) => json(rooms.view(request.workshop())),
  },
  {
    method: 'PUT',
    path: WORKSHOP,
    about: 'workshop',
    body: WorkshopDraft,
    answer: (request, { rooms }) => json(rooms.change(request.workshop(), request.body as WorkshopDraft)),
  },
  {
    method: 'DELETE',
    path: WORKSHOP,
    about: 'workshop',
    answer(request, { rooms }) {
      rooms.remove(request.workshop())
      return { kind: 'nothing' }
    },
  },
  {
    method: 'POST',
    path: `${WORKSHOP}/extend`,
    about: 'workshop',
    body: ExtendRequest,
    answer(request, { rooms }) {
      const { minutes } = request.body as { minutes: number }
      return json(rooms.extend(request.signIn().host, request.workshop(), minutes))
    },
  },
  {
    method: 'POST',
    path: `${WORKSHOP}/end`,
    about: 'workshop',
    answer: (request, { rooms }) => json(rooms.end(request.signIn().host, request.workshop())),
  },
  {
    method: 'GET',
    path: `${WORKSHOP}/board`,
    about: 'workshop',
    answer(request, { rooms }) {
      const { id } = request.workshop()
      return { kind: 'feed', of: `board ${id}`, open: rooms.boards.feed(id) }
    },
  },
  {
    method: 'PUT',
    path: `${WORKSHOP}/pace`,
    about: 'workshop',
    body: PaceRequest,
    answer(request, { rooms }) {
      const { pace } = request.body as { pace: Pace | null }
      return json(rooms.view(rooms.leading.setPace(request.signIn().host, request.workshop(), pace)))
    },
  },
  {
    method: 'POST',
    path: `${WORKSHOP}/broadcast`,
    about: 'workshop',
    body: BroadcastRequest,
    answer(request, { rooms }) {
      const { text } = request.body as { text: string }
      return {
        kind: 'json',
        status: 201,
        body: rooms.leading.broadcast(request.signIn().host, request.workshop(), text),
      }
    },
  },
  {
    method: 'GET',
    path: `${WORKSHOP}/export.csv`,
    about: 'workshop',
    answer(request, { rooms }) {
      const workshop = request.workshop()
      const text = csvOf(rooms.exportOf(workshop))
      return { kind: 'file', name: fileNameOf(workshop, 'csv'), type: 'text/csv; charset=utf-8', text }
    },
  },
  {
    method: 'GET',
    path: `${WORKSHOP}/export.json`,
    about: 'workshop',
    answer(request, { rooms }) {
      const workshop = request.workshop()
      const text = `${JSON.stringify(rooms.exportOf(workshop), null, 2)}\n`
      return { kind: 'file', name: fileNameOf(workshop, 'json'), type: 'application/json; charset=utf-8', text }
    },
  },
  {
    method: 'GET',
    path: `${WORKSHOP}/audit`,
    about: 'workshop',
    answer: (request, { rooms }) => json({ lines: rooms.auditOf(request.workshop()) }),
  },
  {
    method: 'DELETE',
    path: SEAT,
    about: 'workshop',
    answer(request, { rooms }) {
      rooms.removeSeat(request.signIn().host, request.workshop(), seatIn(request, rooms))
      return { kind: 'nothing' }
    },
  },
  {
    method: 'GET',
    path: `${SEAT}/link`,
    about: 'workshop',
    answer: (request, { rooms }) =>
      json({ link: rooms.linkFor(request.signIn().host, request.workshop(), seatIn(request, rooms)) }),
  },
  {
    method: 'POST',
    path: `${SEAT}/restart`,
    about: 'workshop',
    body: StepRequest,
    answer(request, { rooms }) {
      const at = request.body as StepRequest
      rooms.leading.restart(request.signIn().host, request.workshop(), seatIn(request, rooms), at)
      return nothing
    },
  },
  {
    method: 'POST',
    path: `${SEAT}/catch-up`,
    about: 'workshop',
    body: StepRequest,
    answer(request, { rooms }) {
      const at = request.body as StepRequest
      rooms.leading.catchUp(request.signIn().host, request.workshop(), seatIn(request, rooms), at)
      return nothing
    },
  },
  {
    method: 'DELETE',
    path: `${SEAT}/hand`,
    about: 'workshop',
    answer(request, { rooms }) {
      rooms.leading.lowerHand(request.signIn().host, request.workshop(), seatIn(request, rooms))
      return nothing
    },
  },
  {
    method: 'POST',
    path: `${SEAT}/typing`,
    about: 'workshop',
    answer(request, { rooms }) {
      rooms.helping.ask(request.signIn().host, request.workshop(), seatIn(request, rooms))
      return nothing
    },
  },
  {
    method: 'DELETE',
    path: `${SEAT}/typing`,
    about: 'workshop',
    answer(request, { rooms }) {
      rooms.helping.stop(request.signIn().host, request.workshop(), seatIn(request, rooms))
      return nothing
    },
  },
  {
    method: 'GET',
    path: LOOK_PATH,
    about: 'workshop',
    answer() {
      throw new ReaderError('upgrade-required', 'A terminal is opened as a WebSocket.', { status: 426 })
    },
  },
  {
    method: 'POST',
    path: '/api/join',
    about: 'anyone',
    body: JoinRequest,
    answer: (request, { rooms }) => seated(rooms, rooms.join(request.body as JoinRequest, request)),
  },
  {
    method: 'POST',
    path: '/api/join/link',
    about: 'anyone',
    body: LinkRequest,
    answer: (request, { rooms }) => seated(rooms, rooms.byLink((request.body as { token: string }).token, request)),
  },
  {
    method: 'GET',
    path: '/api/seat',
    about: 'seat',
    answer: (request, { rooms }) => json(viewOf(rooms, request.seat())),
  },
  {
    method: 'GET',
    path: '/api/seat/events',
    about: 'seat',
    answer(request, { rooms }) {
      const seat = request.seat()
      const open = newestOf(
        'seat',
        () => rooms.seatView(seat),
        (changed) => rooms.watchSeat(seat, changed),
      )
      return { kind: 'feed', of: `seat ${seat.id}`, open }
    },
  },
  {
    method: 'GET',
    path: '/api/seat/progress',
    about: 'seat',
    answer(request, { rooms }) {
      const progress = rooms.progressOf(request.seat())
      if (progress) return json(progress)
      throw noSeat()
    },
  },
  {
    method: 'PUT',
    path: '/api/seat/hand',
    about: 'seat',
    body: HandRequest,
    answer(request, { rooms }) {
      rooms.leading.raiseHand(request.seat(), (request.body as { raised: boolean }).raised)
      return json(viewOf(rooms, request.seat()))
    },
  },
  {
    method: 'PUT',
    path: '/api/seat/typing',
    about: 'seat',
    body: TypingRequest,
    answer(request, { rooms }) {
      rooms.helping.answer(request.seat(), (request.body as { allowed: boolean }).allowed)
      return json(viewOf(rooms, request.seat()))
    },
  },
]
