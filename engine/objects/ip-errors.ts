import { type FieldError, invalidValue } from './field-error.ts'
import { goQuote } from './go-quote.ts'
import { formatCidr, formatIp, formatNetip, isMapped, parseCidr, parseIp } from './ip.ts'

/** What is wrong with addresses in fields, as apimachinery's `util/validation` (1.34) words it. */

const NO_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const NO_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/** For fields that are older than strict rules: any form that can be read (StrictIPCIDRValidation is off in 1.34). */
export function legacyIpErrors(field: string, text: string): FieldError[] {
  return parseIp(text) === undefined ? [invalidValue(field, text, NO_IP)] : []
}

/** `ipErrors` as bare sentences, for names that are addresses. */
export function ipSentences(text: string): string[] {
  const address = parseIp(text)
  if (address === undefined) return [NO_IP]
  const wrong: string[] = []
  if (address.padded) wrong.push('must not have leading 0s')
  else if (isMapped(address)) wrong.push('must not be an IPv4-mapped IPv6 address')
  if (wrong.length === 0 && formatIp(address) !== text) {
    wrong.push(`must be in canonical form (${goQuote(formatIp(address))})`)
  }
  return wrong
}

/** For fields that take addresses in their canonical form only. */
export function ipErrors(field: string, text: string): FieldError[] {
  return ipSentences(text).map((sentence) => invalidValue(field, text, sentence))
}

/** For fields that are older than strict rules. */
export function legacyCidrErrors(field: string, text: string): FieldError[] {
  return parseCidr(text) === undefined ? [invalidValue(field, text, NO_CIDR)] : []
}

/** For fields that take networks in their canonical form only. */
export function cidrErrors(field: string, text: string): FieldError[] {
  const cidr = parseCidr(text)
  const wrong = (detail: string): FieldError[] => [invalidValue(field, text, detail)]
  if (cidr === undefined) return wrong(NO_CIDR)
  if (cidr.padded) return wrong('must not have leading 0s in IP or prefix length')
  if (isMapped(cidr.address)) return wrong('must not have an IPv4-mapped IPv6 address')
  if (cidr.address.value !== cidr.network.value) return wrong('must not have bits set beyond the prefix length')
  const canonical = formatCidr(cidr)
  return canonical === text ? [] : wrong(`must be in canonical form (${goQuote(canonical)})`)
}

/** Of an address that `legacyIpErrors` lets pass. */
export function ipWarnings(field: string, text: string): string[] {
  const address = parseIp(text)
  if (address === undefined) return []
  if (address.padded || isMapped(address)) {
    const better = goQuote(formatIp(address))
    return [
      `${field}: non-standard IP address ${goQuote(text)} will be considered invalid in a future Kubernetes release: use ${better}`,
    ]
  }
  const canonical = formatNetip(address)
  if (address.bits === 32 || canonical === text) return []
  return [`${field}: IPv6 address ${goQuote(text)} should be in RFC 5952 canonical format (${goQuote(canonical)})`]
}

/** Of a CIDR that `legacyCidrErrors` lets pass. */
export function cidrWarnings(field: string, text: string): string[] {
  const cidr = parseCidr(text)
  if (cidr === undefined) return []
  const warnings: string[] = []
  const network = goQuote(formatCidr(cidr))
  if (cidr.address.value !== cidr.network.value) {
    const single = goQuote(`${formatIp(cidr.address)}/${cidr.address.bits}`)
    warnings.push(
      `${field}: CIDR value ${goQuote(text)} is ambiguous in this context (should be ${network} or ${single}?)`,
    )
  }
  if (cidr.padded || isMapped(cidr.address)) {
    warnings.push(
      `${field}: non-standard CIDR value ${goQuote(text)} will be considered invalid in a future Kubernetes release: use ${network}`,
    )
  }
  const canonical = `${formatNetip(cidr.address)}/${cidr.prefix}`
  if (warnings.length === 0 && cidr.address.bits === 128 && canonical !== text) {
    warnings.push(
      `${field}: IPv6 CIDR value ${goQuote(text)} should be in RFC 5952 canonical format (${goQuote(canonical)})`,
    )
  }
  return warnings
}
