/** What a scenario needs of a cluster, whether it is real or the engine. */

// biome-ignore lint/suspicious/noExplicitAny: scenarios look into whatever objects of the API hold.
export type Json = any

export interface Answer {
  readonly status: number
  readonly text: string
  /** Undefined if the text is none. */
  readonly json: Json
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: Json
}

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The API as its administrator sees it. */
export interface Connection {
  ask(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer>
  /** Resolves once the first list has been told; what is returned ends it. `path` is a collection's. */
  watch(path: string, told: (event: WatchEvent) => void): Promise<() => void>
  exec(namespace: string, pod: string, container: string, command: readonly string[]): Promise<Ran>
}

/** How time passes for who waits for something. */
export interface Time {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves with true once `ready` says so, with false after `ms` milliseconds. */
  until(ready: () => boolean, ms: number): Promise<boolean>
  /** Lets time pass until the work is done. */
  during<T>(work: Promise<T>): Promise<T>
  /** A second thread of a scenario: time passes only while all of them wait. */
  beside<T>(work: () => Promise<T>): Promise<T>
  /** Something may have changed that somebody waits for. */
  changed(): void
}

/** The machines under the nodes. */
export interface Machines {
  /** Its kubelet and all that it runs stand still. */
  pause(node: string): Promise<void>
  resume(node: string): Promise<void>
}

export interface Side {
  readonly name: 'real' | 'embedded'
  /** Control plane first. */
  readonly nodes: readonly string[]
  readonly connection: Connection
  readonly time: Time
  readonly machines: Machines
  /** Whether NetworkPolicies hold; a kind node image of one's own may come without. */
  readonly policies: boolean
  /** Events of all that scenarios watch, each kind watched once for all of them. */
  listen(told: (event: WatchEvent) => void): () => void
  close(): Promise<void>
}
