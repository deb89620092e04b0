import { expect, it } from 'vitest'
import { loseNode } from './eviction.testing.ts'

it('goes through five minutes of a lost node as through ten seconds: the same things happen, in the same order', async () => {
  const short = await loseNode(10)
  const long = await loseNode()
  expect(short.before).toEqual(['worker', 'worker2'])
  expect(short.after).toEqual(['worker2'])
  expect(short.told).toContain('Node NodeNotReady')
  expect(short.told).toContain('Pod TaintManagerEviction')
  expect(long).toMatchObject({ told: short.told, before: short.before, after: short.after })
})
