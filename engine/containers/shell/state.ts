import type { Command } from './ast.ts'

export interface Variable {
  value: string | undefined
  exported: boolean
  readonly: boolean
}

/** `set -e` and its like, by letter or name. */
export const OPTIONS: Readonly<Record<string, string>> = {
  e: 'errexit',
  f: 'noglob',
  i: 'interactive',
  m: 'monitor',
  n: 'noexec',
  s: 'stdin',
  x: 'xtrace',
  v: 'verbose',
  C: 'noclobber',
  a: 'allexport',
  b: 'notify',
  u: 'nounset',
}

/** What leaves loops, functions and the shell itself. */
export class Leave extends Error {
  readonly kind: 'break' | 'continue' | 'return' | 'exit' | 'interrupt'
  /** Levels left to leave, or the exit code. */
  readonly count: number

  constructor(kind: Leave['kind'], count: number) {
    super(kind)
    this.kind = kind
    this.count = count
  }
}

/** An error that ends a shell that nobody talks to. */
export class ShellFault extends Error {
  readonly code: number

  constructor(message: string, code = 2) {
    super(message)
    this.code = code
  }
}

/** What a shell knows; a subshell begins with a copy. */
export class State {
  readonly variables = new Map<string, Variable>()
  readonly functions = new Map<string, Command>()
  readonly aliases = new Map<string, string>()
  readonly options = new Set<string>()
  readonly traps = new Map<string, string>()
  #scopes: Map<string, Variable | undefined>[] = []
  positional: readonly string[] = []
  name = 'sh'
  /** Written before errors: a script's name and line. */
  script = false
  status = 0
  lastBackground = 0
  shellPid = 0
  /** Where it began, ms: what SECONDS counts from. */
  started = 0
  optionLetter = 0

  get(name: string): string | undefined {
    return this.variables.get(name)?.value
  }

  set(name: string, value: string, exported?: boolean): void {
    const known = this.variables.get(name)
    if (known?.readonly) throw new ShellFault(`${name}: is read only`)
    if (name === 'OPTIND') this.optionLetter = 0
    if (known === undefined) {
      this.variables.set(name, { value, exported: exported ?? this.options.has('allexport'), readonly: false })
    } else {
      known.value = value
      if (exported) known.exported = true
    }
  }

  unset(name: string): void {
    const known = this.variables.get(name)
    if (known?.readonly) throw new ShellFault(`${name}: is read only`)
    this.variables.delete(name)
  }

  mark(name: string, mark: 'exported' | 'readonly'): void {
    const known = this.variables.get(name)
    if (known !== undefined) known[mark] = true
    else this.variables.set(name, { value: undefined, exported: false, readonly: false, [mark]: true })
  }

  get inFunction(): boolean {
    return this.#scopes.length > 0
  }

  async inScope<T>(run: () => Promise<T>): Promise<T> {
    const scope = new Map<string, Variable | undefined>()
    this.#scopes.push(scope)
    try {
      return await run()
    } finally {
      this.#scopes.pop()
      for (const [name, before] of scope) {
        if (before === undefined) this.variables.delete(name)
        else this.variables.set(name, before)
      }
    }
  }

  /** A variable of the function that runs. */
  local(name: string): void {
    const scope = this.#scopes.at(-1)
    if (scope === undefined) throw new ShellFault('local: not in a function')
    const before = this.variables.get(name)
    if (!scope.has(name)) scope.set(name, before)
    this.variables.set(name, { value: before?.value, exported: before?.exported ?? false, readonly: false })
  }

  environment(): Map<string, string> {
    const env = new Map<string, string>()
    for (const [name, { value, exported }] of this.variables) if (exported && value !== undefined) env.set(name, value)
    return env
  }

  copy(): State {
    const copy = new State()
    for (const [name, variable] of this.variables) copy.variables.set(name, { ...variable })
    for (const [name, body] of this.functions) copy.functions.set(name, body)
    for (const [name, text] of this.aliases) copy.aliases.set(name, text)
    for (const option of this.options) copy.options.add(option)
    copy.#scopes = this.#scopes.map((scope) => new Map(scope))
    copy.positional = this.positional
    copy.name = this.name
    copy.script = this.script
    copy.status = this.status
    copy.lastBackground = this.lastBackground
    copy.shellPid = this.shellPid
    copy.started = this.started
    return copy
  }
}
