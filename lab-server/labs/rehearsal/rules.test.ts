import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunBlock } from '../../../protocol/lab/page-blocks.ts'
import { Lab } from '../../../protocol/lab/schema.ts'
import { idsOf } from '../catalogue.ts'
import { whatIsMissing } from './rules.ts'
import { readSources } from './sources.ts'

const root = join(import.meta.dirname, '../../..')

const labs = await idsOf(join(root, 'labs'))

const step = (id: string) => ({
  id,
  title: id,
  checks: [
    {
      title: 'It is so',
      resource: { apiVersion: 'v1', kind: 'Pod', name: 'a' },
      expect: 'true',
      found: '"Not so."',
      hint: 'Look.',
    },
  ],
  solution: 'true',
})

const four = ['one', 'two', 'three', 'four']
const good = { id: 'demo', title: 'Demo', summary: 'Demo.', minutes: 10, timing: 'None.', steps: four.map(step) }
const mistakes = Object.fromEntries(four.map((id) => [id, [{ check: 'It is so', run: 'false', found: 'Not so.' }]]))
const blocks = four.map((step): RunBlock => ({ step, line: 1, code: 'true', until: undefined, fails: false }))

describe('the rules of labs', () => {
  it('have nothing to say of one that keeps them', () => {
    expect(whatIsMissing(Lab.parse(good), mistakes, blocks)).toEqual([])
  })

  it('name what is missing', () => {
    const { timing: _, ...untimed } = good
    const lab = Lab.parse({
      ...untimed,
      minutes: 30,
      steps: [{ ...step('one'), checks: [{ ...step('one').checks[0], found: undefined, hint: undefined }] }],
    })
    expect(whatIsMissing(lab, {}, [])).toEqual([
      'It has 1 steps; expected 4 to 8.',
      'It takes 30 minutes; expected 10 to 20.',
      'It has no note on its timing: expected "timing" in lab.yaml.',
      'Step "one", check "It is so": it does not say what was found: expected "found" in lab.yaml.',
      'Step "one", check "It is so": it has no hint: expected "hint" in lab.yaml.',
      'Step "one", check "It is so": nobody does it wrong: expected a mistake in mistakes.yaml.',
      'Step "one": the page has nothing to run in it: expected a block with "bash run".',
    ])
  })

  it.each(labs)('are kept by %s', async (id) => {
    expect((await readSources(root, id)).missing).toEqual([])
  })
})
