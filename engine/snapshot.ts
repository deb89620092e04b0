/** A whole cluster at one moment, and the same as bytes that outlast it. */
import type { KeptNodes } from './kubelet/kept.ts'
import { decode, encode, join } from './objects/bytes.ts'
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

/** What the bytes begin with. The number goes up when what follows is another form. */
const MAGIC = encode('QUAYSIDE SNAPSHOT 1\n')
/** Bytes of the length of the JSON that comes first. */
const LENGTH = 4

export function encodeSnapshot({ blobs, ...rest }: ClusterSnapshot): Uint8Array {
  const json = encode(JSON.stringify({ ...rest, sizes: blobs.map(({ length }) => length) }))
  const length = new Uint8Array(LENGTH)
  new DataView(length.buffer).setUint32(0, json.length)
  return join([MAGIC, length, json, ...blobs])
}

/** Throws Error for what is no snapshot of this form. */
export function decodeSnapshot(bytes: Uint8Array): ClusterSnapshot {
  if (!MAGIC.every((byte, at) => bytes[at] === byte))
    throw new Error('These bytes are no snapshot of a cluster that is known here.')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = MAGIC.length + LENGTH
  let at = start + view.getUint32(MAGIC.length)
  const { sizes, ...rest } = JSON.parse(decode(bytes.subarray(start, at))) as Omit<ClusterSnapshot, 'blobs'> & {
    readonly sizes: readonly number[]
  }
  // Each on its own, so that what is no longer needed is not held by what is
  const blobs: Uint8Array[] = []
  for (const size of sizes) {
    blobs.push(bytes.slice(at, at + size))
    at += size
  }
  if (at > bytes.length) throw new Error('The snapshot of a cluster is cut off.')
  return { ...rest, blobs }
}
