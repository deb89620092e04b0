/** What an awk program is made of. */
export type Expression =
  | { readonly is: 'number'; readonly value: number }
  | { readonly is: 'string'; readonly value: string }
  | { readonly is: 'regex'; readonly source: string }
  | { readonly is: 'group'; readonly list: readonly Expression[] }
  | { readonly is: 'name'; readonly name: string }
  | { readonly is: 'field'; readonly index: Expression }
  | { readonly is: 'element'; readonly name: string; readonly keys: readonly Expression[] }
  | { readonly is: 'assign'; readonly operator: string; readonly to: Expression; readonly value: Expression }
  | { readonly is: 'step'; readonly by: 1 | -1; readonly before: boolean; readonly to: Expression }
  | { readonly is: 'unary'; readonly operator: string; readonly of: Expression }
  | { readonly is: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly is: 'choice'; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly is: 'in'; readonly keys: readonly Expression[]; readonly name: string }
  | { readonly is: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly is: 'getline'
      readonly from: 'input' | 'file' | 'command'
      readonly source?: Expression | undefined
      readonly to?: Expression | undefined
    }

export type Statement =
  | { readonly do: 'expression'; readonly value: Expression }
  | {
      readonly do: 'print'
      readonly format: boolean
      readonly args: readonly Expression[]
      readonly into?: { readonly how: '>' | '>>' | '|'; readonly target: Expression } | undefined
    }
  | { readonly do: 'if'; readonly test: Expression; readonly yes: Statement; readonly no?: Statement | undefined }
  | { readonly do: 'while'; readonly test: Expression; readonly body: Statement }
  | { readonly do: 'until'; readonly test: Expression; readonly body: Statement }
  | {
      readonly do: 'for'
      readonly first?: Statement | undefined
      readonly test?: Expression | undefined
      readonly next?: Statement | undefined
      readonly body: Statement
    }
  | { readonly do: 'each'; readonly key: string; readonly of: string; readonly body: Statement }
  | { readonly do: 'block'; readonly list: readonly Statement[] }
  | { readonly do: 'next' | 'break' | 'continue' | 'nextfile' }
  | { readonly do: 'exit' | 'return'; readonly value?: Expression | undefined }
  | { readonly do: 'delete'; readonly name: string; readonly keys?: readonly Expression[] | undefined }

export interface Rule {
  readonly when: 'BEGIN' | 'END' | 'always' | { readonly from: Expression; readonly to?: Expression | undefined }
  readonly body?: Statement | undefined
}

export interface AwkFunction {
  readonly parameters: readonly string[]
  readonly body: Statement
}

export interface AwkProgram {
  readonly rules: readonly Rule[]
  readonly functions: ReadonlyMap<string, AwkFunction>
}

/** The program is not awk. */
export class AwkFault extends Error {}
