import { afterEach, beforeEach, expect, it } from 'vitest'
import type { DnsQuestion } from './contract.ts'
import { COREFILE, greets, NetworkWorld, type TestPod } from './network.testing.ts'

let world: NetworkWorld
let client: TestPod
beforeEach(async () => {
  world = await NetworkWorld.make()
  client = world.pod('client')
  const ports = [
    { name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' },
    { name: 'admin', port: 9000, targetPort: 9000, protocol: 'TCP' },
  ]
  world.service('web', { clusterIP: '10.96.10.10', clusterIPs: ['10.96.10.10'], ports }, [
    { addresses: ['10.244.1.9'], conditions: { ready: true }, hostname: 'first' },
  ])
  world.service('db', { clusterIP: 'None', clusterIPs: ['None'], ports: [{ name: 'sql', port: 5432 }] }, [
    { addresses: ['10.244.1.20'], conditions: { ready: true }, hostname: 'db-0' },
    { addresses: ['10.244.2.21'], conditions: { ready: true }, hostname: 'db-1' },
    { addresses: ['10.244.2.22'], conditions: { ready: false }, hostname: 'db-2' },
  ])
  world.service('empty', { clusterIP: 'None', clusterIPs: ['None'], ports: [{ port: 80 }] }, [])
  world.service('shop', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' }, [])
  world.service('far', { type: 'ExternalName', externalName: 'example.com' }, [])
})
afterEach(() => world.close())

async function ask(name: string, type: DnsQuestion['type'] = 'A', from = client) {
  const { code, records } = await world.until(from.ask({ name, type }))
  return [code, ...records.map((record) => `${record.name} ${record.ttl} ${record.type} ${record.data}`).sort()]
}
const lookup = async (name: string, from = client) =>
  world.until(
    from.lookup(name).then(
      (all) => [...all].sort().join(),
      (error: { readonly code: string }) => error.code,
    ),
  )

const SVC = 'svc.cluster.local'
it.each<[string, DnsQuestion['type'], readonly string[]]>([
  [`web.default.${SVC}`, 'A', ['NOERROR', `web.default.${SVC}. 30 A 10.96.10.10`]],
  [`WEB.Default.${SVC}.`, 'A', ['NOERROR', `web.default.${SVC}. 30 A 10.96.10.10`]],
  [`web.default.${SVC}`, 'AAAA', ['NOERROR']],
  [
    `web.default.${SVC}`,
    'SRV',
    [
      'NOERROR',
      `web.default.${SVC}. 30 SRV 0 50 80 web.default.${SVC}.`,
      `web.default.${SVC}. 30 SRV 0 50 9000 web.default.${SVC}.`,
    ],
  ],
  [
    `_http._tcp.web.default.${SVC}`,
    'SRV',
    ['NOERROR', `_http._tcp.web.default.${SVC}. 30 SRV 0 100 80 web.default.${SVC}.`],
  ],
  [`_http._udp.web.default.${SVC}`, 'SRV', ['NXDOMAIN']],
  [`first.web.default.${SVC}`, 'A', ['NOERROR', `first.web.default.${SVC}. 30 A 10.244.1.9`]],
  [`db.default.${SVC}`, 'A', ['NOERROR', `db.default.${SVC}. 30 A 10.244.1.20`, `db.default.${SVC}. 30 A 10.244.2.21`]],
  [`db-1.db.default.${SVC}`, 'A', ['NOERROR', `db-1.db.default.${SVC}. 30 A 10.244.2.21`]],
  [`db-2.db.default.${SVC}`, 'A', ['NXDOMAIN']],
  [
    `_sql._tcp.db.default.${SVC}`,
    'SRV',
    [
      'NOERROR',
      `_sql._tcp.db.default.${SVC}. 30 SRV 0 50 5432 db-0.db.default.${SVC}.`,
      `_sql._tcp.db.default.${SVC}. 30 SRV 0 50 5432 db-1.db.default.${SVC}.`,
    ],
  ],
  [`empty.default.${SVC}`, 'A', ['NXDOMAIN']],
  [`none.default.${SVC}`, 'A', ['NXDOMAIN']],
  [`web.other.${SVC}`, 'A', ['NXDOMAIN']],
  [`default.${SVC}`, 'A', ['NOERROR']],
  [SVC, 'A', ['NOERROR']],
  ['cluster.local', 'A', ['NOERROR']],
  ['web.cluster.local', 'A', ['NXDOMAIN']],
  [
    `shop.default.${SVC}`,
    'A',
    ['NOERROR', `shop.default.${SVC}. 30 CNAME web.default.${SVC}.`, `web.default.${SVC}. 30 A 10.96.10.10`],
  ],
  [`far.default.${SVC}`, 'A', ['NOERROR', `far.default.${SVC}. 30 CNAME example.com.`]],
  ['10-244-1-5.default.pod.cluster.local', 'A', ['NOERROR', '10-244-1-5.default.pod.cluster.local. 30 A 10.244.1.5']],
  ['10-244-1-5.none.pod.cluster.local', 'A', ['NXDOMAIN']],
  ['web.default.pod.cluster.local', 'A', ['NXDOMAIN']],
  ['10.10.96.10.in-addr.arpa', 'PTR', ['NOERROR', `10.10.96.10.in-addr.arpa. 30 PTR web.default.${SVC}.`]],
  ['20.1.244.10.in-addr.arpa', 'PTR', ['NOERROR', `20.1.244.10.in-addr.arpa. 30 PTR db-0.db.default.${SVC}.`]],
  ['99.1.244.10.in-addr.arpa', 'PTR', ['NXDOMAIN']],
  ['dns-version.cluster.local', 'TXT', ['NOERROR', 'dns-version.cluster.local. 30 TXT "1.1.0"']],
  ['example.com', 'A', ['NXDOMAIN']],
  ['worker', 'A', ['NOERROR', 'worker. 600 A 172.18.0.3']],
])('answers %s %s as CoreDNS does', async (name, type, answer) => {
  world.names()
  expect(await ask(name, type)).toEqual(answer)
})

it('finds names as getaddrinfo does: hosts, then search domains, then the name as it is', async () => {
  world.names()
  const pod = world.pod('db-0', {
    attachment: { hostname: 'db-0', hostAliases: [{ ip: '10.1.2.3', hostnames: ['foo.local', 'bar.local'] }] },
  })
  const all = ['web', 'web.default', `web.default.${SVC}`, 'db', 'shop', 'db-0', 'localhost', 'bar.local', '10.9.8.7']
  expect(await Promise.all(all.map((name) => lookup(name, pod)))).toEqual([
    '10.96.10.10',
    '10.96.10.10',
    '10.96.10.10',
    '10.244.1.20,10.244.2.21',
    '10.96.10.10',
    pod.address,
    '127.0.0.1',
    '10.1.2.3',
    '10.9.8.7',
  ])
  expect(await lookup('web.default.', pod)).toBe('ENOTFOUND')
  expect(await lookup('far', pod)).toBe('ENOTFOUND')
  expect(await lookup('example.com', pod)).toBe('ENOTFOUND')
  expect(
    await lookup(
      'web',
      world.pod('other', { attachment: { resolver: { ...client.resolver, searches: ['other.svc.cluster.local'] } } }),
    ),
  ).toBe('ENOTFOUND')
})

it('connects by name', async () => {
  world.names()
  const server = world.pod('server')
  greets(server, 8080, 'hello')
  const address = { clusterIP: '10.96.10.20', clusterIPs: ['10.96.10.20'] }
  world.service('hello', { ...address, ports: [{ port: 80, targetPort: 8080 }] }, [{ addresses: [server.address] }])
  expect(await world.reach(client, 'hello', 80)).toBe('hello')
  expect(await world.reach(client, 'nothing', 80)).toBe('ENOTFOUND')
})

it('finds nothing at once where CoreDNS has no endpoint, and after ten seconds where it is not let through', async () => {
  const start = world.world.clock.now()
  expect(await lookup('web')).toBe('EAI_AGAIN')
  const names = world.names()
  names.detach()
  const begun = world.world.clock.now()
  expect(begun).toBeGreaterThan(start)
  expect(await lookup('web')).toBe('EAI_AGAIN')
  expect(world.world.clock.now() - begun).toBe(10_000)
  await expect(world.until(client.ask({ name: 'web', type: 'A' }))).rejects.toMatchObject({ code: 'ETIMEDOUT' })
})

it('is not reached past a policy that forgets it', async () => {
  world.names()
  world.policy('no-egress', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [{ podSelector: {} }] }] })
  expect(await lookup('web')).toBe('EAI_AGAIN')
  const kubeSystem = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }
  world.policy('dns', {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ to: [kubeSystem], ports: [{ protocol: 'UDP', port: 53 }] }],
  })
  expect(await lookup('web')).toBe('10.96.10.10')
})

