import { afterEach, beforeEach, expect, it } from 'vitest'
import { ingressNginx } from '../../addons/ingress-nginx.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import type { Hop, PodNetwork } from '../contract.ts'
import { request } from '../http/client.ts'
import { serve } from '../http/server.ts'
import { NetworkWorld, type TestPod } from '../network.testing.ts'

const INGRESSES: GroupResource = { group: 'networking.k8s.io', resource: 'ingresses' }

let world: NetworkWorld
let controller: TestPod
const lines: string[] = []
beforeEach(async () => {
  lines.length = 0
  world = await NetworkWorld.make()
  const ingressClass = ingressNginx.find(({ object }) => object.kind === 'IngressClass')
  if (ingressClass !== undefined) world.world.create(ingressClass.resource, ingressClass.object, undefined)
  const hostPorts = [80, 443].map((port) => ({ hostPort: port, port }))
  controller = world.pod('ingress', { namespace: 'kube-system', node: 'control-plane', attachment: { hostPorts } })
  controller.serveIngresses?.({
    controller: 'k8s.io/ingress-nginx',
    withoutClass: false,
    address: 'localhost',
    log: (line) => lines.push(line),
  })
})
afterEach(() => world.close())

const service = (name: string, index: number): TestPod => {
  const pod = world.pod(name, { node: 'worker' })
  serve(pod, { clock: world.world.clock, port: 8080 }, async ({ method, target, headers, body }) => ({
    status: 200,
    headers: { 'X-From': headers.get('x-forwarded-for') ?? '', Server: 'own' },
    body: `${name} ${method} ${target} ${headers.get('host')} ${headers.get('x-forwarded-proto')} ${new TextDecoder().decode(await body.bytes())}`,
  }))
  const address = `10.96.30.${index}`
  const ports = [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }]
  world.service(name, { clusterIP: address, clusterIPs: [address], ports }, [{ addresses: [pod.address] }])
  return pod
}

const backend = (name: string, port: object = { number: 80 }) => ({ service: { name, port } })
const path = (text: string, name: string, pathType = 'Prefix') => ({ path: text, pathType, backend: backend(name) })
const ingress = (name: string, spec: object, annotations?: Readonly<Record<string, string>>): ApiObject =>
  world.world.create(INGRESSES, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace: 'default', ...(annotations === undefined ? {} : { annotations }) },
    spec: { ingressClassName: 'nginx', ...spec },
  })

async function get(
  url: string,
  options: Parameters<typeof request>[1] = {},
  from: Pick<PodNetwork, 'connect'> = world.network.outside,
) {
  const { hostname, pathname, search, protocol } = new URL(url)
  const tls = protocol === 'https:'
  // As curl's --resolve: the control plane's address for all names
  const answer = request(
    { connect: (_host, port, rest) => from.connect('172.18.0.2', port, { ...rest, serverName: hostname }) },
    { host: hostname, port: tls ? 443 : 80, tls, path: pathname + search, ...options },
  )
  const { status, headers, body } = await world.until(answer)
  return { status, headers, text: new TextDecoder().decode(await world.until(body.bytes())) }
}

it('leads by host and path, exact ones first, then the longest', async () => {
  for (const [index, name] of ['web', 'api', 'special', 'any'].entries()) service(name, index + 1)
  ingress('shop', {
    rules: [
      {
        host: 'shop.example.com',
        http: { paths: [path('/', 'web'), path('/api', 'api'), path('/api/one', 'special', 'Exact')] },
      },
      { host: '*.example.org', http: { paths: [path('/', 'any')] } },
    ],
  })
  const to = async (url: string) => {
    const { status, text } = await get(url)
    return status === 200 ? text.split(' ').slice(0, 3).join(' ') : String(status)
  }
  expect(await to('http://shop.example.com/')).toBe('web GET /')
  expect(await to('http://shop.example.com/apiary?x=1')).toBe('web GET /apiary?x=1')
  expect(await to('http://shop.example.com/api/two')).toBe('api GET /api/two')
  expect(await to('http://shop.example.com/api/one')).toBe('special GET /api/one')
  expect(await to('http://shop.example.com/api/one/')).toBe('api GET /api/one/')
  expect(await to('http://a.example.org/')).toBe('any GET /')
  expect(await to('http://a.b.example.org/')).toBe('404')
  expect(lines).toHaveLength(7)
  expect(lines[0]).toContain('172.18.0.1 - - [')
})

it('passes on what was sent, and says who has sent it', async () => {
  service('web', 1)
  ingress('web', { rules: [{ host: 'web.example.com', http: { paths: [path('/', 'web')] } }] })
  const { headers, text } = await get('http://web.example.com/form', { method: 'POST', body: 'name=x' })
  expect(text).toBe('web POST /form web.example.com http name=x')
  expect(headers.get('x-from')).toBe('172.18.0.1')
  expect(headers.get('server')).toBeUndefined()
})

it('tells of both connections, and for which Ingress the second is', async () => {
  service('web', 1)
  ingress('web', { rules: [{ host: 'web.example.com', http: { paths: [path('/', 'web')] } }] })
  const hops: Hop[] = []
  world.network.onHop((hop) => hops.push(hop))
  await get('http://web.example.com/')
  expect(hops.map(({ from, via, reached }) => [from.kind, via, reached])).toEqual([
    ['outside', undefined, expect.objectContaining({ kind: 'pod', name: 'ingress' })],
    ['pod', { kind: 'Ingress', namespace: 'default', name: 'web' }, expect.objectContaining({ name: 'web' })],
  ])
})

