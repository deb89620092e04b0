/** Hosts sign in by OpenID Connect, at a real provider in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../lab-server/clock.ts'
import { type Rim, startRim } from '../../lab-server/http/server.fake.ts'
import { freePort } from '../../lab-server/port.ts'

let rim: Rim
let provider: ChildProcess
let issuer: string
const clock = new ManualClock(Date.now())
/** Attempts are counted by the minute. */
const aMinuteLater = () => clock.advance(60_000)

beforeAll(async () => {
  const port = await freePort()
  issuer = `http://127.0.0.1:${port}`
  rim = await startRim({ env: settings(issuer), clock })
  provider = fork(join(import.meta.dirname, 'provider.ts'), [String(port), `${rim.origin}/room/`], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  await new Promise((resolve, reject) => {
    provider.once('message', resolve)
    provider.once('exit', reject)
  })
}, 60_000)
afterAll(async () => {
  provider?.kill()
  await rim?.close()
})

beforeEach(aMinuteLater)

const settings = (at: string) => ({
  QUAYSIDE_OPENID_ISSUER: at,
  QUAYSIDE_OPENID_CLIENT_ID: 'quayside',
  QUAYSIDE_OPENID_CLIENT_SECRET: 'a-secret-of-this-client',
  QUAYSIDE_OPENID_EMAILS: 'ada@example.org, @school.example',
  QUAYSIDE_OPENID_GROUPS: 'trainers',
  QUAYSIDE_OPENID_SCOPES: 'openid profile email groups',
})

/** A browser as far as this needs one: cookies, redirects, and forms that it fills in. */
class Browser {
  readonly #jars = new Map<string, Map<string, string>>()

  cookies(origin: string): string {
    return [...(this.#jars.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async visit(url: string, form?: Record<string, string>): Promise<Response> {
    const { origin } = new URL(url)
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: this.cookies(origin) },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    })
    const jar = this.#jars.get(origin) ?? new Map<string, string>()
    this.#jars.set(origin, jar)
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }

  /** Sets out from our page. @returns where the provider asks who one is */
  async begin(): Promise<URL> {
    const response = await this.visit(`${rim.origin}/api/host/openid`)
    expect(response.status).toBe(303)
    return new URL(response.headers.get('location') ?? '')
  }

  /** Signs in there. @returns the query with which one comes back */
  async signInThere(at: URL, login: string): Promise<string> {
    let url = at.href
    let form: Record<string, string> | undefined
    for (let n = 0; n < 12; n++) {
      const response = await this.visit(url, form)
      form = undefined
      const location = response.headers.get('location')
      if (location !== null) {
        const next = new URL(location, url)
        if (next.origin === rim.origin) return next.search
        url = next.href
        continue
      }
      const page = await response.text()
      const [, action = ''] = /<form[^>]* action="([^"]+)"/.exec(page) ?? []
      const [, prompt = ''] = /name="prompt" value="(\w+)"/.exec(page) ?? []
      expect(prompt, page).not.toBe('')
      url = new URL(action, url).href
      form = prompt === 'login' ? { prompt, login, password: 'any' } : { prompt }
    }
    throw new Error('the provider goes in circles')
  }

  /** As our page does with what it was called with. */
  finish(callback: string) {
    return rim.ask('POST', '/api/host/sign-in', { body: { callback }, headers: { cookie: this.cookies(rim.origin) } })
  }
}

async function signIn(login: string) {
  const browser = new Browser()
  return browser.finish(await browser.signInThere(await browser.begin(), login))
}

const sentence = (answer: { json: { error?: { message: string } } }) => answer.json.error?.message

