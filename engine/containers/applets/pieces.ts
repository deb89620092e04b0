import { type Applet, optionsOf, sizeOf } from './applet.ts'

const TAB = 8

const fold: Applet = async (io) => {
  const { has, value, rest } = optionsOf(io, 'bsw:')
  const width = Number(value('w') ?? 80)
  for (const file of rest.length === 0 ? ['-'] : rest) {
    const input = await io.open(file)
    if (input === undefined) continue
    for await (const { text, newline } of io.lines(input)) {
      let [line, column] = ['', 0]
      for (const char of text) {
        const size = char === '\t' && !has('b') ? TAB - (column % TAB) : 1
        if (column + size > width && line !== '') {
          const blank = has('s') ? line.search(/[ \t][^ \t]*$/) + 1 : 0
          const cut = blank > 0 ? blank : line.length
          await io.line(line.slice(0, cut))
          line = line.slice(cut)
          column = line.length
        }
        line += char
        column += size
      }
      await io.out(newline ? `${line}\n` : line)
    }
  }
}

/** `aa`, `ab`, … */
const suffixOf = (index: number, length: number): string =>
  Array.from({ length }, (_, place) =>
    String.fromCharCode(97 + (Math.floor(index / 26 ** (length - 1 - place)) % 26)),
  ).join('')

const split: Applet = async (io) => {
  const { value, rest } = optionsOf(io, 'l:b:a:')
  const [file = '-', prefix = 'x'] = rest
  const input = await io.open(file)
  if (input === undefined) return
  const length = Number(value('a') ?? 2)
  let index = 0
  const put = (piece: Uint8Array | string) => {
    if (index >= 26 ** length) io.fail('suffixes exhausted')
    io.process.files.write(io.path(`${prefix}${suffixOf(index++, length)}`), piece)
  }
  const bytes = value('b')
  if (bytes !== undefined) {
    const size = sizeOf(bytes) || io.fail(`invalid number '${bytes}'`)
    const all = await io.all(input)
    for (let at = 0; at < all.length; at += size) put(all.subarray(at, at + size))
    return
  }
  const size = Number(value('l') ?? 1000) || io.fail(`invalid number '${value('l')}'`)
  let held: string[] = []
  for await (const { text, newline } of io.lines(input)) {
    held.push(newline ? `${text}\n` : text)
    if (held.length < size) continue
    put(held.join(''))
    held = []
  }
  if (held.length > 0) put(held.join(''))
}

/** POSIX's cksum: CRC-32 of the bytes and then of their number, most significant bit first. */
const POLYNOMIAL = 0x04c11db7

const cksum: Applet = async (io) => {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte << 24
    for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ POLYNOMIAL : value << 1
    return value >>> 0
  })
  for (const file of io.args.length === 0 ? ['-'] : io.args) {
    const input = await io.open(file)
    if (input === undefined) continue
    let [sum, size] = [0, 0]
    const add = (byte: number) => {
      sum = ((sum << 8) ^ (table[(sum >>> 24) ^ byte] as number)) >>> 0
    }
    for await (const chunk of io.chunks(input)) {
      for (const byte of chunk) add(byte)
      size += chunk.length
    }
    for (let left = size; left > 0; left = Math.floor(left / 256)) add(left & 255)
    await io.line(`${~sum >>> 0} ${size}${io.args.length === 0 ? '' : ` ${file}`}`)
  }
}

/** `less` and `more` where nobody turns pages: all of it, as both do when their output is no terminal. */
const pager: Applet = async (io) => {
  const { rest } = optionsOf(io, 'EFIMmNRSh~')
  for (const file of rest.length === 0 ? ['-'] : rest) {
    const input = await io.open(file)
    if (input === undefined) continue
    await page(io, await io.text(input), file)
  }
}

async function page(io: Parameters<Applet>[0], text: string, file: string): Promise<void> {
  const { terminal, stdin } = io.process
  const lines = text.replace(/\n$/, '').split('\n')
  const height = Math.max(1, (terminal?.size().height ?? 0) - 1)
  if (terminal === undefined || file === '-' || lines.length <= height) {
    await io.out(text)
    return
  }
  terminal.setRaw(true)
  try {
    let top = 0
    const last = Math.max(0, lines.length - height)
    const draw = async () => {
      await io.out(
        `\x1b[H\x1b[J${lines.slice(top, top + height).join('\r\n')}\r\n\x1b[7m${top >= last ? '(END)' : file}\x1b[m`,
      )
      await io.flush()
    }
    let wanted = ''
    let searching = false
    for (;;) {
      await draw()
      const bytes = await io.process.wait(stdin.read(io.process.signal))
      if (bytes === null) return
      for (const key of keysOf(new TextDecoder().decode(bytes))) {
        if (searching) {
          if (key !== '\r' && key !== '\n') {
            wanted += key
            continue
          }
          searching = false
          const found = lines.findIndex((line, index) => index > top && line.includes(wanted))
          if (found >= 0) top = Math.min(found, last)
        } else if (key === 'q' || key === '\x03') {
          await io.out('\r\x1b[K')
          return
        } else if (key === '/') [searching, wanted] = [true, '']
        else if (key === 'g') top = 0
        else if (key === 'G') top = last
        else if (key === ' ' || key === 'f' || key === '\x1b[6~') top = Math.min(last, top + height)
        else if (key === 'b' || key === '\x1b[5~') top = Math.max(0, top - height)
        else if (key === 'j' || key === '\r' || key === '\x1b[B') top = Math.min(last, top + 1)
        else if (key === 'k' || key === '\x1b[A') top = Math.max(0, top - 1)
      }
    }
  } finally {
    terminal.setRaw(false)
  }
}

export const PIECES: Readonly<Record<string, Applet>> = { fold, split, cksum, less: pager, more: pager }

const ESCAPE = String.fromCharCode(27)

/** Keys, of which arrows and pages are several letters. */
const keysOf = (text: string): string[] => text.split(new RegExp(`(${ESCAPE}\\[[A-Z0-9~]+)|`)).filter(Boolean)
