/**
 * Bytes on disk that are written again and again, of which a process that is killed in the middle leaves the last whole ones: two files in turn, each
 * put in its place by a rename, with a number that goes up and a checksum. A file that is torn, as after a loss of power, is passed over.
 */
import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'

const FORM = Buffer.from('QUAYSIDE KEPT 1\n')
const NUMBER = 8
const HASH = 32
const HEAD = FORM.length + 2 * NUMBER + HASH

export interface Kept {
  /** Goes up with each writing. */
  readonly sequence: number
  /** Milliseconds since the epoch: when the bytes were what they say. */
  readonly taken: number
  readonly bytes: Buffer
}

/** Named by a path, to which `.0` and `.1` are added. */
export class Slots {
  readonly #path: string
  /** Of the next writing. */
  #sequence: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** The last that was written whole. */
  async read(): Promise<Kept | undefined> {
    const found = (await Promise.all([0, 1].map((slot) => readSlot(this.#file(slot))))).filter(
      (kept) => kept !== undefined,
    )
    return found.sort((a, b) => b.sequence - a.sequence)[0]
  }

  /** One after the other; the caller waits for each. */
  async write(bytes: Uint8Array, taken: number): Promise<void> {
    this.#sequence ??= ((await this.read())?.sequence ?? 0) + 1
    const sequence = this.#sequence
    const numbers = Buffer.alloc(2 * NUMBER)
    numbers.writeDoubleBE(sequence, 0)
    numbers.writeDoubleBE(taken, NUMBER)
    const file = this.#file(sequence % 2)
    const fresh = `${file}.new`
    await writeFile(fresh, [FORM, numbers, hashOf(numbers, bytes), bytes], { mode: 0o600 })
    await rename(fresh, file)
    this.#sequence = sequence + 1
  }

  #file = (slot: number): string => `${this.#path}.${slot}`
}

/** Undefined for what is not there or not whole. */
async function readSlot(file: string): Promise<Kept | undefined> {
  const all = await readFile(file).catch(() => undefined)
  if (all === undefined || all.length < HEAD || !all.subarray(0, FORM.length).equals(FORM)) return undefined
  const numbers = all.subarray(FORM.length, FORM.length + 2 * NUMBER)
  const hash = all.subarray(FORM.length + 2 * NUMBER, HEAD)
  const bytes = all.subarray(HEAD)
  if (!hashOf(numbers, bytes).equals(hash)) return undefined
  return { sequence: numbers.readDoubleBE(0), taken: numbers.readDoubleBE(NUMBER), bytes }
}

const hashOf = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