it('asks the server that it is told to, and the node where the Pod has its names from there', async () => {
  const names = world.names()
  const asked = await client.ask({ name: `web.default.${SVC}`, type: 'A', server: names.address })
  expect(asked.server).toEqual({ address: names.address, port: 53 })
  expect(asked.records).toHaveLength(1)
  const other = world.pod('other', {
    attachment: { resolver: { nameservers: ['172.18.0.1'], searches: ['.'], options: ['ndots:0'] } },
  })
  expect(await lookup('worker2', other)).toBe('172.18.0.4')
  expect(await lookup('web', other)).toBe('ENOTFOUND')
  await expect(world.until(client.ask({ name: 'web', type: 'A', server: client.address }))).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  })
})

it('does what the Corefile says', async () => {
  const corefile = COREFILE.replace('ttl 30', '')
    .replace('pods insecure', '')
    .replace(
      '    forward . /etc/resolv.conf\n',
      '    hosts {\n      10.5.5.5 legacy.example.com # old\n      fallthrough\n    }\n    rewrite name api.example.com web.default.svc.cluster.local\n',
    )
  world.names(corefile)
  expect(await ask(`web.default.${SVC}`)).toEqual(['NOERROR', `web.default.${SVC}. 5 A 10.96.10.10`])
  expect(await ask('legacy.example.com')).toEqual(['NOERROR', 'legacy.example.com. 5 A 10.5.5.5'])
  expect(await ask('api.example.com')).toEqual(['NOERROR', 'api.example.com. 5 A 10.96.10.10'])
  expect(await ask('10-244-1-5.default.pod.cluster.local')).toEqual(['NXDOMAIN'])
  expect(await ask('example.com')).toEqual(['REFUSED'])
})

it.each([
  ['.:53 {\n  errorz\n}\n', "/etc/coredns/Corefile:2 - Error during parsing: Unknown directive 'errorz'"],
  ['.:53 {\n  errors\n', '/etc/coredns/Corefile:3 - Error during parsing: Unexpected EOF'],
])('takes no Corefile that CoreDNS would not take', (corefile, message) => {
  expect(() => client.serveNames?.(corefile)).toThrow(message)
})
