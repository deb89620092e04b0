import type { Duplex, ExecOptions, ProcessIo, ProcessResult } from '../../api/http.ts'
import type {
  LogOptions,
  MetricsSource,
  NodeRuntime,
  PodUsage,
  ProxyRequest,
  ProxyResponse,
  Usage,
} from '../../api/runtime.ts'
import type { Container } from '../../containers/contract.ts'
import type { PodNetwork, Socket } from '../../network/contract.ts'
import { request } from '../../network/http/client.ts'
import { HttpError } from '../../network/http/http-error.ts'
import { badRequest, internalError, serviceUnavailable } from '../../objects/status-error.ts'
import type { ApiObject } from '../../objects/types.ts'
import type { Kubelet } from '../kubelet.ts'
import { readLog } from '../logs/read.ts'
import type { UsageSamples } from '../metrics/usage-samples.ts'
import { dialError } from '../pod/dialing.ts'
import { type ContainerRecord, latest } from '../pod/record.ts'
import type { PodWorker } from '../pod/worker.ts'
import { idOf } from '../status/containers.ts'
import type { FullPodStatus } from '../status/types.ts'
import { loggedRun, unreachable } from './errors.ts'

/** What is behind the door once there are nodes. */
export interface Nodes {
  kubelet(name: string): Kubelet | undefined
  readonly samples: UsageSamples
  /** How the API server reaches Pods. */
  readonly apiServer: Pick<PodNetwork, 'connect'> | undefined
}

/** Headers of one hop that a proxy does not hand on. */
const HOP_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'authorization',
])

/**
 * How the API server reaches what runs on nodes, and what they use. It is there before nodes are, as an API server wants it: they are put
 * behind it by `open`.
 */
export class NodeDoor implements NodeRuntime {
  #nodes: Nodes | undefined

  /** For metrics.k8s.io. */
  readonly metrics: MetricsSource = {
    node: (name): Usage | undefined => this.#nodes?.samples.node(name),
    pod: (namespace, name): PodUsage | undefined => this.#nodes?.samples.pod(namespace, name),
  }

  open(nodes: Nodes): void {
    this.#nodes = nodes
  }

  close(): void {
    this.#nodes = undefined
  }

  async *logs(pod: ApiObject, options: LogOptions, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { namespace, name } = pod.metadata
    const kubelet = this.#reach(pod, `/containerLogs/${namespace}/${name}/${options.container}`)
    const worker = kubelet.workerOf(pod)
    const status = worker?.state.status ?? ((pod.status ?? {}) as FullPodStatus)
    const id = loggedRun(name, status, options.container, options.previous)
    const record = worker?.state.records.find((one) => idOf(one) === id)
    if (record === undefined) throw internalError(`unable to retrieve container logs for ${id}`)
    // What only looks as if it ran says nothing
    if (record.log !== undefined) yield* readLog(record.log, options, signal, kubelet.clock.now())
  }

  async exec(
    pod: ApiObject,
    container: string,
    command: readonly string[],
    options: ExecOptions,
    io: ProcessIo,
  ): Promise<ProcessResult> {
    return failingWith('executing command in', await this.#running(pod, container, 'exec').exec(command, options, io))
  }

  async attach(pod: ApiObject, container: string, options: ExecOptions, io: ProcessIo): Promise<ProcessResult> {
    return failingWith('attaching to', await this.#running(pod, container, 'attach').attach(options, io))
  }

  async portForward(pod: ApiObject, port: number): Promise<Duplex> {
    const { namespace, name } = pod.metadata
    const worker = this.#reach(pod, `/portForward/${namespace}/${name}`).workerOf(pod)
    const { live, sandbox } = worker?.state ?? {}
    if (live === undefined || sandbox === undefined) {
      throw internalError(`unable to upgrade connection: pod not found ("${name}_${namespace}")`)
    }
    try {
      return duplexOf(await live.sandbox.network.connect('127.0.0.1', port))
    } catch (error) {
      const inside = `/var/run/netns/cni-${worker?.uid}`
      const four = dialError('127.0.0.1', port, error).replace('dial tcp', 'dial tcp4')
      const six = `dial tcp6 [::1]:${port}: connect: connection refused`
      const start = `error forwarding port ${port} to pod ${sandbox.id}, uid : failed to execute portforward in network namespace`
      throw internalError(
        `${start} "${inside}": failed to connect to localhost:${port} inside namespace "${worker?.uid}", IPv4: ${four} IPv6 ${six} `,
      )
    }
  }

  async proxy(pod: ApiObject, port: number, asked: ProxyRequest): Promise<ProxyResponse> {
    const network = this.#nodes?.apiServer
    const host = ((pod.status ?? {}) as FullPodStatus).podIP ?? ''
    if (network === undefined) throw serviceUnavailable('error trying to reach service: nothing runs in Pods here')
    const headers = Object.entries(asked.headers).filter(([name]) => !HOP_HEADERS.has(name.toLowerCase()))
    try {
      const { method, path, body, signal } = asked
      const answered = await request(network, {
        host,
        port,
        method,
        path,
        headers,
        signal,
        ...(body.length === 0 ? {} : { body }),
      })
      const bytes = await answered.body.bytes()
      const kept: Record<string, string> = {}
      for (const [name, value] of answered.headers) if (!HOP_HEADERS.has(name.toLowerCase())) kept[name] = value
      return { status: answered.status, headers: kept, body: bytes }
    } catch (error) {
      if (asked.signal.aborted) throw error
      const why = error instanceof HttpError ? 'EOF' : dialError(host, port, error)
      throw serviceUnavailable(`error trying to reach service: ${why}`)
    }
  }

  /** The kubelet of the Pod's node. Throws 500 where it does not answer. */
  #reach(pod: ApiObject, path: string): Kubelet {
    const { nodeName = '' } = pod.spec as { readonly nodeName?: string }
    const kubelet = this.#nodes?.kubelet(nodeName)
    if (kubelet === undefined) throw internalError('error dialing backend: nothing runs on the nodes of this cluster')
    if (!kubelet.isReachable) throw unreachable(kubelet.hostIp, path, !kubelet.isRunning)
    return kubelet
  }

  #running(pod: ApiObject, name: string, what: string): Container {
    const { namespace, name: podName } = pod.metadata
    const worker: PodWorker | undefined = this.#reach(pod, `/${what}/${namespace}/${podName}/${name}`).workerOf(pod)
    const record: ContainerRecord | undefined = worker && latest(worker.state.records, name)
    if (record?.state !== 'running')
      throw internalError(`unable to upgrade connection: container not found ("${name}")`)
    if (record.container === undefined) throw badRequest('nothing runs in the containers of this cluster')
    return record.container
  }
}

/** What went wrong as the kubelet's streaming server tells it (`cri/streaming/remotecommand`, 1.34). */
function failingWith(doing: string, result: ProcessResult): ProcessResult {
  if (!('failure' in result)) return result
  return { failure: `Internal error occurred: error ${doing} container: ${result.failure}` }
}

function duplexOf(socket: Socket): Duplex {
  return {
    incoming: {
      async *[Symbol.asyncIterator]() {
        for (let part = await socket.read(); part !== null; part = await socket.read()) yield part
      },
    },
    write: (chunk) => socket.write(chunk),
    async close() {
      socket.end()
    },
  }
}
