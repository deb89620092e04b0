/**
 * Every setting of the lab server: one schema, from which come the values, the messages and the manual.
 * A setting's key gives its variable: `maxSessions` is QUAYSIDE_MAX_SESSIONS.
 */
import { z } from 'zod'

/** What a setting takes, in words; it completes "expected …". Kept in the schema's metadata so that every message and the manual say the same. */
type Expected = string

const text = (expected: Expected, fits: RegExp) => z.string().regex(fits).meta({ expected })

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .refine((value) => value >= least && value <= most)
    .meta({ expected: `a whole number from ${least} to ${most}` })

const decimal = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,4}(\.\d{1,3})?$/)
    .transform(Number)
    .refine((value) => value >= least && value <= most)
    .meta({ expected: `a number from ${least} to ${most}` })

const units = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const

/** Docker's spelling of memory, 256m or 2g, to bytes. Docker itself refuses less than 6m. */
const memory = () =>
  z
    .string()
    .regex(/^\d{1,6}[kmg]$/i)
    .transform((value) => Number(value.slice(0, -1)) * units[value.slice(-1).toLowerCase() as keyof typeof units])
    .refine((bytes) => bytes >= 6 * units.m && bytes <= 1024 * units.g)
    .meta({ expected: 'an amount of memory of at least 6m, like 256m or 2g' })

const choice = <const T extends [string, ...string[]]>(...values: T) =>
  z.enum(values).meta({ expected: `${values.slice(0, -1).join(', ')} or ${values.at(-1)}` })

const publicUrl = z
  .string()
  .refine((value) => {
    const url = URL.canParse(value) ? new URL(value) : undefined
    return url !== undefined && /^https?:$/.test(url.protocol) && url.origin === value.replace(/\/$/, '')
  })
  .transform((value) => new URL(value).origin)
  .meta({ expected: 'an address without a path, like https://labs.example.org' })

const previewHost = z
  .string()
  .regex(/^\*(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+(:\d{1,5})?$/i)
  .meta({ expected: 'a host name that begins with *., like *.preview.example.org' })

const addresses = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim()))
  .refine((parts) => parts.every((part) => /^[0-9a-f.:]+(\/\d{1,3})?$/i.test(part)))
  .meta({ expected: 'IP addresses or networks with commas between, like 10.0.0.0/8' })

const issuer = z
  .string()
  .refine((value) => {
    const url = URL.canParse(value) ? new URL(value) : undefined
    if (url === undefined || url.search !== '' || url.hash !== '' || url.username !== '') return false
    return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
  })
  .meta({ expected: 'an https address' })

/** Words with commas between. */
const list = (expected: Expected, fits: RegExp) =>
  z
    .string()
    .transform((value) => value.split(',').map((part) => part.trim()))
    .refine((parts) => parts.every((part) => fits.test(part)))
    .meta({ expected })

const webhookUrls = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim()))
  .refine((parts) =>
    parts.every((part) => {
      const url = URL.canParse(part) ? new URL(part) : undefined
      return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
    }),
  )
  .meta({ expected: 'http or https addresses with commas between, without a user in them' })

/** The default, as it would be written in the environment: shown in the manual as it is used. */
const or = <T extends z.ZodType>(schema: T, written: string) =>
  schema.prefault(written as never).meta({ ...schema.meta(), written })

const optional = <T extends z.ZodType>(schema: T) => schema.optional().meta({ ...schema.meta() })

const described = <T extends z.ZodType>(schema: T, description: string) =>
  schema.meta({ ...schema.meta(), description }) as T

