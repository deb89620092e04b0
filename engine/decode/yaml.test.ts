import { describe, expect, it } from 'vitest'
import { plain } from './json-document.ts'
import { parseYaml } from './yaml.ts'

const read = (text: string) => plain(parseYaml(text).node)

describe('YAML', () => {
  it('is read as YAML 1.1, as go-yaml v2 does', () => {
    const text =
      'a: yes\nb: 0777\nc: 1_000\nd: 1e3\ne: 1.0\nf: 2001-01-01\ng: ~\nh: 0o7\ni: 1:30\noff: "yes"\nj: 0x1F\nk: -5\nl: .5\n'
    expect(read(text)).toEqual({
      a: true,
      b: 511,
      c: 1000,
      d: 1000,
      e: 1,
      f: '2001-01-01',
      g: null,
      h: 7,
      i: '1:30',
      false: 'yes',
      j: 31,
      k: -5,
      l: 0.5,
    })
  })

  it('has members sorted, aliases followed and maps merged', () => {
    expect(JSON.stringify(read('b: &x {c: 1}\na: *x\nd:\n  <<: *x\n  e: 2\n'))).toBe(
      '{"a":{"c":1},"b":{"c":1},"d":{"c":1,"e":2}}',
    )
    expect(read('---\na: 1\n---\nb: 2\n')).toEqual({ a: 1 })
    expect(read('')).toBeNull()
  })

  it.each([
    ['a: b: c', 'yaml: mapping values are not allowed in this context'],
    ['a: 1\nb: 2\nc: d: e\n', 'yaml: line 3: mapping values are not allowed in this context'],
    ['a:\n\tb: 1', 'yaml: line 2: found character that cannot start any token'],
    ['a: [1', "yaml: line 1: did not find expected ',' or ']'"],
    ['{a', "yaml: line 1: did not find expected ',' or '}'"],
    ['- a\nb: c', "yaml: line 1: did not find expected '-' indicator"],
    ['@x', 'yaml: found character that cannot start any token'],
    ['x:\n  y: 1\n z: 2\n', 'yaml: line 2: did not find expected key'],
    ['a: *nope', "yaml: unknown anchor 'nope' referenced"],
    ['a: &x [*x]', "yaml: anchor 'x' value contains itself"],
    ['a: !!int x', 'yaml: cannot decode !!str `x` as a !!int'],
    ['~: 1', 'unsupported map key of type: %!s(<nil>), key: <nil>, value: 1'],
  ])('is refused as upstream refuses it: %j', (text, message) => {
    expect(() => parseYaml(text)).toThrow(message)
  })

  it('tells of every key that comes twice', () => {
    expect(parseYaml('a: 1\na: 2\nb:\n  c: 1\n  c: 2\n1: x\n1: y\n').duplicates).toBe(
      'yaml: unmarshal errors:\n  line 2: key "a" already set in map\n  line 5: key "c" already set in map\n  line 7: key 1 already set in map',
    )
  })

  it('cannot be made to grow without end', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let level = 1; level < 10; level++) {
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      )
    }
    expect(() => parseYaml(lines.join('\n'))).toThrow('yaml: document contains excessive aliasing')
  })
})
