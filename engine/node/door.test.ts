import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { Agent, request } from 'node:https'
import { connect } from 'node:tls'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type ApiRequest, type ApiResponse, MAX_BODY, type ProcessIo } from '../api/http.ts'
import { VirtualClock } from '../clock/virtual-clock.ts'
import { CertificateAuthority, type KeyPair } from './certificates/authority.ts'
import { Door } from './door.ts'
import { Queue } from './streaming/queue.ts'

const authority = new CertificateAuthority(new VirtualClock({ start: Date.now() }))
const plain = (body: string): ApiResponse => ({ kind: 'whole', status: 200, headers: {}, body })

let asked: ApiRequest[] = []
let answer: (request: ApiRequest) => ApiResponse
const handler = {
  async handle(request: ApiRequest): Promise<ApiResponse> {
    asked.push(request)
    // As what comes of a timer of the cluster: after the sockets have been looked at
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    return answer(request)
  },
}
const door = new Door({
  handler,
  certificate: authority.server('kube-apiserver', ['127.0.0.1']),
  clientAuthority: authority.certificate,
})
let port: number

function busy(): void {
  const until = Date.now() + 25
  while (Date.now() < until);
}

beforeAll(async () => {
  port = await door.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => door.close())
beforeEach(() => {
  asked = []
  answer = () => plain('hello')
})

interface Asked {
  readonly method?: string
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly body?: Uint8Array
  readonly client?: KeyPair
}

function send({ method = 'GET', path = '/', headers = {}, body, client }: Asked) {
  const sent = request({
    host: '127.0.0.1',
    port,
    ca: authority.certificate,
    agent: new Agent(),
    method,
    path,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-length': body.length }) },
    ...(client === undefined ? {} : { key: client.key, cert: client.certificate }),
  })
  sent.end(body)
  return sent
}

async function ask(options: Asked): Promise<{ status: number | undefined; text: string }> {
  const [response] = await once(send(options), 'response')
  let text = ''
  for await (const part of response) text += part
  return { status: response.statusCode, text }
}

describe('the door', () => {
  it('hands on method, path, query, headers and body', async () => {
    const body = Buffer.from('{"a":1}')
    const { status, text } = await ask({
      method: 'POST',
      path: '/api/v1/x%2Fy?a=1&a=2',
      headers: { Accept: 'x' },
      body,
    })
    expect({ status, text }).toEqual({ status: 200, text: 'hello' })
    const [got] = asked
    expect(got?.method).toBe('POST')
    expect(got?.path).toBe('/api/v1/x%2Fy')
    expect(got?.query.getAll('a')).toEqual(['1', '2'])
    expect(got?.headers.accept).toBe('x')
    expect(Buffer.from(got?.body ?? []).toString()).toBe('{"a":1}')
    expect(got?.credentials).toEqual({})
  })

  it('hands on who the client says it is', async () => {
    const client = authority.client({ commonName: 'jana', organizations: ['dev', 'ops'] })
    await ask({ client, headers: { Authorization: 'Bearer abc' } })
    expect(asked[0]?.credentials).toEqual({
      bearerToken: 'abc',
      certificate: {
        commonName: 'jana',
        organizations: ['dev', 'ops'],
        sha256: createHash('sha256').update(new X509Certificate(client.certificate).raw).digest('hex'),
      },
    })
  })

  it('refuses certificates of other authorities', async () => {
    const other = new CertificateAuthority(new VirtualClock({ start: Date.now() }))
    const { status, text } = await ask({ client: other.client({ commonName: 'admin' }) })
    expect(status).toBe(401)
    expect(JSON.parse(text)).toMatchObject({ kind: 'Status', reason: 'Unauthorized' })
    expect(asked).toEqual([])
  })

  it('refuses bodies that are too large', async () => {
    const { status, text } = await ask({ method: 'POST', body: new Uint8Array(MAX_BODY + 1) })
    expect(status).toBe(413)
    expect(JSON.parse(text).message).toBe('Request entity too large: limit is 3145728')
    expect((await ask({ method: 'POST', body: new Uint8Array(MAX_BODY) })).status).toBe(200)
  })

  it('writes headers as UTF-8', async () => {
    answer = () => ({ kind: 'whole', status: 200, headers: { Warning: ['299 - "naïve → ✓"', '299 - "b"'] }, body: '' })
    const [response] = await once(send({}), 'response')
    expect(Buffer.from(response.headers.warning, 'latin1').toString()).toBe('299 - "naïve → ✓", 299 - "b"')
    response.resume()
  })

  it('sends the headers of a stream before there is anything in it, and chunks as they come', async () => {
    const chunks = new Queue<Uint8Array>()
    answer = () => ({ kind: 'stream', status: 200, headers: { 'content-type': 'application/json' }, chunks })
    const [response] = await once(send({}), 'response')
    expect(response.headers['content-type']).toBe('application/json')
    chunks.push(Buffer.from('one'))
    expect(String((await once(response, 'data'))[0])).toBe('one')
    chunks.end()
    await once(response, 'end')
  })

  it('says when the client of a stream has gone', async () => {
    answer = () => ({ kind: 'stream', status: 200, headers: {}, chunks: new Queue<Uint8Array>() })
    const sent = send({})
    await once(sent, 'response')
    sent.destroy()
    await expect.poll(() => asked[0]?.signal.aborted).toBe(true)
  })

  it('writes no more to a client that does not read than it can hold', async () => {
    let made = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; made < 10_000; made++) yield new Uint8Array(64 * 1024)
    }
    answer = () => ({ kind: 'stream', status: 200, headers: {}, chunks: endless() })
    const [response] = await once(send({}), 'response')
    response.pause()
    await new Promise((resolve) => setTimeout(resolve, 300))
    const held = made
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(made).toBe(held)
    expect(held).toBeLessThan(500)
    response.destroy()
  })

  it('keeps the connection of a client that has all of a long answer before the server knows that it is sent', async () => {
    const long = 118_000
    const answered = answer
    answer = ({ path }) => {
      // The loop is busy with something else while the client goes on.
      if (path === '/long') setTimeout(busy, 0)
      return plain(path === '/long' ? 'x'.repeat(long) : 'thanks')
    }
    const worker = new Worker(new URL('./next-request.ts', import.meta.url), { workerData: { port, long, times: 30 } })
    const [broken] = await once(worker, 'message')
    answer = answered
    expect(broken).toBe(0)
  })
})