const settings = {
  port: described(
    optional(whole(1, 65535)),
    'The port to listen on. Unset: 4321, or the next free one if it is taken. Set: that one, or the server stops.',
  ),
  host: described(
    or(text('an IP address or a host name', /^[a-z0-9.:-]{1,253}$/i), '127.0.0.1'),
    'The address to listen on. Beyond this machine (0.0.0.0) only with QUAYSIDE_HOST_SECRET and QUAYSIDE_PUBLIC_URL.',
  ),
  data: described(
    or(text('a folder', /\S/), '.quayside'),
    'The folder for sessions, keys and what belongs to this installation.',
  ),
  labs: described(
    optional(text('a folder', /\S/)),
    'The folder of the labs, one folder each. Unset: the labs that come with Quayside.',
  ),
  provider: described(
    or(choice('auto', 'kind', 'embedded'), 'auto'),
    'What makes the clusters: kind real ones, in Docker; embedded simulated ones, in the server itself. auto offers both where both run.',
  ),
  kind: described(
    or(text('a command or a path', /\S/), 'kind'),
    'The kind command, as found on the PATH, or its path.',
  ),
  nodeImage: described(
    optional(text('an image, like kindest/node:v1.34.0', /^[a-z0-9][\w./:@-]{0,400}$/i)),
    "The clusters' node image. Unset: the one that this version of Quayside is tested with.",
  ),
  pool: described(
    or(whole(0, 50), '1'),
    'Clusters kept warm, so that a lab starts within seconds: so many simulated ones for each number of nodes that labs ask for, so many real ones of that which most ask for. Each takes memory while nobody uses it.',
  ),
  maxSessions: described(
    // Linux as it comes gives inotify instances for about three kind clusters.
    or(whole(1, 10_000), '3'),
    'Labs on real clusters that run at the same time, of all readers together; warm clusters give way to them.',
  ),
  maxSimulated: described(
    or(whole(1, 10_000), '40'),
    'Labs on simulated clusters that run at the same time. Each takes about 25 MiB.',
  ),
  maxSessionsPerReader: described(or(whole(1, 100), '2'), 'Labs that one browser may run at the same time.'),
  maxSessionsPerAddress: described(
    or(whole(1, 10_000), '40'),
    'Labs that one network address may run at the same time; a classroom often shares one.',
  ),
  startsPerMinute: described(
    or(whole(1, 10_000), '20'),
    'Starts of labs that one network address may ask for in a minute.',
  ),
  maxShells: described(or(whole(1, 16), '4'), 'Terminals in one lab at the same time.'),
  sessionMinutes: described(or(whole(5, 1440), '60'), 'Minutes until a lab ends.'),
  idleMinutes: described(or(whole(1, 1440), '20'), 'Minutes without typing until a lab ends.'),
  extensions: described(or(whole(0, 100), '2'), 'How often a reader may extend a lab.'),
  extendMinutes: described(or(whole(1, 1440), '30'), 'Minutes that each extension adds.'),
  nodeMemory: described(or(memory(), '2g'), "Most memory for each node of a cluster, in Docker's spelling."),
  nodeCpus: described(or(decimal(0.1, 256), '2'), 'Most processors for each node of a cluster.'),
  shellMemory: described(or(memory(), '256m'), 'Most memory for each terminal of a lab.'),
  shellCpus: described(or(decimal(0.1, 256), '1'), 'Most processors for each terminal of a lab.'),
  publicUrl: described(
    optional(publicUrl),
    'The address under which readers reach this server from elsewhere, through a proxy that brings TLS.',
  ),
  previewHost: described(
    optional(previewHost),
    'The host names under which pages of labs are shown, each lab under names of its own: a wildcard that leads to this server, best of a domain that holds nothing else. Unset: names under localhost; with QUAYSIDE_PUBLIC_URL set, none.',
  ),
  hostSecret: described(
    optional(text('at least 16 characters without spaces', /^[\x21-\x7e]{16,256}$/)),
    'Signs in whoever hosts workshops here, and is asked for by /metrics; needed beyond this machine. Unset: a link that works once is printed at the start.',
  ),
  openidIssuer: described(
    optional(issuer),
    'The OpenID Connect provider by which hosts may sign in too. Register /room/ of this server there as the address to come back to.',
  ),
  openidClientId: described(
    optional(text('a name without spaces', /^[\x21-\x7e]{1,256}$/)),
    'The name of this server at that provider.',
  ),
  openidClientSecret: described(
    optional(text('a text without spaces', /^[\x21-\x7e]{1,1024}$/)),
    'Its secret there. Unset: it is a public client.',
  ),
  openidEmails: described(
    optional(
      list(
        'e-mail addresses, or domains like @example.org, with commas between',
        /^[^\s@,]*@[a-z0-9.-]+\.[a-z0-9-]+$/i,
      ),
    ),
    'Who may host, by the addresses that the provider has verified.',
  ),
  openidGroups: described(
    optional(list('names with commas between', /^[^\s,][^,]{0,255}$/)),
    'Who may host, by the groups that the provider names.',
  ),
  openidGroupsClaim: described(
    or(text('the name of a claim', /^[\x21-\x7e]{1,256}$/), 'groups'),
    'The claim in which the provider names them.',
  ),
  openidScopes: described(
    or(
      text('scopes with spaces between, openid among them', /^(?=.*\bopenid\b)[\x21-\x7e]+( [\x21-\x7e]+)*$/),
      'openid profile email',
    ),
    'What the provider is asked for; some name groups only if they are asked for them.',
  ),
  keepDays: described(
    or(whole(1, 3650), '30'),
    'Days after its end until a workshop is forgotten, with the names, times and messages of everyone in it, and its audit.',
  ),
  webhookUrls: described(
    optional(webhookUrls),
    'Where it is told what happens in workshops. Any address that this machine reaches, private ones too: they are your own choice.',
  ),
  webhookSecret: described(
    optional(text('at least 16 characters without spaces', /^[\x21-\x7e]{16,256}$/)),
    'What webhooks are signed with; needed with QUAYSIDE_WEBHOOK_URLS.',
  ),
  trustedProxy: described(
    optional(addresses),
    'Proxies whose X-Forwarded-For is believed, so that limits count readers and not the proxy.',
  ),
  logLevel: described(
    or(choice('trace', 'debug', 'info', 'warn', 'error', 'silent'), 'info'),
    'How much is written to the log (standard error, one JSON object a line).',
  ),
}

