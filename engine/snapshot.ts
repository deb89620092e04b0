/** A whole cluster at one moment, and the same as bytes that outlast it. */
import type { KeptNodes } from './kubelet/kept.ts'
import { pack, type Scratch, unpack } from './objects/packed.ts'
import type { Snapshot as Objects } from './storage/store.ts'

export interface ClusterSnapshot {
  /** Milliseconds since 1970, by the cluster's clock. */
  readonly taken: number
  readonly objects: Objects
  /** Of a cluster that moves. */
  readonly nodes?: KeptNodes
  /** Bytes of files, to which `nodes` refers by number. */
  readonly blobs: readonly Uint8Array[]
}

/** The number goes up when what follows is another form. */
const FORM = 'QUAYSIDE SNAPSHOT 1\n'

/**
 * In another process a snapshot with databases needs their templates too: `images/postgres/templates.ts`.
 * @param scratch see `pack`
 */
export function encodeSnapshot({ blobs, ...value }: ClusterSnapshot, scratch?: Scratch): Uint8Array {
  return pack(FORM, { value, parts: blobs }, scratch)
}

/** Throws Error for what is no snapshot of this form. */
export function decodeSnapshot(bytes: Uint8Array): ClusterSnapshot {
  const found = unpack<Omit<ClusterSnapshot, 'blobs'>>(FORM, bytes)
  if (found === undefined) throw new Error('These bytes are no snapshot of a cluster that is known here.')
  return { ...found.value, blobs: found.parts }
}
