/** What a script is once it is read (POSIX.1-2017, Shell Command Language, with what busybox ash has besides). */

export type WordPart =
  | { readonly type: 'text'; readonly text: string; readonly quoted: boolean }
  | Parameter
  | { readonly type: 'command'; readonly list: List; readonly quoted: boolean }
  | { readonly type: 'arithmetic'; readonly expression: Word; readonly quoted: boolean }

export interface Parameter {
  readonly type: 'parameter'
  readonly name: string
  readonly quoted: boolean
  readonly change?: Change
}

export type Change =
  | { readonly kind: 'length' }
  | { readonly kind: 'bad'; readonly text: string }
  /** `-`, `=`, `?`, `+`; `orEmpty` with a colon before. */
  | {
      readonly kind: 'default'
      readonly operator: '-' | '=' | '?' | '+'
      readonly orEmpty: boolean
      readonly word: Word
    }
  | { readonly kind: 'trim'; readonly end: 'start' | 'end'; readonly longest: boolean; readonly pattern: Word }
  | {
      readonly kind: 'replace'
      readonly all: boolean
      readonly at: 'start' | 'end' | undefined
      readonly pattern: Word
      readonly by: Word
    }
  | { readonly kind: 'slice'; readonly from: Word; readonly length: Word | undefined }

export type Word = readonly WordPart[]

export interface Assignment {
  readonly name: string
  readonly value: Word
  readonly append: boolean
}

export type RedirectOperator = '<' | '>' | '>>' | '>|' | '<>' | '<&' | '>&' | '&>' | '<<'

export interface Redirect {
  readonly descriptor: number
  readonly operator: RedirectOperator
  /** A file, a descriptor, or the text of a here-document. */
  readonly target: Word
}

export interface Simple {
  readonly type: 'simple'
  readonly line: number
  readonly assignments: readonly Assignment[]
  readonly words: readonly Word[]
  readonly redirects: readonly Redirect[]
}

export type Compound =
  | { readonly type: 'group' | 'subshell'; readonly body: List }
  | {
      readonly type: 'if'
      readonly branches: readonly { readonly condition: List; readonly body: List }[]
      readonly otherwise?: List
    }
  | { readonly type: 'loop'; readonly until: boolean; readonly condition: List; readonly body: List }
  | { readonly type: 'for'; readonly name: string; readonly words: readonly Word[] | undefined; readonly body: List }
  | {
      readonly type: 'case'
      readonly word: Word
      readonly arms: readonly { readonly patterns: readonly Word[]; readonly body: List }[]
    }

export type Command =
  | Simple
  | {
      readonly type: 'compound'
      readonly compound: Compound
      readonly redirects: readonly Redirect[]
      readonly line: number
    }
  | { readonly type: 'function'; readonly name: string; readonly body: Command }

export interface Pipeline {
  readonly negated: boolean
  readonly commands: readonly Command[]
  /** As it was written, for `jobs`. */
  readonly text: string
}

export interface AndOr {
  readonly first: Pipeline
  readonly rest: readonly { readonly operator: '&&' | '||'; readonly pipeline: Pipeline }[]
}

export interface ListItem {
  readonly andOr: AndOr
  readonly background: boolean
}

export type List = readonly ListItem[]

/** `incomplete`: more lines may make it whole. */
export class SyntaxFault extends Error {
  readonly incomplete: boolean
  readonly line: number

  constructor(message: string, line: number, incomplete = false) {
    super(`syntax error: ${message}`)
    this.line = line
    this.incomplete = incomplete
  }
}
