import { describe, expect, it } from 'vitest'
import { namesOf, requestHeaders, responseHeaders } from './headers.ts'

const ask = (...raw: string[]) =>
  requestHeaders(raw, { cookie: 'quayside-preview', scheme: 'http', address: '::1' }).slice(0, -6)
const hosts = namesOf({
  origin: 'http://0123.localhost:4321',
  target: { namespace: 'team', service: 'web' },
})
const answer = (...raw: string[]) => responseHeaders(raw, { cookie: 'quayside-preview', hosts, secure: true })

describe('what an app sees of a request', () => {
  it('is neither what is of one hop alone nor what says where it came from', () => {
    expect(
      ask(
        'Host',
        'h',
        'Connection',
        'keep-alive, X-Hop',
        'x-hop',
        '1',
        'Keep-Alive',
        '5',
        'TE',
        'trailers',
        'Upgrade',
        'h2c',
      ),
    ).toEqual(['Host', 'h'])
    expect(
      ask('Accept', 'a', 'X-Forwarded-For', '1.2.3.4', 'Forwarded', 'for=1.2.3.4', 'Expect', '100-continue'),
    ).toEqual(['Accept', 'a'])
  })

  it('S-32: never has our cookie', () => {
    expect(ask('Cookie', 'a=1; quayside-preview=secret; b=2')).toEqual(['Cookie', 'a=1; b=2'])
    expect(ask('cookie', 'quayside-preview=secret')).toEqual([])
    expect(ask('Cookie', ' quayside-preview =secret;quayside-previews=3')).toEqual(['Cookie', 'quayside-previews=3'])
  })

  it('tells under which name it was asked', () => {
    const all = requestHeaders(['Host', 'h:1'], { cookie: 'c', scheme: 'https', address: '::1' })
    expect(all).toEqual([
      'Host',
      'h:1',
      'X-Forwarded-For',
      '::1',
      'X-Forwarded-Host',
      'h:1',
      'X-Forwarded-Proto',
      'https',
    ])
  })
})

describe('what a browser sees of an answer', () => {
  it('keeps a redirect to the app itself in the preview, and leaves one to elsewhere alone', () => {
    const to = (value: string) => answer('Location', value)[1]
    // nginx writes its own port, and forgets the one that the browser asked.
    expect(to('http://0123.localhost/docs/')).toBe('/docs/')
    expect(to('https://web.team.svc.cluster.local:8443/a?b=c#d')).toBe('/a?b=c#d')
    expect(to('//web/a')).toBe('/a')
    expect(to('http://web//evil.example/')).toBe('/evil.example/')
    expect(to('http://169.254.169.254/latest/')).toBe('http://169.254.169.254/latest/')
    for (const own of ['/a', 'a/b', '?x', '']) expect(to(own)).toBe(own)
  })

  it('lets the app set cookies for its own host alone, such as a frame may have', () => {
    expect(answer('Set-Cookie', 'id=1; Path=/; Domain=localhost; SameSite=Lax; HttpOnly')[1]).toBe(
      'id=1; Path=/; HttpOnly; SameSite=None; Secure; Partitioned',
    )
    expect(answer('Set-Cookie', 'quayside-preview=mine')).toEqual([])
    expect(responseHeaders(['Set-Cookie', 'id=1; Domain=x'], { cookie: 'c', hosts, secure: false })).toEqual([
      'Set-Cookie',
      'id=1',
    ])
  })

  it('may be in a frame, and keeps the rest of its policy', () => {
    expect(
      answer(
        'X-Frame-Options',
        'DENY',
        'Content-Security-Policy',
        "default-src 'self'; frame-ancestors 'none'",
        'Strict-Transport-Security',
        'max-age=9',
        'Alt-Svc',
        'h3=":9"',
        'ETag',
        'x',
      ),
    ).toEqual(['Content-Security-Policy', "default-src 'self'", 'ETag', 'x'])
    expect(answer('Content-Security-Policy', 'frame-ancestors x')).toEqual([])
  })
})
