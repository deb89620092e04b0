/** The reader's shells as they are kept: their last output. What ran in them cannot be. */
import { pack, unpack } from '../../../../engine/objects/packed.ts'
import type { Restored } from '../../provider.ts'

export interface KeptShells {
  /** The highest number that a shell has had. */
  readonly last: number
  readonly shells: readonly { readonly id: number; readonly output: Uint8Array }[]
}

const FORM = 'QUAYSIDE SHELLS 1\n'

export const packShells = ({ last, shells }: KeptShells): Uint8Array =>
  pack(FORM, { value: { last, ids: shells.map(({ id }) => id) }, parts: shells.map(({ output }) => output) })

/** Throws Error for what is none. */
export function unpackShells(bytes: Uint8Array): KeptShells {
  const found = unpack<{ last: number; ids: readonly number[] }>(FORM, bytes)
  if (found === undefined) throw new Error('These bytes are no shells that are known here.')
  const { value, parts } = found
  return { last: value.last, shells: value.ids.map((id, at) => ({ id, output: parts[at] ?? new Uint8Array(0) })) }
}

/**
 * Ends whatever the old output has left open: a sequence, the other screen of an editor, a scroll region, colours, the mouse, pasted text's brackets.
 * CAN, DECSTR, and the modes that it leaves alone.
 */
const CALM = '\x18\x1b[?1049l\x1b[!p\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?25h\x1b[0m'

/** What a shell says first that has taken another's place. */
export function restartedLine({ at, seconds }: Restored): Uint8Array {
  const time = new Date(at)
  const [hours, minutes] = [time.getHours(), time.getMinutes()].map((part) => String(part).padStart(2, '0'))
  const cluster = seconds === 0 ? 'Your cluster is as it was' : `Your cluster is as it was ${seconds} s before`
  const line = `The server was restarted at ${hours}:${minutes}. ${cluster}; programs in this shell were ended.`
  return Buffer.from(`${CALM}\r\n\x1b[1m${line}\x1b[0m\r\n`)
}
