import { expect, it } from 'vitest'
import { Judge } from './judge.ts'

it('excuses what is listed, and only that', () => {
  const judge = new Judge([
    { where: 'a: x', reason: 'whole' },
    { where: 'b: *', reason: 'lines', lines: /version/ },
  ])
  expect(judge.excuse('a: x', 1, 2)).toEqual({ real: '', embedded: '' })
  const lines = judge.excuse('b: y', { stdout: 'version 1\nsame\n' }, { stdout: 'version 2\nsame\n' })
  expect(lines.embedded).toEqual(lines.real)
  const other = judge.excuse('b: z', { stdout: 'version 1\nred\n' }, { stdout: 'version 2\nblue\n' })
  expect(other.embedded).not.toEqual(other.real)
  const unlisted = judge.excuse('c: x', 1, 2)
  expect(unlisted.embedded).not.toEqual(unlisted.real)
})

it('names what was listed for nothing', () => {
  const judge = new Judge([
    { where: 'a', reason: 'needed' },
    { where: 'b', reason: 'not needed' },
  ])
  judge.excuse('a', 1, 2)
  judge.excuse('b', 1, 1)
  expect(judge.unused()).toEqual(['b'])
})
