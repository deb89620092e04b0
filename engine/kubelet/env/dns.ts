import type { Pod } from '../../kinds/pod/status.ts'
import type { ResolverConfig } from '../../network/contract.ts'

export interface DnsOptions {
  /** Address of the Service of the cluster's DNS. */
  readonly clusterDns: string
  readonly clusterDomain: string
  /** What the node itself asks. */
  readonly host: ResolverConfig
}

/** What a Pod's /etc/resolv.conf says, by its policy and its own configuration (`dns.Configurer`, 1.34). */
export function resolverOf({ spec, metadata }: Pod, { clusterDns, clusterDomain, host }: DnsOptions): ResolverConfig {
  const policy = spec.dnsPolicy ?? 'ClusterFirst'
  const ofCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && spec.hostNetwork !== true)
  const base: ResolverConfig = ofCluster
    ? {
        nameservers: [clusterDns],
        searches: unique([
          `${metadata.namespace}.svc.${clusterDomain}`,
          `svc.${clusterDomain}`,
          clusterDomain,
          ...host.searches,
        ]),
        options: ['ndots:5'],
      }
    : policy === 'None'
      ? { nameservers: [], searches: [], options: [] }
      : host
  const { nameservers = [], searches = [], options = [] } = spec.dnsConfig ?? {}
  const own = options.map(({ name = '', value }) => (value === undefined || value === '' ? name : `${name}:${value}`))
  const named = new Set(own.map(nameOf))
  return {
    nameservers: unique([...base.nameservers, ...nameservers]).slice(0, 3),
    searches: unique([...base.searches, ...searches]).slice(0, 32),
    options: [...base.options.filter((option) => !named.has(nameOf(option))), ...own],
  }
}

const nameOf = (option: string): string => option.split(':')[0] ?? ''
const unique = (list: readonly string[]): string[] => [...new Set(list)]

export function resolvConf({ nameservers, searches, options }: ResolverConfig): string {
  const lines = [
    ...(searches.length === 0 ? [] : [`search ${searches.join(' ')}`]),
    ...nameservers.map((address) => `nameserver ${address}`),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}`]),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

/** The Pod's hostname, and its domain where it has one. */
export function hostnameOf(
  { spec, metadata }: Pod,
  node: string,
  clusterDomain: string,
): { name: string; domain: string } {
  if (spec.hostnameOverride !== undefined) return { name: spec.hostnameOverride, domain: '' }
  if (spec.hostNetwork === true) return { name: node, domain: '' }
  const name = spec.hostname ?? metadata.name.slice(0, 63).replace(/[-.]+$/, '')
  const { subdomain = '' } = spec
  return { name, domain: subdomain === '' ? '' : `${subdomain}.${metadata.namespace}.svc.${clusterDomain}` }
}

/** A Pod's /etc/hosts. */
export function hostsFile(pod: Pod, ip: string, { name, domain }: { name: string; domain: string }): string {
  const aliases = pod.spec.hostAliases ?? []
  const own = domain === '' ? `${ip}\t${name}` : `${ip}\t${name}.${domain}\t${name}`
  const usual = [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
  ]
  const header =
    pod.spec.hostNetwork === true
      ? '# Kubernetes-managed hosts file (host network).'
      : '# Kubernetes-managed hosts file.'
  const more = aliases.map(({ ip: address, hostnames = [] }) => `${address}\t${hostnames.join('\t')}`)
  const lines = [header, ...usual, own, ...(more.length === 0 ? [] : ['', '# Entries added by HostAliases.', ...more])]
  return lines.map((line) => `${line}\n`).join('')
}
