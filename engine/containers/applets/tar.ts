import { decode, encode } from '../../objects/bytes.ts'
import type { Input } from '../contract.ts'
import { nameOf, parentOf } from '../files/paths.ts'
import { type Applet, type Io, optionsOf, usage } from './applet.ts'
import { modeText } from './files.ts'

const BLOCK = 512
const KINDS = { file: '0', symlink: '2', directory: '5' } as const

/** `tar`: creates, lists and extracts ustar archives with GNU's long names; `z` by the platform's streams. */
export const tar: Applet = async (io) => {
  const [first = ''] = io.args
  const args = /^[a-zA-Z]+$/.test(first) && !first.startsWith('-') ? [`-${first}`, ...io.args.slice(1)] : io.args
  const { has, value, rest, values } = optionsOf(
    io,
    'cxtzvf:C:omkOhpX:T:P',
    {
      'no-same-owner': 'o',
      'no-same-permissions': 'o',
      'no-overwrite-dir': 'k',
      'to-stdout': 'O',
      exclude: 'X',
      directory: 'C',
      file: 'f',
      warning: 'X',
    },
    args,
  )
  const directory = value('C')
  const base = directory === undefined ? io.process.cwd : io.path(directory)
  if (directory !== undefined && !io.process.files.exists(base))
    io.fail(`can't change directory to '${directory}': No such file or directory`)
  const file = value('f') ?? '-'
  if (has('c')) {
    const output = file === '-' ? io.process.stdout : io.process.files.openOutput(io.path(file))
    const write = has('z')
      ? gzipped(output.write.bind(output))
      : { add: (bytes: Uint8Array) => output.write(bytes), end: async () => {} }
    for (const name of rest.length === 0 ? usage(io, 'empty archive') : rest)
      await add(io, base, name, has, values('X'), write.add)
    await write.add(new Uint8Array(2 * BLOCK))
    await write.end()
    return
  }
  if (!has('x') && !has('t')) usage(io)
  const opened = file === '-' ? io.process.stdin : io.process.files.openInput(io.path(file))
  const input = has('z') || /\.t?gz$/.test(file) ? gunzipped(io, opened) : io.chunks(opened)
  await extract(io, new Blocks(input), base, has, rest)
}

type Add = (bytes: Uint8Array) => Promise<void>

async function add(
  io: Io,
  base: string,
  name: string,
  has: (letter: string) => boolean,
  excluded: readonly string[],
  write: Add,
): Promise<void> {
  if (excluded.some((pattern) => name === pattern || nameOf(name) === pattern)) return
  const { files } = io.process
  const path = name.startsWith('/') ? name : `${base}/${name}`
  await io.attempt(name, async () => {
    const stat = files.stat(path, { follow: has('h') })
    if (stat.type === 'device' || stat.type === 'pipe') return
    const kept = name.replace(/^\/+/, '')
    const full = stat.type === 'directory' && !kept.endsWith('/') ? `${kept}/` : kept
    if (has('v')) await io.process.stderr.write(`${full}\n`)
    const target = stat.type === 'symlink' ? files.readLink(path) : ''
    if (encode(full).length > 100) await longName(full, write)
    const size = stat.type === 'file' ? stat.size : 0
    await write(
      header({
        name: full,
        mode: stat.mode,
        uid: stat.uid,
        gid: stat.gid,
        size,
        modified: stat.modified,
        kind: KINDS[stat.type],
        target,
      }),
    )
    if (stat.type === 'file') {
      let left = size
      for await (const chunk of io.chunks(files.openInput(path))) {
        const part = chunk.subarray(0, left)
        left -= part.length
        if (part.length > 0) await write(part)
      }
      const rest = (BLOCK - (size % BLOCK)) % BLOCK
      if (left + rest > 0) await write(new Uint8Array(left + rest))
    }
    if (stat.type !== 'directory') return
    for (const child of files.list(path))
      await add(io, base, `${name.replace(/(.)\/+$/, '$1')}/${child}`, has, excluded, write)
  })
}

async function longName(name: string, write: Add): Promise<void> {
  const bytes = encode(`${name}\0`)
  await write(
    header({ name: '././@LongLink', mode: 0, uid: 0, gid: 0, size: bytes.length, modified: 0, kind: 'L', target: '' }),
  )
  const padded = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK)
  padded.set(bytes)
  await write(padded)
}

