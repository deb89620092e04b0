import { isFields } from './json-schema.ts'

/** A JSONPath as client-go's `util/jsonpath` reads it between braces: names, indexes, slices, wildcards, descent and filters. */
export class JsonPath {
  readonly #steps: readonly Step[]

  /** @throws Error for what is none */
  constructor(path: string) {
    this.#steps = parse(path)
  }

  /** What it finds, in order; nothing where something on the way is missing. */
  find(value: unknown): readonly unknown[] {
    return this.#steps.reduce<readonly unknown[]>((found, step) => found.flatMap((one) => apply(step, one)), [value])
  }
}

type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'names'; readonly paths: readonly JsonPath[] }
  | { readonly kind: 'wild' }
  | { readonly kind: 'all' }
  | {
      readonly kind: 'slice'
      readonly from?: number
      readonly to?: number
      readonly by: number
      readonly single: boolean
    }
  | { readonly kind: 'filter'; readonly left: JsonPath; readonly sign: string; readonly right: unknown }

function apply(step: Step, value: unknown): readonly unknown[] {
  switch (step.kind) {
    case 'name':
      return isFields(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : []
    case 'names':
      return step.paths.flatMap((path) => path.find(value))
    case 'wild':
      return Array.isArray(value) ? value : isFields(value) ? sortedValues(value) : []
    case 'all':
      return descend(value)
    case 'slice':
      return Array.isArray(value) ? slice(value, step) : []
    case 'filter':
      return Array.isArray(value) ? value.filter((item) => holds(step, item)) : []
  }
}

function sortedValues(fields: Readonly<Record<string, unknown>>): readonly unknown[] {
  return Object.keys(fields)
    .sort()
    .map((name) => fields[name])
}

function descend(value: unknown): readonly unknown[] {
  const inner = Array.isArray(value) ? value : isFields(value) ? sortedValues(value) : []
  return [value, ...inner.flatMap(descend)]
}

function slice(list: readonly unknown[], step: Step & { kind: 'slice' }): readonly unknown[] {
  const place = (at: number): number => (at < 0 ? at + list.length : at)
  const from = place(step.from ?? 0)
  if (step.single) return from in list ? [list[from]] : []
  const to = Math.min(step.to === undefined ? list.length : place(step.to), list.length)
  const found: unknown[] = []
  for (let at = Math.max(from, 0); at < to; at += step.by) found.push(list[at])
  return found
}

function holds({ left, sign, right }: Step & { kind: 'filter' }, item: unknown): boolean {
  const found = left.find(item)
  if (sign === 'exists') return found.length > 0
  const wanted = right instanceof JsonPath ? right.find(item)[0] : right
  const value = found[0]
  if (found.length === 0) return false
  switch (sign) {
    case '==':
      return value === wanted
    case '!=':
      return value !== wanted
    case '<':
      return (value as number) < (wanted as number)
    case '<=':
      return (value as number) <= (wanted as number)
    case '>':
      return (value as number) > (wanted as number)
    default:
      return (value as number) >= (wanted as number)
  }
}

const token =
  /^(?:(\.\.)|\.?\*|\.?\[(\?\(([^)]*)\)|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\]]*)\]|\.((?:\\.|[^.[\]\\{}\s])+)|(\.)(?=$|\[))/

function parse(path: string): readonly Step[] {
  const steps: Step[] = []
  let rest = path.startsWith('$') || path.startsWith('@') ? path.slice(1) : path
  if (rest !== '' && !/^[.[]/.test(rest)) rest = `.${rest}`
  while (rest !== '') {
    const found = token.exec(rest)
    if (found === null) throw new Error(`unrecognized character in action: ${rest.slice(0, 1)}`)
    const [whole, all, bracket, condition, name] = found
    rest = rest.slice(whole.length)
    if (all !== undefined) {
      steps.push({ kind: 'all' })
      if (rest !== '' && !/^[.[*]/.test(rest)) rest = `.${rest}`
    } else if (condition !== undefined) steps.push(filterStep(condition))
    else if (bracket !== undefined) steps.push(bracketStep(bracket))
    else if (name !== undefined) steps.push({ kind: 'name', name: name.replaceAll(/\\(.)/g, '$1') })
    else if (whole.endsWith('*')) steps.push({ kind: 'wild' })
  }
  return steps
}

function bracketStep(text: string): Step {
  const trimmed = text.trim()
  if (trimmed === '*') return { kind: 'wild' }
  const quoted = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")$/.exec(trimmed)
  if (quoted !== null) return { kind: 'name', name: (quoted[1] ?? quoted[2] ?? '').replaceAll(/\\(.)/g, '$1') }
  if (/^-?[0-9]+$/.test(trimmed)) return { kind: 'slice', from: Number(trimmed), by: 1, single: true }
  const range = /^(-?[0-9]*):(-?[0-9]*)(?::([0-9]*))?$/.exec(trimmed)
  if (range !== null) {
    const [, from = '', to = '', by = ''] = range
    const step = by === '' ? 1 : Number(by)
    if (step < 1) throw new Error('step must be > 0')
    return {
      kind: 'slice',
      ...(from === '' ? {} : { from: Number(from) }),
      ...(to === '' ? {} : { to: Number(to) }),
      by: step,
      single: false,
    }
  }
  if (trimmed.includes(',')) {
    const paths = trimmed.split(',').map((part) => new JsonPath(`[${part.trim()}]`))
    return { kind: 'names', paths }
  }
  throw new Error(`invalid array index ${text}`)
}

function filterStep(text: string): Step {
  const parts = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)$/s.exec(text)
  if (parts === null) return { kind: 'filter', left: new JsonPath(text.trim()), sign: 'exists', right: undefined }
  const [, left = '', sign = '', right = ''] = parts
  return { kind: 'filter', left: new JsonPath(left.trim()), sign, right: literal(right.trim()) }
}

function literal(text: string): unknown {
  const quoted = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")$/.exec(text)
  if (quoted !== null) return quoted[1] ?? quoted[2] ?? ''
  if (/^-?[0-9.]+$/.test(text)) return Number(text)
  if (text === 'true' || text === 'false') return text === 'true'
  return new JsonPath(text)
}
