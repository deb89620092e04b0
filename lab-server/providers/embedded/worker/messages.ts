/** What the server and a thread that holds clusters say to each other. */
import type { MessagePort } from 'node:worker_threads'
import type { KeptKey } from '../../../../engine/auth/jwt.ts'
import type { KeyPair } from '../../../../engine/node/certificates/authority.ts'
import type { NodeState, PodPort } from '../../provider.ts'

/** Where a cluster's API server listens. */
export type DoorOrder =
  /** On a free loopback port of this machine. */
  | { readonly kind: 'port' }
  /** On {@link SANDBOX_PORT} of a sandbox that is opened to it later. */
  | { readonly kind: 'sandbox' }

/** In each sandbox the API server has the same address: nobody else is there. */
export const SANDBOX_PORT = 6443

export interface ClusterOrder {
  readonly cluster: string
  readonly workers: number
  /** Whether it has an Ingress controller. */
  readonly ingress: boolean
  readonly door: DoorOrder
  readonly limits: ClusterLimits
  /** That nodes have without pulling them. */
  readonly images: readonly string[]
  /** Of a cluster that goes on from before a restart of the server. */
  readonly kept?: { readonly keys: ClusterKeys /** Compressed. */; readonly snapshot: Uint8Array }
}

/** What clients of a cluster trust it by, and it them: secret. */
export interface ClusterKeys {
  readonly authority: KeyPair
  /** Signs the tokens of ServiceAccounts. */
  readonly signing: KeptKey
}

export interface ClusterLimits {
  /** Objects, events aside. */
  readonly objects: number
  /** Bytes of all objects, roughly. */
  readonly bytes: number
}

export interface ClusterMade {
  /** For the reader: not of `system:masters`. */
  readonly kubeconfig: string
  readonly keys: ClusterKeys
}

/** A cluster as it is now, for the disk. */
export interface Written {
  /** Compressed. */
  readonly snapshot: Uint8Array
  /** What `marks` said of it at that moment. */
  readonly mark: string
  /** Ids of the templates of databases that it needs. */
  readonly templates: readonly string[]
}

/** One request by the server itself, as `system:masters`. */
export interface AskOrder {
  readonly cluster: string
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Whether the answer is wanted line by line, as it comes. */
  readonly lines: boolean
}

export interface Asked {
  readonly status: number
  readonly body: string
}

/** A connection to a port of a Pod, with the reader's rights. */
export interface ForwardOrder {
  readonly cluster: string
  readonly target: PodPort
  /** The thread's end of it. */
  readonly port: MessagePort
}

/** What a thread holds. */
export interface Weight {
  readonly heapBytes: number
  /** Beside the heap: buffers, and memories of WebAssembly. */
  readonly externalBytes: number
  /** Timers, listeners, connections: the kinds of what is open, as Node names them, in order. */
  readonly resources: readonly string[]
  /** By cluster: milliseconds that the last answers to its reader have taken, the wait for turns included. */
  readonly answers: ReadonlyMap<string, readonly number[]>
}

/** What can be asked for, and what comes back. */
export interface Calls {
  create: { order: ClusterOrder; result: ClusterMade }
  /** A command that opens the door's listener in the sandbox's network, as `listenerCommand` makes it. */
  open: { order: { readonly cluster: string; readonly command: readonly string[] }; result: null }
  ask: { order: AskOrder; result: Asked }
  /** Answered with null once bytes flow, else with the API server's refusal. */
  forward: { order: ForwardOrder; result: Asked | null }
  node: { order: { readonly cluster: string; readonly node: string; readonly to: NodeState }; result: null }
  /** Compressed. */
  snapshot: { order: { readonly cluster: string }; result: Uint8Array }
  restore: { order: { readonly cluster: string; readonly snapshot: Uint8Array }; result: null }
  /** By cluster, something that is another whenever there may be something in it that is worth keeping and was not there before. */
  marks: { order: null; result: ReadonlyMap<string, string> }
  write: { order: { readonly cluster: string }; result: Written }
  /** The template of databases with this id, compressed; null if it is not here. */
  template: { order: { readonly id: string }; result: Uint8Array | null }
  /** Databases of this template, compressed, can go on in this thread. */
  learnTemplate: { order: { readonly template: Uint8Array }; result: null }
  dispose: { order: { readonly cluster: string }; result: null }
  /** Answered as soon as the thread has a moment. */
  ping: { order: null; result: null }
  /** Collects garbage first, which takes a while: for measurements. */
  weigh: { order: null; result: Weight }
}

export type Call = keyof Calls

export type ToThread =
  | { [C in Call]: { readonly kind: C; readonly call: number; readonly order: Calls[C]['order'] } }[Call]
  /** Nobody waits for that call's answer any more. */
  | { readonly kind: 'abort'; readonly call: number }

export type FromThread =
  | { readonly kind: 'result'; readonly call: number; readonly result: Calls[Call]['result'] }
  | { readonly kind: 'failure'; readonly call: number; readonly message: string }
  | { readonly kind: 'lines'; readonly call: number; readonly lines: readonly string[] }
  /** Something in a cluster went wrong that nobody waits for: for the log. */
  | { readonly kind: 'trouble'; readonly cluster: string; readonly message: string }
