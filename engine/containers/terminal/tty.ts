import { join, toBytes } from '../../objects/bytes.ts'
import type { Input, Output, Signal, Terminal } from '../contract.ts'
import { aborted } from '../streams/pipe.ts'

const CTRL_C = 3
const CTRL_D = 4
const BACKSPACE = 8
const NEWLINE = 10
const RETURN = 13
const CTRL_U = 21
const CTRL_W = 23
const CTRL_Z = 26
const CTRL_BACKSLASH = 28
const DELETE = 127

/** Bytes of one line, as Linux's N_TTY has them. */
const LONGEST_LINE = 4096

/** Bytes that wait to be read before more input is thrown away. */
const MOST_WAITING = 65_536

const SIGNAL_KEYS: Readonly<Record<number, Signal>> = {
  [CTRL_C]: 'SIGINT',
  [CTRL_Z]: 'SIGTSTP',
  [CTRL_BACKSLASH]: 'SIGQUIT',
}

export interface TtySide {
  /** To the person. */
  write(bytes: Uint8Array): Promise<void>
  signal(group: number, signal: Signal): void
}

/** What programs take for the size of a terminal that does not know its own. */
const SIZE = { width: 80, height: 24 }

/** A terminal with its line discipline, as termios(3) has it by default: cooked with echo, or raw. */
export class Tty {
  readonly #side: TtySide
  #raw = false
  #line: number[] = []
  #ready: Uint8Array[] = []
  #waiting = 0
  #ended = false
  #readers: (() => void)[] = []
  #size = SIZE
  readonly #resizeCalls = new Set<() => void>()
  foreground = 0

  constructor(side: TtySide) {
    this.#side = side
  }

  /** What the person types. */
  type(bytes: Uint8Array): void {
    if (this.#raw) this.#give(bytes)
    else for (const byte of bytes) this.#key(byte)
  }

  #key(byte: number): void {
    const signal = SIGNAL_KEYS[byte]
    if (signal !== undefined) {
      this.#line = []
      this.#echo(`^${String.fromCharCode(byte + 64)}`)
      if (signal === 'SIGINT') this.#ready = []
      if (this.foreground !== 0) this.#side.signal(this.foreground, signal)
    } else if (byte === CTRL_D) this.#endOfInput()
    else if (byte === RETURN || byte === NEWLINE) {
      this.#echo('\r\n')
      this.#give(Uint8Array.from([...this.#line.splice(0), NEWLINE]))
    } else if (byte === DELETE || byte === BACKSPACE) this.#erase(1)
    else if (byte === CTRL_U) this.#erase(this.#line.length)
    else if (byte === CTRL_W) this.#erase(wordLength(this.#line))
    else if (this.#line.length < LONGEST_LINE) {
      this.#line.push(byte)
      this.#echo(byte < 32 && byte !== 9 ? `^${String.fromCharCode(byte + 64)}` : Uint8Array.of(byte))
    }
  }

  #endOfInput(): void {
    if (this.#line.length > 0) this.#give(Uint8Array.from(this.#line.splice(0)))
    else this.#give(new Uint8Array(0))
  }

  #erase(count: number): void {
    for (let left = count; left > 0 && this.#line.length > 0; left--) {
      while (((this.#line.pop() ?? 0) & 0xc0) === 0x80);
      this.#echo('\b \b')
    }
  }

  /** An empty piece is an end of input that the next read sees. */
  #give(bytes: Uint8Array): void {
    if (this.#waiting > MOST_WAITING) return
    this.#ready.push(bytes)
    this.#waiting += bytes.length
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#readers.splice(0)) wake()
  }

  #echo(data: string | Uint8Array): void {
    this.#side.write(toBytes(data)).catch(() => {})
  }

  /** The person has gone. */
  hangUp(): void {
    if (this.#ended) return
    this.#ended = true
    this.#wake()
    if (this.foreground !== 0) this.#side.signal(this.foreground, 'SIGHUP')
  }

  resize(size: { readonly width: number; readonly height: number }): void {
    const { width, height } = { width: size.width || SIZE.width, height: size.height || SIZE.height }
    if (width === this.#size.width && height === this.#size.height) return
    this.#size = { width, height }
    for (const call of [...this.#resizeCalls]) call()
  }

  readonly input: Input = {
    read: async (signal) => {
      for (;;) {
        if (signal?.aborted) return null
        const chunk = this.#ready.shift()
        if (chunk !== undefined) {
          this.#waiting -= chunk.length
          return chunk.length === 0 ? null : chunk
        }
        if (this.#ended) return null
        await aborted(signal, (resolve) => this.#readers.push(resolve))
      }
    },
    close() {},
  }

  readonly output: Output = {
    write: (bytes) => this.#side.write(withReturns(toBytes(bytes))),
    close() {},
  }

  /** As a process has it. */
  seenBy(process: { readonly signal: AbortSignal }): Terminal {
    const tty = this
    return {
      size: () => tty.#size,
      setRaw(raw) {
        tty.#raw = raw
        if (raw && tty.#line.length > 0) tty.#give(Uint8Array.from(tty.#line.splice(0)))
      },
      onResize(call) {
        tty.#resizeCalls.add(call)
        const end = () => void tty.#resizeCalls.delete(call)
        process.signal.addEventListener('abort', end, { once: true })
        return end
      },
      get foreground() {
        return tty.foreground
      },
      set foreground(group: number) {
        tty.foreground = group
      },
    }
  }
}

/** Every newline becomes a return and a newline (ONLCR), where there is none before it. */
function withReturns(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(NEWLINE)) return bytes
  const parts: Uint8Array[] = []
  let from = 0
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
    const already = at > 0 && bytes[at - 1] === RETURN
    parts.push(bytes.subarray(from, at), Uint8Array.from(already ? [NEWLINE] : [RETURN, NEWLINE]))
    from = at + 1
  }
  parts.push(bytes.subarray(from))
  return join(parts)
}

/** Length of the last word of a line and the blanks after it. */
function wordLength(line: readonly number[]): number {
  let at = line.length
  while (at > 0 && line[at - 1] === 32) at--
  while (at > 0 && line[at - 1] !== 32) at--
  return line.length - at
}
