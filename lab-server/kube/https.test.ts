import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../clock.ts'
import type { KubeConnection, KubeObject, WatchEvent } from './connection.ts'
import { connectHttps } from './https.ts'
import { createTransport } from './transport.ts'

/** An API server with Pods, Nodes and nothing else, that does as each test says. */
class ApiServer {
  readonly requests: { method: string; path: string; query: URLSearchParams; type: string; body: string }[] = []
  readonly watches: ServerResponse[] = []
  pods: KubeObject[] = []
  version = 1
  podKind = true
  #server: Server
  /** Answers instead of the API, if it returns true. */
  override: (request: IncomingMessage, response: ServerResponse, url: URL) => boolean = () => false

  constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response))
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close() {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  send(type: string, object: unknown) {
    for (const watch of this.watches) watch.write(`${JSON.stringify({ type, object })}\n`)
  }

  async #handle(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? '/', 'http://api')
    let body = ''
    for await (const chunk of request) body += chunk
    const method = request.method ?? ''
    const type = request.headers['content-type'] ?? ''
    this.requests.push({ method, path: url.pathname, query: url.searchParams, type, body })
    if (this.override(request, response, url)) return
    const json = (status: number, value: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(value))
    }
    if (url.pathname === '/api/v1') {
      const pods = { name: 'pods', kind: 'Pod', namespaced: true }
      const nodes = { name: 'nodes', kind: 'Node', namespaced: false }
      const eviction = { name: 'pods/eviction', kind: 'Eviction', namespaced: true }
      return json(200, { resources: [...(this.podKind ? [pods, eviction] : []), nodes] })
    }
    if (url.searchParams.get('watch') === 'true') {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.flushHeaders()
      this.watches.push(response)
      response.on('close', () => this.watches.splice(this.watches.indexOf(response), 1))
      return
    }
    if (/\/pods$/.test(url.pathname)) {
      return json(200, { metadata: { resourceVersion: String(this.version) }, items: this.pods })
    }
    const name = /\/pods\/([^/]+)$/.exec(url.pathname)?.[1]
    if (name && method === 'PATCH') return json(201, JSON.parse(body))
    const pod = this.pods.find((candidate) => candidate.metadata.name === name)
    if (pod) return json(200, pod)
    json(404, { kind: 'Status', apiVersion: 'v1', reason: 'NotFound', message: `pods "${name}" not found`, code: 404 })
  }
}

const pod = (name: string, resourceVersion: string, extra: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion, ...extra },
})
const told = (event: WatchEvent) => `${event.type} ${event.object.metadata.name}`
const refused = (status: number, reason: string) => (response: ServerResponse) => {
  response.writeHead(status)
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', reason, message: `${reason}!`, code: status }))
  return true
}

let api: ApiServer
let clock: ManualClock
let kube: KubeConnection
const pods = { apiVersion: 'v1', kind: 'Pod', namespace: 'default' }
/** Until requests on the loopback have been answered. */
const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 5 })

beforeEach(async () => {
  api = new ApiServer()
  clock = new ManualClock(1000)
  const server = await api.listen()
  const nothing = Buffer.alloc(0)
  const transport = createTransport({ server, ca: nothing, cert: nothing, key: nothing }, clock, ({ agent, ...rest }) =>
    httpRequest({ ...rest, agent: false }),
  )
  kube = connectHttps(
    { server, ca: nothing, cert: nothing, key: nothing },
    {
      clock,
      log: pino({ enabled: false }),
      transport,
    },
  )
})
afterEach(async () => {
  kube.close()
  api.close()
  await until(() => expect(clock.pending).toBe(0))
})

