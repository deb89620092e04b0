/**
 * Every route of the API, in one table: the server registers from it, and the tests of who may do what drive it, so that
 * a new route cannot be forgotten. No GET changes anything.
 */
import { z } from 'zod'
import { PreviewRequest } from '../../protocol/preview.ts'
import { type ServerStatus, type SessionView, StartSessionRequest } from '../../protocol/session.ts'
import { MAX_COLUMNS, MAX_ROWS } from '../../protocol/terminal.ts'
import { ReaderError } from '../errors.ts'
import type { Begun, SignIn } from '../host/sign-ins.ts'
import type { Ids } from '../ids.ts'
import type { Previews } from '../preview/previews.ts'
import { listServices } from '../preview/services.ts'
import type { Session, Sessions } from '../sessions/sessions.ts'
import type { Seat, Workshop } from '../workshops/workshop.ts'
import type { OpenFeed } from './feed.ts'
import { fileRoutes } from './file-routes.ts'
import type { Metrics } from './metrics.ts'
import type { RateLimit } from './rate.ts'
import { sessionFeed } from './session-feed.ts'
import { type WorkshopServices, workshopRoutes } from './workshop-routes.ts'

export interface RouteServices extends WorkshopServices {
  sessions: Sessions
  status(): Promise<ServerStatus>
  ids: Pick<Ids, 'secret'>
  /** New labs for each address. */
  starts: RateLimit
  metrics: Pick<Metrics, 'started'>
  previews: Pick<Previews, 'create'>
}

export interface ApiRequest {
  params: Readonly<Record<string, string>>
  query: Readonly<Record<string, unknown>>
  body: unknown
  address: string
  /** The id of a reader that we know by its cookie. */
  reader: string | undefined
  /** Of a sign-in elsewhere that this browser began. */
  begun: Begun
  /** @throws {ReaderError} unknown-session (404) */
  session(): Session
  /** Of the host that this browser is signed in as, if it is. */
  signedIn(): SignIn | undefined
  /** @throws {ReaderError} not-a-host (403) */
  signIn(): SignIn
  /** Of the host that asks. @throws {ReaderError} not-a-host (403), not-yours (403) */
  workshop(): Workshop
  /** Of the reader that asks. @throws {ReaderError} no-seat (404) */
  seat(): Seat
}

export type Answer =
  | {
      kind: 'json'
      status: 200 | 201
      body: unknown
      /** Sets the reader's cookie. */
      reader?: string
      /** Sets the host's cookie. */
      host?: string
    }
  | { kind: 'nothing' /** Takes the host's cookie back. */; signedOut?: true }
  | { kind: 'file' /** The browser saves it under this name. */; name: string; type: string; text: string }
  | {
      kind: 'elsewhere' /** Where the browser goes. */
      location: string /** Kept by its cookie meanwhile. */
      flow: string
    }
  | { kind: 'feed' /** What streams are counted by. */; of: string; open: OpenFeed }

export interface ApiRoute {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  /**
   * What it is about, which is who may ask, and is looked at before anything else: of a `session` its reader, of a `seat` who sits
   * there, of a `workshop` the host that it belongs to; `host` is for any host that is signed in, the rest for everybody.
   */
  about: 'server' | 'anyone' | 'reader' | 'session' | 'seat' | 'host' | 'workshop'
  /** Parsed before the answer is asked for. */
  body?: z.ZodType
  /** Bytes of the body, where it may be larger than others. */
  bodyLimit?: number
  answer(request: ApiRequest, services: RouteServices): Answer | Promise<Answer>
}

const json = (body: unknown): Answer => ({ kind: 'json', status: 200, body })
const nothing: Answer = { kind: 'nothing' }

const OpenShellRequest = z.strictObject({
  cols: z.int().min(1).max(MAX_COLUMNS),
  rows: z.int().min(1).max(MAX_ROWS),
})

/** Where a terminal's WebSocket is asked for; a plain GET is told so. */
export const TERMINAL_PATH = '/api/sessions/:id/shells/:shell/terminal'

