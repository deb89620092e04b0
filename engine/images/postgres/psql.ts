import type { Process, Program } from '../../containers/contract.ts'
import { absolute, linesOf, messageOf } from '../programs/io.ts'
import { ConnectFault, Connection } from './connection.ts'
import { literal } from './engine.ts'
import { catalogue } from './psql-describe.ts'
import { type PsqlOptions, parsePsql } from './psql-options.ts'
import { StatementSplitter } from './statements.ts'
import { table } from './table.ts'
import { POSTGRES_VERSION } from './version.ts'
import type { Fields } from './wire.ts'

/** Milliseconds of CPU to start it. */
const COST = 8

export const psql: Program = async (process) => {
  const [, first] = process.argv
  if (first === '--version' || first === '-V') {
    await process.stdout.write(`psql (PostgreSQL) ${POSTGRES_VERSION}\n`)
    return 0
  }
  if (first === '--help' || first === '-?') {
    await process.stdout.write(
      'psql is the PostgreSQL interactive terminal.\n\nUsage:\n  psql [OPTION]... [DBNAME [USERNAME]]\n',
    )
    return 0
  }
  const options = parsePsql(process)
  if (typeof options === 'string') {
    await process.stderr.write(options)
    return 1
  }
  await process.compute(COST)
  const psql = new Psql(process, options)
  try {
    return await psql.run()
  } finally {
    psql.close()
  }
}

/** Told by a command that the rest is not to be read. */
class Quit extends Error {}

class Psql {
  readonly #process: Process
  readonly #options: PsqlOptions
  #connection: Connection | undefined
  #timing = false
  #written = false

  constructor(process: Process, options: PsqlOptions) {
    this.#process = process
    this.#options = options
  }

  close(): void {
    this.#connection?.close()
  }

  async run(): Promise<number> {
    const { actions, list } = this.#options
    if (!(await this.#connect())) return 2
    try {
      if (list) {
        await this.#command('\\l')
        return 0
      }
      if (actions.length === 0)
        return this.#process.terminal === undefined
          ? await this.#input(this.#process.stdin, '<stdin>')
          : await this.#talk()
      return await this.#act()
    } catch (error) {
      if (error instanceof Quit) return 0
      if (error instanceof Error && !('errno' in error) && !this.#process.signal.aborted) {
        await this.#process.stderr.write(`psql: error: ${messageOf(error)}\n`)
        return 2
      }
      throw error
    }
  }

  async #act(): Promise<number> {
    const { actions, oneTransaction, variables } = this.#options
    if (oneTransaction) await this.#statement('BEGIN', undefined)
    let code = 0
    for (const action of actions) {
      if ('file' in action) code = await this.#file(action.file)
      else if (action.command.trimStart().startsWith('\\')) code = (await this.#command(action.command.trim())) ? 0 : 1
      else code = (await this.#statement(action.command, undefined)) ? 0 : 1
      if (code !== 0 && (variables.has('ON_ERROR_STOP') || oneTransaction)) break
    }
    if (oneTransaction) await this.#statement(code === 0 ? 'COMMIT' : 'ROLLBACK', undefined)
    return code
  }

  async #file(path: string): Promise<number> {
    if (path === '-') return this.#input(this.#process.stdin, '<stdin>')
    let text: string
    try {
      text = this.#process.files.readText(absolute(this.#process, path))
    } catch (error) {
      await this.#process.stderr.write(`psql: error: ${path}: ${messageOf(error)}\n`)
      return 1
    }
    let given = false
    const bytes = new TextEncoder().encode(text)
    const read = async () => {
      if (given || bytes.length === 0) return null
      given = true
      return bytes
    }
    return this.#input({ read, close() {} }, path)
  }

  /** Statements and commands line by line; 3 when one failed and ON_ERROR_STOP is set. */
  async #input(input: Process['stdin'], name: string): Promise<number> {
    const splitter = new StatementSplitter()
    const stop = this.#options.variables.has('ON_ERROR_STOP')
    let number = 0
    let fine = true
    try {
      for await (const line of linesOf(input)) {
        number++
        fine = await this.#line(splitter, line, `psql:${name}:${number}: `)
        if (!fine && stop) return 3
      }
      if (splitter.rest.trim() !== '') fine = await this.#statement(splitter.rest, `psql:${name}:${number}: `)
    } catch (error) {
      if (error instanceof Quit) return 0
      throw error
    }
    return !fine && stop ? 3 : 0
  }

  async #line(splitter: StatementSplitter, line: string, place: string | undefined): Promise<boolean> {
    let fine = true
    const trimmed = line.trim()
    if (splitter.rest === '' && trimmed.startsWith('\\')) return this.#command(trimmed)
    // `select 1 \gx` and the like end a statement as a semicolon does.
    const ended = /^([\s\S]*?)\\(g|gx)\s*$/.exec(line)
    const before = this.#options.layout
    if (ended?.[2] === 'gx') this.#options.layout = { ...before, expanded: true }
    for (const statement of splitter.add(ended === null ? line : `${ended[1]};`))
      fine = await this.#statement(statement, place)
    this.#options.layout = before
    return fine
  }

