/** curl's command line, as far as labs use it. */
export interface CurlOptions {
  readonly urls: readonly string[]
  readonly method?: string
  readonly headers: readonly string[]
  /** Parts of the body, joined by `&`; with their flag, for `@file`. */
  readonly data: readonly { readonly kind: 'data' | 'raw' | 'binary' | 'urlencode' | 'json'; readonly value: string }[]
  readonly flags: ReadonlySet<Flag>
  /** One for each URL: a file, or `remote` for the URL's last part. */
  readonly outputs: readonly (string | { readonly remote: true })[]
  readonly writeOut?: string
  readonly user?: string
  readonly agent?: string
  readonly referer?: string
  readonly cookie?: string
  readonly upload?: string
  readonly certificates?: string
  readonly dumpHeaders?: string
  /** Seconds. */
  readonly maxTime?: number
  readonly connectTimeout?: number
  readonly retry: number
  readonly retryDelay?: number
  readonly maxRedirects: number
  readonly resolve: readonly { readonly host: string; readonly port: string; readonly address: string }[]
}

export type Flag =
  | 'silent'
  | 'show-error'
  | 'head'
  | 'include'
  | 'verbose'
  | 'insecure'
  | 'location'
  | 'fail'
  | 'fail-with-body'
  | 'get'
  | 'no-progress-meter'
  | 'retry-all-errors'
  | 'retry-connrefused'
  | 'http1.0'
  | 'create-dirs'
  | 'compressed'
  | 'globoff'
  | 'ipv4'
  | 'ipv6'
  | 'no-buffer'
  | 'http1.1'
  | 'http2'
  | 'parallel'
  | 'version'
  | 'help'

const SHORT_FLAGS: Readonly<Record<string, Flag>> = {
  s: 'silent',
  S: 'show-error',
  I: 'head',
  i: 'include',
  v: 'verbose',
  k: 'insecure',
  L: 'location',
  f: 'fail',
  G: 'get',
  '0': 'http1.0',
  g: 'globoff',
  '4': 'ipv4',
  '6': 'ipv6',
  N: 'no-buffer',
  Z: 'parallel',
  V: 'version',
  h: 'help',
}
const LONG_FLAGS: ReadonlySet<string> = new Set<Flag>([
  ...Object.values(SHORT_FLAGS),
  'fail-with-body',
  'no-progress-meter',
  'retry-all-errors',
  'retry-connrefused',
  'create-dirs',
  'compressed',
  'http1.1',
  'http2',
])
const SHORT_VALUES: Readonly<Record<string, string>> = {
  X: 'request',
  H: 'header',
  d: 'data',
  o: 'output',
  w: 'write-out',
  u: 'user',
  A: 'user-agent',
  e: 'referer',
  b: 'cookie',
  T: 'upload-file',
  m: 'max-time',
  D: 'dump-header',
}
const LONG_VALUES: ReadonlySet<string> = new Set([
  ...Object.values(SHORT_VALUES),
  'data-raw',
  'data-binary',
  'data-ascii',
  'data-urlencode',
  'json',
  'url',
  'cacert',
  'connect-timeout',
  'retry',
  'retry-delay',
  'retry-max-time',
  'max-redirs',
  'resolve',
  'connect-to',
  'oauth2-bearer',
])

export type ParsedCurl =
  | { readonly kind: 'options'; readonly options: CurlOptions }
  | { readonly kind: 'error'; readonly text: string }

