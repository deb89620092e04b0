/** Whose request it is, for limits. */
import { BlockList, isIP, isIPv6 } from 'node:net'

/** @param networks like `10.0.0.0/8` or `::1` */
export function trustedProxies(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return list
}

/**
 * The address that a limit counts. X-Forwarded-For is read from its end, as far as trusted proxies wrote it: what stands
 * before them anybody may have made up. IPv6 counts by /64, which is what one subscriber is given.
 */
export function clientAddress(peer: string | undefined, forwarded: string | undefined, trusted: BlockList): string {
  let address = plain(peer ?? '')
  const hops = forwarded?.split(',').map((hop) => plain(hop.trim())) ?? []
  while (hops.length > 0 && isTrusted(address, trusted)) {
    const hop = hops.pop() as string
    if (isIP(hop) === 0) break
    address = hop
  }
  return isIPv6(address) ? network64(address) : address
}

const isTrusted = (address: string, trusted: BlockList) =>
  isIP(address) !== 0 && trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

/** Without the form in which an IPv4 peer shows on a socket for both. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '')

function network64(address: string): string {
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').toLowerCase().split('::')
  const groups = head ? head.split(':') : []
  const rest = tail ? tail.split(':').length : 0
  if (address.includes('::')) while (groups.length < 8 - rest) groups.push('0')
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
