import { join } from '../../objects/bytes.ts'
import type { Input } from '../contract.ts'
import { type Applet, type Io, optionsOf, sizeOf } from './applet.ts'

const NEWLINE = 10

/** `tail`, which follows files by being told of their changes. */
export const tail: Applet = async (io) => {
  const args = io.args.map((arg) => (/^-\d+$/.test(arg) ? `-n${arg.slice(1)}` : arg))
  const { has, value, rest } = optionsOf(io, 'n:c:fFqvs:', { follow: 'f' }, args)
  const count = value('c') ?? value('n') ?? '10'
  const size = sizeOf(count.replace(/^[-+]/, '')) ?? io.fail(`invalid number '${count}'`)
  const files = rest.length === 0 ? ['-'] : rest
  const followed: { file: string; position: number }[] = []
  for (const [index, file] of files.entries()) {
    const input = await io.open(file)
    if (input === undefined) continue
    if ((files.length > 1 && !has('q')) || has('v'))
      await io.line(`${index > 0 ? '\n' : ''}==> ${file === '-' ? 'standard input' : file} <==`)
    const read = await lastOf(io, input, size, { fromStart: count.startsWith('+'), bytes: has('c') })
    followed.push({ file, position: read })
  }
  await io.flush()
  if (has('f') || has('F'))
    await follow(
      io,
      followed.filter(({ file }) => file !== '-'),
      files.length > 1,
    )
}

/** Writes the end of what is read; returns how much was read. */
async function lastOf(
  io: Io,
  input: Input,
  count: number,
  how: { readonly fromStart: boolean; readonly bytes: boolean },
): Promise<number> {
  let [read, skipped] = [0, how.fromStart ? Math.max(0, count - 1) : 0]
  let kept: Uint8Array[] = []
  let held = 0
  for await (const chunk of io.chunks(input)) {
    read += chunk.length
    if (how.fromStart) {
      let from = 0
      for (; skipped > 0 && from < chunk.length; from++) if (how.bytes || chunk[from] === NEWLINE) skipped--
      await io.out(chunk.subarray(from))
      continue
    }
    kept.push(chunk)
    held += chunk.length
    if (held > 1024 ** 2) {
      const needed = endOf(kept, count, how.bytes)
      if (needed !== undefined) kept = [needed]
      const now = needed?.length ?? held
      held = now
      io.process.setMemory(held)
    }
  }
  if (!how.fromStart) await io.out(endOf(kept, count, how.bytes) ?? join(kept))
  return read
}

/** The last lines or bytes; undefined where all of it is not enough. Looks from the end, so that a long line is not looked at again and again. */
function endOf(kept: readonly Uint8Array[], count: number, bytes: boolean): Uint8Array | undefined {
  let left = count
  if (count === 0) return new Uint8Array(0)
  let size = 0
  for (let index = kept.length - 1; index >= 0; index--) {
    const chunk = kept[index] as Uint8Array
    if (bytes) {
      size += chunk.length
      if (size >= count) return join(kept.slice(index)).slice(size - count)
      continue
    }
    let at = chunk.length - 1
    if (index === kept.length - 1 && chunk[at] === NEWLINE) at--
    for (at = chunk.lastIndexOf(NEWLINE, at); at >= 0; at = at === 0 ? -1 : chunk.lastIndexOf(NEWLINE, at - 1)) {
      left--
      if (left === 0) return join([chunk.slice(at + 1), ...kept.slice(index + 1)])
    }
  }
  return undefined
}

async function follow(io: Io, files: { file: string; position: number }[], titled: boolean): Promise<void> {
  const { process } = io
  let wake = () => {}
  let changed = false
  const ends = files.map(({ file }) =>
    process.files.watch(io.path(file), () => {
      changed = true
      wake()
    }),
  )
  const end = () => {
    for (const call of ends) call()
  }
  process.signal.addEventListener('abort', end, { once: true })
  let shown = files.at(-1)?.file
  for (;;) {
    changed = false
    for (const each of files) {
      const path = io.path(each.file)
      if (!process.files.exists(path)) continue
      const { size } = process.files.stat(path)
      if (size < each.position) each.position = 0
      if (size === each.position) continue
      const input = process.files.openInput(path)
      input.seek(each.position)
      if (titled && shown !== each.file) await io.out(`\n==> ${each.file} <==\n`)
      shown = each.file
      for await (const chunk of io.chunks(input)) {
        each.position += chunk.length
        await io.out(chunk)
      }
      await io.flush()
    }
    if (changed) continue
    await process.wait(
      new Promise<void>((resolve) => {
        wake = resolve
      }),
    )
  }
}
