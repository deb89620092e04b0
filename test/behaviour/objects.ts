/** Manifests that scenarios share. Containers are called `main`, and stop at once unless a scenario is about how they stop. */
import { object } from './kinds.ts'
import type { Json } from './side.ts'

export const images = {
  busybox: 'busybox:1.36',
  nginx: 'nginx:1.26',
  pause: 'registry.k8s.io/pause:3.10.1',
  podinfo: 'ghcr.io/stefanprodan/podinfo:6.9.0',
  newPodinfo: 'ghcr.io/stefanprodan/podinfo:6.9.1',
  redis: 'redis:8.0',
} as const

/** Nobody listens where its registry is: it is refused at once, without a network too. */
export const missingImage = '127.0.0.1:1/missing:1'

export const labels = (app: string) => ({ app })

/** What runs for ever, takes nothing and stops when asked. */
export const pause = (more: Json = {}): Json => ({ name: 'main', image: images.pause, ...more })

/** A shell script; `exec` its last command where signals matter. */
export const shell = (script: string, more: Json = {}): Json => ({
  name: 'main',
  image: images.busybox,
  command: ['sh', '-c', script],
  ...more,
})

/** Where `failing` counts. */
export const tally = [{ name: 'tally', emptyDir: {} }]

/** Ends with `code` after two seconds, so many times, and then runs for ever: what goes on without an end ends nowhere. */
export const failing = (times: number, code: number, more: Json = {}): Json =>
  shell(`echo >> /tally/n; [ $(wc -l < /tally/n) -gt ${times} ] && exec sleep 3600; echo run; sleep 2; exit ${code}`, {
    volumeMounts: [{ name: 'tally', mountPath: '/tally' }],
    ...more,
  })

/** Answers on port 9898, and is ready as soon as it does. */
export const podinfo = (more: Json = {}): Json => ({
  name: 'main',
  image: images.podinfo,
  ports: [{ name: 'http', containerPort: 9898 }],
  ...more,
})

/** Asked each second; a machine that has much to do may take long to answer. */
export const ready = { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 1, timeoutSeconds: 5 }

/** Ready once there is a file. */
export const readyByFile = { exec: { command: ['test', '-f', '/tmp/ready'] }, periodSeconds: 1, timeoutSeconds: 5 }

export const spec = (container: Json | readonly Json[], more: Json = {}): Json => ({
  containers: Array.isArray(container) ? container : [container],
  terminationGracePeriodSeconds: 1,
  ...more,
})

export const pod = (name: string, container: Json | readonly Json[], more: Json = {}, metadata: Json = {}): Json =>
  object('Pod', { name, labels: labels(name), ...metadata }, { spec: spec(container, more) })

export const template = (app: string, podSpec: Json): Json => ({ metadata: { labels: labels(app) }, spec: podSpec })

interface Workload {
  readonly replicas?: number
  readonly container?: Json
  /** Of the Pods. */
  readonly pods?: Json
  readonly metadata?: Json
  /** Of the workload. */
  readonly more?: Json
}

const workload =
  (kind: string) =>
  (name: string, { replicas = 1, container = pause(), pods = {}, metadata = {}, more = {} }: Workload = {}): Json =>
    object(
      kind,
      { name, ...metadata },
      {
        spec: {
          ...(kind === 'DaemonSet' ? {} : { replicas }),
          selector: { matchLabels: labels(name) },
          template: template(name, spec(container, pods)),
          ...more,
        },
      },
    )

export const deployment = workload('Deployment')
export const replicaSet = workload('ReplicaSet')
export const daemonSet = workload('DaemonSet')
const statefulWorkload = workload('StatefulSet')
export const statefulSet: typeof deployment = (name, { more = {}, ...rest } = {}) =>
  statefulWorkload(name, { ...rest, more: { serviceName: name, ...more } })

/** Its Pods run a script. */
export const job = (name: string, script: string, more: Json = {}, pods: Json = {}): Json =>
  object('Job', name, {
    spec: { template: { spec: spec(shell(script), { restartPolicy: 'Never', ...pods }) }, ...more },
  })

export const service = (name: string, more: Json = {}, app = name): Json =>
  object('Service', name, {
    spec: { selector: labels(app), ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...more },
  })

export const headless = (name: string, app = name): Json =>
  service(name, { clusterIP: 'None', ports: [{ name: 'http', port: 9898 }] }, app)

export const budget = (app: string, more: Json): Json =>
  object('PodDisruptionBudget', app, { spec: { selector: { matchLabels: labels(app) }, ...more } })

export const claim = (name: string, more: Json = {}): Json =>
  object('PersistentVolumeClaim', name, {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more },
  })

/** A client inside the cluster, to run commands in. */
export const client = (more: Json = {}, metadata: Json = {}): Json =>
  pod('client', shell('exec sleep 3600'), more, metadata)
