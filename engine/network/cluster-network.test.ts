import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Hop, Socket } from './contract.ts'
import { greets, NetworkWorld } from './network.testing.ts'

let world: NetworkWorld
beforeEach(async () => {
  world = await NetworkWorld.make()
})
afterEach(() => {
  world.close()
  expect(world.errors).toEqual([])
})

const text = (bytes: Uint8Array | null) => (bytes === null ? null : new TextDecoder().decode(bytes))
const bytes = (words: string) => new TextEncoder().encode(words)

it('gives addresses of the node one after the other, and used ones again last', () => {
  const first = world.pod('a')
  const second = world.pod('b')
  expect([first.address, second.address]).toEqual(['10.244.1.2', '10.244.1.3'])
  first.detach()
  expect(world.pod('c').address).toBe('10.244.1.4')
  expect(world.pod('d', { node: 'worker2' }).address).toBe('10.244.2.2')
  for (let pod = 0; pod < 250; pod++) world.pod(`more-${pod}`)
  expect(world.pod('e').address).toBe('10.244.1.2')
  expect(() => world.pod('f')).toThrow(
    'failed to allocate for range 0: no IP addresses available in range set: 10.244.1.2-10.244.1.254',
  )
})

it('carries bytes both ways, and each end in its own time', async () => {
  const server = world.pod('server')
  const client = world.pod('client', { node: 'worker2' })
  let accepted: Socket | undefined
  server.listen(80, (socket) => {
    accepted = socket
  })
  const socket = await client.connect(server.address, 80)
  expect(accepted?.remote).toEqual(socket.local)
  expect(socket.remote).toEqual({ address: server.address, port: 80 })
  await socket.write(bytes('ask'))
  socket.end()
  expect(text((await accepted?.read()) ?? null)).toBe('ask')
  expect(await accepted?.read()).toBeNull()
  await accepted?.write(bytes('answer'))
  accepted?.end()
  expect(text(await socket.read())).toBe('answer')
  expect(await socket.read()).toBeNull()
  await expect(socket.write(bytes('more'))).rejects.toMatchObject({ code: 'EPIPE' })
})

it('makes a writer wait until the reader has room again', async () => {
  const server = world.pod('server')
  let accepted: Socket | undefined
  server.listen(80, (socket) => {
    accepted = socket
  })
  const socket = await world.pod('client').connect(server.address, 80)
  await socket.write(new Uint8Array(60_000))
  let done = false
  const second = socket.write(new Uint8Array(10_000)).then(() => {
    done = true
  })
  await world.world.clock.step(0)
  expect(done).toBe(false)
  await accepted?.read()
  await second
  expect(done).toBe(true)
})

it('resets the connections of a Pod that goes away, and takes no new ones', async () => {
  const server = world.pod('server')
  const client = world.pod('client')
  server.listen(80, () => {})
  const socket = await client.connect(server.address, 80)
  const reading = socket.read()
  server.detach()
  await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET', message: 'Connection reset by peer' })
  await expect(socket.write(bytes('x'))).rejects.toMatchObject({ code: 'EPIPE' })
  expect(await world.reach(client, server.address, 80)).toBe('ETIMEDOUT')
})

it.each([
  ['a Pod without a listener', '10.244.1.2', 'ECONNREFUSED', 0],
  ['an address of no Pod', '10.244.2.77', 'ETIMEDOUT', 10_000],
  ['an address of no Service', '10.96.7.7', 'ETIMEDOUT', 10_000],
  ['an address of no node', '172.18.0.99', 'EHOSTUNREACH', 3000],
  ['the Internet', '93.184.216.34', 'ENETUNREACH', 0],
])('is answered for %s as Linux does', async (_what, address, code, after) => {
  const client = world.pod('client')
  const start = world.world.clock.now()
  expect(await world.reach(client, address, 80)).toBe(code)
  expect(world.world.clock.now() - start).toBe(after)
})

it('gives up after 127 seconds where nobody says how long', async () => {
  const start = world.world.clock.now()
  const attempt = world.pod('client').connect('10.244.2.77', 80)
  await expect(world.until(attempt)).rejects.toMatchObject({ code: 'ETIMEDOUT', message: 'Connection timed out' })
  expect(world.world.clock.now() - start).toBe(127_000)
})

it('gives up at once when it is told to', async () => {
  const abort = new AbortController()
  const attempt = world.pod('client').connect('10.244.2.77', 80, { signal: abort.signal })
  await world.world.clock.step(100)
  abort.abort(new Error('enough'))
  await expect(attempt).rejects.toThrow('enough')
  expect(world.world.clock.next).toBeUndefined()
})

it('keeps what listens on loopback to the Pod itself', async () => {
  const pod = world.pod('server')
  greets(pod, 80, 'inside', '127.0.0.1')
  expect(await world.reach(pod, 'localhost', 80)).toBe('inside')
  expect(await world.reach(pod, pod.address, 80)).toBe('ECONNREFUSED')
  expect(await world.reach(world.pod('client'), pod.address, 80)).toBe('ECONNREFUSED')
  expect(() => greets(pod, 80, 'twice')).toThrow('Address already in use')
  greets(pod, 80, 'outside', pod.address)
  expect(await world.reach(world.pod('other'), pod.address, 80)).toBe('outside')
})

