import type { Regex } from './regex.ts'
import { type CelType, readType, splitArguments } from './types.ts'
import type { Value } from './values.ts'

/** What an implementation may ask of the running evaluation. */
export interface Work {
  /** Counts work that grows with its arguments; throws when the expression has done too much. */
  spend(units: number): void
  /** A pattern, compiled once an evaluation. @throws EvaluationError for what is none */
  regex(pattern: string): Regex
}

export type Implementation = (args: readonly Value[], work: Work) => Value

/** One way to call a function. */
export interface Overload {
  readonly member: boolean
  /** The receiver first. */
  readonly params: readonly CelType[]
  readonly result: CelType
  readonly call: Implementation
}

/** `list(A).indexOf(A): int` or `quantity(string): kubernetes.Quantity`, with what it does. */
export type Declarations = Readonly<Record<string, Implementation>>

/** What expressions can name: variables with their types and functions with their overloads. */
export class Environment {
  readonly #functions: ReadonlyMap<string, readonly Overload[]>
  readonly #variables: ReadonlyMap<string, CelType>
  /** Type names, which are values of type `type`. */
  readonly #typeNames: ReadonlyMap<string, CelType>

  constructor(
    functions: ReadonlyMap<string, readonly Overload[]>,
    typeNames: ReadonlyMap<string, CelType>,
    variables: ReadonlyMap<string, CelType> = new Map(),
  ) {
    this.#functions = functions
    this.#typeNames = typeNames
    this.#variables = variables
  }

  withVariables(variables: Readonly<Record<string, CelType>>): Environment {
    return new Environment(
      this.#functions,
      this.#typeNames,
      new Map([...this.#variables, ...Object.entries(variables)]),
    )
  }

  variable(name: string): CelType | undefined {
    return this.#variables.get(name)
  }

  typeName(name: string): CelType | undefined {
    return this.#typeNames.get(name)
  }

  overloads(name: string): readonly Overload[] | undefined {
    return this.#functions.get(name)
  }
}

/** Collects declarations by name; the order of overloads stays. */
export function collect(...libraries: readonly Declarations[]): ReadonlyMap<string, readonly Overload[]> {
  const functions = new Map<string, Overload[]>()
  for (const library of libraries) {
    for (const [signature, call] of Object.entries(library)) {
      const { name, ...overload } = readSignature(signature)
      const known = functions.get(name)
      if (known === undefined) functions.set(name, [{ ...overload, call }])
      else known.push({ ...overload, call })
    }
  }
  return functions
}

/** The receiver, if there is one, stands before ` => `: `list(A) => indexOf(A): int`. */
function readSignature(signature: string): Omit<Overload, 'call'> & { readonly name: string } {
  const colon = signature.lastIndexOf(': ')
  const result = readType(signature.slice(colon + 2))
  const arrow = signature.indexOf(' => ')
  const head = signature.slice(arrow === -1 ? 0 : arrow + 4, colon)
  const open = head.indexOf('(')
  const params = splitArguments(head.slice(open + 1, -1)).map(readType)
  const receiver = arrow === -1 ? [] : [readType(signature.slice(0, arrow))]
  return { name: head.slice(0, open), member: arrow !== -1, params: [...receiver, ...params], result }
}