describe('a watch', () => {
  it('tells the first list as additions and then is synced, with frozen objects', async () => {
    api.pods = [pod('a', '1', { managedFields: [{}] }), pod('b', '1')]
    const events: string[] = []
    const watch = kube.watch(pods, (event) => events.push(told(event)))
    await watch.synced
    expect(events).toEqual(['ADDED a', 'ADDED b'])
    expect(watch.objects.map((object) => object.metadata.name)).toEqual(['a', 'b'])
    expect(Object.isFrozen(watch.objects[0]?.metadata)).toBe(true)
    expect(watch.objects[0]?.metadata).not.toHaveProperty('managedFields')
  })

  it('tells changes with the object before, after the list has changed', async () => {
    const events: WatchEvent[] = []
    const names: string[][] = []
    const watch = kube.watch(pods, (event) => {
      events.push(event)
      names.push(watch.objects.map((object) => object.metadata.name))
    })
    await until(() => expect(api.watches).toHaveLength(1))
    api.send('ADDED', pod('a', '2'))
    api.send('MODIFIED', pod('a', '3'))
    api.send('BOOKMARK', { metadata: { resourceVersion: '4' } })
    api.send('DELETED', pod('a', '5'))
    await until(() => expect(events).toHaveLength(3))
    expect(events.map(told)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
    expect(events[1]).toMatchObject({ old: { metadata: { resourceVersion: '2' } } })
    expect(events[2]).toMatchObject({
      old: { metadata: { resourceVersion: '3' } },
      object: { metadata: { resourceVersion: '5' } },
    })
    expect(names).toEqual([['a'], ['a'], []])
  })

  it('goes on from the version it has reached when the server ends the stream', async () => {
    kube.watch(pods, () => {})
    await until(() => expect(api.watches).toHaveLength(1))
    api.send('BOOKMARK', { metadata: { resourceVersion: '77' } })
    await clock.advance(5000)
    api.watches[0]?.end()
    await until(() => expect(api.requests.filter((request) => request.query.has('watch'))).toHaveLength(2))
    expect(api.requests.at(-1)?.query.get('resourceVersion')).toBe('77')
    expect(
      api.requests.filter((request) => request.path.endsWith('/pods') && !request.query.has('watch')),
    ).toHaveLength(1)
  })

  it('lists again when its version is too old, and tells what it missed, deletions too', async () => {
    api.pods = [pod('gone', '1'), pod('changed', '1'), pod('same', '1'), pod('reborn', '1')]
    const events: string[] = []
    kube.watch(pods, (event) => events.push(told(event)))
    await until(() => expect(api.watches).toHaveLength(1))
    events.length = 0
    api.pods = [pod('changed', '9'), pod('same', '1'), pod('new', '9'), pod('reborn', '9', { uid: 'other' })]
    api.send('ERROR', { kind: 'Status', apiVersion: 'v1', code: 410, reason: 'Expired' })
    api.watches[0]?.end()
    await until(async () => {
      await clock.advance(300)
      expect(events).toHaveLength(5)
    })
    expect(events.sort()).toEqual(['ADDED new', 'ADDED reborn', 'DELETED gone', 'DELETED reborn', 'MODIFIED changed'])
  })

  it('takes a silent connection for dead and opens another', async () => {
    kube.watch(pods, () => {})
    await until(() => expect(api.watches).toHaveLength(1))
    const first = api.watches[0]
    await clock.advance(95_000)
    await until(async () => {
      await clock.advance(1000)
      expect(api.watches).toHaveLength(1)
      expect(api.watches[0]).not.toBe(first)
    })
  })

  it('waits longer and longer while the server cannot be reached', async () => {
    const asked: number[] = []
    api.override = (request) => {
      asked.push(clock.now())
      request.socket.destroy()
      return true
    }
    kube.watch(pods, () => {})
    await until(async () => {
      await clock.advance(50)
      expect(asked.length).toBeGreaterThan(4)
    })
    const waits = asked.slice(1).map((at, index) => at - (asked[index] ?? 0))
    expect(waits[0]).toBeGreaterThanOrEqual(250)
    expect(waits[1]).toBeGreaterThanOrEqual(500)
    expect(waits[2]).toBeGreaterThanOrEqual(1000)
    expect(waits[3]).toBeGreaterThanOrEqual(2000)
  })

  it('is synced with nothing for a kind that does not exist, and finds it once it does', async () => {
    api.podKind = false
    const events: string[] = []
    const watch = kube.watch(pods, (event) => events.push(told(event)))
    await watch.synced
    expect(watch.objects).toEqual([])
    expect(watch.kindKnown).toBe(false)
    api.podKind = true
    api.pods = [pod('a', '1')]
    const began = clock.now()
    await until(async () => {
      await clock.advance(100)
      expect(events).toEqual(['ADDED a'])
    })
    await watch.known
    expect(watch.kindKnown).toBe(true)
    expect(clock.now() - began, 'soon enough for a reader who has just defined it').toBeLessThanOrEqual(2000)
  })

  it('rejects for good when the API refuses the first list', async () => {
    api.override = (_, response, url) => url.pathname.endsWith('/pods') && refused(403, 'Forbidden')(response)
    const watch = kube.watch(pods, () => {})
    await expect(watch.synced).rejects.toMatchObject({ status: 403, reason: 'Forbidden' })
  })

  it('is shared by all who ask the same, each being told everything', async () => {
    api.pods = [pod('a', '1')]
    const early: string[] = []
    const late: string[] = []
    const first = kube.watch(pods, (event) => early.push(told(event)))
    await until(() => expect(api.watches).toHaveLength(1))
    const second = kube.watch({ ...pods }, (event) => late.push(told(event)))
    expect(late).toEqual([])
    await second.synced
    api.send('ADDED', pod('b', '2'))
    await until(() => expect(early).toEqual(['ADDED a', 'ADDED b']))
    expect(late).toEqual(['ADDED a', 'ADDED b'])
    expect(api.watches).toHaveLength(1)
    first.close()
    api.send('ADDED', pod('c', '3'))
    await until(() => expect(late).toHaveLength(3))
    expect(early).toHaveLength(2)
    second.close()
    await until(() => expect(api.watches).toHaveLength(0))
  })

  it('keeps the stream for a watch that was opened just before the last other one closed', async () => {
    api.pods = [pod('a', '1')]
    const first = kube.watch(pods, () => {})
    await until(() => expect(api.watches).toHaveLength(1))
    const late: string[] = []
    kube.watch(pods, (event) => late.push(told(event)))
    first.close()
    await until(() => expect(late).toEqual(['ADDED a']))
    expect(api.watches).toHaveLength(1)
  })

  it('does not let one listener’s failure reach another', async () => {
    api.pods = [pod('a', '1')]
    const events: string[] = []
    kube.watch(pods, () => {
      throw new Error('mine')
    })
    const watch = kube.watch(pods, (event) => events.push(told(event)))
    await watch.synced
    expect(events).toEqual(['ADDED a'])
  })

  it('selects by name and labels, and asks how a kind is served only once', async () => {
    await kube.list({ ...pods, labels: { tier: 'front', app: 'web' } })
    const watch = kube.watch({ apiVersion: 'v1', kind: 'Pod', name: 'a' }, () => {})
    await watch.synced
    expect(api.requests[1]?.query.get('labelSelector')).toBe('app=web,tier=front')
    expect(api.requests[2]?.path).toBe('/api/v1/pods')
    expect(api.requests[2]?.query.get('fieldSelector')).toBe('metadata.name=a')
    expect(api.requests.filter((request) => request.path === '/api/v1')).toHaveLength(1)
  })
})

describe('single requests', () => {
  it('gets an object, or undefined if there is none or no such kind', async () => {
    api.pods = [pod('a', '1')]
    expect(await kube.get({ ...pods, name: 'a' })).toMatchObject({ metadata: { name: 'a' } })
    expect(await kube.get({ ...pods, name: 'b' })).toBeUndefined()
    expect(await kube.get({ apiVersion: 'v1', kind: 'Gadget', name: 'b' })).toBeUndefined()
  })

  it('applies on the server’s side, in default if no namespace is named', async () => {
    await kube.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } })
    expect(api.requests.at(-1)).toMatchObject({
      method: 'PATCH',
      path: '/api/v1/namespaces/default/pods/a',
      type: 'application/apply-patch+yaml',
    })
    expect(api.requests.at(-1)?.query.toString()).toBe('fieldManager=quayside&force=true')
  })

  it('finds deleted what was not there', async () => {
    await expect(kube.delete({ ...pods, name: 'nobody' })).resolves.toBeUndefined()
  })

  it('throws the API server’s refusal with its reason', async () => {
    api.override = (request, response) => request.method === 'DELETE' && refused(403, 'Forbidden')(response)
    await expect(kube.delete({ ...pods, name: 'a' })).rejects.toMatchObject({
      name: 'KubeError',
      status: 403,
      reason: 'Forbidden',
      message: 'Forbidden!',
    })
  })
})