it('frees a port when its listener is closed', async () => {
  const pod = world.pod('server')
  const listener = greets(pod, 0, 'any')
  expect(listener.port).toBeGreaterThanOrEqual(32_768)
  expect(await world.reach(pod, '127.0.0.1', listener.port)).toBe('any')
  listener.close()
  expect(await world.reach(pod, '127.0.0.1', listener.port)).toBe('ECONNREFUSED')
})

it('lets Pods on the host network share their node, and each end with what is its own', async () => {
  const one = world.pod('one', { attachment: { hostNetwork: true } })
  const other = world.pod('other', { attachment: { hostNetwork: true } })
  greets(one, 8080, 'one')
  greets(other, 9090, 'other')
  const client = world.pod('client', { node: 'worker2' })
  expect([one.address, other.address]).toEqual(['172.18.0.3', '172.18.0.3'])
  expect(await world.reach(client, '172.18.0.3', 8080)).toBe('one')
  expect(await world.reach(world.network.outside, '172.18.0.3', 9090)).toBe('other')
  expect(() => greets(other, 8080, 'twice')).toThrow('Address already in use')
  one.detach()
  expect(await world.reach(client, '172.18.0.3', 8080)).toBe('ECONNREFUSED')
  expect(await world.reach(client, '172.18.0.3', 9090)).toBe('other')
})

it('leads a port of the node to the Pod that asked for it', async () => {
  const attachment = {
    hostPorts: [
      { hostPort: 8080, port: 80 },
      { hostPort: 8081, port: 80, hostIP: '127.0.0.1' },
    ],
  }
  const pod = world.pod('server', { attachment })
  greets(pod, 80, 'pod')
  expect(await world.reach(world.network.outside, '172.18.0.3', 8080)).toBe('pod')
  expect(await world.reach(world.network.outside, '172.18.0.3', 8081)).toBe('ECONNREFUSED')
  expect(await world.reach(world.network.node('worker'), '127.0.0.1', 8081)).toBe('pod')
  pod.detach()
  expect(await world.reach(world.network.outside, '172.18.0.3', 8080)).toBe('ECONNREFUSED')
})

it('holds all back that goes to a node that is cut off, until it is not', async () => {
  const server = world.pod('server', { node: 'worker2' })
  const client = world.pod('client')
  const near = world.pod('near', { node: 'worker2' })
  let accepted: Socket | undefined
  server.listen(80, (socket) => {
    accepted = socket
  })
  const socket = await client.connect(server.address, 80)
  world.network.setCutOff('worker2', true)
  expect(world.network.isCutOff('worker2')).toBe(true)
  await socket.write(bytes('late'))
  let got: string | null = ''
  const reading = accepted?.read().then((read) => {
    got = text(read)
  })
  expect(await world.reach(client, server.address, 80)).toBe('EHOSTUNREACH')
  expect(await world.reach(near, '10.244.2.2', 81)).toBe('ECONNREFUSED')
  expect(got).toBe('')
  world.network.setCutOff('worker2', false)
  await reading
  expect(got).toBe('late')
})

it('takes its time between nodes that are slow', async () => {
  const server = world.pod('server', { node: 'worker2' })
  const client = world.pod('client')
  greets(server, 80, 'slow')
  world.network.setLatency('worker2', 1000)
  const start = world.world.clock.now()
  expect(await world.reach(client, server.address, 80)).toBe('slow')
  expect(world.world.clock.now() - start).toBe(3000)
})

it('tells of TLS to both sides', async () => {
  const server = world.pod('server')
  const tls = { names: ['example.com'], authority: 'PEM' }
  let heard: Socket | undefined
  const connection = (socket: Socket) => {
    heard = socket
  }
  server.listen(443, connection, { tls })
  const socket = await world.pod('client').connect(server.address, 443, { tls: true })
  expect(socket.tls).toEqual(tls)
  expect(heard?.tls).toBeDefined()
  await world.pod('plain').connect(server.address, 443)
  expect(heard?.tls).toBeUndefined()
})

it('tells of each connection as it is made or refused', async () => {
  const hops: Hop[] = []
  const end = world.network.onHop((hop) => hops.push(hop))
  const server = world.pod('server', { node: 'worker2' })
  const client = world.pod('client')
  greets(server, 80, 'x')
  await world.reach(client, server.address, 80)
  await world.reach(client, server.address, 81)
  await world.reach(client, '10.244.2.99', 81, 5000)
  end()
  await world.reach(client, server.address, 80)
  const from = { kind: 'pod', namespace: 'default', name: 'client', node: 'worker' }
  const reached = { kind: 'pod', namespace: 'default', name: 'server', node: 'worker2' }
  expect(hops).toEqual([
    { at: expect.any(Number), from, to: { address: '10.244.2.2', port: 80 }, reached, outcome: 'connected' },
    { at: expect.any(Number), from, to: { address: '10.244.2.2', port: 81 }, reached, outcome: 'refused' },
    { at: expect.any(Number), from, to: { address: '10.244.2.99', port: 81 }, outcome: 'unreachable' },
  ])
})

it('leaves nothing behind after a thousand connections', async () => {
  const server = world.pod('server')
  const client = world.pod('client', { node: 'worker2' })
  greets(server, 80, 'hello')
  for (let count = 0; count < 1000; count++) {
    const socket = await client.connect(server.address, 80)
    expect(text(await socket.read())).toBe('hello')
    socket.end()
  }
  expect(world.world.clock.next).toBeUndefined()
  const many = Array.from({ length: 1000 }, () => client.connect(server.address, 80))
  for (const socket of await Promise.all(many)) socket.destroy()
  expect(world.world.clock.next).toBeUndefined()
})
