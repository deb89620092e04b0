/** A home as one archive, and what says where it ends. */
import type { Readable } from 'node:stream'

/** Bytes: more than a lab's files. A home that holds more has no snapshots. */
export const LARGEST_ARCHIVE = 16 * 1024 * 1024

export interface Archived {
  /** What tar ended with. */
  readonly code: number
  /** Cut off soon after the largest that is allowed. */
  readonly bytes: Buffer
}

/** Digits of the code after the mark. */
const DIGITS = 3

/** Reads up to a mark that nobody knows beforehand, and the code after it. Nothing comes after those. */
export function readMarked(stream: Readable, mark: string): Promise<Archived> {
  const wanted = Buffer.from(mark)
  const length = wanted.length + DIGITS
  const parts: Buffer[] = []
  let kept = 0
  let tail = Buffer.alloc(0)
  return new Promise((resolve, reject) => {
    const stop = () => {
      stream.off('data', hear)
      stream.off('close', gone)
    }
    const gone = () => {
      stop()
      reject(new Error('the home is gone'))
    }
    const hear = (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk.subarray(-length)]).subarray(-length)
      if (kept <= LARGEST_ARCHIVE + length) {
        parts.push(chunk)
        kept += chunk.length
      }
      if (tail.length < length || !tail.subarray(0, wanted.length).equals(wanted)) return
      stop()
      const bytes = Buffer.concat(parts)
      resolve({
        code: Number(tail.subarray(wanted.length).toString()),
        bytes: bytes.subarray(0, bytes.length - length),
      })
    }
    stream.on('data', hear)
    stream.once('close', gone)
  })
}
