import { expect, it } from 'vitest'
import { egressScript } from './egress.ts'

const script = egressScript({ nodes: ['172.20.0.2', '172.20.0.3'], host: ['172.20.0.1', '192.0.2.2'] })
const lines = script.split('\n')
const position = (text: string) => {
  const found = lines.findIndex((line) => line.includes(text))
  expect(found, text).toBeGreaterThanOrEqual(0)
  return found
}

it('lets through what goes to Pods and nodes before it marks the rest', () => {
  const mark = position('-A QUAYSIDE-EGRESS -j MARK')
  for (const inside of ['10.244.0.0/16', '172.20.0.2', '172.20.0.3']) {
    expect(position(`-A QUAYSIDE-EGRESS -d ${inside} -j RETURN`)).toBeLessThan(mark)
  }
  expect(script).not.toContain('-A QUAYSIDE-EGRESS -d 172.20.0.1')
})

it('keeps the nodes themselves off the host, but for names', () => {
  const names = position('-A QUAYSIDE-NODE -p udp --dport 53 -j RETURN')
  for (const host of ['172.20.0.1', '192.0.2.2', '169.254.0.0/16']) {
    expect(position(`-A QUAYSIDE-NODE -d ${host} -j QUAYSIDE-REFUSE`)).toBeGreaterThan(names)
  }
})

it('hooks its chains in only when they are filled, so that it can run again', () => {
  expect(position('-A FORWARD -j QUAYSIDE-EGRESS')).toBeGreaterThan(position('-A QUAYSIDE-EGRESS -j MARK'))
})
