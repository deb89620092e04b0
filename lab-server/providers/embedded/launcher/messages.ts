/** What the server and the process that starts others for it say to each other. */
import type { Command } from '../sandbox/home.ts'

interface Order {
  /** Of what is started; never given twice. */
  readonly id: number
}

export type ToLauncher =
  | (Order & {
      readonly kind: 'spawn'
      readonly command: Command
      /** Of each stream from the first, whether the server has its other end; the rest lead nowhere. */
      readonly streams: readonly boolean[]
    })
  /** On a pseudo-terminal, whose bytes are its stream 0. */
  | (Order & { readonly kind: 'terminal'; readonly command: Command; readonly cols: number; readonly rows: number })
  | (Order & { readonly kind: 'resize'; readonly cols: number; readonly rows: number })
  | (Order & { readonly kind: 'kill'; readonly signal: NodeJS.Signals })

export type FromLauncher =
  | (Order & { readonly kind: 'exit' /** Null where a signal ended it. */; readonly code: number | null })
  | (Order & { readonly kind: 'failed'; readonly message: string })

/** Each stream is a connection to the server, whose first bytes say of what it is and which one: two numbers of 32 bits. */
export const HEAD = 8

export function headOf(id: number, stream: number): Buffer {
  const head = Buffer.alloc(HEAD)
  head.writeUInt32BE(id, 0)
  head.writeUInt32BE(stream, 4)
  return head
}