describe('hosts sign in by OpenID Connect', () => {
  it('with a challenge, a state and a nonce, and have the name that the provider knows', async () => {
    expect((await rim.ask('GET', '/api/host')).json.ways).toEqual(['link', 'openid'])
    const browser = new Browser()
    const at = await browser.begin()
    expect(Object.fromEntries(at.searchParams)).toEqual({
      client_id: 'quayside',
      response_type: 'code',
      redirect_uri: `${rim.origin}/room/`,
      scope: 'openid profile email groups',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    })
    const answer = await browser.finish(await browser.signInThere(at, 'ada'))
    expect([answer.status, answer.json.name]).toEqual([200, 'Ada Lovelace'])
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^quayside-host-.*HttpOnly; SameSite=Strict$/)
  })

  it('and are the same host whenever they do', async () => {
    const cookieOf = async (login: string) => (await signIn(login)).headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const [first, again, other] = [await cookieOf('ada'), await cookieOf('ada'), await cookieOf('tim')]
    const now = clock.now()
    const draft = {
      ...{ title: 'Pods', labs: ['scaling'], startsAt: now, endsAt: now + 60_000, seats: 1 },
      ...{ codes: 'one', provider: 'fake', warmUpMinutes: 0 },
    }
    await rim.ask('POST', '/api/workshops', { body: draft, headers: { cookie: first } })
    const count = async (cookie: string) =>
      (await rim.ask('GET', '/api/workshops', { headers: { cookie } })).json.workshops.length
    expect([await count(again), await count(other)]).toEqual([1, 0])
  })

  it('if they are in the group, have the address, or one of the domain, and the provider has verified it', async () => {
    expect((await signIn('tim')).json.name).toBe('tim@elsewhere.org')
    for (const login of ['bob', 'eve', 'fay', 'nobody']) {
      const answer = await signIn(login)
      expect([answer.status, sentence(answer), answer.headers['set-cookie']], login).toEqual([
        403,
        'You have signed in, but you are not among those who may host here.',
        undefined,
      ])
    }
  })

  it('in the browser that began, once, and with the answer to what it began', async () => {
    const [browser, thief] = [new Browser(), new Browser()]
    const callback = await browser.signInThere(await browser.begin(), 'ada')
    const begun = 'This sign-in was begun in another browser, or too long ago: begin again.'
    expect(sentence(await thief.finish(callback))).toBe(begun)
    // A code that was stolen, with the state that the thief's own browser expects: the challenge does not fit.
    const another = 'This is not the answer to a sign-in that this browser began: begin again.'
    const own = (await thief.begin()).searchParams.get('state') ?? ''
    expect(sentence(await thief.finish(callback))).toBe(another)
    expect(sentence(await thief.finish(callback.replace(/state=[\w-]+/, `state=${own}`)))).toBe(another)
    for (const wrong of ['?state=x', '?code=x&state=x', 'x', '?', '#', '?code=a&code=b&state=c']) {
      const answer = await browser.finish(wrong)
      expect([answer.status, sentence(answer)], wrong).toEqual([403, another])
    }
    await aMinuteLater()
    const once = new Browser()
    const good = await once.signInThere(await once.begin(), 'ada')
    expect((await once.finish(good)).status).toBe(200)
    expect(sentence(await once.finish(good))).toBe(another)
  })

  it('or are told that they have not', async () => {
    const browser = new Browser()
    const state = (await browser.begin()).searchParams.get('state')
    const iss = encodeURIComponent(issuer)
    const denied = await browser.finish(`?error=access_denied&state=${state}&iss=${iss}`)
    expect([denied.status, sentence(denied)]).toEqual([403, 'You have not signed in there.'])
  })

  it('or that it does not work, where the provider does not answer', async () => {
    const other = await startRim({ env: settings(`http://127.0.0.1:${await freePort()}`) })
    const sent = await other.ask('GET', '/api/host/openid')
    expect([sent.status, sent.headers.location]).toEqual([
      303,
      `${other.origin}/room/?error=temporarily_unavailable&state=none`,
    ])
    const told = await other.ask('POST', '/api/host/sign-in', {
      body: { callback: new URL(sent.headers.location ?? '').search },
    })
    expect([told.status, sentence(told)]).toEqual([
      502,
      'Signing in elsewhere does not work at this moment: try again.',
    ])
    await other.close()
  })

  it('nowhere else, and leave no code and no secret in the log', async () => {
    const plain = await startRim()
    expect((await plain.ask('GET', '/api/host/openid')).status).toBe(404)
    expect((await plain.ask('POST', '/api/host/sign-in', { body: { callback: '?code=x' } })).status).toBe(403)
    await plain.close()
    const browser = new Browser()
    const callback = await browser.signInThere(await browser.begin(), 'bob')
    await browser.finish(callback)
    for (const hidden of [new URLSearchParams(callback).get('code') ?? '?', 'a-secret-of-this-client', 'bob@'])
      expect(rim.log()).not.toContain(hidden)
  })
})