interface Header {
  readonly name: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly modified: number
  readonly kind: string
  readonly target: string
}

function header({ name, mode, uid, gid, size, modified, kind, target }: Header): Uint8Array {
  const block = new Uint8Array(BLOCK)
  const put = (text: string, at: number, length: number) => block.set(encode(text).subarray(0, length), at)
  const octal = (value: number, length: number) =>
    `${Math.floor(value)
      .toString(8)
      .padStart(length - 1, '0')}\0`
  put(name, 0, 100)
  put(octal(mode & 0o7777, 8), 100, 8)
  put(octal(uid, 8), 108, 8)
  put(octal(gid, 8), 116, 8)
  put(octal(size, 12), 124, 12)
  put(octal(modified / 1000, 12), 136, 12)
  put('        ', 148, 8)
  put(kind, 156, 1)
  put(target, 157, 100)
  put('ustar  \0', 257, 8)
  put(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    8,
  )
  return block
}

/** Reads an archive by its blocks. */
class Blocks {
  readonly #chunks: AsyncIterator<Uint8Array>
  #left: Uint8Array = new Uint8Array(0)

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** At most so many bytes, at least one; undefined at the end. */
  async some(most: number): Promise<Uint8Array | undefined> {
    while (this.#left.length === 0) {
      const { done, value } = await this.#chunks.next()
      if (done) return undefined
      this.#left = value
    }
    const part = this.#left.subarray(0, most)
    this.#left = this.#left.subarray(part.length)
    return part
  }

  /** So many bytes, or undefined where the archive ends before. */
  async exactly(size: number): Promise<Uint8Array | undefined> {
    const whole = new Uint8Array(size)
    for (let at = 0; at < size; ) {
      const part = await this.some(size - at)
      if (part === undefined) return undefined
      whole.set(part, at)
      at += part.length
    }
    return whole
  }
}

function parse(block: Uint8Array): Header {
  const text = (at: number, length: number) => decode(block.subarray(at, at + length)).replace(/\0[\s\S]*$/, '')
  const number = (at: number, length: number) => Number.parseInt(text(at, length).trim() || '0', 8)
  const prefix = text(257, 6) === 'ustar' ? text(345, 155) : ''
  return {
    name: prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    mode: number(100, 8),
    uid: number(108, 8),
    gid: number(116, 8),
    size: number(124, 12),
    modified: number(136, 12) * 1000,
    kind: text(156, 1) || '0',
    target: text(157, 100),
  }
}

/** Bytes of a name that is too long for a header. */
const LONGEST_NAME = 65_536

async function extract(
  io: Io,
  blocks: Blocks,
  base: string,
  has: (letter: string) => boolean,
  wanted: readonly string[],
): Promise<void> {
  const { files } = io.process
  let long: { name?: string; target?: string } = {}
  let seen = false
  for (;;) {
    const block = await blocks.exactly(BLOCK)
    if (block === undefined) {
      if (!seen) io.fail('short read')
      return
    }
    seen = true
    if (block.every((byte) => byte === 0)) {
      while ((await blocks.some(65_536)) !== undefined);
      return
    }
    const entry = { ...parse(block), ...long }
    const padded = Math.ceil(entry.size / BLOCK) * BLOCK
    if ('LKxg'.includes(entry.kind)) {
      if (entry.size > LONGEST_NAME) io.fail('invalid tar header')
      const bytes = await blocks.exactly(padded)
      const text = decode((bytes ?? new Uint8Array(0)).subarray(0, entry.size))
      if (entry.kind === 'L') long = { ...long, name: text.replace(/\0.*$/s, '') }
      else if (entry.kind === 'K') long = { ...long, target: text.replace(/\0.*$/s, '') }
      else if (entry.kind === 'x') {
        const [, path] = /\d+ path=([^\n]*)\n/.exec(text) ?? []
        const [, link] = /\d+ linkpath=([^\n]*)\n/.exec(text) ?? []
        long = { ...(path === undefined ? {} : { name: path }), ...(link === undefined ? {} : { target: link }) }
      }
      continue
    }
    long = {}
    const name = entry.name.replace(/^\/+/, '')
    const asked =
      wanted.length === 0 || wanted.some((one) => name === one || name.startsWith(`${one.replace(/\/$/, '')}/`))
    const skips = name.split('/').includes('..')
    let output: { write(bytes: Uint8Array): Promise<void> } | undefined
    if (asked && !skips) {
      if (has('t'))
        await io.line(
          has('v')
            ? `${modeText({ type: entry.kind === '5' ? 'directory' : entry.kind === '2' ? 'symlink' : 'file', mode: entry.mode })} ${entry.uid}/${entry.gid} ${String(entry.size).padStart(9)} ${new Date(entry.modified).toISOString().slice(0, 19).replace('T', ' ')} ${name}`
            : name,
        )
      else {
        if (has('v')) await io.line(name)
        output = has('O')
          ? entry.kind === '0'
            ? io.process.stdout
            : undefined
          : await io.attempt(`can't open '${name}'`, () => make(io, base, name, entry))
      }
    }
    let left = entry.size
    for (let skipped = padded; skipped > 0; ) {
      const part = await blocks.some(skipped)
      if (part === undefined) io.fail('short read')
      const data = (part as Uint8Array).subarray(0, left)
      if (data.length > 0) await output?.write(data)
      left -= data.length
      skipped -= (part as Uint8Array).length
    }
    if (has('x') && entry.kind !== '2' && asked && !skips && !has('O') && files.exists(`${base}/${name}`))
      files.touch(`${base}/${name}`, has('m') ? undefined : entry.modified)
  }
}

