/**
 * What makes clusters. A provider knows nothing of readers, labs or HTTP; sessions know nothing of Docker.
 */
import type { Duplex } from 'node:stream'
import type { KubeConnection } from '../kube/connection.ts'
import type { HomeFiles } from './home-files.ts'

export interface TerminalSize {
  cols: number
  rows: number
}

export type Availability =
  | { available: true }
  | { available: false /** One sentence that a person can act on. */; reason: string }

export interface ClusterSpec {
  /** Chosen by the caller and stored before the call, so that a crash leaves something to find. Part of the nodes' names. */
  id: string
  workers: number
  /** Whether an Ingress controller is wanted; a provider that has none at hand makes the cluster without. */
  ingress?: boolean
}

/** The parts of making a cluster that a provider reports, in order; a subset of the page's stages. */
export type ProviderStage = 'image' | 'cluster' | 'addons' | 'shell'

export interface Provider {
  readonly name: string
  /** For the page: "kind, a real Kubernetes 1.34". */
  readonly title: string
  /** One or two sentences: what it is and where it differs from a cluster in production. */
  readonly about: string
  /** For the button that starts a lab on it: about how many seconds that takes. */
  readonly startsWithin: number
  /** Whether containers and nodes are played, and not real. */
  readonly simulated: boolean
  /** Whether its clusters can have an Ingress controller. */
  readonly hasIngress?: boolean
  /** Whether it can run here; if not, one sentence that a person can act on. Cheap: asked on each status request. */
  probe(): Promise<Availability>
  /** Work that is done once, before the first cluster: the node image with the labs' images in it. Idempotent; joined if it is under way. */
  prepare(signal: AbortSignal): Promise<void>
  /**
   * A cluster that answers, with its add-ons ready, its policies in force and a first shell running.
   * On failure or abort nothing of it is left, or `list` finds what is.
   * @throws {ReaderError} with a sentence
   */
  create(spec: ClusterSpec, progress: (stage: ProviderStage) => void, signal: AbortSignal): Promise<Cluster>
  /**
   * Everything that this installation owns, whoever created it and however far it came: what the reaper compares with the store.
   * Throws when it cannot be known; a failed list means unknown, never empty.
   */
  list(): Promise<OwnedCluster[]>
  close(): Promise<void>
}

/** A cluster, or what is left of one, found by `list`. */
export interface OwnedCluster {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /**
   * Takes up a whole cluster again after a restart, its shells running on where they can. Undefined if it is not whole.
   * @throws {ReaderError} why it cannot be had any more, in a sentence for its reader
   */
  adopt(): Promise<Cluster | undefined>
  /** Idempotent. Resolves when nothing of it is left. */
  dispose(): Promise<void>
}

/** A port that something in a Pod listens on. */
export interface PodPort {
  namespace: string
  pod: string
  port: number
}

export interface Cluster {
  readonly id: string
  /** Never reaches a reader. */
  readonly admin: KubeConnection
  /**
   * A connection to a port of a Pod, through the API server and with the reader's own rights: what `kubectl port-forward` gives
   * them, and no more. Not every failure shows at once: the stream may yet end with an error, also before anybody listens.
   * @throws {KubeError} the API server's refusal
   */
  forward(target: PodPort, signal: AbortSignal): Promise<Duplex>
  /** The reader's shells, oldest first; the first one exists from the start. */
  readonly shells: readonly Shell[]
  openShell(size: TerminalSize): Promise<Shell>
  /** Lays a file in the reader's home, readable by the reader. `path` is relative to it and may have folders. */
  writeFile(path: string, content: string): Promise<void>
  /** The reader's home folder, as the reader may read and write it. */
  readonly home: HomeFiles
  /** Runs a script in bash as the reader, in the reader's home; for resets and for a lab's own test. Output is at most 64 KiB of stdout and stderr together. */
  run(script: string, signal: AbortSignal): Promise<{ code: number; output: string }>
  /**
   * All of it as it is at this moment: the cluster, its nodes and volumes, the reader's files. Shells and what runs in them are no part of it.
   * Absent where the provider cannot; rejects where it cannot now.
   */
  snapshot?(signal: AbortSignal): Promise<Snapshot>
  /**
   * All of it as it was, also after what would have been hard to undo. The reader's shells stay open; what ran in containers begins anew.
   * Rejects with nothing changed for what is no snapshot of such a cluster.
   */
  restore?(snapshot: Snapshot, signal: AbortSignal): Promise<void>
  /** Switches nodes on and off for a lab that plays with them; absent where the provider cannot. */
  readonly nodes?: NodeControl
  /** Resolves, with a sentence for the reader, if the cluster goes away by itself; absent where that shows in `healthy` alone. */
  readonly gone?: Promise<string>
  /** Set where the cluster ended with an earlier process of the server and was put back as it was before. */
  readonly restored?: Restored
  /** Whether the cluster still answers: asked before a pooled cluster is handed over, and from time to time. */
  healthy(): Promise<boolean>
  /** Idempotent. Resolves when nothing of it is left. */
  dispose(): Promise<void>
}

/** How a cluster came back that had ended with the server. Its shells have begun anew, each below its old output. */
export interface Restored {
  /** When it was there again, in ms since the epoch. */
  readonly at: number
  /** Of how many seconds, just before the end, nothing may be left. */
  readonly seconds: number
}

/** A cluster and its reader's files at one moment, in a form of the provider's own: bytes that can be written to disk. */
export interface Snapshot {
  readonly cluster: Uint8Array
  readonly home: Uint8Array
}

/** A node's state as a lab wants it; `kubectl` sees of it what it would see of a real node. */
export type NodeState =
  | { readonly state: 'running' }
  /** Switched off: its containers are gone. */
  | { readonly state: 'stopped' }
  /** Its containers run on, and nobody hears of them. */
  | { readonly state: 'cut-off' }
  /** Everything on it takes `factor` times as long. */
  | { readonly state: 'slow'; readonly factor: number }

export interface NodeControl {
  /** Names of the nodes that can be switched: without its control plane a cluster is none. */
  readonly workers: readonly string[]
  /** One change of a node after the other. @throws {ReaderError} if it is not one of the workers */
  set(node: string, to: NodeState): Promise<void>
}

/**
 * An interactive bash on a pseudo-terminal. The terminal hub is its one consumer.
 */
export interface Shell {
  /** From 1, in the order of opening; never used twice in a cluster. */
  readonly id: number
  /** Calls `onData` with output as it comes, after a replay of what the provider still has if the shell is older than this process. */
  attach(handlers: { onData(data: Uint8Array): void; onExit(code: number | null): void }): Promise<void>
  /** False: no more input for now, wait for the promise of `drained`. */
  write(data: Uint8Array): boolean
  drained(): Promise<void>
  /** Stops reading output; the program blocks on its next write once the kernel's buffers are full. */
  pause(): void
  resume(): void
  resize(size: TerminalSize): Promise<void>
  close(): Promise<void>
}
