import { expect, it } from 'vitest'
import { JoinRequest } from './workshop.ts'

const takes = (name: string) => JoinRequest.safeParse({ code: 'x', name }).success

it('takes names as people write them', () => {
  for (const name of [
    'Ann',
    'Ann-Marie O’Neill',
    'Zoë',
    '김철수',
    'نرگس',
    'می‌خواهم',
    '👩🏽‍💻 Eve',
    '<b>Bob</b>',
    '=1+1',
  ])
    expect(takes(name), name).toBe(true)
})

it('S-34: takes no name that is empty, of more than one line, in another direction, invisible, or longer than sixty characters', () => {
  const wrong = [
    '',
    ' ',
    'a\nb',
    'a\u2028b',
    'a\u0000',
    'a\u001b[31m',
    '\u202egnp.exe',
    '\u2066a',
    'a\u200b',
    'a\ufeffb',
  ]
  for (const name of [...wrong, 'a'.repeat(61), 'a'.repeat(1024 * 1024)])
    expect(takes(name), name.slice(0, 20)).toBe(false)
})
