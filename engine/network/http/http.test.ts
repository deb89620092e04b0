import { describe, expect, it, onTestFinished } from 'vitest'
import { VirtualClock } from '../../clock/virtual-clock.ts'
import { decode, toBytes } from '../../objects/bytes.ts'
import { ByteReader } from './byte-reader.ts'
import { HttpConnection, request } from './client.ts'
import { HeaderList } from './header-list.ts'
import { loopback } from './loopback.testing.ts'
import { type Handler, type ServerOptions, serve } from './server.ts'
import { acceptKey, acceptWebSocket } from './websocket.ts'

function world(handler: Handler, options: Partial<ServerOptions> = {}) {
  const clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) })
  const network = loopback()
  const server = serve(network, { clock, port: 80, ...options }, handler)
  onTestFinished(() => server.destroy())
  return { clock, network, server }
}

const echo: Handler = async (request) => ({
  status: 200,
  headers: { 'Content-Type': 'text/plain' },
  body: `${request.method} ${request.path} ${request.query.get('q') ?? ''} ${await request.body.text()}`,
})

/** What comes back until the connection ends. */
async function raw(network: ReturnType<typeof loopback>, sent: string): Promise<string> {
  const socket = await network.connect('web', 80)
  await socket.write(toBytes(sent))
  let all = ''
  for (let part = await socket.read(); part !== null; part = await socket.read()) all += decode(part)
  return all
}

