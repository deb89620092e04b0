import { describe, expect, it } from 'vitest'
import { Random } from '../../clock/random.ts'
import { join, toBytes } from '../../objects/bytes.ts'
import { Body, chunk, LAST_CHUNK } from './body.ts'
import { ByteReader } from './byte-reader.ts'
import { HeaderList } from './header-list.ts'
import { HttpError } from './http-error.ts'
import {
  parseRequestHead,
  parseResponseHead,
  requestFraming,
  requestText,
  responseFraming,
  responseText,
  staysOpen,
} from './message.ts'

const reader = (bytes: Uint8Array, pieces: () => number = () => bytes.length || 1) => {
  let at = 0
  return new ByteReader({
    async read() {
      if (at >= bytes.length) return null
      const part = bytes.subarray(at, at + Math.max(1, pieces()))
      at += part.length
      return part
    },
  })
}

const refused: readonly (readonly [string, number])[] = [
  ['GET /\r\nHost: a', 400],
  ['GET / HTTP/1.1', 400],
  ['GET  / HTTP/1.1\r\nHost: a', 400],
  ['G(T / HTTP/1.1\r\nHost: a', 400],
  ['GET /\u0001 HTTP/1.1\r\nHost: a', 400],
  ['GET / HTTP/2.0\r\nHost: a', 505],
  ['GET / http/1.1\r\nHost: a', 400],
  ['GET / HTTP/1.1\r\nHost: a\r\nHost: b', 400],
  ['GET / HTTP/1.1\r\nHost : a', 400],
  ['GET / HTTP/1.1\r\nHost: a\r\n folded', 400],
  ['GET / HTTP/1.1\r\nHost: a\r\nX: a\u0000b', 400],
  ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2', 400],
  ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1', 400],
  ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1', 400],
  ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked', 400],
  ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip', 501],
  ['POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked', 400],
]

describe('a request head', () => {
  it.each(refused)('is refused: %j', (head, status) => {
    const parse = () => requestFraming(parseRequestHead(head))
    expect(parse).toThrow(HttpError)
    try {
      parse()
    } catch (error) {
      expect((error as HttpError).status).toBe(status)
    }
  })

  it('keeps the order and the case of its fields, and finds them in any', () => {
    const head = parseRequestHead('GET /a?b=c HTTP/1.1\r\nhOsT: a\r\nX-One:  1 \r\nx-one: 2')
    expect([...head.headers]).toEqual([
      ['hOsT', 'a'],
      ['X-One', '1'],
      ['x-one', '2'],
    ])
    expect(head.headers.all('X-ONE')).toEqual(['1', '2'])
    expect(head).toMatchObject({ method: 'GET', target: '/a?b=c', minor: 1 })
  })

  it('says whether the connection goes on', () => {
    const head = (minor: 0 | 1, value?: string) => ({
      minor,
      headers: new HeaderList(value === undefined ? [] : [['Connection', value]]),
    })
    expect(staysOpen(head(1))).toBe(true)
    expect(staysOpen(head(1, 'close'))).toBe(false)
    expect(staysOpen(head(0))).toBe(false)
    expect(staysOpen(head(0, 'Keep-Alive'))).toBe(true)
  })
})

describe('a response head', () => {
  it('may have no reason, and no body where its status or the method says so', () => {
    const head = parseResponseHead('HTTP/1.1 204\r\nContent-Length: 5')
    expect(head).toMatchObject({ status: 204, reason: '' })
    expect(responseFraming(head, 'GET')).toEqual({ by: 'length', length: 0 })
    const found = parseResponseHead('HTTP/1.0 200 Very well\r\nContent-Length: 5')
    expect(found.reason).toBe('Very well')
    expect(responseFraming(found, 'GET')).toEqual({ by: 'length', length: 5 })
    expect(responseFraming(found, 'HEAD')).toEqual({ by: 'length', length: 0 })
    expect(responseFraming(parseResponseHead('HTTP/1.1 200 OK'), 'GET')).toEqual({ by: 'close' })
    expect(() => parseResponseHead('HTTP/1.1 20 OK')).toThrow('malformed HTTP response')
  })
})

