import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { PodSpec } from '../../kinds/pod/types.ts'
import { violations } from './plugin.ts'
import type { Level } from './policy.ts'

/** What a real API server of 1.34.4 said of Pods in namespaces with each policy; nothing where it let them in. */
const answered = readFileSync(new URL('upstream-answers.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { metadata?: object; spec: PodSpec; answers: Record<string, string> })

describe('Pod security says of a Pod what a real API server says', () => {
  it.each(Object.keys(answered[0]?.answers ?? {}))('by the policy %s', (policy) => {
    const [level, version = ''] = policy.split(':')
    const lv = { level: level as Level, version: version === 'latest' ? version : Number(version.slice(3)) } as const
    const mine = answered.map(({ metadata = {}, spec }) =>
      violations(lv, { metadata, spec })
        .map(({ reason, detail }) => `${reason} (${detail})`)
        .join(', '),
    )
    expect(mine).toEqual(answered.map(({ answers }) => answers[policy]))
  })
})
