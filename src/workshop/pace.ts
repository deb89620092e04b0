import type { Pace } from '../../protocol/workshop.ts'

/** How many steps of a lab are open by the host's pace: all of the labs before the one that it names, none of those after. */
export function stepsOpen(pace: Pace | null, labs: readonly string[], lab: string): number {
  const [at, to] = [labs.indexOf(lab), pace === null ? -1 : labs.indexOf(pace.lab)]
  if (pace === null || at < 0 || at < to) return Number.POSITIVE_INFINITY
  return at === to ? pace.step : 0
}
