/** One line of the benchmark's table: what, how much, and the budget if there is one. */
export function row(what: string, value: string, budget = ''): void {
  console.log(`${what.padEnd(52)} ${value.padEnd(34)} ${budget}`)
}

/** The p-th percentile (0 to 100) by the nearest rank. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN
}

export const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
export const mebibytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`
