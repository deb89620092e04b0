import type { EditRequest, FilesView, FileView, SavedView, SaveFileRequest } from '../../protocol/files.ts'
import type { PreviewRequest, PreviewView, ServicesView } from '../../protocol/preview.ts'
import type { ErrorBody, ServerStatus, SessionView, ShellView } from '../../protocol/session.ts'

/** The lab server refused; the message is one sentence for the reader. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly status: number
  readonly code: string
  /** Seconds until it is worth trying again. */
  readonly retryAfter: number | undefined

  constructor(status: number, { code, message, retryAfter }: ErrorBody['error']) {
    super(message)
    this.status = status
    this.code = code
    this.retryAfter = retryAfter
  }
}

/** No answer, or not one of the lab server: a static host answers what it does not know with a page. */
export class NoServer extends Error {
  override name = 'NoServer'
}

/** One request to the lab server. @throws {Refusal} {NoServer} */
export async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(`/api/${path}`, {
      method,
      credentials: 'same-origin',
      headers: method === 'GET' ? {} : { 'content-type': 'application/json', 'x-quayside': '1' },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    })
  } catch (cause) {
    throw new NoServer('no answer', { cause })
  }
  if (response.status === 204) return undefined
  let answer: unknown
  try {
    answer = await response.json()
  } catch (cause) {
    throw new NoServer('not an answer of the lab server', { cause })
  }
  if (response.ok) return answer
  const error = (answer as Partial<ErrorBody> | null)?.error
  if (typeof error?.message !== 'string') throw new NoServer('not an answer of the lab server')
  throw new Refusal(response.status, error)
}

const session = (id: string, rest = '') => `sessions/${encodeURIComponent(id)}${rest}`

const content = (id: string, path: string) => session(id, `/files/content?${new URLSearchParams({ path })}`)

export const api = {
  status: () => call('GET', 'status') as Promise<ServerStatus>,
  sessions: async () => ((await call('GET', 'sessions')) as { sessions: SessionView[] }).sessions,
  session: (id: string) => call('GET', session(id)) as Promise<SessionView>,
  /** @param provider what the reader chose; undefined: what the server thinks best */
  start: (lab: string, provider?: string) => call('POST', 'sessions', { lab, provider }) as Promise<SessionView>,
  reset: (id: string) => call('POST', session(id, '/reset')),
  extend: (id: string) => call('POST', session(id, '/extend')),
  end: (id: string) => call('DELETE', session(id)),
  skip: (id: string, step: string) => call('POST', session(id, `/steps/${encodeURIComponent(step)}/skip`)),
  restart: (id: string, step: string) => call('POST', session(id, `/steps/${encodeURIComponent(step)}/restart`)),
  catchUp: (id: string, step: string) => call('POST', session(id, `/steps/${encodeURIComponent(step)}/catch-up`)),
  openShell: (id: string, size: { cols: number; rows: number }) =>
    call('POST', session(id, '/shells'), size) as Promise<ShellView>,
  closeShell: (id: string, shell: number) => call('DELETE', session(id, `/shells/${shell}`)),
  files: (id: string) => call('GET', session(id, '/files')) as Promise<FilesView>,
  file: (id: string, path: string) => call('GET', content(id, path)) as Promise<FileView>,
  saveFile: (id: string, request: SaveFileRequest) =>
    call('PUT', session(id, '/files/content'), request) as Promise<SavedView>,
  removeFile: (id: string, path: string) => call('DELETE', content(id, path)),
  renameFile: (id: string, from: string, to: string) => call('POST', session(id, '/files/rename'), { from, to }),
  answerEdit: (id: string, edit: string, state: EditRequest['state']) =>
    call('POST', session(id, `/files/edits/${edit}`), { state }),
  services: async (id: string) => ((await call('GET', session(id, '/services'))) as ServicesView).services,
  openPreview: (id: string, request: PreviewRequest) =>
    call('POST', session(id, '/previews'), request) as Promise<PreviewView>,
  /** @param map whether the stream also tells of the cluster's map */
  events: (id: string, map: boolean) => new EventSource(`/api/${session(id, `/events${map ? '?map' : ''}`)}`),
  terminal: (id: string, shell: number) => {
    const address = new URL(`/api/${session(id, `/shells/${shell}/terminal`)}`, location.href)
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
    return new WebSocket(address)
  },
}
