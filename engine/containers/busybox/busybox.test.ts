import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DIFFERENCES } from './differences.ts'
import { play, type Said } from './play.testing.ts'

const RECORDED = readFileSync(new URL('./recorded.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Said)

describe('a script says what it says in a real busybox', () => {
  const same = RECORDED.filter(({ script }) => !DIFFERENCES.has(script))
  it.each(same.map((said) => [said.script, said] as const))('%s', async (script, said) => {
    expect(await play(script)).toEqual(said)
  })
})

it('lists as different only what was recorded', () => {
  const scripts = new Set(RECORDED.map(({ script }) => script))
  expect([...DIFFERENCES.keys()].filter((script) => !scripts.has(script))).toEqual([])
})
