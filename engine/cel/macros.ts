import type { Expr, Macro, MacroName } from './ast.ts'
import type { Issue } from './source.ts'

/** Which numbers of arguments make a call a macro: more is read as a function of that name. */
const arities: ReadonlyMap<string, readonly number[]> = new Map([
  ['all', [2, 3]],
  ['exists', [2, 3]],
  ['existsOne', [2, 3]],
  ['exists_one', [2]],
  ['map', [2, 3]],
  ['filter', [2]],
  ['transformList', [3, 4]],
  ['transformMap', [3, 4]],
  ['transformMapEntry', [3, 4]],
  ['optMap', [2]],
  ['optFlatMap', [2]],
])

/** A macro, what is wrong with its use, or undefined if the call is none. */
export function expandMacro(
  at: number,
  name: string,
  target: Expr | undefined,
  args: readonly Expr[],
): Expr | Issue | undefined {
  if (name === 'has' && target === undefined && args.length === 1) return has(at, args[0] as Expr)
  if (target === undefined || arities.get(name)?.includes(args.length) !== true) return undefined
  const two = twoVariables(name, args.length)
  const names = args.slice(0, two ? 2 : 1)
  const wrong = names.find((arg) => arg.op !== 'ident')
  if (wrong !== undefined) return { at: wrong.at, message: nameSentence(name, two) }
  const vars = names.map((arg) => (arg.op === 'ident' ? arg.name : ''))
  if (two && vars[0] === vars[1]) {
    return { at: names[1]?.at ?? at, message: `duplicate variable name: ${vars[0]}` }
  }
  const own = names.find((_, index) => vars[index] === '__result__' || vars[index] === '@result')
  if (own !== undefined) return { at: own.at, message: 'iteration variable overwrites accumulator variable' }
  const macro: Macro = {
    op: 'macro',
    at,
    name: (name === 'exists_one' ? 'existsOne' : name) as MacroName,
    range: target,
    vars,
    args: args.slice(names.length),
  }
  return macro
}

function twoVariables(name: string, count: number): boolean {
  if (name.startsWith('transform')) return true
  return count === 3 && name !== 'map'
}

function nameSentence(name: string, two: boolean): string {
  if (name === 'optMap' || name === 'optFlatMap') return `${name}() variable name must be a simple identifier`
  if (two) return 'argument must be a simple name'
  return name === 'map' || name === 'filter' ? 'argument is not an identifier' : 'argument must be a simple name'
}

function has(at: number, arg: Expr): Expr | Issue {
  if (arg.op !== 'select' || arg.mode !== 'value') {
    return { at: arg.at, message: 'invalid argument to has() macro' }
  }
  return { ...arg, at, mode: 'present' }
}
