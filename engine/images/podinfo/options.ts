/** podinfo's flags, its PODINFO_* environment and its configuration file, in this order of weight. */
import { parseDuration } from '../programs/go-duration.ts'

type Kind = 'string' | 'strings' | 'int' | 'bool' | 'duration'

interface Flag {
  readonly kind: Kind
  readonly usage: string
  readonly default?: string
}

const flagsOf = (version: string): Readonly<Record<string, Flag>> => ({
  'backend-url': { kind: 'strings', usage: 'backend service URL' },
  'cache-server': { kind: 'string', usage: "Redis address in the format 'tcp://<host>:<port>'" },
  'cert-path': { kind: 'string', usage: 'certificate path for HTTPS port', default: '/data/cert' },
  config: { kind: 'string', usage: 'config file name', default: 'config.yaml' },
  'config-path': { kind: 'string', usage: 'config dir path' },
  'data-path': { kind: 'string', usage: 'data local path', default: '/data' },
  'grpc-port': { kind: 'int', usage: 'gRPC port', default: '0' },
  'grpc-service-name': { kind: 'string', usage: 'gPRC service name', default: 'podinfo' },
  h2c: { kind: 'bool', usage: 'allow upgrading to H2C', default: 'false' },
  host: { kind: 'string', usage: 'Host to bind service to' },
  'http-client-timeout': { kind: 'duration', usage: 'client timeout duration', default: '2m0s' },
  'http-server-timeout': { kind: 'duration', usage: 'server read and write timeout duration', default: '30s' },
  level: { kind: 'string', usage: 'log level debug, info, warn, error, fatal or panic', default: 'info' },
  'otel-service-name': {
    kind: 'string',
    usage: 'service name for reporting to open telemetry address, when not set tracing is disabled',
  },
  port: { kind: 'int', usage: 'HTTP port to bind service to', default: '9898' },
  'port-metrics': { kind: 'int', usage: 'metrics port', default: '0' },
  'random-delay': { kind: 'bool', usage: 'between 0 and 5 seconds random delay by default', default: 'false' },
  'random-delay-max': { kind: 'int', usage: 'max for random delay: 5 by default', default: '5' },
  'random-delay-min': { kind: 'int', usage: 'min for random delay: 0 by default', default: '0' },
  'random-delay-unit': { kind: 'string', usage: 'either s(seconds) or ms(milliseconds', default: 's' },
  'random-error': { kind: 'bool', usage: '1/3 chances of a random response error', default: 'false' },
  'secure-port': { kind: 'int', usage: 'HTTPS port', default: '0' },
  'server-shutdown-timeout': { kind: 'duration', usage: 'server graceful shutdown timeout duration', default: '5s' },
  'stress-cpu': { kind: 'int', usage: 'number of CPU cores with 100 load', default: '0' },
  'stress-memory': { kind: 'int', usage: 'MB of data to load into memory', default: '0' },
  'ui-color': { kind: 'string', usage: 'UI color', default: '#34577c' },
  'ui-logo': { kind: 'string', usage: 'UI logo' },
  'ui-message': { kind: 'string', usage: 'UI message', default: `greetings from podinfo v${version}` },
  'ui-path': { kind: 'string', usage: 'UI local path', default: './ui' },
  unhealthy: { kind: 'bool', usage: 'when set, healthy state is never reached', default: 'false' },
  unready: { kind: 'bool', usage: 'when set, ready state is never reached', default: 'false' },
  version: { kind: 'bool', usage: 'get version number', default: 'false' },
})

/** What podinfo shows where nothing is said. */
const LOGO = 'https://raw.githubusercontent.com/stefanprodan/podinfo/gh-pages/cuddle_clap.gif'
const SECRET = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9'

export interface Options {
  text(name: string): string
  number(name: string): number
  on(name: string): boolean
  list(name: string): readonly string[]
  /** Milliseconds. */
  duration(name: string): number
}

export type Parsed =
  | { readonly kind: 'options'; readonly options: Options }
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'error'; readonly text: string }

