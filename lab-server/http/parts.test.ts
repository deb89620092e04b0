import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../clock.ts'
import { clientAddress, trustedProxies } from './address.ts'
import { enterAll, OpenCount } from './connections.ts'
import { inlineScriptHashes } from './policy.ts'
import { RateLimit } from './rate.ts'
import { createReaderCookie } from './reader.ts'

describe('rate limit', () => {
  it('lets so many through in a minute for each key, and says when to come back', async () => {
    const clock = new ManualClock(0)
    const limit = new RateLimit(2, clock)
    await clock.advance(10_000)
    expect([limit.take('a'), limit.take('a'), limit.take('a'), limit.take('b')]).toEqual([0, 0, 50, 0])
    await clock.advance(50_000)
    expect(limit.take('a')).toBe(0)
  })
})

describe('open connections', () => {
  it('enters all keys or none, and leaves once', () => {
    const open = new OpenCount()
    const first = enterAll(open, [
      ['address', 5],
      ['session', 1],
    ])
    expect(
      enterAll(open, [
        ['address', 5],
        ['session', 1],
      ]),
    ).toBeUndefined()
    first?.()
    first?.()
    expect(open.size).toBe(0)
    expect(
      enterAll(open, [
        ['address', 1],
        ['session', 1],
      ]),
    ).toBeDefined()
  })
})

describe('client address', () => {
  const nobody = trustedProxies([])
  const proxies = trustedProxies(['10.0.0.0/8', '::1'])

  it('is the peer, whatever a stranger writes in X-Forwarded-For', () => {
    expect(clientAddress('203.0.113.7', '1.2.3.4', nobody)).toBe('203.0.113.7')
    expect(clientAddress('203.0.113.7', '1.2.3.4', proxies)).toBe('203.0.113.7')
  })

  it('is what the nearest proxy that is not trusted claims to be', () => {
    expect(clientAddress('10.1.1.1', '6.6.6.6, 203.0.113.9, 10.2.2.2', proxies)).toBe('203.0.113.9')
    expect(clientAddress('::ffff:10.1.1.1', '203.0.113.9', proxies)).toBe('203.0.113.9')
    expect(clientAddress('::1', 'rubbish', proxies)).toBe('0:0:0:0::/64')
  })

  it('counts IPv6 by the network that one subscriber has', () => {
    const one = clientAddress('2001:db8:1:2:aaaa::1', undefined, nobody)
    expect(clientAddress('2001:DB8:1:2::ffff', undefined, nobody)).toBe(one)
    expect(clientAddress('2001:db8:1:3::1', undefined, nobody)).not.toBe(one)
  })
})

describe('reader cookie', () => {
  const cookies = createReaderCookie({ key: Buffer.alloc(32, 1), secure: false })
  const pair = (set: string) => set.split(';')[0]

  it('knows a reader again, and nobody whose cookie it did not sign', () => {
    const own = pair(cookies.issue('reader-1'))
    const other = pair(createReaderCookie({ key: Buffer.alloc(32, 2), secure: false }).issue('reader-1'))
    expect(cookies.read(`a=b; ${own}; c=d`)).toBe('reader-1')
    for (const forged of [
      other,
      own?.replace('reader-1', 'reader-2'),
      own?.split('.')[0],
      `${own?.split('=')[0]}=`,
      `${own?.split('=')[0]}=.`,
      '%',
      '',
    ])
      expect(cookies.read(forged)).toBeUndefined()
    expect(cookies.read(undefined)).toBeUndefined()
  })

  it('S-11: is HttpOnly and SameSite=Strict, and behind TLS bound to this host', () => {
    expect(cookies.issue('r')).toMatch(/^quayside-[0-9a-f]{8}=.*; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(createReaderCookie({ key: Buffer.alloc(32), secure: true }).issue('r')).toMatch(
      /^__Host-quayside=.*; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    )
  })
})

describe('reader cookies of two servers on one host', () => {
  it('do not displace each other', () => {
    const [one, two] = [1, 2].map((n) => createReaderCookie({ key: Buffer.alloc(32, n), secure: false }))
    const jar = [one, two].map((cookies) => cookies?.issue('reader').split(';')[0]).join('; ')
    expect([one?.read(jar), two?.read(jar)]).toEqual(['reader', 'reader'])
  })
})

describe('content security policy', () => {
  it('allows the scripts written into pages, by their text, and no data', () => {
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    const html = `<script>a()</script><script type="module">b("<p>")\n</script><SCRIPT data-x='>'>c()</SCRIPT >
      <script src="/x.js"></script><script type="application/json">{}</script><script type="text/javascript"></script>`
    expect(inlineScriptHashes(html)).toEqual([hash('a()'), hash('b("<p>")\n'), hash('c()'), hash('')])
  })
})
