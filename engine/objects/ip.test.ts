import { describe, expect, it } from 'vitest'
import { contains, formatCidr, formatIp, parseCidr, parseIp } from './ip.ts'
import { cidrErrors, cidrWarnings, ipErrors, ipWarnings, legacyCidrErrors, legacyIpErrors } from './ip-errors.ts'

describe('addresses', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['010.002.003.004', '10.2.3.4'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:1:0:0:0', '2001:db8:0:0:1::'],
    ['fe80:0:0:0:0:0:0:abc', 'fe80::abc'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ])('%s is %s', (text, canonical) => {
    const address = parseIp(text)
    expect(address && formatIp(address)).toBe(canonical)
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4.5',
    ':',
    ':::',
    '1::2::3',
    '12345::',
    'fe80::1%eth0',
    '1:2:3:4:5:6:7:8:9',
    'x',
  ])('%s is none', (text) => expect(parseIp(text)).toBeUndefined())

  it.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['2001:db8::1/32', '2001:db8::/32'],
    ['::ffff:10.1.2.3/104', '10.0.0.0/8'],
    ['1.2.3.4/032', '1.2.3.4/32'],
  ])('%s is in the network %s', (text, network) => {
    const cidr = parseCidr(text)
    expect(cidr && formatCidr(cidr)).toBe(network)
  })

  it('finds an address in a network of its own family only', () => {
    const inside = (cidr: string, ip: string) => contains(parseCidr(cidr) as never, parseIp(ip) as never)
    expect(inside('10.0.0.0/8', '10.1.2.3')).toBe(true)
    expect(inside('10.0.0.0/8', '11.1.2.3')).toBe(false)
    expect(inside('10.0.0.0/8', '::ffff:10.0.0.1')).toBe(true)
    expect(inside('::/0', '10.0.0.1')).toBe(false)
  })
})

describe('what is wrong with them', () => {
  const bodies = (errors: readonly { body: string }[]): string[] => errors.map((error) => error.body)
  it('says so in upstream words', () => {
    expect(bodies(legacyIpErrors('f', 'x'))).toEqual([
      'Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ])
    expect(legacyIpErrors('f', '010.0.0.1')).toEqual([])
    expect(bodies(ipErrors('f', '010.0.0.1'))).toEqual(['Invalid value: "010.0.0.1": must not have leading 0s'])
    expect(bodies(ipErrors('f', '::ffff:1.2.3.4'))).toEqual([
      'Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address',
    ])
    expect(bodies(ipErrors('f', '2001:0db8::1'))).toEqual([
      'Invalid value: "2001:0db8::1": must be in canonical form ("2001:db8::1")',
    ])
    expect(bodies(legacyCidrErrors('f', '10.0.0.0/33'))).toEqual([
      'Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ])
    expect(bodies(cidrErrors('f', '10.0.0.1/8'))).toEqual([
      'Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
    ])
  })

  it('warns of what will be wrong one day', () => {
    expect(ipWarnings('f', '010.0.0.1')).toEqual([
      'f: non-standard IP address "010.0.0.1" will be considered invalid in a future Kubernetes release: use "10.0.0.1"',
    ])
    expect(ipWarnings('f', '2001:0db8::1')).toEqual([
      'f: IPv6 address "2001:0db8::1" should be in RFC 5952 canonical format ("2001:db8::1")',
    ])
    expect(cidrWarnings('f', '192.168.1.5/24')).toEqual([
      'f: CIDR value "192.168.1.5/24" is ambiguous in this context (should be "192.168.1.0/24" or "192.168.1.5/32"?)',
    ])
    expect(cidrWarnings('f', '10.0.0.0/8')).toEqual([])
  })
})
