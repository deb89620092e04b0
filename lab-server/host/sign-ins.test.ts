import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../clock.ts'
import { randomIds as ids } from '../ids.ts'
import { createSignIns, SIGNED_IN_MS } from './sign-ins.ts'
import { createHostStore, HOST_TABLES } from './store.ts'

const SECRET = 'correct-horse-battery'

function setUp(config: { hostSecret?: string; publicUrl?: string; host?: string } = { hostSecret: SECRET }) {
  const database = new DatabaseSync(':memory:')
  database.exec(HOST_TABLES)
  const clock = new ManualClock(1_000_000)
  const start = () =>
    createSignIns({
      config: { host: '127.0.0.1', publicUrl: undefined, hostSecret: undefined, ...config },
      store: createHostStore(database),
      clock,
      ids,
    })
  return { database, clock, start, signIns: start() }
}

const refusal = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'signed in',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  )

describe('hosts sign in', () => {
  it('by the secret of the settings, and stay so for twelve hours and over a restart', async () => {
    const { signIns, clock, start } = setUp()
    const token = await signIns.signIn({ secret: SECRET }, 'a')
    expect(start().who(token)?.host).toEqual({ id: 'operator', name: 'Host' })
    await clock.advance(SIGNED_IN_MS - 1)
    expect(signIns.who(token)).toBeDefined()
    await clock.advance(1)
    expect(signIns.who(token)).toBeUndefined()
  })

  it('never by anything else', async () => {
    const { signIns } = setUp()
    for (const secret of [`${SECRET}x`, SECRET.slice(1), ' ', SECRET.toUpperCase()])
      expect(await refusal(signIns.signIn({ secret }, 'a'))).toBe(
        'not-signed-in: This is not the secret of whoever runs this server.',
      )
    expect(await refusal(signIns.signIn({ token: 'x' }, 'a'))).toMatch('not-signed-in')
    expect([signIns.who(undefined), signIns.who('x'), signIns.link]).toEqual([undefined, undefined, undefined])
  })

  it('S-14: not after too many attempts, from one address and in all, and the answer does not tell right from wrong', async () => {
    const { signIns, clock } = setUp()
    const attempt = (secret: string, address: string) => refusal(signIns.signIn({ secret }, address))
    for (let n = 0; n < 10; n++) await attempt('a-wrong-secret-of-length', 'a')
    const [right, wrong] = [await attempt(SECRET, 'a'), await attempt('a-wrong-secret-of-length', 'a')]
    expect(right).toBe('too-many-attempts: Too many attempts to sign in: try again in 60 s.')
    expect(wrong).toBe(right)
    expect(await attempt(SECRET, 'b')).toBe('signed in')
    await Promise.all(Array.from({ length: 49 }, (_, n) => attempt('a-wrong-secret-of-length', `${n}`)))
    expect(await attempt(SECRET, 'c')).toBe(right)
    await clock.advance(60_000)
    expect(await attempt(SECRET, 'a')).toBe('signed in')
  }, 30_000)

  it('by the one-time link while there is no secret: of two at once exactly one', async () => {
    const { signIns, start } = setUp({})
    expect(signIns.ways).toEqual(['link'])
    const request = { token: signIns.link ?? '' }
    const told = await Promise.all([1, 2].map(() => refusal(signIns.signIn(request, 'a'))))
    expect(told.filter((one) => one === 'signed in')).toHaveLength(1)
    expect(told).toContain(
      'not-signed-in: This link has been used, or is of an earlier start: start the server again for a new one.',
    )
    expect([signIns.ways, signIns.link]).toEqual([[], undefined])
    expect(start().link).not.toBe(request.token)
  })

  it('by no link where others can reach the server, or where there is a secret', () => {
    for (const config of [
      { publicUrl: 'https://labs.example.org' },
      { host: '0.0.0.0' },
      { hostSecret: SECRET },
      { hostSecret: SECRET, publicUrl: 'https://labs.example.org' },
    ])
      expect(setUp(config).signIns.link, JSON.stringify(config)).toBeUndefined()
  })

  it('and are told when it is over, by sign-out or by time, once', async () => {
    const { signIns, clock } = setUp()
    const [one, two] = [signIns.admit({ id: 'a', name: 'A' }), signIns.admit({ id: 'b', name: 'B' })].map((token) => {
      const signIn = signIns.who(token)
      if (!signIn) throw new Error('not signed in')
      return { token, signIn }
    })
    const over: string[] = []
    const leave = one && signIns.attend(one.signIn, () => over.push('left'))
    if (one) signIns.attend(one.signIn, () => over.push('one'))
    if (two) signIns.attend(two.signIn, () => over.push('two'))
    leave?.()
    if (one) signIns.signOut(one.signIn)
    expect([over, signIns.who(one?.token)]).toEqual([['one'], undefined])
    await clock.advance(SIGNED_IN_MS)
    expect(over).toEqual(['one', 'two'])
    expect(clock.pending).toBe(0)
  })

  it('S-9: and what is stored is no token', async () => {
    const { signIns, database } = setUp()
    const token = await signIns.signIn({ secret: SECRET }, 'a')
    const stored = JSON.stringify(database.prepare('SELECT * FROM host_sign_ins').all())
    for (const hidden of [token, SECRET]) expect(stored).not.toContain(hidden)
  })
})
