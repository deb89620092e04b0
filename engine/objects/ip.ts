/** IP addresses and CIDRs in the forms that the API takes: as Go's `net` with leading zeros allowed (k8s.io/utils/net), and as `net/netip`. */

export interface Address {
  /** 32 for a text in dotted form, else 128. */
  readonly bits: 32 | 128
  readonly value: bigint
  /** Written with zeros before a number that today's parsers refuse. */
  readonly padded: boolean
}

export interface Cidr {
  /** As written: it may have bits beyond the prefix. */
  readonly address: Address
  readonly prefix: number
  /** With the bits beyond the prefix cleared. */
  readonly network: Address
  /** The address or the prefix has leading zeros. */
  readonly padded: boolean
}

const MAPPED = 0xffffn

/** Undefined for what is no address. Zones are none. */
export function parseIp(text: string): Address | undefined {
  return text.includes(':') ? parseV6(text) : parseV4(text)
}

/** Undefined for what is no CIDR. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const address = parseIp(text.slice(0, slash))
  const length = text.slice(slash + 1)
  if (address === undefined || !/^[0-9]+$/.test(length) || Number(length) > address.bits) return undefined
  const prefix = Number(length)
  const padded = address.padded || (length.length > 1 && length.startsWith('0'))
  return { address, prefix, network: masked(address, prefix), padded }
}

/** An IPv4 address in IPv6's clothes: `::ffff:1.2.3.4`. */
export function isMapped({ bits, value }: Address): boolean {
  return bits === 128 && value >> 32n === MAPPED
}

/** As `net.IP` counts: mapped ones are IPv4. */
export function isV4(address: Address): boolean {
  return address.bits === 32 || isMapped(address)
}

/** As `net.IP` writes it: IPv4 dotted, mapped ones too; IPv6 as RFC 5952. */
export function formatIp(address: Address): string {
  return isV4(address) ? dotted(address.value & 0xffffffffn) : colons(address.value)
}

/** As `net.IPNet` writes the network. */
export function formatCidr({ network, prefix }: Cidr): string {
  return `${formatIp(network)}/${isMapped(network) && prefix >= 96 ? prefix - 96 : prefix}`
}

export function contains(cidr: Cidr, address: Address): boolean {
  if (isV4(cidr.network) !== isV4(address)) return false
  const { network, prefix } = cidr
  if (network.bits === address.bits) return masked(address, prefix).value === network.value
  const length = isMapped(network) ? Math.max(prefix - 96, 0) : prefix
  const low = (of: Address): Address => ({ bits: 32, value: of.value & 0xffffffffn, padded: false })
  return masked(low(address), length).value === masked(low(network), length).value
}

function masked(address: Address, prefix: number): Address {
  const free = BigInt(address.bits - prefix)
  return { ...address, value: (address.value >> free) << free }
}

function parseV4(text: string): Address | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    if (!/^[0-9]+$/.test(part) || Number(part) > 255) return undefined
    value = value * 256n + BigInt(Number(part))
  }
  return { bits: 32, value, padded: parts.some((part) => part.length > 1 && part.startsWith('0')) }
}

function parseV6(text: string): Address | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const groups: Groups[] = []
  for (const [index, half] of halves.entries()) {
    const read = readGroups(half, index === halves.length - 1)
    if (read === undefined) return undefined
    groups.push(read)
  }
  const [head, tail] = groups
  if (head === undefined) return undefined
  const count = head.values.length + (tail?.values.length ?? 0)
  if (tail === undefined ? count !== 8 : count > 7) return undefined
  const gap = new Array<number>(8 - count).fill(0)
  const all = [...head.values, ...gap, ...(tail?.values ?? [])]
  const value = all.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n)
  return { bits: 128, value, padded: head.padded || (tail?.padded ?? false) }
}

interface Groups {
  readonly values: readonly number[]
  readonly padded: boolean
}

/** Only the last half may end in dotted form. */
function readGroups(half: string, last: boolean): Groups | undefined {
  if (half === '') return { values: [], padded: false }
  const values: number[] = []
  let padded = false
  const parts = half.split(':')
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && part.includes('.')) {
      const v4 = parseV4(part)
      if (v4 === undefined) return undefined
      values.push(Number(v4.value >> 16n), Number(v4.value & 0xffffn))
      padded ||= v4.padded
      continue
    }
    if (!/^[0-9a-fA-F]+$/.test(part) || Number.parseInt(part, 16) > 0xffff) return undefined
    values.push(Number.parseInt(part, 16))
    padded ||= part.length > 4
  }
  return { values, padded }
}

function dotted(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.')
}

/** RFC 5952: the first of the longest runs of zero groups, two at least, is left out. */
function colons(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - 16 * index)) & MAPPED))
  let start = -1
  let longest = 1
  for (let from = 0; from < 8; from++) {
    let to = from
    while (to < 8 && groups[to] === 0) to++
    if (to - from > longest) {
      start = from
      longest = to - from
    }
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  return start < 0 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + longest))}`
}

/** As `netip.Addr` writes it: mapped addresses keep their prefix. */
export function formatNetip(address: Address): string {
  return isMapped(address) ? `::ffff:${formatIp(address)}` : formatIp(address)
}