export const ConfigSchema = z.object(settings)
export type Config = z.infer<typeof ConfigSchema>

type Key = keyof typeof settings

/** Settings that must never be written to a message or a log. */
const secret: ReadonlySet<Key> = new Set<Key>(['hostSecret', 'openidClientSecret', 'webhookSecret', 'webhookUrls'])

export const variableOf = (key: string) => `QUAYSIDE_${key.replace(/[A-Z]/g, '_$&').toUpperCase()}`

const keys = Object.keys(settings) as Key[]
const keyOf = new Map(keys.map((key) => [variableOf(key), key]))

/** Stops the start; the message is one or more sentences, one a line. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/**
 * Reads the settings from the environment. A variable that is set to nothing counts as not set.
 * @throws {ConfigError} naming each variable that is unknown, malformed or missing
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const problems: string[] = []
  const given: Record<string, string> = {}
  for (const [name, value] of Object.entries(env).sort()) {
    if (!name.startsWith('QUAYSIDE_')) continue
    const key = keyOf.get(name)
    if (!key) problems.push(unknown(name))
    else if (value) given[key] = value
  }
  const parsed = ConfigSchema.safeParse(given)
  if (!parsed.success) {
    const wrong = new Set(parsed.error.issues.map((issue) => issue.path[0] as Key))
    for (const key of wrong) {
      const found = secret.has(key) ? 'a value that does not fit' : JSON.stringify(given[key])
      problems.push(`${variableOf(key)} is ${found}; expected ${settings[key].meta()?.expected}.`)
    }
  }
  if (problems.length > 0 || !parsed.data) throw new ConfigError(problems.join('\n'))
  const config = parsed.data
  if (config.webhookUrls && !config.webhookSecret) {
    throw new ConfigError(
      'QUAYSIDE_WEBHOOK_URLS needs QUAYSIDE_WEBHOOK_SECRET, with which webhooks are signed, as well.',
    )
  }
  const unsaid = missingForOpenId(config)
  if (unsaid.length > 0) throw new ConfigError(`QUAYSIDE_OPENID_ISSUER needs ${unsaid.join(' and ')} as well.`)
  const missing = missingBeyondLoopback(config)
  if (missing.length > 0) {
    throw new ConfigError(
      `QUAYSIDE_HOST is ${JSON.stringify(config.host)}, which others can reach; that needs ${missing.join(' and ')} as well.`,
    )
  }
  return config
}

export const isLoopback = (host: string) => /^(127(\.\d{1,3}){3}|::1|localhost)$/i.test(host)

/** Whether nobody but this machine's own user comes here: a proxy of the same machine would bring others. */
export const isPrivate = ({ host, publicUrl }: Pick<Config, 'host' | 'publicUrl'>) =>
  isLoopback(host) && publicUrl === undefined

function missingBeyondLoopback(config: Config): string[] {
  if (isLoopback(config.host)) return []
  const missing: string[] = []
  if (!config.hostSecret) missing.push('QUAYSIDE_HOST_SECRET (at least 16 characters that only you know)')
  if (!config.publicUrl?.startsWith('https:')) missing.push('QUAYSIDE_PUBLIC_URL (the https address that readers type)')
  return missing
}

function missingForOpenId(config: Config): string[] {
  if (config.openidIssuer === undefined) return []
  const missing: string[] = []
  if (config.openidClientId === undefined) missing.push('QUAYSIDE_OPENID_CLIENT_ID')
  if (!config.openidEmails && !config.openidGroups) {
    missing.push('QUAYSIDE_OPENID_EMAILS or QUAYSIDE_OPENID_GROUPS (or everybody with an account there could host)')
  }
  return missing
}

function unknown(name: string): string {
  const near = [...keyOf.keys()]
    .map((known) => ({ known, distance: editDistance(name, known) }))
    .sort((a, b) => a.distance - b.distance)[0]
  // More than three slips of the finger is another word.
  const hint = near && near.distance <= 3 ? ` Did you mean ${near.known}?` : ''
  return `${name} is not a setting of Quayside.${hint}`
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** The manual: a Markdown table of every variable, for the README. */
export function configManual(): string {
  const rows = keys.map((key) => {
    const { description, expected, written } = settings[key].meta() ?? {}
    return `| \`${variableOf(key)}\` | ${written ? `\`${written}\`` : ''} | ${description} Takes ${expected}. |`
  })
  return ['| variable | default | what it does |', '|---|---|---|', ...rows].join('\n')
}
