import { expect, it } from 'vitest'
import { passagesOf } from './prose.ts'
import { readabilityOf } from './readability.ts'
import { misspelt } from './spelling.ts'

const page = `---
title: What it does
description: 'It runs.'
covers: [pod]
---

import { Tabs } from 'x'

One copy runs \`kubectl
ge\`, and it is **good**. A second
line of it!

\`\`\`bash
nonsence here
\`\`\`

- <LinkCard title="Go on" href="/nonsence/" />
- An [item](/nonsence/) of 3.5 things.
`

it('reads prose, titles and labels, with their lines, and no code', () => {
  expect(passagesOf(page)).toEqual([
    { line: 2, text: 'What it does' },
    { line: 3, text: 'It runs.' },
    { line: 9, text: 'One copy runs `kubectl ge`, and it is good . A second line of it!' },
    { line: 17, text: 'Go on' },
    { line: 18, text: 'An item of 3.5 things.' },
  ])
})

it('finds words that are none, with their lines', () => {
  const known = (word: string) => ['the', 'pod', 'restart', 'it'].includes(word.toLowerCase())
  const text = 'The Pod’s `xx` re-start\n\nkubeDNS v1.34 it resart, restart.\n'
  expect(misspelt(text, known)).toEqual([
    { line: 1, word: 're' },
    { line: 1, word: 'start' },
    { line: 3, word: 'resart' },
  ])
})

it('counts sentences, and names the long ones', () => {
  const long = `${'word '.repeat(24)}end.`
  expect(readabilityOf(`A b c. D e: f g?\n\n## No sentence\n\n${long}\n`)).toEqual({
    words: 3 + 4 + 2 + 25,
    sentences: 4,
    mean: (3 + 2 + 2 + 25) / 4,
    long: [{ line: 5, text: long, words: 25 }],
  })
})
