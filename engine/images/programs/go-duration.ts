const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds of `1h2m3.5s`; undefined for what is no duration. */
export function parseDuration(text: string): number | undefined {
  if (/^[-+]?0$/.test(text)) return 0
  const sign = text.startsWith('-') ? -1 : 1
  const rest = text.replace(/^[-+]/, '')
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.test(rest)) return undefined
  let total = 0
  for (const [, number, unit] of rest.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(number) * (UNITS[unit as string] ?? 0)
  }
  return sign * total
}