describe('round trips', () => {
  const random = new Random('http')
  const bytesOf = (most: number) => Uint8Array.from({ length: random.below(most) }, () => random.below(256))

  it('reads the heads that it writes, however they are cut', async () => {
    for (let run = 0; run < 300; run++) {
      const fields = Array.from({ length: random.below(8) }, (_, index): [string, string] => [
        `X-${index}`,
        String.fromCharCode(...Array.from({ length: random.below(30) }, () => 33 + random.below(90))),
      ])
      const headers = new HeaderList([['Host', 'web'], ...fields])
      const text = requestText('PUT', `/p${run}?q=ä`, 1, headers) + responseText(418, 1, headers)
      const source = reader(toBytes(text), () => 1 + random.below(40))
      const request = parseRequestHead((await source.head(4096)) ?? '')
      expect([...request.headers]).toEqual([...headers])
      expect(request.target).toBe(`/p${run}?q=ä`)
      expect(parseResponseHead((await source.head(4096)) ?? '').reason).toBe("I'm a teapot")
      expect(await source.head(4096)).toBeUndefined()
    }
  })

  it('reads the chunks that it writes, however they are cut', async () => {
    for (let run = 0; run < 300; run++) {
      const parts = Array.from({ length: random.below(6) }, () => bytesOf(200))
      const sent = join([...parts.map(chunk), LAST_CHUNK, toBytes('after')])
      const source = reader(sent, () => 1 + random.below(50))
      const body = new Body(source, { by: 'chunks' })
      expect(await body.bytes()).toEqual(join([new Uint8Array(), ...parts]))
      expect(new TextDecoder().decode(await source.exactly(5))).toBe('after')
    }
  })

  it('answers random bytes with an HttpError or a message, never otherwise', async () => {
    const seeds = [
      'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
      '\r\n\r\n\n',
    ]
    let read = 0
    for (let run = 0; run < 3000; run++) {
      const bytes = random.chance(0.2) ? bytesOf(300) : toBytes(random.pick(seeds)).slice()
      for (let change = random.below(4); change > 0; change--) bytes[random.below(bytes.length)] = random.below(256)
      const source = reader(bytes, () => 1 + random.below(20))
      try {
        const text = await source.head(1000)
        if (text === undefined) continue
        const head = parseRequestHead(text)
        await new Body(source, requestFraming(head)).bytes(1000)
        read++
      } catch (error) {
        expect(error).toBeInstanceOf(HttpError)
      }
    }
    expect(read).toBeGreaterThan(300)
  })
})

describe('a body', () => {
  it('ends with the trailers after its chunks', async () => {
    const body = new Body(reader(toBytes('3;x=y\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n')), { by: 'chunks' })
    expect(await body.text()).toBe('abc')
    expect(body.trailers?.get('x-sum')).toBe('1')
  })

  it.each(['x\r\nabc\r\n', '3\r\nabcd\r\n', '-3\r\nabc\r\n', '3\r\nabc', '3 3\r\nabc\r\n', 'fffffffffffff\r\n'])(
    'is broken: %j',
    async (text) => {
      await expect(new Body(reader(toBytes(text)), { by: 'chunks' }).bytes()).rejects.toThrow(HttpError)
    },
  )

  it('is not read past its limit', async () => {
    await expect(new Body(reader(new Uint8Array(100)), { by: 'close' }).bytes(99)).rejects.toThrow('too large')
    await expect(new Body(reader(new Uint8Array(100)), { by: 'length', length: 100 }).bytes(99)).rejects.toThrow(
      'too large',
    )
  })

  it('is an error when it ends early', async () => {
    await expect(new Body(reader(new Uint8Array(9)), { by: 'length', length: 10 }).bytes()).rejects.toThrow('EOF')
  })
})
