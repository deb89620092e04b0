/** redis.conf and the command line, and what CONFIG GET says of them. */
import { globbed } from './command.ts'
import { inlineWords } from './resp.ts'

const DEFAULTS: Readonly<Record<string, string>> = {
  appenddirname: 'appendonlydir',
  appendfilename: 'appendonly.aof',
  appendfsync: 'everysec',
  appendonly: 'no',
  bind: '* -::*',
  databases: '16',
  dbfilename: 'dump.rdb',
  dir: '/data',
  hz: '10',
  loglevel: 'notice',
  logfile: '',
  maxclients: '10000',
  maxmemory: '0',
  'maxmemory-policy': 'noeviction',
  port: '6379',
  'protected-mode': 'yes',
  requirepass: '',
  masterauth: '',
  save: '3600 1 300 100 60 10000',
  tcp_keepalive: '300',
  timeout: '0',
  'notify-keyspace-events': '',
  'slowlog-log-slower-than': '10000',
  'slowlog-max-len': '128',
  'stop-writes-on-bgsave-error': 'yes',
  rdbcompression: 'yes',
  'lazyfree-lazy-eviction': 'no',
  'io-threads': '1',
  daemonize: 'no',
  supervised: 'no',
  pidfile: '',
  replicaof: '',
  'auto-aof-rewrite-percentage': '100',
  'auto-aof-rewrite-min-size': '67108864',
}
const POLICIES: ReadonlySet<string> = new Set([
  'noeviction',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
])
const SIZES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1e6,
  mb: 1024 ** 2,
  g: 1e9,
  gb: 1024 ** 3,
}

/** What cannot be set, and why. */
export class ConfigFault extends Error {
  readonly line: string

  constructor(message: string, line: string) {
    super(message)
    this.line = line
  }
}

export class Config {
  readonly #values = new Map(Object.entries(DEFAULTS))

  get(name: string): string {
    return this.#values.get(name) ?? ''
  }

  matching(patterns: readonly string[]): [string, string][] {
    const tests = patterns.map((pattern) => globbed(pattern.toLowerCase()))
    return [...this.#values].filter(([name]) => tests.some((test) => test.test(name)))
  }

  /** Throws ConfigFault. */
  set(given: string, words: readonly string[]): void {
    const name = given.toLowerCase()
    const line = [name, ...words.map((word) => `"${word}"`)].join(' ')
    const value = words.join(' ')
    if (!this.#values.has(name)) throw new ConfigFault('Bad directive or wrong number of arguments', line)
    if (words.length === 0) throw new ConfigFault('wrong number of arguments', line)
    switch (name) {
      case 'appendonly':
      case 'protected-mode':
      case 'rdbcompression':
        if (value !== 'yes' && value !== 'no') throw new ConfigFault("argument must be 'yes' or 'no'", line)
        break
      case 'port':
      case 'databases':
      case 'timeout':
      case 'maxclients':
        if (!/^\d+$/.test(value) || Number(value) > 1e9)
          throw new ConfigFault("argument couldn't be parsed into an integer", line)
        break
      case 'maxmemory-policy':
        if (!POLICIES.has(value)) {
          throw new ConfigFault(`argument(s) must be one of the following: ${[...POLICIES].join(', ')}`, line)
        }
        break
      case 'maxmemory': {
        const bytes = bytesOf(value)
        if (bytes === undefined) throw new ConfigFault('argument must be a memory value', line)
        this.#values.set(name, String(bytes))
        return
      }
    }
    this.#values.set(name, value === '""' ? '' : value)
  }

  /** A file's lines. Throws ConfigFault. */
  readFile(text: string): void {
    for (const line of text.split('\n')) {
      const trimmed = line.trim()
      if (trimmed === '' || trimmed.startsWith('#')) continue
      const [name = '', ...words] = inlineWords(trimmed)
      this.set(name, words)
    }
  }

  /** `--port 7000 --save "" --appendonly yes`. Throws ConfigFault. */
  readFlags(args: readonly string[]): void {
    let name: string | undefined
    let words: string[] = []
    const flush = () => {
      if (name !== undefined) this.set(name, words.length === 1 ? inlineValue(words[0] as string) : words)
    }
    for (const arg of args) {
      if (arg.startsWith('--')) {
        flush()
        name = arg.slice(2)
        words = []
      } else words.push(arg)
    }
    flush()
  }

  /** Seconds and changes: a snapshot is made when so many have come in that time. */
  get savePoints(): readonly { readonly seconds: number; readonly changes: number }[] {
    const numbers = this.get('save')
      .split(/\s+/)
      .filter((word) => word !== '')
      .map(Number)
    return Array.from({ length: Math.floor(numbers.length / 2) }, (_, index) => ({
      seconds: numbers[2 * index] as number,
      changes: numbers[2 * index + 1] as number,
    }))
  }
}

const inlineValue = (word: string): string[] => (word === '' ? [''] : [word])

function bytesOf(text: string): number | undefined {
  const match = /^(\d+)([kmg]?b?)$/i.exec(text)
  const unit = SIZES[match?.[2]?.toLowerCase() ?? '?']
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit
}
