/** A host looks over a participant's shoulder. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { draft, peopleOf } from './people.fake.ts'
import { type Rim, startRim } from './server.fake.ts'

let rim: Rim
beforeEach(async () => {
  rim = await startRim()
})
afterEach(() => rim.close())

const { host, participant } = peopleOf(() => rim)
type Browser = ReturnType<typeof host>

const FORBIDDEN = 4403
const UNKNOWN = 4404

/** Ada's workshop, where Ann has a lab with a shell. */
async function room() {
  const ada = host('ada')
  const { id, code } = (await ada.ask('POST', '/api/workshops', { body: draft() })).json
  const ann = await participant(code)
  const { seat } = ann.joined.json
  const started = await ann.ask('POST', '/api/sessions', { body: { lab: 'scaling' } })
  const session = rim.sessions.all.get(started.json.id)
  const shell = session?.shells.get(1)?.shell
  if (!session || !shell) throw new Error('no lab was started')
  const at = `/api/workshops/${id}/seats/${seat}`
  return {
    ...{ ada, ann, session, shell, at },
    pages: await ann.listen('/api/seat/events'),
    look: (who: Browser = ada, shell = 1) => who.connect(`${at}/shells/${shell}/terminal`),
    allow: (allowed: boolean) => ann.ask('PUT', '/api/seat/typing', { body: { allowed } }),
    audit: async () =>
      (await ada.ask('GET', `/api/workshops/${id}/audit`)).json.lines.map(
        ({ host, action, seat: whose, detail }: Record<string, string>) =>
          [host, action, whose === seat ? 'Ann' : whose, detail].filter(Boolean).join(' '),
      ),
  }
}

