import { expect, it } from 'vitest'
import { NodeAddresses } from './addresses.ts'

it('gives each address of a range once, and again when it is free', () => {
  const addresses = new NodeAddresses('10.244.3.0/24')
  const taken = Array.from({ length: 253 }, () => addresses.take())
  expect([taken[0], taken.at(-1), new Set(taken).size]).toEqual(['10.244.3.2', '10.244.3.254', 253])
  expect(() => addresses.take()).toThrow('no IP addresses available in range set: 10.244.3.1-10.244.3.254')
  addresses.free('10.244.3.77')
  expect(addresses.take()).toBe('10.244.3.77')
})
