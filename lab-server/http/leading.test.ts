/** What a host does with a room, as its own pages and those of the participants see it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { draft, peopleOf } from './people.fake.ts'
import { type Rim, startRim } from './server.fake.ts'

let rim: Rim
beforeEach(async () => {
  rim = await startRim()
})
afterEach(() => rim.close())

const { host, participant } = peopleOf(() => rim)

async function room(change: object = {}) {
  const ada = host('ada')
  const { id, code } = (await ada.ask('POST', '/api/workshops', { body: draft(change) })).json
  const ann = await participant(code)
  const { seat } = ann.joined.json
  const path = `/api/workshops/${id}`
  const does = (method: string, rest: string, body?: object) =>
    ada.ask(method, path + rest, body === undefined ? {} : { body })
  return {
    ...{ ada, ann, code, seat, path, does, at: `/seats/${seat}` },
    refused: async (...args: Parameters<typeof does>) => (await does(...args)).json.error,
    begin: async (lab = 'scaling') => {
      const { json } = await ann.ask('POST', '/api/sessions', { body: { lab } })
      const session = rim.sessions.all.get(json.id)
      if (!session) throw new Error(JSON.stringify(json))
      return session
    },
    audit: async () =>
      (await does('GET', '/audit')).json.lines.map(({ action, seat: whose, detail }: Record<string, string>) =>
        [action, whose === seat ? 'Ann' : whose, detail].filter(Boolean).join(' '),
      ),
  }
}

const started = (calls: readonly string[]) => calls.filter((call) => /^(restart|catchUp|openUpTo)/.test(call))

describe('a host', () => {
  it('sets the pace of the room: what is beyond is locked in its labs, and their pages know', async () => {
    const { ann, does, refused, begin } = await room({ labs: ['scaling', 'storage'] })
    const pages = await ann.listen('/api/seat/events')
    const session = await begin()
    const pace = { lab: 'scaling', step: 1 }
    expect((await does('PUT', '/pace', { pace })).json).toMatchObject({ title: 'First steps', pace })
    await expect.poll(() => pages.last?.pace).toEqual(pace)
    const ahead = await ann.ask('POST', '/api/sessions', { body: { lab: 'storage' } })
    expect([ahead.status, ahead.json.error.message]).toEqual([409, 'Your host has not opened this lab yet.'])

    await does('PUT', '/pace', { pace: { lab: 'storage', step: 1 } })
    const next = await begin('storage')
    await does('PUT', '/pace', { pace })
    expect((await ann.ask('POST', '/api/sessions', { body: { lab: 'storage' } })).json.id).toBe(next.id)
    await does('PUT', '/pace', { pace: null })
    await expect.poll(() => pages.last?.pace).toBeNull()
    expect(started(session.calls)).toEqual([null, 1, null, 1, null].map((steps) => `openUpTo ${steps}`))
    expect(started(next.calls)).toEqual([1, 0, 0, null].map((steps) => `openUpTo ${steps}`))

    expect(await refused('PUT', '/pace', { pace: { lab: 'other', step: 1 } })).toMatchObject({
      field: 'pace.lab',
      message: 'The lab “other” is not in this workshop.',
    })
    expect(await refused('PUT', '/pace', { pace: { lab: 'scaling', step: 2 } })).toMatchObject({
      field: 'pace.step',
      message: 'The lab “scaling” has 1 step.',
    })
  })

  it('sends messages, of which the five newest stay on the pages', async () => {
    const { ann, does, code } = await room()
    const pages = await ann.listen('/api/seat/events')
    for (let n = 1; n <= 7; n++) expect((await does('POST', '/broadcast', { text: `Number ${n}` })).status).toBe(201)
    const texts = () => pages.last?.messages.map(({ text }: { text: string }) => text)
    await expect.poll(texts).toEqual([3, 4, 5, 6, 7].map((n) => `Number ${n}`))
    const [first, second] = pages.last.messages
    expect(second.id).toBeGreaterThan(first.id)
    expect((await participant(code, 'Late')).joined.json.messages).toEqual(pages.last.messages)
  })

  it('sees raised hands and lowers them; participants lower their own', async () => {
    const { ada, ann, does, at, path } = await room()
    const board = await ada.listen(`${path}/board`)
    const pages = await ann.listen('/api/seat/events')
    const raise = async (raised: boolean) => (await ann.ask('PUT', '/api/seat/hand', { body: { raised } })).json.hand
    expect(await raise(true)).toBe(true)
    await expect.poll(() => board.last?.rows).toMatchObject([{ name: 'Ann', hand: true }])
    const { handAt } = board.last.rows[0]
    expect(await raise(true)).toBe(true)
    expect((await does('DELETE', `${at}/hand`)).status).toBe(204)
    await expect.poll(() => pages.last?.hand).toBe(false)
    await expect.poll(() => board.last?.rows).toMatchObject([{ hand: false, handAt: null }])
    expect([await raise(true), await raise(false)]).toEqual([true, false])
    expect(handAt).toBeGreaterThan(Date.now() - 60_000)
  })

  it('starts a step of somebody again and catches them up, in the lab that they have', async () => {
    const { does, refused, at, begin } = await room()
    const step = { lab: 'scaling', step: 'three' }
    expect(await refused('POST', `${at}/restart`, step)).toMatchObject({
      code: 'no-lab',
      message: 'Ann has no such lab running at this moment.',
    })
    const session = await begin()
    expect((await does('POST', `${at}/restart`, step)).status).toBe(204)
    expect((await does('POST', `${at}/catch-up`, step)).status).toBe(204)
    expect(await refused('POST', `${at}/catch-up`, { lab: 'storage', step: 'one' })).toMatchObject({ code: 'no-lab' })
    expect(await refused('POST', `${at}/catch-up`, { lab: 'scaling' })).toMatchObject({ field: 'step' })
    expect(started(session.calls).slice(1)).toEqual(['restart three', 'catchUp three'])
  })

  it('sees on the board what somebody does in their lab, within two seconds', async () => {
    const { ada, begin, path } = await room()
    const board = await ada.listen(`${path}/board`)
    await expect.poll(() => board.last?.kind).toBe('whole')
    expect(board.type).toBe('text/event-stream')
    const session = await begin()
    const checks = [{ title: 'Three run', passed: false, found: '1 of 3' }]
    session.change({ steps: [{ id: 'three', status: 'open', checks, tried: true }] })
    await expect
      .poll(() => board.last, { timeout: 2_000 })
      .toMatchObject({
        kind: 'change',
        rows: [{ name: 'Ann', lab: 'scaling', step: 1, steps: 1, failing: { found: '1 of 3' }, shells: [1] }],
      })
  })

  it('leaves a line for each thing that they do, with whom and what', async () => {
    const { ann, does, at, begin, audit, seat } = await room()
    await begin()
    await ann.ask('PUT', '/api/seat/hand', { body: { raised: true } })
    const step = { lab: 'scaling', step: 'three' }
    await does('PUT', '/pace', { pace: { lab: 'scaling', step: 1 } })
    await does('PUT', '/pace', { pace: null })
    await does('POST', '/broadcast', { text: 'Coffee' })
    await does('DELETE', `${at}/hand`)
    await does('POST', `${at}/restart`, step)
    await does('POST', `${at}/catch-up`, step)
    await does('GET', `${at}/link`)
    await does('POST', '/extend', { minutes: 10 })
    await does('DELETE', at)
    await does('POST', '/end', {})
    expect(await audit()).toEqual([
      'pace scaling, up to step 1',
      'pace free',
      'broadcast Coffee',
      'hand Ann',
      'restart Ann scaling, three',
      'catch-up Ann scaling, three',
      'link Ann',
      'extend 10 min',
      'remove Ann Ann',
      'end',
    ])
    const [line] = (await does('GET', '/audit')).json.lines
    expect(line).toMatchObject({ host: 'ada', seat: null, at: expect.any(Number) })
    expect((await does('GET', '/audit')).json.lines.at(3).seat).toBe(seat)
  })

  it('leads no workshop that is over', async () => {
    const { ann, does, refused } = await room()
    await does('POST', '/end', {})
    for (const [method, rest, body] of [
      ['PUT', '/pace', { pace: null }],
      ['POST', '/broadcast', { text: 'Late' }],
    ] as const) {
      expect(await refused(method, rest, body), rest).toMatchObject({
        code: 'workshop-over',
        message: '“First steps” is over.',
      })
    }
    const raised = await ann.ask('PUT', '/api/seat/hand', { body: { raised: true } })
    expect(raised.json.error.code).toBe('workshop-over')
  })
})

describe('S-34: what people write', () => {
  const payloads = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '</script><svg/onload=alert(1)>',
    "=cmd|' /C calc'!A0",
    '{{constructor.constructor("alert(1)")()}}',
    'data: x event: gone',
  ]

  it('comes to every page as text in JSON, as it was written, and never as a document', async () => {
    const { ada, ann, code, does, path, begin } = await room()
    const [pages, board] = [await ann.listen('/api/seat/events'), await ada.listen(`${path}/board`)]
    const session = await begin()
    for (const [index, text] of payloads.entries()) {
      const joined = (await participant(code, text)).joined
      expect([joined.json.name, joined.headers['content-type']]).toEqual([text, 'application/json; charset=utf-8'])
      expect(joined.headers['x-content-type-options']).toBe('nosniff')
      const sent = await does('POST', '/broadcast', { text })
      expect([sent.json.text, sent.headers['content-type']]).toEqual([text, 'application/json; charset=utf-8'])
      await expect.poll(() => pages.last?.messages.at(-1)?.text).toBe(text)
      const checks = [{ title: text, passed: false, found: `${text}\n\nevent: gone\ndata: {}\n\n` }]
      session.change({ steps: [{ id: `s${index}`, status: 'open', checks, tried: true }] })
      const seen = () => board.events.flatMap(({ data }) => data.rows)
      await expect.poll(() => seen().at(-1)?.failing?.title ?? seen().at(-2)?.failing?.title).toBe(text)
      await expect.poll(() => seen().some(({ name }) => name === text)).toBe(true)
    }
    expect([...pages.events, ...board.events].map(({ event }) => event)).not.toContain('gone')
    const audit = await does('GET', '/audit')
    expect(audit.json.lines.map(({ detail }: { detail: string }) => detail)).toEqual(payloads)
    expect(audit.headers['content-type']).toBe('application/json; charset=utf-8')
    expect((await ada.ask('GET', path)).json.taken).toBe(1 + payloads.length)
  })

  it('is one line of what can be seen, and of a length that people write', async () => {
    const { does, refused, code } = await room()
    const hidden = ['a\nb', 'a\u2028b', 'a\u001b[31m', '\u202egnp.exe', '\u2066a', 'a\u200bb', 'a\u0000', ' ']
    for (const text of [...hidden, 'a'.repeat(501)])
      expect(await refused('POST', '/broadcast', { text }), JSON.stringify(text)).toMatchObject({ field: 'text' })
    for (const name of [...hidden, 'a'.repeat(61)])
      expect((await participant(code, name)).joined.json.error.field, JSON.stringify(name)).toBe('name')
    const million = 'a'.repeat(1024 * 1024)
    expect((await participant(code, million)).joined.status).toBe(413)
    expect((await does('POST', '/broadcast', { text: million })).status).toBe(413)
  })
})