describe('S-16: a host who looks at a terminal', () => {
  it('is told of to the participant before anything is shown, for as long as it lasts', async () => {
    const { shell, pages, look, ann } = await room()
    shell.print('$ secret')
    await expect.poll(() => pages.last?.helping).toBeNull()
    const terminal = await look()
    await expect.poll(() => pages.last?.helping).toEqual({ typing: 'no' })
    expect(terminal.frames).toEqual([])
    terminal.hello()
    await expect.poll(() => terminal.text).toBe('$ secret')
    expect((await ann.ask('GET', '/api/seat')).json.helping).toEqual({ typing: 'no' })
    terminal.socket.terminate()
    await expect.poll(() => pages.last?.helping, { timeout: 5_000 }).toBeNull()
  })

  it('sees and cannot type, until the participant allows it; and no longer than they do', async () => {
    const { ada, shell, pages, look, at, allow } = await room()
    const terminal = await look()
    terminal.hello()
    const types = async (text: string) => {
      terminal.type(text)
      shell.print(`after ${text}`)
      await expect.poll(() => terminal.text).toContain(`after ${text}`)
      return shell.typed
    }
    expect(await types('one')).toBe('')
    expect((await allow(true)).json.error.code).toBe('not-asked')
    expect(await types('two')).toBe('')

    expect((await ada.ask('POST', `${at}/typing`)).status).toBe(204)
    await expect.poll(() => pages.last?.helping).toEqual({ typing: 'asked' })
    expect(await types('three')).toBe('')
    expect((await allow(true)).json.helping).toEqual({ typing: 'allowed' })
    expect(await types('four')).toBe('four')

    expect((await allow(false)).json.helping).toEqual({ typing: 'no' })
    expect(await types('five')).toBe('four')
    await ada.ask('POST', `${at}/typing`)
    await allow(true)
    expect(await types('six')).toBe('foursix')
    await ada.ask('DELETE', `${at}/typing`)
    await expect.poll(() => pages.last?.helping).toEqual({ typing: 'no' })
    expect(await types('seven')).toBe('foursix')
  })

  it('goes from one terminal to another, and asks again once they have left', async () => {
    const { ada, session, pages, look, at, allow } = await room()
    session.addShell()
    const first = await look()
    await ada.ask('POST', `${at}/typing`)
    await allow(true)
    first.socket.close()
    await first.closed
    const second = await look(ada, 2)
    second.hello()
    second.type('ls')
    await expect.poll(() => session.shells.get(2)?.shell.typed).toBe('ls')
    second.socket.close()
    await expect.poll(() => pages.last?.helping, { timeout: 5_000 }).toBeNull()

    const later = await look()
    later.hello()
    await expect.poll(() => pages.last?.helping).toEqual({ typing: 'no' })
    later.type('rm')
    session.shells.get(1)?.shell.print('x')
    await expect.poll(() => later.text).toBe('x')
    expect(session.shells.get(1)?.shell.typed).toBe('')
  })

  it('leaves a line in the audit for each look and each word on typing', async () => {
    const { ada, look, at, allow, audit, pages } = await room()
    const terminal = await look()
    await ada.ask('POST', `${at}/typing`)
    await allow(false)
    await ada.ask('POST', `${at}/typing`)
    await allow(true)
    await allow(true)
    await ada.ask('DELETE', `${at}/typing`)
    await ada.ask('DELETE', `${at}/typing`)
    terminal.socket.close()
    await expect.poll(() => pages.last?.helping, { timeout: 5_000 }).toBeNull()
    expect(await audit()).toEqual([
      'ada look Ann terminal 1',
      'ada typing-asked Ann',
      'ada typing-refused Ann by the participant',
      'ada typing-asked Ann',
      'ada typing-allowed Ann by the participant',
      'ada typing-ended Ann by the host',
      'ada look-end Ann terminal 1',
    ])
  })

  it('is the host of that workshop: nobody else sees anything, and nobody is told that somebody looks', async () => {
    const { ada, ann, shell, pages, look, at, audit } = await room()
    shell.print('$ secret')
    const own = host('bob')
    const theirs = (await own.ask('POST', '/api/workshops', { body: draft() })).json
    const stranger = await rim.reader('storage')
    const other = await participant((await ada.ask('GET', at.split('/seats')[0] ?? '')).json.code, 'Eve')
    const others = [ann, other, own, { connect: (path: string) => stranger.connect({ path }) }]
    for (const { connect } of others) {
      for (const path of [at, at.replace(/workshops\/[^/]+/, `workshops/${theirs.id}`)]) {
        const terminal = await connect(`${path}/shells/1/terminal`)
        terminal.hello()
        expect(await terminal.closed).toBe(FORBIDDEN)
        expect(terminal.frames).toEqual([])
      }
    }
    expect(await (await look(ada, 9)).closed).toBe(UNKNOWN)
    expect(await (await ada.connect(`${at}x/shells/1/terminal`)).closed).toBe(FORBIDDEN)
    expect(pages.events.every(({ data }) => data.helping === null)).toBe(true)
    expect(await audit()).toEqual([])
    expect((await ada.ask('GET', `${at}/shells/1/terminal`)).status).toBe(426)
    expect((await ada.ask('POST', `${at}/typing`)).json.error.code).toBe('not-looking')
  })

  it('S-1: comes from our own pages', async () => {
    const { ada, at } = await room()
    for (const origin of ['https://evil.example', undefined, 'null']) {
      const asked = rim.connect(`${at}/shells/1/terminal`, { cookie: ada.cookie, origin })
      await expect(asked).rejects.toMatchObject({ status: 403 })
    }
  })

  it('S-11: sees no more once they have signed out, or the lab has ended', async () => {
    const { ada, session, pages, look } = await room()
    const [out, end] = [await look(), await look(host('ada'))]
    await ada.ask('DELETE', '/api/host/sign-in')
    expect(await out.closed).toBe(FORBIDDEN)
    expect(pages.last?.helping).toEqual({ typing: 'no' })
    session.end('reader')
    expect(await end.closed).toBe(FORBIDDEN)
    await expect.poll(() => pages.last?.helping, { timeout: 5_000 }).toBeNull()
  })
})
