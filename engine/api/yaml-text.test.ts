import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { expect, it } from 'vitest'
import type { Json } from '../objects/types.ts'
import { yamlText } from './yaml-text.ts'

interface Recorded {
  readonly json: Json
  readonly yaml: string
}

const lines = readFileSync(new URL('./upstream-yaml.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
const recorded = lines.map((line) => JSON.parse(line) as Recorded)

it.each(recorded.map(({ json, yaml }): [string, Json, string] => [JSON.stringify(json).slice(0, 60), json, yaml]))(
  'writes %s as upstream does',
  (_, json, yaml) => {
    expect(yamlText(json)).toBe(yaml)
  },
)

it('says the same to whoever reads it', () => {
  const value = { a: ['x: y', "it's", ' z', 'yes', '1e3', { b: [[], {}, null, true, 1.5] }], 'c d': 'e\n\nf\n' }
  expect(load(yamlText(value))).toEqual(value)
})