function make(io: Io, base: string, name: string, { kind, mode, target }: Header) {
  const { files } = io.process
  const path = `${base}/${name}`.replace(/(.)\/+$/, '$1')
  const parent = parentOf(path)
  if (!files.exists(parent)) files.makeDirectory(parent, { parents: true })
  if (kind === '5') {
    if (!files.exists(path)) files.makeDirectory(path, { mode })
    return undefined
  }
  const there = files.list(parent).includes(nameOf(path))
  if (there && (files.stat(path, { follow: false }).type !== 'directory' || kind === '2')) files.remove(path)
  if (kind === '2') {
    files.link(target, path)
    return undefined
  }
  if (kind === '1') {
    files.hardLink(`${base}/${target}`, path)
    return undefined
  }
  return kind === '0' || kind === '7' ? files.openOutput(path, { mode }) : undefined
}

function gzipped(write: (bytes: Uint8Array) => Promise<void>) {
  const stream = new CompressionStream('gzip')
  const writer = stream.writable.getWriter()
  const pumped = (async () => {
    for await (const chunk of stream.readable as unknown as AsyncIterable<Uint8Array>) await write(chunk)
  })()
  return {
    add: (bytes: Uint8Array) => writer.write(bytes as Uint8Array<ArrayBuffer>),
    async end() {
      await writer.close()
      await pumped
    },
  }
}

async function* gunzipped(io: Io, input: Input): AsyncGenerator<Uint8Array> {
  const stream = new DecompressionStream('gzip')
  const writer = stream.writable.getWriter()
  void (async () => {
    for await (const chunk of io.chunks(input)) await writer.write(chunk as Uint8Array<ArrayBuffer>)
    await writer.close()
  })().catch(() => {})
  try {
    for await (const chunk of stream.readable as unknown as AsyncIterable<Uint8Array>) yield chunk
  } catch {
    io.fail('invalid magic')
  }
}

/** `gzip`, `gunzip` and `zcat` */
export const gzip: Applet = async (io) => {
  const { has, rest } = optionsOf(io, 'cdfkt123456789')
  const unpacks = has('d') || io.name !== 'gzip'
  for (const file of rest.length === 0 ? ['-'] : rest) {
    const input = await io.open(file)
    if (input === undefined) continue
    const toStdout = file === '-' || has('c') || io.name === 'zcat'
    const name = unpacks ? file.replace(/\.gz$/, '') : `${file}.gz`
    if (!toStdout && unpacks && name === file) io.fail(`${file}: unknown suffix`)
    const output = toStdout ? io.process.stdout : io.process.files.openOutput(io.path(name))
    if (unpacks) for await (const chunk of gunzipped(io, input)) await output.write(chunk)
    else {
      const packed = gzipped((bytes) => output.write(bytes))
      for await (const chunk of io.chunks(input)) await packed.add(chunk)
      await packed.end()
    }
    if (!toStdout && !has('k')) io.process.files.remove(io.path(file))
  }
}
