/**
 * What outlives the server: a log of commands, and snapshots that are such a log too. Real Redis writes a binary form of its own; here
 * both are RESP, as its appendonly files are without the preamble, so that they can be read with an editor.
 */
import type { FileSystem } from '../../containers/contract.ts'
import { ByteReader } from '../../network/http/byte-reader.ts'
import type { Database } from './database.ts'
import { bytesOf, doubleText, encodeReply, readCommand } from './resp.ts'

const MAGIC = 'REDIS0012-RESP\r\n'

/** A snapshot of all databases. */
export function snapshot(databases: readonly Database[]): Uint8Array {
  return bytesOf(
    MAGIC +
      commandsOf(databases)
        .map((words) => encodeReply(words, 2))
        .join(''),
  )
}

/** Commands that make what there is, from nothing. */
export function commandsOf(databases: readonly Database[]): string[][] {
  const commands: string[][] = []
  for (const [index, db] of databases.entries()) {
    const keys = [...db.keys()]
    if (keys.length > 0) commands.push(['SELECT', String(index)])
    for (const key of keys) {
      const value = db.get(key)
      switch (value?.type) {
        case 'string':
          commands.push(['SET', key, value.text])
          break
        case 'list':
          commands.push(['RPUSH', key, ...value.items])
          break
        case 'hash':
          commands.push(['HSET', key, ...[...value.fields].flat()])
          break
        case 'set':
          commands.push(['SADD', key, ...value.members])
          break
        case 'zset':
          commands.push(['ZADD', key, ...[...value.scores].flatMap(([member, score]) => [doubleText(score), member])])
          break
      }
      const expires = db.expires(key)
      if (expires !== undefined) commands.push(['PEXPIREAT', key, String(expires)])
    }
  }
  return commands
}

/** Commands of a snapshot or a log; what follows a command that is cut off is given up. Undefined for what is neither. */
export async function readCommands(bytes: Uint8Array): Promise<string[][] | undefined> {
  let from = 0
  if (bytes[0] !== 42) {
    const start = bytesOf(MAGIC)
    if (bytes.length > 0 && !start.every((byte, index) => bytes[index] === byte)) return undefined
    from = start.length
  }
  let given = false
  const reader = new ByteReader({
    async read() {
      if (given || from >= bytes.length) return null
      given = true
      return bytes.subarray(from)
    },
  })
  const commands: string[][] = []
  try {
    for (let words = await readCommand(reader); words !== null; words = await readCommand(reader)) commands.push(words)
  } catch {
    // A server that was killed while it wrote leaves half a command.
  }
  return commands
}

/** Where the log is: `appendonlydir/appendonly.aof.1.incr.aof`, as since Redis 7. */
export class AppendOnlyFile {
  readonly #files: FileSystem
  readonly #directory: string
  readonly path: string
  readonly #name: string
  #database = -1

  constructor(files: FileSystem, directory: string, name: string) {
    this.#files = files
    this.#directory = directory
    this.#name = name
    this.path = `${directory}/${name}.1.incr.aof`
  }

  exists(): boolean {
    return this.#files.exists(this.path)
  }

  /** Throws FileError. */
  create(databases: readonly Database[]): void {
    this.#files.makeDirectory(this.#directory, { parents: true })
    this.#files.write(`${this.#directory}/${this.#name}.manifest`, `file ${this.#name}.1.incr.aof seq 1 type i\n`)
    this.#files.write(
      this.path,
      bytesOf(
        commandsOf(databases)
          .map((words) => encodeReply(words, 2))
          .join(''),
      ),
    )
    this.#database = -1
  }

  read(): Uint8Array {
    return this.#files.read(this.path)
  }

  /** Throws FileError. */
  append(database: number, commands: readonly (readonly string[])[]): void {
    const all = database === this.#database ? commands : [['SELECT', String(database)], ...commands]
    this.#database = database
    this.#files.write(this.path, bytesOf(all.map((words) => encodeReply([...words], 2)).join('')), { append: true })
  }
}