describe('an upgraded connection', () => {
  let io: ProcessIo
  const exec = (run: (io: ProcessIo) => Promise<{ exitCode: number }>): void => {
    answer = () => ({
      kind: 'upgrade',
      session: {
        kind: 'exec',
        options: { stdin: true, stdout: true, stderr: true, tty: false },
        start: (given) => {
          io = given
          return run(given)
        },
      },
    })
  }
  const open = (protocols: string[]): WebSocket =>
    new WebSocket(`wss://127.0.0.1:${port}/exec`, protocols, { ca: authority.certificate })

  async function messagesOf(socket: WebSocket): Promise<string[]> {
    const messages: string[] = []
    socket.on('message', (data: Buffer) => messages.push(`${data[0]}:${data.subarray(1)}`))
    await once(socket, 'close')
    return messages
  }

  it('carries input, output, sizes and the exit code of a process', async () => {
    exec(async ({ stdin, stdout, stderr, sizes }) => {
      for await (const size of sizes) {
        await stderr(Buffer.from(`${size.width}x${size.height}`))
        break
      }
      for await (const chunk of stdin) await stdout(chunk)
      return { exitCode: 3 }
    })
    const socket = open(['v5.channel.k8s.io'])
    await once(socket, 'open')
    expect(socket.protocol).toBe('v5.channel.k8s.io')
    socket.send(Buffer.from('\x04{"Width":80,"Height":24}'))
    socket.send(Buffer.from('\0typed'))
    socket.send(Uint8Array.of(255, 0))
    const [error, output, status] = await messagesOf(socket)
    expect(error).toBe('2:80x24')
    expect(output).toBe('1:typed')
    expect(JSON.parse(status?.slice(2) ?? '')).toEqual({
      metadata: {},
      status: 'Failure',
      message: 'command terminated with non-zero exit code: exit status 3',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    })
  })

  it('says to the process that the client has gone', async () => {
    exec(() => new Promise(() => undefined))
    const socket = open(['v5.channel.k8s.io'])
    await once(socket, 'open')
    socket.terminate()
    await expect.poll(() => io.signal.aborted).toBe(true)
  })

  it('is refused, in HTTP, where the server refuses the request', async () => {
    answer = () => ({ kind: 'whole', status: 404, headers: { 'x-a': ['1', '2'] }, body: 'no such pod' })
    const [sent, response] = await once(open(['v5.channel.k8s.io']), 'unexpected-response')
    expect(response.statusCode).toBe(404)
    expect(response.headers['x-a']).toBe('1, 2')
    sent.destroy()
  })

  it('is refused in protocols that are not spoken', async () => {
    exec(async () => ({ exitCode: 0 }))
    const [sent, response] = await once(open(['base64.channel.k8s.io']), 'unexpected-response')
    expect(response.statusCode).toBe(400)
    sent.destroy()
  })

  it('ends, and nothing else, when what comes is not of its protocol', async () => {
    exec(() => new Promise(() => undefined))
    const head =
      'POST /exec HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n'
    for (const junk of [
      Buffer.alloc(64, 0xff),
      Buffer.from('80030001000000ff', 'hex'),
      Buffer.from('8003000100000004ffffffff', 'hex'),
    ]) {
      const socket = connect({ host: '127.0.0.1', port, ca: authority.certificate })
      socket.write(head)
      socket.once('data', () => socket.end(junk))
      socket.resume()
      await once(socket, 'close')
    }
    answer = () => plain('still here')
    expect((await ask({})).text).toBe('still here')
  })
})
