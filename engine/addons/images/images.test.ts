import { afterEach, beforeEach, expect, it } from 'vitest'
import { Random } from '../../clock/random.ts'
import type { Container, Machine } from '../../containers/contract.ts'
import { emptyTree } from '../../containers/files/volume.ts'
import { createMachine } from '../../containers/machine.ts'
import { request } from '../../network/http/client.ts'
import { COREFILE, NetworkWorld, type TestPod } from '../../network/network.testing.ts'
import { type AddonImage, IMAGES } from '../versions.ts'
import { addonImages } from './images.ts'

const WITH_RELOAD = COREFILE.replace('}\n', '}\n    reload\n')

let world: NetworkWorld
let machine: Machine
let written = ''
beforeEach(async () => {
  written = ''
  world = await NetworkWorld.make()
  machine = createMachine({ clock: world.world.clock, random: new Random('images'), cores: 4, memory: 8 * 1024 ** 3 })
})
afterEach(() => world.close())

function start(name: AddonImage, pod: TestPod, corefile?: string, command?: readonly string[]) {
  const tree = emptyTree({ now: () => world.world.clock.now() })
  if (corefile !== undefined) tree.files.write('/Corefile', corefile)
  const image = addonImages.find(({ repository }) => repository === IMAGES[name][0])
  if (image === undefined) throw new Error(`There is no image of ${name}.`)
  const sandbox = machine.sandbox({
    namespace: 'kube-system',
    name,
    uid: name,
    hostname: name,
    network: pod,
    shareProcesses: false,
  })
  const container = sandbox.create({
    name,
    id: '0'.repeat(64),
    image,
    ...(command === undefined ? {} : { command }),
    env: new Map(),
    readOnlyRoot: false,
    mounts: [{ tree, subPath: '', path: '/etc/coredns', readOnly: true }],
    tty: false,
    stdin: false,
    stdinOnce: false,
    log: (_stream, bytes) => {
      written += new TextDecoder().decode(bytes)
    },
  })
  container.start()
  return { container, tree }
}

const probe = (port: number, path: string, tls = false, host?: string) =>
  world.until(
    request(world.network.node('worker'), { host: host ?? pod.address, port, path, tls }).then(
      ({ status }) => status,
      ({ code }: { readonly code: string }) => code,
    ),
  )
const ended = (container: Container) => world.until(container.ended)

let pod: TestPod
beforeEach(() => {
  pod = world.pod('addon', { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } })
})

it('answers names from a container of CoreDNS, by the Corefile that it finds, and by a new one', async () => {
  const { container, tree } = start('coredns', pod, WITH_RELOAD, ['/coredns', '-conf', '/etc/coredns/Corefile'])
  await world.world.clock.step(100)
  const ports = [{ name: 'dns', port: 53, protocol: 'UDP' }]
  const kubeDns = { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'], ports }
  world.service('kube-dns', kubeDns, [{ addresses: [pod.address] }], 'kube-system')
  const client = world.pod('client')
  const lookup = (name: string) =>
    world.until(client.lookup(name).catch((error: { readonly code: string }) => error.code))
  expect(await lookup('kube-dns.kube-system')).toEqual(['10.96.0.10'])
  expect(await lookup('old.example.com')).toBe('ENOTFOUND')
  expect([await probe(8080, '/health'), await probe(8181, '/ready'), await probe(8181, '/none')]).toEqual([
    200, 200, 404,
  ])
  tree.files.write(
    '/Corefile',
    WITH_RELOAD.replace('    forward', '    hosts {\n      10.1.1.1 old.example.com\n    }\n    forward'),
  )
  await world.world.clock.step(45_000)
  expect(await lookup('old.example.com')).toEqual(['10.1.1.1'])
  tree.files.write('/Corefile', '.:53 {\n  nonsense\n}\n')
  await world.world.clock.step(45_000)
  expect(await lookup('old.example.com')).toEqual(['10.1.1.1'])
  expect(written).toContain("Unknown directive 'nonsense'")
  container.kill('SIGTERM')
  expect(await ended(container)).toEqual({ code: 0 })
  expect(await lookup('kube-dns.kube-system')).toBe('EAI_AGAIN')
})

it('ends where CoreDNS would not take the Corefile', async () => {
  const { container } = start('coredns', pod, '.:53 {\n  errorz\n}\n', ['/coredns', '-conf', '/etc/coredns/Corefile'])
  expect(await ended(container)).toEqual({ code: 1 })
  expect(written).toBe("/etc/coredns/Corefile:2 - Error during parsing: Unknown directive 'errorz'\n")
})

it.each<[AddonImage, number, string, boolean]>([
  ['metricsServer', 10250, '/readyz', true],
  ['controllerManager', 10257, '/healthz', true],
  ['scheduler', 10259, '/livez', true],
  ['etcd', 2381, '/readyz', false],
  ['proxy', 10256, '/healthz', false],
  ['ingressNginx', 10254, '/healthz', false],
])('runs %s, which says that it is well, and goes when it is told to', async (name, port, path, tls) => {
  const isLocal = ['controllerManager', 'scheduler', 'etcd'].includes(name)
  pod = world.pod('host', { attachment: isLocal ? { hostNetwork: true } : {} })
  const program =
    Object.keys(addonImages.find(({ repository }) => repository === IMAGES[name][0])?.files ?? {})[0] ?? ''
  const { container } = start(name, pod, undefined, [program])
  await world.world.clock.step(100)
  const glance = (asked: string, by = tls) =>
    world.network.node('worker').glance?.(isLocal ? '127.0.0.1' : pod.address, port, { tls: by, path: asked })
  expect(await probe(port, path, tls, isLocal ? '127.0.0.1' : undefined)).toBe(200)
  // What kubelets see without a connection is what they would see with one; a picture has to see the connection
  expect([glance(path), glance('/none'), glance(path, !tls)]).toEqual([200, 404, undefined])
  const unheard = world.network.onHop(() => {})
  expect(glance(path)).toBeUndefined()
  unheard()
  expect(written).not.toBe('')
  container.kill('SIGTERM')
  expect(await ended(container)).toEqual({ code: 0 })
  container.remove()
  world.settle()
  expect(glance(path)).toBeUndefined()
  expect(await probe(port, path, tls, isLocal ? '127.0.0.1' : undefined)).toBe('ECONNREFUSED')
})
