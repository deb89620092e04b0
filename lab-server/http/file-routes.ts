/** The routes of the panel Files; protocol/files.ts says what they are for. */
import { EditRequest, PathRequest, RenameFileRequest, type SavedView, SaveFileRequest } from '../../protocol/files.ts'
import type { HomeFiles } from '../providers/home-files.ts'
import { parseBody } from './problems.ts'
import type { Answer, ApiRequest, ApiRoute } from './routes.ts'

/** The largest file with each of its characters escaped, as most are not; in bytes. */
const SAVE_LIMIT = 1024 * 1024

const FILES = '/api/sessions/:id/files'

const json = (body: unknown): Answer => ({ kind: 'json', status: 200, body })

/** Looks at the home. */
const looking =
  (look: (home: HomeFiles, request: ApiRequest) => Promise<unknown>) =>
  async (request: ApiRequest): Promise<Answer> =>
    json(await look(request.session().home(), request))

/** Changes the home: the reader is there. */
const changing =
  (change: (home: HomeFiles, request: ApiRequest) => Promise<void>) =>
  async (request: ApiRequest): Promise<Answer> => {
    const session = request.session()
    await change(session.home(), request)
    session.touch()
    return { kind: 'nothing' }
  }

const pathOf = ({ query }: ApiRequest) => parseBody(PathRequest, query).path

export const fileRoutes: readonly ApiRoute[] = [
  { method: 'GET', path: FILES, about: 'session', answer: looking((home) => home.list()) },
  {
    method: 'GET',
    path: `${FILES}/content`,
    about: 'session',
    answer: looking((home, request) => home.read(pathOf(request))),
  },
  {
    method: 'PUT',
    path: `${FILES}/content`,
    about: 'session',
    body: SaveFileRequest,
    bodyLimit: SAVE_LIMIT,
    async answer(request) {
      const { path, content, version } = request.body as SaveFileRequest
      const session = request.session()
      const saved: SavedView = { version: await session.home().write(path, content, version) }
      session.touch()
      return json(saved)
    },
  },
  {
    method: 'DELETE',
    path: `${FILES}/content`,
    about: 'session',
    answer: changing((home, request) => home.remove(pathOf(request))),
  },
  {
    method: 'POST',
    path: `${FILES}/folders`,
    about: 'session',
    body: PathRequest,
    answer: changing((home, { body }) => home.makeFolder((body as PathRequest).path)),
  },
  {
    method: 'POST',
    path: `${FILES}/rename`,
    about: 'session',
    body: RenameFileRequest,
    answer: changing((home, { body }) => home.rename((body as RenameFileRequest).from, (body as RenameFileRequest).to)),
  },
  {
    method: 'POST',
    path: `${FILES}/edits/:edit`,
    about: 'session',
    body: EditRequest,
    answer: changing((home, { params, body }) => home.answerEdit(params.edit ?? '', (body as EditRequest).state)),
  },
]
