import { describe, expect, it } from 'vitest'
import { StatementSplitter } from './statements.ts'
import { type Layout, table } from './table.ts'

const cut = (text: string) => {
  const splitter = new StatementSplitter()
  const statements = text.split('\n').flatMap((line) => splitter.add(line))
  return { statements, open: splitter.open }
}

describe('statements', () => {
  it.each([
    ['select 1; select 2;', ['select 1', 'select 2'], '='],
    ["select ';';", ["select ';'"], '='],
    ["select 'it''s;", [], "'"],
    ["select e'\\';';", ["select e'\\';'"], '='],
    ['select ";" ;', ['select ";"'], '='],
    ['-- a; b\nselect 1;', ['select 1'], '='],
    ['/* ; */ select 1;', ['/* ; */ select 1'], '='],
    ['/* open', [], '*'],
    ['create function f() as $x$ a; b $x$;', ['create function f() as $x$ a; b $x$'], '='],
    ['do $$ begin; ', [], '$'],
    ['create rule r as (a; b);', ['create rule r as (a; b)'], '='],
    ['select (1', [], '('],
    ['select 1', [], '-'],
    [';;', [], '='],
    ['-- only this', [], '='],
    ['select $1;', ['select $1'], '='],
  ])('of %j are %j, and then %s is open', (text, statements, open) => {
    expect(cut(text)).toEqual({ statements, open })
  })
})

const layout: Layout = { expanded: false, aligned: true, tuplesOnly: false, separator: '|', csv: false, null: '' }
const columns = [
  { name: 'id', type: 23 },
  { name: 'name', type: 25 },
]
const rows = [
  ['1', 'ada'],
  ['20', null],
]

describe('a table', () => {
  it('stands in columns, numbers at the right', () => {
    expect(table(columns, rows, layout)).toBe(' id | name \n----+------\n  1 | ada\n 20 | \n(2 rows)\n\n')
  })

  it('is bare with -t and -A, and comma separated with --csv', () => {
    expect(table(columns, rows, { ...layout, tuplesOnly: true })).toBe('  1 | ada\n 20 | \n\n')
    expect(table(columns, rows, { ...layout, aligned: false })).toBe('id|name\n1|ada\n20|\n(2 rows)\n')
    expect(table(columns, rows, { ...layout, aligned: false, tuplesOnly: true })).toBe('1|ada\n20|\n')
    expect(table(columns, [['1', 'a,"b']], { ...layout, csv: true })).toBe('id,name\n1,"a,""b"\n')
  })

  it('lists each record with \\x', () => {
    expect(table(columns, rows, { ...layout, expanded: true })).toBe(
      '-[ RECORD 1 ]\nid   | 1\nname | ada\n-[ RECORD 2 ]\nid   | 20\nname | \n\n',
    )
  })

  it('marks lines that go on', () => {
    expect(
      table(
        [
          { name: 'a', type: 25 },
          { name: 'b', type: 25 },
        ],
        [['x\ny', 'z']],
        layout,
      ),
    ).toBe(' a | b \n---+---\n x+| z\n y | \n(1 row)\n\n')
  })
})