export function parseCurl(args: readonly string[]): ParsedCurl {
  const urls: string[] = []
  const headers: string[] = []
  const data: CurlOptions['data'][number][] = []
  const flags = new Set<Flag>()
  const outputs: CurlOptions['outputs'][number][] = []
  const resolve: CurlOptions['resolve'][number][] = []
  const values = new Map<string, string>()
  const refuse = (text: string): ParsedCurl => ({
    kind: 'error',
    text: `curl: ${text}\ncurl: try 'curl --help' or 'curl --manual' for more information\n`,
  })
  const take = (name: string, shown: string, value: string): string | undefined => {
    switch (name) {
      case 'header':
        headers.push(value)
        return undefined
      case 'data':
      case 'data-ascii':
        data.push({ kind: 'data', value })
        return undefined
      case 'data-raw':
        data.push({ kind: 'raw', value })
        return undefined
      case 'data-binary':
        data.push({ kind: 'binary', value })
        return undefined
      case 'data-urlencode':
        data.push({ kind: 'urlencode', value })
        return undefined
      case 'json':
        data.push({ kind: 'json', value })
        return undefined
      case 'output':
        outputs.push(value)
        return undefined
      case 'url':
        urls.push(value)
        return undefined
      case 'oauth2-bearer':
        headers.push(`Authorization: Bearer ${value}`)
        return undefined
      case 'resolve':
      case 'connect-to': {
        const match = /^\+?([^:]*):(\d*|\*):(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(value)
        if (match === null) return `option ${shown}: is badly used here`
        const [, host = '', port = '', address = ''] = match
        resolve.push({ host, port, address: address.replace(/^\[|\]$/g, '') })
        return undefined
      }
      case 'max-time':
      case 'connect-timeout':
      case 'retry':
      case 'retry-delay':
      case 'retry-max-time':
      case 'max-redirs':
        if (!/^-?\d+(?:\.\d*)?$/.test(value)) return `option ${shown}: expected a proper numerical parameter`
    }
    values.set(name, value)
    return undefined
  }

  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string
    if (!arg.startsWith('-') || arg === '-') urls.push(arg)
    else if (arg.startsWith('--')) {
      const name = arg.slice(2)
      if (name === 'remote-name') outputs.push({ remote: true })
      else if (LONG_FLAGS.has(name)) flags.add(name as Flag)
      else if (name.startsWith('no-') && LONG_FLAGS.has(name.slice(3))) flags.delete(name.slice(3) as Flag)
      else if (LONG_VALUES.has(name)) {
        const value = args[++index]
        if (value === undefined) return refuse(`option ${arg}: requires parameter`)
        const fault = take(name, arg, value)
        if (fault !== undefined) return refuse(fault)
      } else return refuse(`option ${arg}: is unknown`)
    } else {
      for (let at = 1; at < arg.length; at++) {
        const letter = arg[at] as string
        const flag = SHORT_FLAGS[letter]
        const name = SHORT_VALUES[letter]
        if (flag !== undefined) flags.add(flag)
        else if (letter === 'O') outputs.push({ remote: true })
        else if (name !== undefined) {
          const value = at + 1 < arg.length ? arg.slice(at + 1) : args[++index]
          if (value === undefined) return refuse(`option -${letter}: requires parameter`)
          const fault = take(name, `-${letter}`, value)
          if (fault !== undefined) return refuse(fault)
          break
        } else return refuse(`option ${arg}: is unknown`)
      }
    }
  }
  const text = <Key extends string>(key: Key, name: string) => {
    const value = values.get(name)
    return value === undefined ? {} : ({ [key]: value } as Record<Key, string>)
  }
  const seconds = <Key extends string>(key: Key, name: string) => {
    const value = values.get(name)
    return value === undefined ? {} : ({ [key]: Number(value) } as Record<Key, number>)
  }
  return {
    kind: 'options',
    options: {
      urls,
      headers,
      data,
      flags,
      outputs,
      resolve,
      retry: Number(values.get('retry') ?? 0),
      maxRedirects: Number(values.get('max-redirs') ?? 50),
      ...text('method', 'request'),
      ...text('writeOut', 'write-out'),
      ...text('user', 'user'),
      ...text('agent', 'user-agent'),
      ...text('referer', 'referer'),
      ...text('cookie', 'cookie'),
      ...text('upload', 'upload-file'),
      ...text('certificates', 'cacert'),
      ...text('dumpHeaders', 'dump-header'),
      ...seconds('maxTime', 'max-time'),
      ...seconds('connectTimeout', 'connect-timeout'),
      ...seconds('retryDelay', 'retry-delay'),
    },
  }
}
