import type { IngressBackend, IngressSpec } from '../../kinds/networking/ingress-validation.ts'
import type { ApiObject } from '../../objects/types.ts'

/** A path of a host, and where it leads. */
export interface Location {
  readonly ingress: ApiObject
  readonly backend: IngressBackend
  readonly matches: (path: string) => boolean
  /** In place of the path that matched. */
  readonly rewrite: ((path: string) => string) | undefined
  /** By which the first that matches is the right one: greater first. */
  readonly rank: number
}

/** What a host's Ingresses say. */
export interface Site {
  readonly locations: readonly Location[]
  /** Secrets with the host's certificate, as `namespace/name`; none: it has no TLS. */
  readonly secret: string | undefined
  readonly redirects: boolean
}

const ANNOTATION = 'nginx.ingress.kubernetes.io/'
/** What takes all hosts that no other takes. */
const ANY = ''

/** Exact paths come before all others; then the longer one. */
const EXACT = 1_000_000

/** Hosts and what leads where, as ingress-nginx makes its configuration of Ingresses: the oldest has the say. */
export function sitesOf(ingresses: readonly ApiObject[]): ReadonlyMap<string, Site> {
  const sites = new Map<string, { locations: Location[]; secret: string | undefined; redirects: boolean }>()
  const site = (host: string) => {
    const found = sites.get(host) ?? { locations: [], secret: undefined, redirects: false }
    sites.set(host, found)
    return found
  }
  const oldest = ingresses.toSorted((a, b) => ageOf(a).localeCompare(ageOf(b)))
  for (const ingress of oldest) {
    const { rules = [], tls = [], defaultBackend } = (ingress.spec ?? {}) as IngressSpec
    if (defaultBackend !== undefined && rules.length === 0) {
      site(ANY).locations.push(location(ingress, defaultBackend, '/', 'Prefix', 0))
    }
    for (const { host = ANY, http } of rules) {
      const own = site(host)
      for (const { path = '/', pathType, backend } of http?.paths ?? []) {
        own.locations.push(location(ingress, backend, path, pathType ?? 'ImplementationSpecific'))
      }
      if (defaultBackend !== undefined) own.locations.push(location(ingress, defaultBackend, '/', 'Prefix', -1))
      const terminated = tls.find(({ hosts = [] }) => hosts.includes(host))
      if (terminated === undefined) continue
      own.secret ??= `${ingress.metadata.namespace}/${terminated.secretName ?? ''}`
      own.redirects ||= ingress.metadata.annotations?.[`${ANNOTATION}ssl-redirect`] !== 'false'
    }
  }
  for (const { locations } of sites.values()) locations.sort((a, b) => b.rank - a.rank)
  return sites
}

const ageOf = ({ metadata }: ApiObject): string =>
  `${metadata.creationTimestamp} ${metadata.namespace ?? ''}/${metadata.name}`

/** The host's own, one for all hosts of its domain, or the one for all. */
export function siteFor(sites: ReadonlyMap<string, Site>, host: string): Site | undefined {
  const name = host.toLowerCase()
  const dot = name.indexOf('.')
  return sites.get(name) ?? (dot < 0 ? undefined : sites.get(`*${name.slice(dot)}`)) ?? sites.get(ANY)
}

export const locationFor = ({ locations }: Site, path: string): Location | undefined =>
  locations.find(({ matches }) => matches(path))

function location(
  ingress: ApiObject,
  backend: IngressBackend,
  path: string,
  type: string,
  rank = path.length + 1,
): Location {
  const { annotations = {} } = ingress.metadata
  const target = annotations[`${ANNOTATION}rewrite-target`]
  const isPattern = type !== 'Exact' && (target !== undefined || annotations[`${ANNOTATION}use-regex`] === 'true')
  if (isPattern) {
    const pattern = safePattern(path)
    return {
      ingress,
      backend,
      matches: (asked) => pattern.test(asked),
      rewrite: target === undefined ? undefined : (asked) => rewritten(asked, pattern, target),
      rank,
    }
  }
  const rewrite = target === undefined ? undefined : () => target
  if (type === 'Exact') return { ingress, backend, matches: (asked) => asked === path, rewrite, rank: EXACT + rank }
  if (type === 'Prefix') {
    const whole = path.endsWith('/') ? path.slice(0, -1) : path
    const matches = (asked: string) => asked === whole || asked.startsWith(`${whole}/`)
    return { ingress, backend, matches: whole === '' ? () => true : matches, rewrite, rank }
  }
  return { ingress, backend, matches: (asked) => asked.startsWith(path), rewrite, rank }
}

/** nginx takes no configuration with a bad pattern; here the path is then taken by its letters. */
function safePattern(path: string): RegExp {
  try {
    return new RegExp(`^${path}`, 'i')
  } catch {
    return new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`, 'i')
  }
}

function rewritten(asked: string, pattern: RegExp, target: string): string {
  const groups = pattern.exec(asked) ?? []
  const path = target.replace(/\$(\d)/g, (_, group: string) => groups[Number(group)] ?? '')
  return path.startsWith('/') ? path : `/${path}`
}
