/** What a scalar stands for. `merge` is the key `<<`; numbers are as JSON writes them. */
export type Scalar =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'number'; readonly text: string }
  | { readonly type: 'null' }
  | { readonly type: 'merge' }
  | { readonly type: 'fault'; readonly message: string }

const words: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...['y', 'yes', 'true', 'on'].flatMap((word) => cases(word, { type: 'bool', value: true })),
  ...['n', 'no', 'false', 'off'].flatMap((word) => cases(word, { type: 'bool', value: false })),
  ...cases('null', { type: 'null' }),
  ['', { type: 'null' }],
  ['~', { type: 'null' }],
  ['<<', { type: 'merge' }],
  ...['.nan', '.NaN', '.NAN'].map((word): [string, Scalar] => [word, { type: 'number', text: 'NaN' }]),
  ...['', '+'].flatMap((sign) =>
    ['.inf', '.Inf', '.INF'].map((word): [string, Scalar] => [sign + word, { type: 'number', text: '+Inf' }]),
  ),
  ...['-.inf', '-.Inf', '-.INF'].map((word): [string, Scalar] => [word, { type: 'number', text: '-Inf' }]),
])

function cases(word: string, scalar: Scalar): [string, Scalar][] {
  const capital = word.charAt(0).toUpperCase() + word.slice(1)
  return [...new Set([word, capital, word.toUpperCase()])].map((text) => [text, scalar])
}

const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/

/** YAML 1.1 as go-yaml v2 reads it: `yes` is true, `0777` octal, times and sexagesimal numbers are text. */
export function resolvePlain(text: string): Scalar {
  const word = words.get(text)
  if (word !== undefined) return word
  if (/^[-+0-9.]/.test(text)) {
    const plain = text.startsWith('.') ? text : text.replaceAll('_', '')
    const whole = integer(plain)
    if (whole !== undefined) return { type: 'number', text: String(whole) }
    if (float.test(plain)) {
      const value = Number(plain)
      if (Number.isFinite(value)) return { type: 'number', text: String(value) }
    }
  }
  return { type: 'string', value: text }
}

const prefixes: readonly (readonly [RegExp, string])[] = [
  [/^0[xX][0-9a-fA-F]+$/, ''],
  [/^0[bB][01]+$/, ''],
  [/^0[oO][0-7]+$/, ''],
  [/^0[0-7]+$/, '0o'],
  [/^(?:0|[1-9][0-9]*)$/, ''],
]

/** Go's `ParseInt` with base 0, within int64 or uint64. */
function integer(text: string): bigint | undefined {
  const unsigned = /^[-+]/.test(text) ? text.slice(1) : text
  const found = prefixes.find(([form]) => form.test(unsigned))
  if (found === undefined) return undefined
  const size = BigInt(found[1] === '' ? unsigned : found[1] + unsigned.slice(1))
  const value = text.startsWith('-') ? -size : size
  const most = text.startsWith('+') ? 9223372036854775807n : 18446744073709551615n
  return value > most || value < -9223372036854775808n ? undefined : value
}

const long = 'tag:yaml.org,2002:'
const named = { bool: 'bool', number: 'number', null: 'null' } as const

/** A scalar with a tag of its own. */
export function tagged(tag: string, text: string): Scalar {
  const short = tag.startsWith('!!') ? tag.slice(2) : tag.startsWith(`!<${long}`) ? tag.slice(long.length + 2, -1) : tag
  const wanted: Readonly<Record<string, keyof typeof named>> = {
    bool: 'bool',
    int: 'number',
    float: 'number',
    null: 'null',
  }
  const type = wanted[short]
  if (type === undefined) return { type: 'string', value: text }
  const resolved = resolvePlain(text)
  const whole = resolved.type === 'number' && /^-?\d+$/.test(resolved.text)
  if (resolved.type === type && (short !== 'int' || whole)) return resolved
  const is = resolved.type === 'number' ? (whole ? 'int' : 'float') : resolved.type === 'string' ? 'str' : resolved.type
  return { type: 'fault', message: `yaml: cannot decode !!${is} \`${text}\` as a !!${short}` }
}
