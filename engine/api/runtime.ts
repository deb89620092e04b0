import type { ApiObject } from '../objects/types.ts'
import type { Duplex, ExecOptions, ProcessIo, ProcessResult } from './http.ts'

/** Options of `GET pods/<name>/log`, checked. */
export interface LogOptions {
  readonly container: string
  readonly follow: boolean
  readonly previous: boolean
  readonly timestamps: boolean
  readonly tailLines?: number
  readonly sinceSeconds?: number
  readonly sinceTime?: string
  readonly limitBytes?: number
}

/** What the API server asks of the nodes on which Pods run: the kubelet's side of its connections. Throws StatusError. */
export interface NodeRuntime {
  logs(pod: ApiObject, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>
  exec(
    pod: ApiObject,
    container: string,
    command: readonly string[],
    options: ExecOptions,
    io: ProcessIo,
  ): Promise<ProcessResult>
  attach(pod: ApiObject, container: string, options: ExecOptions, io: ProcessIo): Promise<ProcessResult>
  portForward(pod: ApiObject, port: number): Promise<Duplex>
  /** A request to a port of a Pod, for the API server's proxy. */
  proxy(pod: ApiObject, port: number, request: ProxyRequest): Promise<ProxyResponse>
}

export interface ProxyRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly signal: AbortSignal
}

export interface ProxyResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Where metrics.k8s.io gets its figures; without one the group is not served. */
export interface MetricsSource {
  /** CPU in nanocores, memory in bytes, over `window` seconds before `timestamp` (ms since 1970); undefined while nothing was measured. */
  node(name: string): Usage | undefined
  pod(namespace: string, name: string): PodUsage | undefined
}

export interface Usage {
  readonly cpu: number
  readonly memory: number
  readonly timestamp: number
  readonly window: number
}

export interface PodUsage {
  readonly timestamp: number
  readonly window: number
  readonly containers: readonly { readonly name: string; readonly cpu: number; readonly memory: number }[]
}
