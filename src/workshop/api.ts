/** What the pages of workshops ask of the lab server; protocol/workshop.ts says what is sent. */
import type {
  AuditLine,
  Capacity,
  HostView,
  JoinRequest,
  Pace,
  SeatProgress,
  SeatView,
  SignInRequest,
  WorkshopDraft,
  WorkshopView,
} from '../../protocol/workshop.ts'
import { call } from '../lab/api.ts'

const workshop = (id: string, rest = '') => `workshops/${encodeURIComponent(id)}${rest}`
const seat = (id: string, seat: string, rest = '') => workshop(id, `/seats/${encodeURIComponent(seat)}${rest}`)

export const host = {
  view: () => call('GET', 'host') as Promise<HostView>,
  signIn: (request: SignInRequest) => call('POST', 'host/sign-in', request) as Promise<HostView>,
  signOut: () => call('DELETE', 'host/sign-in'),
  capacity: () => call('GET', 'host/capacity') as Promise<Capacity>,
  workshops: async () => ((await call('GET', 'workshops')) as { workshops: WorkshopView[] }).workshops,
  workshop: (id: string) => call('GET', workshop(id)) as Promise<WorkshopView>,
  create: (draft: WorkshopDraft) => call('POST', 'workshops', draft) as Promise<WorkshopView>,
  change: (id: string, draft: WorkshopDraft) => call('PUT', workshop(id), draft) as Promise<WorkshopView>,
  remove: (id: string) => call('DELETE', workshop(id)),
  board: (id: string) => new EventSource(`/api/${workshop(id, '/board')}`),
  broadcast: (id: string, text: string) => call('POST', workshop(id, '/broadcast'), { text }),
  pace: (id: string, pace: Pace | null) => call('PUT', workshop(id, '/pace'), { pace }),
  extend: (id: string, minutes: number) => call('POST', workshop(id, '/extend'), { minutes }),
  end: (id: string) => call('POST', workshop(id, '/end')),
  audit: async (id: string) => ((await call('GET', workshop(id, '/audit'))) as { lines: AuditLine[] }).lines,
  exported: (id: string, kind: 'csv' | 'json') => `/api/${workshop(id, `/export.${kind}`)}`,
  restart: (id: string, of: string, lab: string, step: string) => call('POST', seat(id, of, '/restart'), { lab, step }),
  catchUp: (id: string, of: string, lab: string, step: string) =>
    call('POST', seat(id, of, '/catch-up'), { lab, step }),
  lowerHand: (id: string, of: string) => call('DELETE', seat(id, of, '/hand')),
  askToType: (id: string, of: string) => call('POST', seat(id, of, '/typing')),
  stopTyping: (id: string, of: string) => call('DELETE', seat(id, of, '/typing')),
  removeSeat: (id: string, of: string) => call('DELETE', seat(id, of)),
  link: async (id: string, of: string) => ((await call('GET', seat(id, of, '/link'))) as { link: string }).link,
  terminal: (id: string, of: string, shell: number) => {
    const address = new URL(`/api/${seat(id, of, `/shells/${shell}/terminal`)}`, location.href)
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
    return new WebSocket(address)
  },
}

export const participant = {
  join: (request: JoinRequest) => call('POST', 'join', request) as Promise<SeatView>,
  byLink: (token: string) => call('POST', 'join/link', { token }) as Promise<SeatView>,
  seat: () => call('GET', 'seat') as Promise<SeatView>,
  events: () => new EventSource('/api/seat/events'),
  hand: (raised: boolean) => call('PUT', 'seat/hand', { raised }),
  typing: (allowed: boolean) => call('PUT', 'seat/typing', { allowed }),
  progress: () => call('GET', 'seat/progress') as Promise<SeatProgress>,
}
