import { expect, it } from 'vitest'
import { inPath } from './path.ts'

it.each([
  ['', '/'],
  ['/', '/'],
  [' docs/a b ', '/docs/a%20b'],
  ['/env?x=1&y=ü#there', '/env?x=1&y=%C3%BC#there'],
  ['//evil.example/x', '/evil.example/x'],
  ['\\\\evil.example', '/evil.example'],
  ['http://web.default.svc:9898/version?a', '/version?a'],
  ['https://x', '/'],
  ['/a/../..//b', '/b'],
])('takes %j for the path %j', (written, path) => {
  expect(inPath(written)).toBe(path)
})