export const routes: readonly ApiRoute[] = [
  { method: 'GET', path: '/api/status', about: 'server', answer: async (_, { status }) => json(await status()) },
  { method: 'POST', path: '/api/sessions', about: 'reader', body: StartSessionRequest, answer: start },
  {
    method: 'GET',
    path: '/api/sessions',
    about: 'reader',
    answer: ({ reader }, { sessions }) =>
      json({ sessions: reader === undefined ? [] : sessions.of(reader).map((session) => session.view()) }),
  },
  {
    method: 'GET',
    path: '/api/sessions/:id',
    about: 'session',
    answer: (request) => json(request.session().view()),
  },
  {
    method: 'DELETE',
    path: '/api/sessions/:id',
    about: 'session',
    answer: (request) => view(request.session(), (session) => session.end('reader')),
  },
  {
    method: 'POST',
    path: '/api/sessions/:id/extend',
    about: 'session',
    answer: (request) => view(request.session(), (session) => session.extend()),
  },
  {
    method: 'POST',
    path: '/api/sessions/:id/reset',
    about: 'session',
    answer: async (request) => {
      const session = request.session()
      await session.reset()
      return json(session.view())
    },
  },
  {
    method: 'POST',
    path: '/api/sessions/:id/steps/:step/skip',
    about: 'session',
    answer: (request) => view(request.session(), (session) => session.skip(request.params.step ?? '')),
  },
  {
    method: 'POST',
    path: '/api/sessions/:id/steps/:step/restart',
    about: 'session',
    answer: (request) => view(request.session(), (session) => session.restart(request.params.step ?? '')),
  },
  {
    method: 'POST',
    path: '/api/sessions/:id/steps/:step/catch-up',
    about: 'session',
    answer: (request) => view(request.session(), (session) => session.catchUp(request.params.step ?? '')),
  },
  {
    method: 'POST',
    path: '/api/sessions/:id/shells',
    about: 'session',
    body: OpenShellRequest,
    answer: async (request) => ({
      kind: 'json',
      status: 201,
      body: await request.session().openShell(request.body as z.infer<typeof OpenShellRequest>),
    }),
  },
  {
    method: 'DELETE',
    path: '/api/sessions/:id/shells/:shell',
    about: 'session',
    answer: async (request) => {
      const session = request.session()
      await session.closeShell(shellNumber(request.params.shell))
      return nothing
    },
  },
  ...fileRoutes,
  {
    method: 'GET',
    path: '/api/sessions/:id/services',
    about: 'session',
    answer: async (request) => json({ services: await listServices(reached(request.session()).admin) }),
  },
  {
    method: 'POST',
    path: '/api/sessions/:id/previews',
    about: 'session',
    body: PreviewRequest,
    answer(request, { previews }) {
      const { path, ...target } = request.body as z.output<typeof PreviewRequest>
      const session = request.session()
      reached(session)
      return { kind: 'json', status: 201, body: previews.create(session, target, path) }
    },
  },
  {
    method: 'GET',
    path: '/api/sessions/:id/events',
    about: 'session',
    answer(request) {
      const session = request.session()
      return { kind: 'feed', of: session.id, open: sessionFeed(session, { map: 'map' in request.query }) }
    },
  },
  {
    method: 'GET',
    path: TERMINAL_PATH,
    about: 'session',
    answer: (request) => {
      request.session()
      throw new ReaderError('upgrade-required', 'A terminal is opened as a WebSocket.', { status: 426 })
    },
  },
  ...workshopRoutes,
]

/** 201 with a new session, 200 with the one that the reader has of this lab already. */
function start(request: ApiRequest, { sessions, rooms, ids, starts, metrics }: RouteServices): Answer {
  const { lab, provider } = request.body as StartSessionRequest
  const reader = request.reader ?? ids.secret()
  const before = new Set(request.reader === undefined ? [] : sessions.of(reader).map((session) => session.id))
  const has = request.reader !== undefined && sessions.of(reader).some((session) => session.view().lab === lab)
  const wait = has ? 0 : starts.take(rooms.countedAs(reader) ?? request.address)
  if (wait > 0) {
    throw new ReaderError(
      'too-many-starts',
      `Too many labs were started from this network within a minute; try again in ${wait} s.`,
      { status: 429, retryAfter: wait },
    )
  }
  const asked = { reader, lab, address: request.address, provider }
  const session = rooms.start(asked) ?? sessions.start(asked)
  const isNew = !before.has(session.id)
  if (isNew) metrics.started(lab)
  return { kind: 'json', status: isNew ? 201 : 200, body: session.view(), reader }
}

/** Does something to a session and answers with what it looks like then. */
function view(session: Session, change: (session: Session) => void): Answer {
  change(session)
  return json(session.view() satisfies SessionView)
}

/** @throws {ReaderError} not-ready (409) */
function reached(session: Session): NonNullable<ReturnType<Session['reach']>> {
  const cluster = session.reach()
  if (cluster) return cluster
  throw new ReaderError('not-ready', 'The lab is not running at this moment.', { status: 409 })
}

/** @throws {ReaderError} unknown-shell (404) */
export function shellNumber(text: string | undefined): number {
  if (text !== undefined && /^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new ReaderError('unknown-shell', 'There is no such terminal in this lab.', { status: 404 })
}
