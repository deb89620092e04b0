import { expect, it } from 'vitest'
import { type GlossaryTerm, terms } from './terms.ts'

const entries = Object.entries(terms) as [string, GlossaryTerm][]

it('explains each term in one to three sentences', () => {
  for (const [id, { text }] of entries) {
    const sentences = text.match(/[.?!](?= [A-Z]|$)/g)?.length ?? 0
    expect(sentences, `${id}: sentences`).toBeGreaterThanOrEqual(1)
    expect(sentences, `${id}: sentences`).toBeLessThanOrEqual(3)
    expect(text.endsWith('.'), `${id}: ends as a sentence`).toBe(true)
  }
})

it('knows no term twice', () => {
  const names = entries.map(([, { name }]) => name.toLowerCase())
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
})

it('closes each piece of code that it opens', () => {
  for (const [id, { text, docker = '' }] of entries)
    for (const part of [text, docker]) expect(part.split('`').length % 2, id).toBe(1)
})
