import { afterEach, expect, it } from 'vitest'
import { Random } from '../clock/random.ts'
import type { Image, Program } from '../containers/contract.ts'
import { emptyTree } from '../containers/files/volume.ts'
import { createMachine } from '../containers/machine.ts'
import { World } from '../controllers/world.testing.ts'
import { imageRegistry } from '../images/registry.ts'
import { defaultPod } from '../kinds/pod/defaults.ts'
import type { PodSpec } from '../kinds/pod/types.ts'
import { createClusterNetwork } from '../network/cluster-network.ts'
import type { ApiObject } from '../objects/types.ts'
import { createKubelets, type Kubelets } from './kubelets.ts'
import { PODS } from './objects.ts'
import { MACHINE } from './profiles/machine.ts'
import { NodeDoor } from './runtime/node-door.ts'

/** Answers each connection with a page, until it is asked to end. */
const serve: Program = async (process) => {
  const page = new TextEncoder().encode('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')
  const listener = process.network.listen(80, async (socket) => {
    await socket.read()
    await socket.write(page)
    socket.end()
  })
  await process.stdout.write('listening\n')
  await new Promise<void>((resolve) => process.on('SIGTERM', resolve))
  listener.close()
  return 0
}

const server: Image = {
  repository: 'server',
  tags: ['1.0'],
  size: 10_000_000,
  entrypoint: ['/serve'],
  files: { '/serve': { program: serve } },
  memory: 1_000_000,
}

/** Leaves a note on a volume. */
const prepare: Program = async ({ files }) => {
  files.write('/data/note', 'prepared')
  return 0
}

/** Says what it finds, and ends badly. */
const look: Program = async ({ files, stdout, env, hostname }) => {
  await stdout.write(`${files.readText('/data/note')}\n${env.get('GREETING')} from ${hostname}\n`)
  files.write('/dev/termination-log', 'seen enough')
  return 3
}

const tool: Image = {
  repository: 'tool',
  tags: ['1.0'],
  size: 10_000_000,
  files: { '/bin/prepare': { program: prepare }, '/bin/look': { program: look } },
  env: { PATH: '/bin' },
  memory: 1_000_000,
}

let world: World
afterEach(() => {
  expect(world.errors).toEqual([])
  world.close()
})

/** Nodes with machines, network and images as labs have them. */
async function make() {
  const door = new NodeDoor()
  let kubelets: Kubelets | undefined
  world = await World.make(
    (cluster, report) => {
      const { backend } = cluster
      const network = createClusterNetwork({ backend, random: new Random('network'), report })
      kubelets = createKubelets({
        cluster,
        random: new Random('nodes'),
        profile: MACHINE,
        machines: (node) =>
          createMachine({ clock: backend.clock, random: new Random(node), cores: 4, memory: 8 * 1024 ** 3 }),
        network,
        images: imageRegistry([tool, server]),
        trees: () => emptyTree({ now: () => backend.clock.now() }),
        door,
        report,
      })
      return [...kubelets.controllers, { start() {}, stop: () => network.stop() }]
    },
    { nodes: 1 },
  )
  return { door, kubelets: kubelets as Kubelets }
}

function create(name: string, spec: Partial<PodSpec> & Pick<PodSpec, 'containers'>): ApiObject {
  const metadata = { name, namespace: 'default' }
  return world.create(
    PODS,
    defaultPod({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: 'control-plane', ...spec } }),
  )
}

const statusOf = (name: string) =>
  world.get(PODS, name)?.status as {
    phase: string
    podIP: string
    containerStatuses: { ready: boolean; state: { terminated?: { exitCode: number; message?: string } } }[]
  }

async function logs(door: NodeDoor, pod: ApiObject): Promise<string> {
  const options = { container: 'main', follow: false, previous: false, timestamps: false }
  let text = ''
  for await (const chunk of door.logs(pod, options, new AbortController().signal))
    text += new TextDecoder().decode(chunk)
  return text
}

it('a program runs in a container, with its volumes and variables, and ends as it says', async () => {
  const { door } = await make()
  const pod = create('job', {
    restartPolicy: 'Never',
    volumes: [{ name: 'data', emptyDir: {} }],
    initContainers: [
      {
        name: 'init',
        image: 'tool:1.0',
        resources: {},
        command: ['prepare'],
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
    containers: [
      {
        name: 'main',
        image: 'tool:1.0',
        resources: {},
        command: ['look'],
        env: [{ name: 'GREETING', value: 'hello' }],
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
  })
  await world.clock.step(20_000)
  expect(statusOf('job').phase).toBe('Failed')
  expect(statusOf('job').containerStatuses[0]?.state.terminated).toMatchObject({ exitCode: 3, message: 'seen enough' })
  expect(await logs(door, pod)).toBe('prepared\nhello from job\n')
})

it('a web server is ready once it answers, is reached, and ends on SIGTERM', async () => {
  const { door } = await make()
  create('web', {
    containers: [
      {
        name: 'main',
        image: 'server:1.0',
        resources: {},
        ports: [{ containerPort: 80 }],
        readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 2 },
      },
    ],
  })
  await world.clock.step(15_000)
  expect(statusOf('web')).toMatchObject({ phase: 'Running', containerStatuses: [{ ready: true }] })
  const pod = world.get(PODS, 'web') as ApiObject
  const asked = { method: 'GET', path: '/', headers: {}, body: new Uint8Array(), signal: new AbortController().signal }
  expect(await logs(door, pod)).toBe('listening\n')
  const answer = door.proxy(pod, 80, asked)
  await world.clock.step(1_000)
  expect((await answer).status).toBe(200)
  world.cluster.backend.registry(PODS)?.delete('default', 'web', {})
  await world.clock.step(10_000)
  expect(world.get(PODS, 'web')).toBeUndefined()
})
