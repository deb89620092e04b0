import { afterEach, describe, expect, it } from 'vitest'
import { claimsOf, generateSigningKey } from '../../auth/jwt.ts'
import { NodeWorld } from '../kubelet.testing.ts'

let world: NodeWorld
afterEach(() => {
  expect(world.world.errors).toEqual([])
  world.close()
})

const CONFIG_MAPS = { group: '', resource: 'configmaps' }
const SECRETS = { group: '', resource: 'secrets' }
const CLAIMS = { group: '', resource: 'persistentvolumeclaims' }
const VOLUMES = { group: '', resource: 'persistentvolumes' }
const SERVICES = { group: '', resource: 'services' }

const web = { name: 'web', image: 'nginx', imagePullPolicy: 'IfNotPresent', resources: {} }
const configMap = (data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'default' },
  data,
})

/** What the container has at this path. */
function mountOf(path: string, name = 'web') {
  const mount = world.nodes.container(name).options.mounts.find((one) => one.path === path)
  if (mount === undefined) throw new Error(`Nothing is mounted at ${path}.`)
  return mount
}
const filesAt = (path: string, name = 'web') => mountOf(path, name).tree.files

describe('a volume of a ConfigMap', () => {
  it('is waited for, and changes at once within a minute of the ConfigMap', async () => {
    world = await NodeWorld.make({ nginx: {} })
    world.create({
      containers: [{ ...web, volumeMounts: [{ name: 'config', mountPath: '/etc/app' }] }],
      volumes: [{ name: 'config', configMap: { name: 'settings', defaultMode: 0o644 } }],
    })
    await world.step(3)
    expect(world.told.at(-1)).toBe('Pending, web ContainerCreating')
    expect(world.events().at(-1)).toBe(
      'FailedMount MountVolume.SetUp failed for volume "config" : configmap "settings" not found',
    )
    world.world.create(CONFIG_MAPS, configMap({ 'app.conf': 'one', other: 'x' }))
    await world.step(8)
    const files = filesAt('/etc/app')
    expect(files.readText('/app.conf')).toBe('one')
    expect(files.readLink('/app.conf')).toBe('..data/app.conf')
    const before = files.readLink('/..data')
    world.world.update(CONFIG_MAPS, 'settings', (now) => ({ ...now, data: { 'app.conf': 'two' } }))
    await world.step(61)
    expect(files.readText('/app.conf')).toBe('two')
    expect(files.readLink('/..data')).not.toBe(before)
    expect(files.list('/').filter((name) => !name.startsWith('..'))).toEqual(['app.conf'])
  })

  it('may be missing where it is optional', async () => {
    world = await NodeWorld.make({ nginx: {} })
    const missing = { name: 'settings', optional: true } as object
    world.create({
      containers: [
        { ...web, volumeMounts: [{ name: 'config', mountPath: '/etc/app' }], envFrom: [{ configMapRef: missing }] },
      ],
      volumes: [{ name: 'config', configMap: missing }],
    })
    await world.step(5)
    expect(world.told.at(-1)).toBe('Running, web runs, ready')
  })
})

it('a projected volume has all its sources, and a token of the ServiceAccount', async () => {
  world = await NodeWorld.make({ nginx: {} }, { key: await generateSigningKey() })
  world.world.create(SECRETS, {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name: 'keys', namespace: 'default' },
    data: { key: btoa('hidden') },
  })
  world.create(
    {
      serviceAccountName: 'default',
      containers: [{ ...web, volumeMounts: [{ name: 'all', mountPath: '/all', readOnly: true }] }],
      volumes: [
        {
          name: 'all',
          projected: {
            defaultMode: 0o400,
            sources: [
              { secret: { name: 'keys', items: [{ key: 'key', path: 'deep/key' }] } },
              { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
              { downwardAPI: { items: [{ path: 'notes', fieldRef: { fieldPath: 'metadata.annotations' } }] } },
            ],
          },
        },
      ],
    },
    { annotations: { app: 'web', tier: 'a"b' } },
  )
  await world.step(5)
  // A token is signed in real time, of which simulated seconds may take too little
  await expect.poll(async () => world.step(0.5).then(() => world.nodes.containers.length)).toBe(1)
  const files = filesAt('/all')
  expect(files.readText('/deep/key')).toBe('hidden')
  expect(claimsOf(files.readText('/token'))).toMatchObject({
    sub: 'system:serviceaccount:default:default',
    'kubernetes.io': { pod: { name: 'web' }, node: { name: 'control-plane' } },
  })
  expect(files.readText('/notes')).toBe('app="web"\ntier="a\\"b"')
  expect(files.stat('/deep/key').mode & 0o777).toBe(0o400)
  expect(mountOf('/all').readOnly).toBe(true)
})