describe('the way to a Service', () => {
  const target = { namespace: 'shop', service: 'web', port: 9898, path: '/env?a=b' }

  it('gives back whatever the Service answers', async () => {
    api.override = (_, response) => {
      response.writeHead(500)
      response.end('broken')
      return true
    }
    expect(await kube.proxy(target)).toEqual({ status: 500, body: 'broken' })
    expect(api.requests[0]?.path).toBe('/api/v1/namespaces/shop/services/web%3A9898/proxy/env')
    expect(api.requests[0]?.query.toString()).toBe('a=b')
  })

  it('gives status 0 when no endpoint answers, or none in time', async () => {
    api.override = (_, response) => refused(503, 'ServiceUnavailable')(response)
    expect(await kube.proxy(target)).toEqual({ status: 0, body: 'ServiceUnavailable!' })
    api.override = () => true
    const answer = kube.proxy(target)
    await until(() => expect(api.requests).toHaveLength(2))
    await clock.advance(10_000)
    expect(await answer).toMatchObject({ status: 0 })
  })

  it('throws when the API server itself refuses', async () => {
    api.override = (_, response) => refused(404, 'NotFound')(response)
    await expect(kube.proxy(target)).rejects.toMatchObject({ status: 404, reason: 'NotFound' })
  })

  it('reads no more than it must of an endless answer', async () => {
    api.override = (_, response) => {
      response.writeHead(200)
      const pour = () => {
        while (!response.destroyed && response.write('y'.repeat(65_536)));
      }
      response.on('drain', pour)
      pour()
      return true
    }
    expect((await kube.proxy(target)).body).toHaveLength(256 * 1024)
  })
})
