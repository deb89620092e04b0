import type { Process } from '../../containers/contract.ts'
import type { Layout } from './table.ts'

export interface PsqlOptions {
  host?: string
  port: number
  user: string
  database: string
  password?: string
  /** From -c and -f, in their order. */
  readonly actions: ({ readonly command: string } | { readonly file: string })[]
  layout: Layout
  quiet: boolean
  list: boolean
  oneTransaction: boolean
  echo: boolean
  readonly variables: Map<string, string>
  output?: string
}

const VALUES: Readonly<Record<string, string>> = {
  host: 'h',
  port: 'p',
  username: 'U',
  dbname: 'd',
  command: 'c',
  file: 'f',
  'field-separator': 'F',
  variable: 'v',
  set: 'v',
  output: 'o',
  pset: 'P',
}
const FLAGS: Readonly<Record<string, string>> = {
  'tuples-only': 't',
  'no-align': 'A',
  quiet: 'q',
  'no-psqlrc': 'X',
  expanded: 'x',
  list: 'l',
  'no-password': 'w',
  password: 'W',
  'single-transaction': '1',
  'echo-all': 'a',
  'echo-queries': 'e',
}

/** A text is what to say in place of running, after an error. */
export function parsePsql(process: Process): PsqlOptions | string {
  const { env } = process
  const host = env.get('PGHOST')
  const password = env.get('PGPASSWORD')
  const options: PsqlOptions = {
    port: Number(env.get('PGPORT') ?? '5432'),
    user: '',
    database: '',
    actions: [],
    layout: { expanded: false, aligned: true, tuplesOnly: false, separator: '|', csv: false, null: '' },
    quiet: false,
    list: false,
    oneTransaction: false,
    echo: false,
    variables: new Map(),
    ...(host !== undefined && { host }),
    ...(password !== undefined && { password }),
  }
  const words: string[] = []
  const args = process.argv.slice(1)
  const bad = (text: string) => `psql: error: ${text}\npsql: hint: Try "psql --help" for more information.\n`
  const layout = (change: Partial<Layout>) => {
    options.layout = { ...options.layout, ...change }
  }
  const flag = (letter: string): boolean => {
    switch (letter) {
      case 't':
        layout({ tuplesOnly: true })
        return true
      case 'A':
        layout({ aligned: false })
        return true
      case 'x':
        layout({ expanded: true })
        return true
      case 'q':
        options.quiet = true
        return true
      case 'l':
        options.list = true
        return true
      case '1':
        options.oneTransaction = true
        return true
      case 'a':
      case 'e':
        options.echo = true
        return true
      default:
        return 'XwWbnLsE'.includes(letter)
    }
  }
  const value = (letter: string, text: string): boolean => {
    switch (letter) {
      case 'h':
        options.host = text
        return true
      case 'p':
        options.port = Number(text)
        return true
      case 'U':
        options.user = text
        return true
      case 'd':
        options.database = text
        return true
      case 'c':
        options.actions.push({ command: text })
        return true
      case 'f':
        options.actions.push({ file: text })
        return true
      case 'F':
        layout({ separator: text })
        return true
      case 'o':
        options.output = text
        return true
      case 'v': {
        const equals = text.indexOf('=')
        options.variables.set(equals < 0 ? text : text.slice(0, equals), equals < 0 ? '' : text.slice(equals + 1))
        return true
      }
      case 'P': {
        const [name = '', setting = ''] = text.split('=')
        if (name === 'null') layout({ null: setting })
        if (name === 'format') layout({ aligned: setting === 'aligned', csv: setting === 'csv' })
        if (name === 'tuples_only') layout({ tuplesOnly: setting !== 'off' })
        return true
      }
      default:
        return false
    }
  }
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string
    if (arg === '--csv') layout({ csv: true })
    else if (arg.startsWith('--')) {
      const equals = arg.indexOf('=')
      const name = arg.slice(2, equals < 0 ? undefined : equals)
      const letter = VALUES[name]
      const plain = FLAGS[name]
      if (letter !== undefined) value(letter, equals < 0 ? (args[++index] ?? '') : arg.slice(equals + 1))
      else if (plain === undefined || !flag(plain)) return bad(`unrecognized option '${arg}'`)
    } else if (arg.startsWith('-') && arg.length > 1) {
      for (let at = 1; at < arg.length; at++) {
        const letter = arg[at] as string
        if (Object.values(VALUES).includes(letter)) {
          const text = at + 1 < arg.length ? arg.slice(at + 1) : args[++index]
          if (text === undefined) return bad(`option requires an argument -- '${letter}'`)
          value(letter, text)
          break
        }
        if (!flag(letter)) return bad(`invalid option -- '${letter}'`)
      }
    } else words.push(arg)
  }
  const [database, user] = words
  const given = options.database || database || ''
  const url = /^postgres(?:ql)?:\/\//.test(given) ? URL.parse(given.replace(/^\w+:/, 'http:')) : null
  if (url !== null) {
    options.host = url.hostname
    if (url.port !== '') options.port = Number(url.port)
    if (url.username !== '') options.user = decodeURIComponent(url.username)
    if (url.password !== '') options.password = decodeURIComponent(url.password)
    options.database = url.pathname.slice(1)
  } else if (/^\s*\w+\s*=/.test(given)) {
    for (const [, name, text = ''] of given.matchAll(/(\w+)\s*=\s*('[^']*'|\S+)/g)) {
      const setting = text.replace(/^'|'$/g, '')
      if (name === 'host') options.host = setting
      else if (name === 'port') options.port = Number(setting)
      else if (name === 'user') options.user = setting
      else if (name === 'password') options.password = setting
      else if (name === 'dbname') options.database = setting
    }
    if (options.database === given) options.database = ''
  } else options.database = given
  options.user ||= user ?? env.get('PGUSER') ?? (process.uid === 0 ? 'root' : 'postgres')
  options.database ||= env.get('PGDATABASE') ?? options.user
  return options
}
