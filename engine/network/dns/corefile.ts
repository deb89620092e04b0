/** What of a Corefile decides about answers: CoreDNS' `kubernetes` and `hosts` plugins, as its first server block has them. */
export interface Corefile {
  /** Without a dot at the end: `cluster.local`. */
  readonly zone: string | undefined
  /** Seconds. */
  readonly ttl: number
  readonly pods: 'disabled' | 'insecure' | 'verified'
  /** Addresses by name, in lower case. */
  readonly hosts: ReadonlyMap<string, readonly string[]>
  /** Other names of names: `rewrite name a b`. */
  readonly renames: ReadonlyMap<string, string>
  /** Names of other zones are asked for elsewhere. */
  readonly forwards: boolean
}

/** Seconds: the kubernetes plugin's, where the Corefile says nothing. */
const DEFAULT_TTL = 5

/** The plugins that CoreDNS' image has. */
const PLUGINS = new Set(
  'acl any auto autopath azure bind bufsize cache cancel chaos clouddns debug dns64 dnssec dnstap erratic errors etcd file forward geoip grpc header health hosts import k8s_external kubernetes loadbalance local log loop metadata minimal multisocket nomad nsid on pprof prometheus quic ready reload rewrite root route53 secondary sign template timeouts tls trace transfer tsig view whoami'.split(
    ' ',
  ),
)

interface Directive {
  readonly words: readonly string[]
  readonly line: number
  readonly block: readonly Directive[]
}

/** Throws an Error with what CoreDNS writes before it gives up. */
export function parseCorefile(text: string): Corefile {
  const blocks = parse(text)
  const [server] = blocks
  for (const { block } of blocks) {
    for (const { words, line } of block) {
      if (!PLUGINS.has(words[0] ?? ''))
        throw new Error(`/etc/coredns/Corefile:${line} - Error during parsing: Unknown directive '${words[0]}'`)
    }
  }
  const all = server?.block ?? []
  const kubernetes = all.find(({ words }) => words[0] === 'kubernetes')
  const option = (name: string) => kubernetes?.block.find(({ words }) => words[0] === name)?.words[1]
  const pods = option('pods') ?? 'disabled'
  return {
    zone: kubernetes === undefined ? undefined : trimmed(kubernetes.words[1] ?? 'cluster.local'),
    ttl: Number(option('ttl') ?? DEFAULT_TTL),
    pods: pods === 'insecure' || pods === 'verified' ? pods : 'disabled',
    hosts: hostsOf(all),
    renames: renamesOf(all),
    forwards: all.some(({ words }) => words[0] === 'forward'),
  }
}

function hostsOf(directives: readonly Directive[]): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, string[]>()
  for (const { words, block } of directives) {
    if (words[0] !== 'hosts') continue
    for (const { words: entry } of block) {
      const [address = '', ...names] = entry
      if (!/^[0-9a-fA-F:.]+$/.test(address)) continue
      for (const name of names) hosts.set(trimmed(name), [...(hosts.get(trimmed(name)) ?? []), address])
    }
  }
  return hosts
}

function renamesOf(directives: readonly Directive[]): ReadonlyMap<string, string> {
  const renames = new Map<string, string>()
  for (const { words } of directives) {
    const rest = words.filter((word) => word !== 'exact' && word !== 'stop' && word !== 'continue')
    if (rest[0] === 'rewrite' && rest[1] === 'name' && rest.length === 4) {
      renames.set(trimmed(rest[2] ?? ''), trimmed(rest[3] ?? ''))
    }
  }
  return renames
}

function parse(text: string): readonly Directive[] {
  const root: { words: string[]; line: number; block: Directive[] } = { words: [], line: 0, block: [] }
  const open = [root]
  const lines = text.split('\n')
  for (const [index, raw] of lines.entries()) {
    const words = raw
      .replace(/(^|\s)#.*$/, '')
      .trim()
      .split(/\s+/)
      .filter(Boolean)
    if (words.length === 0) continue
    if (words[0] === '}') {
      if (open.length === 1)
        throw new Error(
          `/etc/coredns/Corefile:${index + 1} - Error during parsing: Unexpected '}' because no matching opening brace`,
        )
      open.pop()
      continue
    }
    const opens = words.at(-1) === '{'
    const directive = { words: opens ? words.slice(0, -1) : words, line: index + 1, block: [] as Directive[] }
    open.at(-1)?.block.push(directive)
    if (opens) open.push(directive)
  }
  if (open.length > 1) throw new Error(`/etc/coredns/Corefile:${lines.length} - Error during parsing: Unexpected EOF`)
  return root.block
}

/** Names are compared in lower case and without the dot at their end. */
export function trimmed(name: string): string {
  const lower = name.toLowerCase()
  return lower.endsWith('.') ? lower.slice(0, -1) : lower
}
