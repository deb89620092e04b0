import { describe, expect, it } from 'vitest'
import { jsonDiff, unifiedDiff } from './unified-diff.ts'

const lines = (text: string) => text.split('')

describe('a unified diff', () => {
  it.each([
    ['abc', 'abc', ''],
    ['abc', 'abd', '@@ -1,3 +1,3 @@\n a\n b\n-c\n+d\n'],
    ['', 'a', '@@ -1 +1 @@\n-\n+a\n'],
    ['12345678', '2345678', '@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n'],
    // Changes with six unchanged lines between them are shown together, those with seven apart.
    ['a123456b', 'x123456y', '@@ -1,8 +1,8 @@\n-a\n+x\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+y\n'],
    ['a1234567b', 'x1234567y', '@@ -1,4 +1,4 @@\n-a\n+x\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+y\n'],
    ['qabxcd', 'abycdf', '@@ -1,6 +1,6 @@\n-q\n a\n b\n-x\n+y\n c\n d\n+f\n'],
  ])('from %s to %s', (before, after, expected) => {
    const of = (text: string) => (text === '' ? [''] : lines(text))
    expect(unifiedDiff(of(before), of(after))).toBe(expected)
  })

  it('of JSON is that of its lines, with what HTML would take for a tag escaped', () => {
    expect(jsonDiff({ A: null, B: ['x'], C: {} }, { A: '<', B: ['x'], C: {} })).toBe(
      '@@ -1,5 +1,5 @@\n {\n- "A": null,\n+ "A": "\\u003c",\n  "B": [\n   "x"\n  ],\n',
    )
  })
})
