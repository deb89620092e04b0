import type { Child, Input, Output } from '../../contract.ts'
import { errnoOf } from '../../files/errors.ts'
import { Pipe } from '../../streams/pipe.ts'
import type { Io } from '../applet.ts'

/** A source of records. */
export class Source {
  readonly #input: Input
  readonly #io: Io
  readonly #decoder = new TextDecoder()
  #left = ''
  #over = false

  constructor(io: Io, input: Input) {
    this.#io = io
    this.#input = input
  }

  /** Up to the separator; a paragraph where that is empty. */
  async next(separator: RegExp | string): Promise<string | undefined> {
    for (;;) {
      if (separator === '') this.#left = this.#left.replace(/^\n+/, '')
      const [at, length] = find(this.#left, separator === '' ? /\n\n+/ : separator)
      if (at >= 0 && (this.#over || at + length < this.#left.length || typeof separator === 'string')) {
        const record = this.#left.slice(0, at)
        this.#left = this.#left.slice(at + length)
        return record
      }
      if (this.#over) break
      const chunk = await this.#io.process.wait(this.#input.read(this.#io.process.signal))
      if (chunk === null) this.#over = true
      else this.#left += this.#decoder.decode(chunk, { stream: true })
    }
    const record = separator === '' ? this.#left.replace(/\n+$/, '') : this.#left
    this.#left = ''
    return record === '' ? undefined : record
  }

  close(): void {
    this.#input.close()
  }
}

function find(text: string, separator: RegExp | string): [number, number] {
  if (typeof separator === 'string') return [text.indexOf(separator), separator.length]
  const found = separator.exec(text)
  return found === null ? [-1, 0] : [found.index, found[0].length]
}

/** Files and commands that the program has open, by the names that it knows them by. */
export class Streams {
  readonly #io: Io
  readonly #outputs = new Map<string, { readonly output: Output; readonly child?: Child }>()
  readonly #sources = new Map<string, { readonly source: Source; readonly child?: Child }>()

  constructor(io: Io) {
    this.#io = io
  }

  async write(how: '>' | '>>' | '|', name: string, text: string): Promise<void> {
    let held = this.#outputs.get(name)
    if (held === undefined) {
      await this.#io.flush()
      held = how === '|' ? this.#command(name) : { output: this.#file(name, how === '>>') }
      this.#outputs.set(name, held)
    }
    await held.output.write(text)
  }

  #file(name: string, append: boolean): Output {
    const { stdout, stderr, files } = this.#io.process
    const kept = (output: Output): Output => ({ write: (bytes) => output.write(bytes), close: () => {} })
    if (name === '/dev/stdout' || name === '-') return kept(stdout)
    if (name === '/dev/stderr') return kept(stderr)
    try {
      return files.openOutput(this.#io.path(name), { append })
    } catch (error) {
      if (errnoOf(error) === undefined) throw error
      return this.#io.fail(`can't open '${name}': ${(error as Error).message}`)
    }
  }

  #command(name: string) {
    const pipe = new Pipe()
    const input = pipe.openReader()
    const child = this.#io.process.spawn(['sh', '-c', name], { stdin: input })
    void child.ended.then(() => input.close())
    return { output: pipe.openWriter(), child }
  }

  /** Undefined where there is no such file. */
  async source(name: string, command: boolean): Promise<Source | undefined> {
    const held = this.#sources.get(name)
    if (held !== undefined) return held.source
    await this.flush()
    if (command) {
      const pipe = new Pipe()
      const source = new Source(this.#io, pipe.openReader())
      const output = pipe.openWriter()
      const child = this.#io.process.spawn(['sh', '-c', name], { stdout: output })
      void child.ended.then(() => output.close())
      this.#sources.set(name, { source, child })
      return source
    }
    try {
      const { process } = this.#io
      const source = new Source(this.#io, name === '-' ? process.stdin : process.files.openInput(this.#io.path(name)))
      this.#sources.set(name, { source })
      return source
    } catch (error) {
      if (errnoOf(error) === undefined) throw error
      return undefined
    }
  }

  async flush(): Promise<void> {
    await this.#io.flush()
  }

  /** Its exit code; -1 where nothing of the name is open. */
  async close(name: string): Promise<number> {
    await this.flush()
    const output = this.#outputs.get(name)
    const source = this.#sources.get(name)
    this.#outputs.delete(name)
    this.#sources.delete(name)
    output?.output.close()
    source?.source.close()
    const child = output?.child ?? source?.child
    if (child !== undefined) return (await this.#io.process.wait(child.ended)).code
    return output === undefined && source === undefined ? -1 : 0
  }

  async end(): Promise<void> {
    for (const name of [...this.#outputs.keys(), ...this.#sources.keys()]) await this.close(name)
  }
}