it('a file of the labels of a Pod follows them', async () => {
  world = await NodeWorld.make({ nginx: {} })
  world.create(
    {
      containers: [{ ...web, volumeMounts: [{ name: 'self', mountPath: '/self' }] }],
      volumes: [
        {
          name: 'self',
          downwardAPI: {
            items: [{ path: 'labels', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.labels' } }],
            defaultMode: 0o644,
          },
        },
      ],
    },
    { labels: { app: 'web' } },
  )
  await world.step(5)
  world.world.update({ group: '', resource: 'pods' }, 'web', ({ metadata, ...rest }) => ({
    ...rest,
    metadata: { ...metadata, labels: { app: 'web', tier: 'front' } },
  }))
  await world.step(1)
  expect(filesAt('/self').readText('/labels')).toBe('app="web"\ntier="front"')
})

it('a claim is waited for, and what is in it outlives the Pod', async () => {
  world = await NodeWorld.make({ nginx: { onTerm: { exitCode: 0 } } })
  const spec = {
    containers: [{ ...web, volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
  }
  world.create(spec)
  await world.step(2)
  expect(world.events().at(-1)).toBe(
    'FailedMount Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process volumes=[data]: error processing PVC default/data: failed to fetch PVC from API server: persistentvolumeclaims "data" not found',
  )
  const size = { resources: { requests: { storage: '1Gi' } }, accessModes: ['ReadWriteOnce'] }
  world.world.create(
    VOLUMES,
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'pv' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/var/pv', type: 'DirectoryOrCreate' },
        persistentVolumeReclaimPolicy: 'Retain',
      },
    },
    undefined,
  )
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'default' } }
  world.world.create(CLAIMS, { ...claim, spec: { ...size, volumeName: 'pv', volumeMode: 'Filesystem' } })
  await world.step(16)
  expect(world.events()).toContainEqual(expect.stringContaining('error processing PVC default/data: PVC is not bound'))
  world.world.update(CLAIMS, 'data', (now) => ({ ...now, status: { phase: 'Bound' } }), { subresource: 'status' })
  await world.step(20)
  expect(world.told.at(-1)).toBe('Running, web runs, ready')
  const { tree, subPath } = mountOf('/data')
  tree.files.write(`/${subPath}/kept`, 'still here')
  world.delete()
  await world.step(5)
  world.create(spec, { name: 'next' })
  await world.step(5)
  const again = mountOf('/data')
  expect(again.tree.files.readText(`/${again.subPath}/kept`)).toBe('still here')
  expect(world.kubelets.nodes.files('control-plane')?.readText('/var/pv/kept')).toBe('still here')
})

it("an emptyDir is its Pod's alone, and must not grow over its limit", async () => {
  world = await NodeWorld.make({ nginx: { onTerm: { exitCode: 0 } }, side: { onTerm: { exitCode: 0 } } })
  const mounts = { volumeMounts: [{ name: 'cache', mountPath: '/cache' }] }
  world.create({
    containers: [
      { ...web, ...mounts },
      { name: 'side', image: 'side', imagePullPolicy: 'IfNotPresent', resources: {}, ...mounts },
    ],
    volumes: [{ name: 'cache', emptyDir: { sizeLimit: '1Ki' } }],
  })
  await world.step(6)
  filesAt('/cache').write('/file', 'x'.repeat(5000))
  expect(filesAt('/cache', 'side').readText('/file')).toHaveLength(5000)
  await world.step(15)
  expect(world.status()).toMatchObject({
    phase: 'Failed',
    reason: 'Evicted',
    message: 'Usage of EmptyDir volume "cache" exceeds the limit "1Ki". ',
  })
  expect(world.events()).toContain('Evicted Usage of EmptyDir volume "cache" exceeds the limit "1Ki". ')
})

