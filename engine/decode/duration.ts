const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
const part = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y
const most = 9223372036854775807n

/** Go's `time.ParseDuration`, in nanoseconds; undefined for what it refuses. */
export function parseDuration(text: string): bigint | undefined {
  const negative = text.startsWith('-')
  const unsigned = /^[+-]/.test(text) ? text.slice(1) : text
  if (unsigned === '0') return 0n
  if (unsigned === '') return undefined
  let sum = 0n
  let at = 0
  while (at < unsigned.length) {
    part.lastIndex = at
    const match = part.exec(unsigned)
    const [whole = '', digits = '', fraction = '', unit = ''] = match ?? []
    if (digits === '' && fraction === '') return undefined
    const size = units[unit] ?? 1n
    sum += BigInt(digits || 0) * size + (BigInt(fraction || 0) * size) / 10n ** BigInt(fraction.length)
    at += whole.length
  }
  if (sum > most) return undefined
  return negative ? -sum : sum
}

/** Go's `Duration.String`: `1h30m0s`, `1.5s`, `20ms`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s'
  const sign = nanoseconds < 0n ? '-' : ''
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds
  for (const [limit, unit, digits] of [
    [1_000n, 'ns', 0],
    [1_000_000n, 'µs', 3],
    [1_000_000_000n, 'ms', 6],
  ] as const) {
    if (size < limit) return `${sign}${decimal(size, digits)}${unit}`
  }
  const minutes = size / 60_000_000_000n
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`
  if (minutes === 0n) return sign + seconds
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`
}

function decimal(value: bigint, digits: number): string {
  if (digits === 0) return String(value)
  const one = 10n ** BigInt(digits)
  const fraction = String(value % one)
    .padStart(digits, '0')
    .replace(/0+$/, '')
  return fraction === '' ? String(value / one) : `${value / one}.${fraction}`
}
