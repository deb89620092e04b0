/** Hosts and participants with browsers of their own, for tests of the rim. */
import type { WorkshopDraft } from '../../protocol/workshop.ts'
import type { Answered, Ask, Rim } from './server.fake.ts'
import { createSignedCookie, keyFor } from './signed-cookie.ts'

const MINUTE = 60_000

export const cookieOf = (answer: Answered) => answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''

export const draft = (change: object = {}): WorkshopDraft => ({
  title: 'First steps',
  labs: ['scaling'],
  startsAt: Date.now() - MINUTE,
  endsAt: Date.now() + 60 * MINUTE,
  seats: 30,
  codes: 'one',
  provider: 'fake',
  warmUpMinutes: 0,
  ...change,
})

/** @param rim asked each time, as a test may start another */
export function peopleOf(rim: () => Rim) {
  const asking = (cookie: string) => ({
    cookie,
    ask: (method: string, path: string, options: Ask = {}) =>
      rim().ask(method, path, { ...options, headers: { cookie, ...options.headers } }),
    connect: (path: string) => rim().connect(path, { cookie }),
    /** What a stream of events has sent until now. */
    async listen(path: string) {
      const stream = await rim().open('GET', path, { headers: { cookie } })
      const heard = {
        type: stream.headers['content-type'],
        text: '',
        ended: false,
        close: () => stream.destroy(),
        // biome-ignore lint/suspicious/noExplicitAny: whatever the server says, for assertions
        get events(): { event: string; data: any }[] {
          return heard.text.split('\n\n').flatMap((text) => {
            const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(text) ?? []
            return event && data ? [{ event, data: JSON.parse(data) }] : []
          })
        },
        // biome-ignore lint/suspicious/noExplicitAny: whatever the server says, for assertions
        get last(): any {
          return heard.events.at(-1)?.data
        },
      }
      stream.on('data', (chunk) => (heard.text += chunk))
      stream.on('end', () => (heard.ended = true))
      stream.on('error', () => {})
      return heard
    },
  })
  /** A host that has proved elsewhere who they are. */
  function host(id: string) {
    const token = rim().signIns.admit({ id, name: id })
    const cookie = createSignedCookie({
      name: 'quayside-host',
      key: keyFor('hosts', Buffer.alloc(32, 7)),
      secure: false,
      kept: 1,
    })
    return asking(cookie.issue(token).split(';')[0] ?? '')
  }
  async function participant(code: string, name = 'Ann') {
    const joined = await rim().ask('POST', '/api/join', { body: { code, name } })
    return { joined, ...asking(cookieOf(joined)) }
  }
  return { asking, host, participant }
}