describe('client and server', () => {
  it('send bodies of known and unknown size', async () => {
    const { network } = world(echo)
    const whole = await request(network, { url: 'http://web/a/b?q=1', method: 'POST', body: 'hello' })
    expect(await whole.body.text()).toBe('POST /a/b 1 hello')
    expect(whole.headers.get('content-length')).toBe('17')
    async function* parts() {
      yield toBytes('one ')
      yield toBytes('two')
    }
    const streamed = await request(network, { host: 'web', path: '/', method: 'PUT', body: parts() })
    expect(await streamed.body.text()).toBe('PUT /  one two')
  })

  it('stream an answer while it is made', async () => {
    let go = () => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const { network } = world(async () => ({
      status: 200,
      body: (async function* () {
        yield toBytes('first')
        await gate
        yield toBytes('second')
      })(),
    }))
    const answer = await request(network, { host: 'web' })
    expect(answer.headers.get('transfer-encoding')).toBe('chunked')
    expect(decode((await answer.body.read()) ?? new Uint8Array())).toBe('first')
    go()
    expect(await answer.body.text()).toBe('second')
  })

  it('keep one connection for many requests, pipelined too', async () => {
    const { network, server } = world(echo)
    const connection = new HttpConnection(await network.connect('web', 80))
    for (let index = 0; index < 3; index++) {
      const answer = await connection.send({
        method: 'GET',
        path: `/${index}`,
        headers: new HeaderList([['Host', 'web']]),
      })
      expect(connection.usable).toBe(false)
      expect(await answer.body.text()).toBe(`GET /${index}  `)
      expect(connection.usable).toBe(true)
    }
    expect(server.connections()).toBe(1)
    expect(server.waiting()).toBe(1)
    const both = await raw(
      network,
      'GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    )
    expect(both).toMatch(/GET \/a {2}HTTP\/1\.1 200 OK[\s\S]*GET \/b {2}$/)
  })

  it('answer HEAD without a body and HTTP/1.0 without chunks', async () => {
    const { network } = world(async () => ({
      status: 200,
      body: (async function* () {
        yield toBytes('streamed')
      })(),
    }))
    const head = await request(network, { host: 'web', method: 'HEAD' })
    expect(await head.body.text()).toBe('')
    expect(await raw(network, 'GET / HTTP/1.0\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 200 OK\r\n(?!.*chunked)[\s\S]*\r\n\r\nstreamed$/,
    )
  })

  it('ask for the body with 100 Continue only when it is read', async () => {
    const { network } = world(async (request) =>
      request.path === '/read' ? { status: 200, body: await request.body.text() } : { status: 417 },
    )
    const head = (path: string) =>
      `POST ${path} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`
    const socket = await network.connect('web', 80)
    await socket.write(toBytes(head('/read')))
    expect(decode((await socket.read()) ?? new Uint8Array())).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    await socket.write(toBytes('ok'))
    expect(decode((await socket.read()) ?? new Uint8Array())).toMatch(/ok$/)
    socket.destroy()
    expect(await raw(network, head('/refuse'))).toMatch(/^HTTP\/1\.1 417 Expectation Failed[\s\S]*Connection: close/)
  })

  it('end a connection after what is no HTTP', async () => {
    const { network } = world(echo, { longestHead: 200 })
    expect(await raw(network, 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 Bad Request/)
    expect(await raw(network, `GET /${'x'.repeat(300)} HTTP/1.1\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  })

  it('answer 500 to what a handler throws', async () => {
    const failures: unknown[] = []
    const { network } = world(
      async () => {
        throw new Error('broken')
      },
      {
        failure: (error) => {
          failures.push(error)
          return { status: 500, body: 'sorry' }
        },
      },
    )
    expect(await (await request(network, { host: 'web' })).body.text()).toBe('sorry')
    expect(failures).toHaveLength(1)
  })
})

describe('time', () => {
  it('ends connections that say nothing, and leaves no timer', async () => {
    const { network, clock, server } = world(echo, { idle: 5000 })
    const silent = await network.connect('web', 80)
    await clock.step(59_000)
    expect(server.connections()).toBe(1)
    await clock.step(2000)
    await expect(silent.read()).rejects.toThrow('reset')
    const connection = new HttpConnection(await network.connect('web', 80))
    const answer = await connection.send({ method: 'GET', path: '/', headers: new HeaderList([['Host', 'web']]) })
    await answer.body.text()
    await clock.step(6000)
    expect(server.connections()).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('gives an answer up at its deadline, before and within its body', async () => {
    const { network, clock } = world(async (request) => {
      if (request.path === '/never') await new Promise(() => {})
      return {
        status: 200,
        body: (async function* () {
          yield toBytes('some')
          await new Promise(() => {})
        })(),
      }
    })
    const never = request(network, { host: 'web', path: '/never', timeout: 1000, clock })
    const slow = await request(network, { host: 'web', path: '/slow', timeout: 1000, clock })
    const body = slow.body.text()
    const silent = request(network, { host: 'silent', timeout: 1000, clock })
    const all = Promise.all([
      expect(never).rejects.toMatchObject({ fault: 'timeout' }),
      expect(body).rejects.toMatchObject({ fault: 'timeout' }),
      expect(silent).rejects.toMatchObject({ fault: 'timeout' }),
    ])
    await clock.step(1001)
    await all
  })

  it('throws the reason of a signal', async () => {
    const { network } = world(() => new Promise(() => {}))
    const controller = new AbortController()
    const waiting = request(network, { host: 'web', signal: controller.signal })
    const refused = expect(waiting).rejects.toThrow('gone')
    await Promise.resolve()
    controller.abort(new Error('gone'))
    await refused
  })

  it('passes on why there is no connection', async () => {
    const { network } = world(echo)
    await expect(request(network, { host: 'web', port: 81 })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(request(network, { url: 'http://nobody.invalid/' })).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })
})

describe('close', () => {
  it('ends idle connections, answers what is under way, and takes no more', async () => {
    let answer = () => {}
    const gate = new Promise<void>((resolve) => {
      answer = resolve
    })
    const { network, server } = world(async () => {
      await gate
      return { status: 200, body: 'late' }
    })
    await network.connect('web', 80)
    const under = request(network, { host: 'web', headers: { Connection: 'keep-alive' } })
    await new Promise((resolve) => setImmediate(resolve))
    const closed = server.close()
    await expect(network.connect('web', 80)).rejects.toThrow('refused')
    answer()
    const last = await under
    expect(last.headers.get('connection')).toBe('close')
    expect(await last.body.text()).toBe('late')
    await closed
    expect(server.connections()).toBe(0)
  })
})

describe('a WebSocket', () => {
  it('is accepted with the key of RFC 6455', async () => {
    expect(await acceptKey('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  })

  it('echoes messages, in parts too, answers pings and closes', async () => {
    const { network } = world((request) =>
      acceptWebSocket(request, async (connection) => {
        for (let message = await connection.receive(); message !== null; message = await connection.receive()) {
          await connection.send(message)
        }
      }),
    )
    const answer = await request(network, {
      host: 'web',
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      },
    })
    expect(answer.status).toBe(101)
    const { reader, socket } = answer.upgraded ?? {
      reader: new ByteReader({ read: async () => null }),
      socket: undefined,
    }
    const frame = (opcode: number, payload: string) =>
      Uint8Array.of(opcode, 128 | payload.length, 0, 0, 0, 0, ...toBytes(payload))
    await socket?.write(frame(0x01, 'hel'))
    await socket?.write(frame(0x89, 'p'))
    await socket?.write(frame(0x80, 'lo'))
    expect(decode(await reader.exactly(3))).toBe('\u{fffd}\u0001p')
    expect(decode((await reader.exactly(7)).subarray(2))).toBe('hello')
    await socket?.write(frame(0x88, ''))
    expect([...(await reader.exactly(4))]).toEqual([0x88, 2, 3, 232])
    expect((await request(network, { host: 'web' })).status).toBe(400)
  })
})