  async #talk(): Promise<number> {
    const { stdout, stdin } = this.#process
    const splitter = new StatementSplitter()
    if (!this.#options.quiet) await stdout.write(`psql (${this.#versions()})\nType "help" for help.\n\n`)
    await stdout.write(this.#prompt('='))
    this.#process.on('SIGINT', () => {
      splitter.clear()
      stdout.write(`\n${this.#prompt('=')}`).catch(() => {})
    })
    try {
      for await (const line of linesOf(stdin)) {
        const word = line.trim()
        if (splitter.rest === '' && (word === 'exit' || word === 'quit')) return 0
        if (splitter.rest === '' && word === 'help') await stdout.write(HELP)
        else await this.#line(splitter, line, undefined)
        await stdout.write(this.#prompt(splitter.open))
      }
      await stdout.write('\\q\n')
      return 0
    } catch (error) {
      if (error instanceof Quit) return 0
      throw error
    }
  }

  #versions(): string {
    const server = this.#connection?.parameters.get('server_version') ?? POSTGRES_VERSION
    return server === POSTGRES_VERSION ? POSTGRES_VERSION : `${POSTGRES_VERSION}, server ${server}`
  }

  #prompt(open: StatementSplitter['open']): string {
    const database = this.#connection?.target.database ?? '!'
    const status = this.#connection?.status
    const transaction = status === 'T' ? '*' : status === 'E' ? '!' : ''
    const mark = this.#connection?.parameters.get('is_superuser') === 'on' ? '#' : '>'
    return `${database}${open}${transaction}${mark} `
  }

  async #connect(change: Partial<PsqlOptions> = {}): Promise<boolean> {
    const { host, port, user, database, password } = { ...this.#options, ...change }
    const target = { host: host === undefined || host.startsWith('/') ? undefined : host, port, user, database }
    try {
      const opened = await Connection.open(this.#process, { ...target, password })
      this.#connection?.close()
      this.#connection = opened
      return true
    } catch (error) {
      if (!(error instanceof ConnectFault)) throw error
      if (error.wantsPassword && this.#process.terminal !== undefined && password === undefined) {
        const asked = await this.#askPassword(user)
        Object.assign(this.#options, { password: asked })
        return this.#connect({ ...change, password: asked })
      }
      await this.#process.stderr.write(
        this.#connection === undefined
          ? `psql: error: ${error.message}\n`
          : `${error.message}\nPrevious connection kept\n`,
      )
      return false
    }
  }

  async #askPassword(user: string): Promise<string> {
    const { stdout, stdin, terminal } = this.#process
    await stdout.write(`Password for user ${user}: `)
    terminal?.setRaw(true)
    let text = ''
    try {
      while (!/[\r\n]/.test(text)) {
        const part = await stdin.read()
        if (part === null) break
        text += new TextDecoder().decode(part)
      }
    } finally {
      terminal?.setRaw(false)
    }
    await stdout.write('\n')
    return text.replace(/[\r\n][\s\S]*$/, '')
  }

  async #out(text: string): Promise<void> {
    const { output } = this.#options
    if (output === undefined) return this.#process.stdout.write(text)
    this.#process.files.write(absolute(this.#process, output), text, { append: this.#written })
    this.#written = true
  }

  /** Runs it and shows what comes; false when something failed. */
  async #statement(sql: string, place: string | undefined): Promise<boolean> {
    const connection = this.#connection
    if (connection === undefined) return false
    const { clock, stderr } = this.#process
    const { layout, quiet, echo } = this.#options
    const text = this.#interpolated(sql)
    if (echo) await this.#out(`${text}\n`)
    const began = clock.now()
    let fine = true
    for await (const part of connection.ask(text)) {
      switch (part.kind) {
        case 'rows':
          await this.#out(table(part.columns, part.rows, layout))
          break
        case 'done':
          if (!quiet && !SILENT.test(part.tag)) await this.#out(`${part.tag}\n`)
          break
        case 'notice':
        case 'error':
          if (part.kind === 'error') fine = false
          await stderr.write(`${place ?? ''}${problem(part.fields, text)}`)
      }
    }
    if (this.#timing) await this.#out(`Time: ${(clock.now() - began).toFixed(3)} ms\n`)
    return fine
  }

  /** `:name`, `:'name'` and `:"name"`, of variables that are set. */
  #interpolated(sql: string): string {
    const { variables } = this.#options
    if (variables.size === 0) return sql
    return sql.replace(
      /'(?:[^']|'')*'|(?<![:\w]):(?:'(\w+)'|"(\w+)"|(\w+))/g,
      (whole, text?: string, name?: string, plain?: string) => {
        const value = variables.get(text ?? name ?? plain ?? '')
        if (value === undefined) return whole
        if (text !== undefined) return literal(value)
        return name === undefined ? value : `"${value.replaceAll('"', '""')}"`
      },
    )
  }

  async #command(line: string): Promise<boolean> {
    const [, name = '', rest = ''] = /^\\(\S+?)(?:\s+([\s\S]*))?$/.exec(line) ?? []
    const words = rest.split(/\s+/).filter((word) => word !== '')
    const { stdout, stderr } = this.#process
    const { layout } = this.#options
    const say = async (text: string) => {
      if (!this.#options.quiet) await stdout.write(text)
    }
    switch (name) {
      case 'q':
      case 'quit':
        throw new Quit()
      case '?':
      case 'help':
      case 'h':
        await stdout.write(HELP)
        return true
      case 'x': {
        const expanded = words[0] === undefined ? !layout.expanded : words[0] !== 'off'
        this.#options.layout = { ...layout, expanded }
        await say(`Expanded display is ${expanded ? 'on' : 'off'}.\n`)
        return true
      }
      case 't':
        this.#options.layout = { ...layout, tuplesOnly: !layout.tuplesOnly }
        await say(`Tuples only is ${layout.tuplesOnly ? 'off' : 'on'}.\n`)
        return true
      case 'a':
        this.#options.layout = { ...layout, aligned: !layout.aligned }
        await say(`Output format is ${layout.aligned ? 'unaligned' : 'aligned'}.\n`)
        return true
      case 'timing':
        this.#timing = words[0] === undefined ? !this.#timing : words[0] !== 'off'
        await say(`Timing is ${this.#timing ? 'on' : 'off'}.\n`)
        return true
      case 'pset':
        if (words[0] === 'null') this.#options.layout = { ...layout, null: (words[1] ?? '').replace(/^'|'$/g, '') }
        return true
      case 'echo':
        await this.#out(`${this.#interpolated(rest.replace(/^'([^']*)'$/, '$1'))}\n`)
        return true
      case 'set':
        if (words[0] !== undefined)
          this.#options.variables.set(words[0], words.slice(1).join(' ').replace(/^'|'$/g, ''))
        return true
      case 'unset':
        this.#options.variables.delete(words[0] ?? '')
        return true
      case 'i':
      case 'include':
        return (await this.#file(words[0] ?? '')) === 0
      case 'c':
      case 'connect':
        return this.#reconnect(words)
      case 'conninfo': {
        const target = this.#connection?.target
        const way = target?.host === undefined ? 'via socket in "/var/run/postgresql"' : `on host "${target.host}"`
        await stdout.write(
          `You are connected to database "${target?.database}" as user "${target?.user}" ${way} at port "${target?.port}".\n`,
        )
        return true
      }
      default: {
        if (this.#connection === undefined) return false
        try {
          const shown = await catalogue(this.#connection, name, words[0], layout)
          if (shown === undefined) {
            await stderr.write(`invalid command \\${name}\nTry \\? for help.\n`)
            return false
          }
          await (shown.startsWith('Did not find') ? stderr.write(shown) : this.#out(shown))
          return true
        } catch (error) {
          await stderr.write(`${messageOf(error)}\n`)
          return false
        }
      }
    }
  }

  async #reconnect([database, user, host, port]: readonly string[]): Promise<boolean> {
    const given = (word: string | undefined) => word !== undefined && word !== '-'
    const change = {
      ...(given(database) && { database: database?.replace(/;$/, '') as string }),
      ...(given(user) && { user: user as string }),
      ...(given(host) && { host: host as string }),
      ...(given(port) && { port: Number(port) }),
    }
    if (!(await this.#connect(change))) return false
    Object.assign(this.#options, change)
    const { user: who, database: where } = this.#options
    await this.#process.stdout.write(`You are now connected to database "${where}" as user "${who}".\n`)
    return true
  }
}

/** Of these psql shows the rows, and not that they were selected. */
const SILENT = /^(?:SELECT|FETCH|SHOW|EXPLAIN)\b/

const HELP = `You are using psql, the command-line interface to PostgreSQL.
Type:  \\l to list databases
       \\dt to list tables, \\d NAME to describe one
       \\c DATABASE to connect to another
       \\x for expanded display
       \\g or terminate with semicolon to execute query
       \\q to quit
`

function problem(fields: Fields, sql: string): string {
  let text = `${fields.get('S')}:  ${fields.get('M')}\n`
  const position = Number(fields.get('P') ?? 0)
  if (position > 0) {
    const before = [...sql].slice(0, position - 1).join('')
    const number = before.split('\n').length
    const start = before.lastIndexOf('\n') + 1
    const line = sql.split('\n')[number - 1] ?? ''
    const head = `LINE ${number}: `
    text += `${head}${line}\n${' '.repeat(head.length + [...before.slice(start)].length)}^\n`
  }
  for (const [letter, title] of [
    ['D', 'DETAIL'],
    ['H', 'HINT'],
  ] as const) {
    const more = fields.get(letter)
    if (more !== undefined) text += `${title}:  ${more}\n`
  }
  return text
}