it('answers 404 for what nobody has, and 503 where a Service is missing or has nobody behind it', async () => {
  service('web', 1).detach()
  world.service('empty', { clusterIP: '10.96.30.9', clusterIPs: ['10.96.30.9'], ports: [{ port: 80 }] }, [])
  ingress('web', {
    rules: [
      {
        host: 'a.example.com',
        http: { paths: [path('/empty', 'empty'), path('/none', 'none'), path('/gone', 'web')] },
      },
    ],
  })
  const missing = await get('http://b.example.com/')
  expect(missing.status).toBe(404)
  expect(missing.text).toBe(
    '<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n',
  )
  expect((await get('http://a.example.com/')).status).toBe(404)
  expect((await get('http://a.example.com/empty')).text).toContain('503 Service Temporarily Unavailable')
  expect((await get('http://a.example.com/none')).status).toBe(503)
  expect((await get('http://a.example.com/gone')).status).toBe(504)
})

it('shows the certificate of the host that is asked for, and leads plain requests to it', async () => {
  service('web', 1)
  world.world.create(
    { group: '', resource: 'secrets' },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'web-tls', namespace: 'default' },
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': btoa(CERTIFICATE), 'tls.key': '' },
    },
  )
  const tls = [{ hosts: ['web.example.com'], secretName: 'web-tls' }]
  ingress('web', { tls, rules: [{ host: 'web.example.com', http: { paths: [path('/', 'web')] } }] })
  const { status, headers } = await get('http://web.example.com/x?y=1')
  expect([status, headers.get('location')]).toEqual([308, 'https://web.example.com/x?y=1'])
  const secure = await get('https://web.example.com/')
  expect(secure.text).toContain('web GET / web.example.com https')
  expect(secure.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
  const names = async (serverName: string) =>
    (await world.until(world.network.outside.connect('172.18.0.2', 443, { tls: true, serverName }))).tls
  expect(await names('web.example.com')).toEqual({
    names: ['web.example.com', 'www.example.com'],
    authority: CERTIFICATE,
  })
  expect(await names('other.example.com')).toEqual({ names: ['ingress.local'], authority: '' })
})

it('rewrites paths, and has a backend for all else', async () => {
  service('web', 1)
  service('rest', 2)
  ingress(
    'web',
    { rules: [{ host: 'web.example.com', http: { paths: [path('/app(/|$)(.*)', 'web', 'ImplementationSpecific')] } }] },
    { 'nginx.ingress.kubernetes.io/rewrite-target': '/$2' },
  )
  ingress('rest', { defaultBackend: backend('rest', { name: 'http' }) })
  expect((await get('http://web.example.com/app/one?q=2')).text).toContain('web GET /one?q=2')
  expect((await get('http://elsewhere.example.com/deep')).text).toContain('rest GET /deep')
})

it('puts its address into the status of its own Ingresses', () => {
  ingress('mine', { defaultBackend: backend('web') })
  ingress('other', { ingressClassName: 'traefik', defaultBackend: backend('web') })
  world.world.step()
  expect(world.world.get(INGRESSES, 'mine')?.status).toEqual({
    loadBalancer: { ingress: [{ hostname: 'localhost' }] },
  })
  expect(world.world.get(INGRESSES, 'other')?.status).toEqual({ loadBalancer: {} })
})

it('is gone with its Pod', async () => {
  service('web', 1)
  ingress('web', { rules: [{ host: 'web.example.com', http: { paths: [path('/', 'web')] } }] })
  controller.detach()
  await expect(get('http://web.example.com/')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  world.settle()
  expect(world.world.clock.next).toBeUndefined()
})

/** Self-signed, for web.example.com and www.example.com. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBujCCAV+gAwIBAgIUW/qIqWHMO2Ab+6G+QhLgeUooAiMwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPd2ViLmV4YW1wbGUuY29tMCAXDTI2MTEyMTEwMzAwN1oYDzIx
MjYxMDI4MTAzMDA3WjAaMRgwFgYDVQQDDA93ZWIuZXhhbXBsZS5jb20wWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAARZ+k6Z/R7S4kUbG2c3xd51/eitOtgte2V+yGnU
83FZieMATWiaLYvrvvo9IfWCsbMMCV28gE2oZMHgj5zlMsS4o4GAMH4wHQYDVR0O
BBYEFFQ5e5/ni3pDVbCieCnpLmfU8xEfMB8GA1UdIwQYMBaAFFQ5e5/ni3pDVbCi
eCnpLmfU8xEfMA8GA1UdEwEB/wQFMAMBAf8wKwYDVR0RBCQwIoIPd2ViLmV4YW1w
bGUuY29tgg93d3cuZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSQAwRgIhAJZO/TSH
w+Sj2qmrTEh6r3tcJPGAfA7QmB5NvnbpaHdpAiEA9QKUrykBR7FoVmhZEHdO84U+
lS5Gb2ZZRw0vgx2/hM8=
-----END CERTIFICATE-----
`
