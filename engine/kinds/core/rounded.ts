import { getIn, setIn } from '../../objects/paths.ts'
import { roundQuantities } from '../pod/defaults.ts'
import type { Quantities } from '../pod/types.ts'

/** The value with the amounts at these dotted paths kept to the thousandth, as upstream's defaults do; the same one if nothing changes. */
export function roundedAt<T>(value: T, ...paths: readonly string[]): T {
  let rounded = value
  for (const path of paths) {
    const steps = path.split('.')
    const amounts = getIn(rounded, steps) as Quantities | undefined | null
    if (amounts === undefined || amounts === null) continue
    const kept = roundQuantities(amounts)
    if (kept !== amounts) rounded = setIn(rounded, steps, kept)
  }
  return rounded
}
