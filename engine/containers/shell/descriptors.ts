import { encode } from '../../objects/bytes.ts'
import type { Input, Output, Process } from '../contract.ts'
import { errnoOf, FileFault } from '../files/errors.ts'
import { absolute } from '../files/paths.ts'
import { buffered, innerOf } from '../processes/streams.ts'
import type { Redirect } from './ast.ts'
import type { Expansion } from './expand.ts'
import { ShellFault } from './state.ts'

export interface Stream {
  readonly input?: Input
  readonly output?: Output
}

/** What is open, by number; 0, 1 and 2 are the process's own where nothing is said. */
export type Descriptors = ReadonlyMap<number, Stream>

const CLOSED: Stream = {
  input: { read: () => Promise.reject(new FileFault('EBADF')), close() {} },
  output: { write: () => Promise.reject(new FileFault('EBADF')), close() {} },
}

export function streamOf(process: Process, open: Descriptors, number: number): Stream | undefined {
  const found = open.get(number)
  if (found !== undefined) return found
  if (number === 0) return { input: process.stdin }
  if (number === 1) return { output: process.stdout }
  return number === 2 ? { output: process.stderr } : undefined
}

export interface Redirected {
  readonly open: Descriptors
  /** Closes what was opened for it. */
  close(): void
}

/** Opens what the redirections say, over what is open. Throws ShellFault. */
export async function redirect(
  process: Process,
  before: Descriptors,
  redirects: readonly Redirect[],
  expansion: Expansion,
  noclobber: boolean,
): Promise<Redirected> {
  if (redirects.length === 0) return { open: before, close() {} }
  const open = new Map(before)
  const ends: (() => void)[] = []
  const close = () => {
    for (const end of ends) end()
  }
  try {
    for (const { descriptor, operator, target } of redirects) {
      const text = await expansion.text(target)
      if (operator === '<<') {
        open.set(descriptor, { input: textInput(text) })
      } else if (operator === '<&' || operator === '>&') {
        if (text === '-') open.set(descriptor, CLOSED)
        else if (/^\d+$/.test(text)) {
          const stream = streamOf(process, open, Number(text))
          if (stream === undefined) throw new ShellFault(`${text}: Bad file descriptor`)
          open.set(descriptor, {
            ...(stream.input === undefined ? {} : { input: innerOf(stream.input) }),
            ...(stream.output === undefined ? {} : { output: innerOf(stream.output) }),
          })
        } else if (operator === '>&') both(text)
        else throw new ShellFault(`syntax error: bad fd number`)
      } else if (operator === '&>') both(text)
      else open.set(descriptor, openFile(text, operator))
    }
  } catch (error) {
    close()
    throw error
  }
  return { open, close }

  function both(text: string): void {
    const stream = openFile(text, '>')
    open.set(1, stream)
    open.set(2, stream)
  }

  function openFile(text: string, operator: string): Stream {
    const path = absolute(text, process.cwd)
    const writes = operator !== '<'
    try {
      if (!writes) {
        if (process.files.stat(path).type === 'directory') throw new FileFault('EISDIR')
        const input = buffered(process.files.openInput(path))
        ends.push(() => input.close())
        return { input }
      }
      if (operator === '>' && noclobber && process.files.exists(path) && process.files.stat(path).type === 'file') {
        throw new FileFault('EEXIST')
      }
      const options = operator === '>>' ? { append: true } : operator === '<>' ? { keep: true } : {}
      const output = process.files.openOutput(path, options)
      ends.push(() => output.close())
      return operator === '<>' ? { output, input: buffered(process.files.openInput(path)) } : { output }
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === undefined) throw error
      const why = errno === 'ENOENT' ? (writes ? 'nonexistent directory' : 'no such file') : (error as Error).message
      throw new ShellFault(`can't ${writes ? 'create' : 'open'} ${text}: ${why}`, 1)
    }
  }
}

function textInput(text: string): Input {
  let left: Uint8Array | null = text === '' ? null : encode(text)
  return buffered({
    read: async () => {
      const now = left
      left = null
      return now
    },
    close() {},
  })
}