it('a hostPath of a type must be one', async () => {
  world = await NodeWorld.make({ nginx: {} })
  world.create({
    containers: [{ ...web, volumeMounts: [{ name: 'logs', mountPath: '/logs' }] }],
    volumes: [{ name: 'logs', hostPath: { path: '/var/app', type: 'Directory' } }],
  })
  await world.step(2)
  expect(world.events().at(-1)).toBe(
    'FailedMount MountVolume.SetUp failed for volume "logs" : hostPath type check failed: /var/app is not a directory',
  )
  world.kubelets.nodes.files('control-plane')?.makeDirectory('/var/app', { parents: true })
  await world.step(6)
  expect(world.told.at(-1)).toBe('Running, web runs, ready')
})

it('a container has variables from everywhere, and files of its own in /etc', async () => {
  world = await NodeWorld.make({ nginx: {} })
  world.world.create(CONFIG_MAPS, configMap({ COLOR: 'blue', SIZE: 'big' }))
  world.world.create(SERVICES, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'my-db', namespace: 'default' },
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.96.7.7',
      clusterIPs: ['10.96.7.7'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ports: [{ name: 'sql', port: 5432, protocol: 'TCP', targetPort: 5432 }],
    },
  })
  const { metadata } = world.create({
    hostname: 'front',
    subdomain: 'app',
    dnsConfig: { options: [{ name: 'ndots', value: '2' }] },
    hostAliases: [{ ip: '1.2.3.4', hostnames: ['old', 'older'] }],
    containers: [
      {
        ...web,
        command: ['serve', '$(COLOR)-$$(COLOR)-$(NONE)'],
        resources: { limits: { cpu: '1500m', memory: '64Mi' }, requests: { memory: '32Mi' } },
        envFrom: [{ prefix: 'C_', configMapRef: { name: 'settings' } }],
        env: [
          { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'COLOR' } } },
          { name: 'BOTH', value: '$(COLOR) $(C_SIZE) $(MY_DB_SERVICE_PORT)' },
          { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
          { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
          { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'requests.memory', divisor: '1Mi' } } },
        ],
      },
    ],
  })
  await world.step(5)
  const { env, command, cpuLimit, memoryLimit } = world.nodes.container('web').options
  const ip = world.status().podIP
  expect(Object.fromEntries(env)).toMatchObject({
    HOSTNAME: 'front',
    C_COLOR: 'blue',
    COLOR: 'blue',
    BOTH: 'blue big 5432',
    IP: ip,
    UID: metadata.uid,
    CPU: '2',
    MEMORY: '32',
    MY_DB_SERVICE_HOST: '10.96.7.7',
    MY_DB_SERVICE_PORT_SQL: '5432',
    MY_DB_PORT: 'tcp://10.96.7.7:5432',
    MY_DB_PORT_5432_TCP_ADDR: '10.96.7.7',
    KUBERNETES_SERVICE_HOST: '10.96.0.1',
  })
  expect(command).toEqual(['serve', 'blue-$(COLOR)-$(NONE)'])
  expect([cpuLimit, memoryLimit]).toEqual([1.5, 67_108_864])
  expect(filesAt('/etc/hosts').readText('/hosts')).toContain(
    `${ip}\tfront.app.default.svc.cluster.local\tfront\n\n# Entries added by HostAliases.\n1.2.3.4\told\tolder\n`,
  )
  expect(filesAt('/etc/resolv.conf').readText('/resolv.conf')).toBe(
    'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:2\n',
  )
})
