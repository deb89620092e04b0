import { goQuote } from '../../objects/go-quote.ts'
import { type Address, type Cidr, formatCidr, formatIp, isMapped, parseCidr, parseIp } from '../../objects/ip.ts'
import type { Declarations } from '../environment.ts'
import { EvaluationError, Opaque, type Value } from '../values.ts'

class Ip extends Opaque {
  readonly typeName = 'net.IP'
  readonly address: Address
  constructor(address: Address) {
    super()
    this.address = address
  }
  override equals(other: Opaque): boolean {
    return other instanceof Ip && other.address.bits === this.address.bits && other.address.value === this.address.value
  }
}

class Network extends Opaque {
  readonly typeName = 'net.CIDR'
  readonly cidr: Cidr
  constructor(cidr: Cidr) {
    super()
    this.cidr = cidr
  }
  override equals(other: Opaque): boolean {
    if (!(other instanceof Network)) return false
    const [one, two] = [this.cidr, other.cidr]
    return one.prefix === two.prefix && one.address.bits === two.address.bits && one.address.value === two.address.value
  }
}

/** netip's words for the commonest mistakes. */
function whyNoAddress(text: string): string {
  const quoted = goQuote(text)
  if (text === '') return `ParseAddr(${quoted}): unable to parse IP`
  if (!/[.:%]/.test(text)) return `ParseAddr(${quoted}): unable to parse IP`
  if (/^[^:]*\./.test(text)) {
    const parts = text.split('.')
    if (parts.some((part) => /^[0-9]+$/.test(part) && Number(part) > 255)) {
      return `ParseAddr(${quoted}): IPv4 field has value >255`
    }
    if (parts.some((part) => /^0[0-9]+$/.test(part)))
      return `ParseAddr(${quoted}): IPv4 field has octet with leading zero`
    const wrong = /[^0-9.]/.exec(text)
    if (wrong !== null) return `ParseAddr(${quoted}): unexpected character (at ${goQuote(text.slice(wrong.index))})`
    if (parts.length > 4) return `ParseAddr(${quoted}): IPv4 address too long`
    return `ParseAddr(${quoted}): IPv4 address too short`
  }
  return `ParseAddr(${quoted}): unable to parse IP`
}

function toIp(text: string): Ip | string {
  const zone = text.includes(':') && text.includes('%')
  if (zone && parseIp(text.slice(0, text.indexOf('%'))) !== undefined) {
    return `IP address ${goQuote(text)} with zone value is not allowed`
  }
  const address = parseIp(text)
  if (address === undefined || address.padded) {
    return `IP Address ${goQuote(text)} parse error during conversion from string: ${whyNoAddress(text)}`
  }
  if (isMapped(address)) return `IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`
  return new Ip(address)
}

const TWICE = 'network address parse error during conversion from string: '

function toNetwork(text: string): Network | string {
  const cidr = parseCidr(text)
  if (cidr === undefined || cidr.padded) return `${TWICE}${TWICE}${whyNoPrefix(text)}`
  if (isMapped(cidr.address)) return `${TWICE}IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`
  return new Network(cidr)
}

function whyNoPrefix(text: string): string {
  const slash = text.lastIndexOf('/')
  const start = `netip.ParsePrefix(${goQuote(text)}): `
  if (slash < 0) return `${start}no '/'`
  const address = parseIp(text.slice(0, slash))
  if (address === undefined || address.padded) return `${start}${whyNoAddress(text.slice(0, slash))}`
  const bits = text.slice(slash + 1)
  if (!/^[0-9]+$/.test(bits) || (bits.length > 1 && bits.startsWith('0')))
    return `${start}bad bits after slash: ${goQuote(bits)}`
  return `${start}prefix length out of range`
}

function made<T>(value: T | string): T {
  if (typeof value === 'string') throw new EvaluationError(value)
  return value
}

const ip = (value: Value | undefined): Address => (value as Ip).address
const cidr = (value: Value | undefined): Cidr => (value as Network).cidr

function holds(network: Cidr, address: Address): boolean {
  if (network.network.bits !== address.bits) return false
  const free = BigInt(address.bits - network.prefix)
  return address.value >> free === network.network.value >> free
}

const holdsAll = (outer: Cidr, inner: Cidr): boolean => outer.prefix <= inner.prefix && holds(outer, inner.address)

const first = (address: Address, bits: number): bigint => address.value >> BigInt(address.bits - bits)
const v4 = (address: Address): boolean => address.bits === 32

function isLoopback(address: Address): boolean {
  return v4(address) ? first(address, 8) === 127n : address.value === 1n
}

function isLinkLocalUnicast(address: Address): boolean {
  return v4(address) ? first(address, 16) === 0xa9fen : first(address, 10) === 0x3fan
}

function isLinkLocalMulticast(address: Address): boolean {
  return v4(address) ? first(address, 24) === 0xe00000n : (first(address, 16) & 0xff0fn) === 0xff02n
}

function isMulticast(address: Address): boolean {
  return v4(address) ? first(address, 4) === 0xen : first(address, 8) === 0xffn
}

function isGlobalUnicast(address: Address): boolean {
  if (address.value === 0n || (v4(address) && address.value === 0xffffffffn)) return false
  return !isLoopback(address) && !isMulticast(address) && !isLinkLocalUnicast(address)
}

/** As netip writes it: with the address as given, not the network's. */
function textOf({ address, prefix }: Cidr): string {
  return formatCidr({ address, prefix, network: address, padded: false })
}

/** Kubernetes' functions of IP addresses and CIDRs. */
export const addresses: Declarations = {
  'ip(string): net.IP': ([text]) => made(toIp(text as string)),
  'net.IP => family(): int': ([value]) => (v4(ip(value)) ? 4n : 6n),
  'ip.isCanonical(string): bool': ([text]) => formatIp(made(toIp(text as string)).address) === text,
  'net.IP => isUnspecified(): bool': ([value]) => ip(value).value === 0n,
  'net.IP => isLoopback(): bool': ([value]) => isLoopback(ip(value)),
  'net.IP => isLinkLocalMulticast(): bool': ([value]) => isLinkLocalMulticast(ip(value)),
  'net.IP => isLinkLocalUnicast(): bool': ([value]) => isLinkLocalUnicast(ip(value)),
  'net.IP => isGlobalUnicast(): bool': ([value]) => isGlobalUnicast(ip(value)),
  'isIP(string): bool': ([text]) => typeof toIp(text as string) !== 'string',
  'string(net.IP): string': ([value]) => formatIp(ip(value)),
  'cidr(string): net.CIDR': ([text]) => made(toNetwork(text as string)),
  'net.CIDR => containsIP(string): bool': ([network, text]) => holds(cidr(network), made(toIp(text as string)).address),
  'net.CIDR => containsIP(net.IP): bool': ([network, address]) => holds(cidr(network), ip(address)),
  'net.CIDR => containsCIDR(string): bool': ([network, text]) =>
    holdsAll(cidr(network), made(toNetwork(text as string)).cidr),
  'net.CIDR => containsCIDR(net.CIDR): bool': ([network, other]) => holdsAll(cidr(network), cidr(other)),
  'net.CIDR => ip(): net.IP': ([network]) => new Ip(cidr(network).address),
  'net.CIDR => prefixLength(): int': ([network]) => BigInt(cidr(network).prefix),
  'net.CIDR => masked(): net.CIDR': ([network]) => {
    const value = cidr(network)
    return new Network({ ...value, address: value.network })
  },
  'isCIDR(string): bool': ([text]) => typeof toNetwork(text as string) !== 'string',
  'string(net.CIDR): string': ([network]) => textOf(cidr(network)),
}
