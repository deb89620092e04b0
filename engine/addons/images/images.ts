import type { Image, Process, Program } from '../../containers/contract.ts'
import { type AddonImage, IMAGES } from '../versions.ts'
import { coredns } from './coredns.ts'
import { daemon, type Endpoints, klog } from './daemon.ts'
import { ingressNginx } from './ingress.ts'

const MIB = 1024 * 1024

interface Built {
  /** Bytes, compressed. */
  readonly size: number
  readonly memory: number
  readonly path: string
  readonly program: Program
  readonly command?: readonly string[]
  readonly entrypoint?: readonly string[]
  readonly user?: string
}

const healthy = (port: number, paths: readonly string[], rest: Partial<Endpoints> = {}): Endpoints => ({
  port,
  ...rest,
  answers: Object.fromEntries(paths.map((path) => [path, 'ok'])),
})

const HEALTH = ['/healthz', '/livez', '/readyz']
const LOCAL = { host: '127.0.0.1', tls: true }
const starts = (at: string, line: string) => (process: Process) => [klog(process, at) + line]

const BUILT: Readonly<Record<AddonImage, Built>> = {
  // What answers at its port is the engine's API server itself
  apiServer: {
    size: 27_000_000,
    memory: 200 * MIB,
    path: '/usr/local/bin/kube-apiserver',
    program: daemon({ says: starts('server.go:150', '"Starting" version="v1.34.4"') }),
  },
  controllerManager: {
    size: 22_800_000,
    memory: 48 * MIB,
    path: '/usr/local/bin/kube-controller-manager',
    program: daemon({
      endpoints: [healthy(10257, HEALTH, LOCAL)],
      says: starts('controllermanager.go:191', '"Starting" version="v1.34.4"'),
    }),
  },
  scheduler: {
    size: 17_400_000,
    memory: 22 * MIB,
    path: '/usr/local/bin/kube-scheduler',
    program: daemon({
      endpoints: [healthy(10259, HEALTH, LOCAL)],
      says: starts('server.go:175', '"Starting Kubernetes Scheduler" version="v1.34.4"'),
    }),
  },
  proxy: {
    size: 26_000_000,
    memory: 18 * MIB,
    path: '/usr/local/bin/kube-proxy',
    program: daemon({
      endpoints: [
        healthy(10256, HEALTH),
        { port: 10249, host: '127.0.0.1', answers: { '/proxyMode': 'iptables', '/healthz': 'ok' } },
      ],
      says: (process) => [
        `${klog(process, 'server_linux.go:53')}"Using iptables proxy"`,
        `${klog(process, 'server.go:527')}"Version info" version="v1.34.4"`,
        `${klog(process, 'shared_informer.go:356')}"Caches are synced" controller="service config"`,
      ],
    }),
  },
  etcd: {
    size: 22_900_000,
    memory: 40 * MIB,
    path: '/usr/local/bin/etcd',
    program: daemon({
      endpoints: [healthy(2381, [...HEALTH, '/health'], { host: '127.0.0.1' })],
      says: ({ clock }) => [
        `{"level":"info","ts":"${new Date(clock.now()).toISOString().slice(0, 23)}000Z","caller":"embed/serve.go:210","msg":"serving client traffic securely","traffic":"grpc+http","address":"127.0.0.1:2379"}`,
      ],
    }),
  },
  coredns: {
    size: 22_400_000,
    memory: 14 * MIB,
    path: '/coredns',
    program: coredns,
    entrypoint: ['/coredns'],
    user: '65532',
  },
  kindnet: {
    size: 39_000_000,
    memory: 14 * MIB,
    path: '/bin/kindnetd',
    program: daemon({ says: starts('main.go:109', 'connected to apiserver: https://control-plane:6443') }),
    command: ['/bin/kindnetd'],
  },
  localPath: {
    size: 20_000_000,
    memory: 10 * MIB,
    path: '/usr/local/bin/local-path-provisioner',
    program: daemon({
      says: (process) => [
        `time="${new Date(process.clock.now()).toISOString().slice(0, 19)}Z" level=debug msg="Provisioner started"`,
      ],
    }),
  },
  localPathHelper: { size: 3_000_000, memory: MIB, path: '/bin/true', program: async () => 0 },
  metricsServer: {
    size: 22_500_000,
    memory: 20 * MIB,
    path: '/metrics-server',
    program: daemon({
      endpoints: [healthy(10250, HEALTH, { tls: true })],
      says: starts('serving.go:380', 'Generated self-signed cert (/tmp/apiserver.crt, /tmp/apiserver.key)'),
    }),
    entrypoint: ['/metrics-server'],
    user: '65534',
  },
  ingressNginx: {
    size: 110_000_000,
    memory: 80 * MIB,
    path: '/nginx-ingress-controller',
    program: ingressNginx,
    user: '101',
  },
}

/** The images of what a fresh cluster runs by itself. */
export const addonImages: readonly Image[] = Object.entries(BUILT).map(([name, built]) => {
  const [repository, tag] = IMAGES[name as AddonImage]
  const { size, memory, path, program, command, entrypoint, user } = built
  return {
    repository,
    tags: [tag],
    size,
    memory,
    ...(command === undefined ? {} : { command }),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(user === undefined ? {} : { user }),
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    files: {
      [path]: { program },
      '/tmp': { directory: true, mode: 0o777 },
      '/etc/passwd': { text: 'root:x:0:0:root:/root:/sbin/nologin\n' },
      ...(name === 'ingressNginx' ? { '/wait-shutdown': { program: async () => 0 } } : {}),
    },
  }
})