export function parseOptions(
  args: readonly string[],
  env: ReadonlyMap<string, string>,
  version: string,
  readConfig: (path: string) => string | undefined,
): Parsed {
  const flags = flagsOf(version)
  const given = new Map<string, string[]>()
  const refuse = (why: string): Parsed => ({ kind: 'error', text: `Error: ${why}\n\n${usage(flags)}` })
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string
    if (arg === '--') break
    if (!arg.startsWith('-') || arg === '-') continue
    if (arg === '-h' || arg === '--help') return { kind: 'help', text: `Usage of default:\n${usage(flags)}` }
    if (arg === '-v') {
      given.set('version', ['true'])
      continue
    }
    if (!arg.startsWith('--')) return refuse(`unknown shorthand flag: '${arg[1]}' in ${arg}`)
    const equals = arg.indexOf('=')
    const name = arg.slice(2, equals < 0 ? undefined : equals)
    const flag = flags[name]
    if (flag === undefined) return refuse(`unknown flag: --${name}`)
    let value = equals < 0 ? undefined : arg.slice(equals + 1)
    if (value === undefined && flag.kind === 'bool') value = 'true'
    if (value === undefined) value = args[++index]
    if (value === undefined) return refuse(`flag needs an argument: --${name}`)
    const fault = faultOf(flag.kind, value)
    if (fault !== undefined) return refuse(`invalid argument "${value}" for "--${name}" flag: ${fault}`)
    given.set(name, flag.kind === 'strings' ? [...(given.get(name) ?? []), ...value.split(',')] : [value])
  }
  if (given.get('version')?.[0] === 'true') return { kind: 'version' }
  const fromEnv = (name: string) => env.get(`PODINFO_${name.toUpperCase().replaceAll('-', '_')}`) || undefined
  const first = (name: string) => given.get(name)?.[0] ?? fromEnv(name)
  const path = `${first('config-path') ?? ''}/${first('config') ?? 'config.yaml'}`
  const config = flatYaml(readConfig(first('config-path') === undefined ? path.slice(1) : path) ?? '')
  const text = (name: string): string => {
    const value = first(name) ?? config.get(name)
    if (value !== undefined) return value
    if (name === 'ui-logo') return LOGO
    if (name === 'jwt-secret') return SECRET
    return flags[name]?.default ?? ''
  }
  return {
    kind: 'options',
    options: {
      text,
      number: (name) => wholeNumber(text(name)) ?? Number(flags[name]?.default ?? 0),
      on: (name) => ['1', 't', 'true'].includes(text(name).toLowerCase()),
      list: (name) =>
        given.get(name) ??
        text(name)
          .split(/[\s,]+/)
          .filter((part) => part !== ''),
      duration: (name) => parseDuration(text(name)) ?? 0,
    },
  }
}

const wholeNumber = (text: string): number | undefined => (/^[-+]?\d+$/.test(text) ? Number(text) : undefined)

function faultOf(kind: Kind, value: string): string | undefined {
  if (kind === 'int' && wholeNumber(value) === undefined) return `strconv.ParseInt: parsing "${value}": invalid syntax`
  if (kind === 'bool' && !/^(?:1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(value)) {
    return `strconv.ParseBool: parsing "${value}": invalid syntax`
  }
  if (kind === 'duration' && parseDuration(value) === undefined) return `time: invalid duration "${value}"`
  return undefined
}

function usage(flags: Readonly<Record<string, Flag>>): string {
  const lines = Object.entries(flags).map(([name, { kind, usage, default: value }]) => {
    const type = kind === 'bool' ? '' : ` ${kind}`
    const shown = value === undefined || value === '0' || value === 'false' ? '' : ` (default ${quoted(kind, value)})`
    return [`${name === 'version' ? '  -v, ' : '      '}--${name}${type}`, `${usage}${shown}`] as const
  })
  const width = Math.max(...lines.map(([left]) => left.length)) + 3
  return lines.map(([left, right]) => `${left.padEnd(width)}${right}\n`).join('')
}

const quoted = (kind: Kind, value: string): string => (kind === 'string' ? `"${value}"` : value)

/** `key: value` lines: podinfo's configuration has no depth. */
function flatYaml(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^([\w-]+):\s*(?:"([^"]*)"|'([^']*)'|([^#]*?))\s*(?:#.*)?$/.exec(line)
    if (match !== null) values.set(match[1] as string, match[2] ?? match[3] ?? match[4] ?? '')
  }
  return values
}
