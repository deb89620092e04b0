import { type FieldError, invalidValue } from '../../objects/field-error.ts'
import { type Address, isV4, parseIp } from '../../objects/ip.ts'
import { legacyIpErrors } from '../../objects/ip-errors.ts'

/** `IsValidIPForLegacyField`: what stood there before may stand there still. */
export function keptIpErrors(field: string, ip: string, existing: readonly string[] = []): FieldError[] {
  return existing.includes(ip) ? [] : legacyIpErrors(field, ip)
}

/** `ValidateEndpointIP` (core 1.34): addresses that no packet from elsewhere can have. */
export function endpointIpErrors(field: string, ip: string): FieldError[] {
  const address = parseIp(ip)
  if (address === undefined) return [invalidValue(field, ip, 'must be a valid IP address')]
  return special.filter(({ test }) => test(address)).map(({ says }) => invalidValue(field, ip, says(ip)))
}

const low32 = ({ value }: Address): bigint => value & 0xffffffffn
const byV4 = (v4: (value: bigint) => boolean, v6: (value: bigint) => boolean) => (address: Address) =>
  isV4(address) ? v4(low32(address)) : v6(address.value)

const special: readonly { test: (address: Address) => boolean; says: (ip: string) => string }[] = [
  {
    test: byV4(
      (value) => value === 0n,
      (value) => value === 0n,
    ),
    says: (ip) => `may not be unspecified (${ip})`,
  },
  {
    test: byV4(
      (value) => value >> 24n === 127n,
      (value) => value === 1n,
    ),
    says: () => 'may not be in the loopback range (127.0.0.0/8, ::1/128)',
  },
  {
    test: byV4(
      (value) => value >> 16n === 0xa9fen,
      (value) => value >> 118n === 0xfe80n >> 6n,
    ),
    says: () => 'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  },
  {
    test: byV4(
      (value) => value >> 8n === 0xe00000n,
      (value) => value >> 120n === 0xffn && ((value >> 112n) & 0xfn) === 2n,
    ),
    says: () => 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
  },
]
