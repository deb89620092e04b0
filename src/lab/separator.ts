/** The text takes between these shares of the width, in percent; the separator's aria-valuemin and -max say the same. */
export const MIN_TEXT = 25
export const MAX_TEXT = 75
/** One press of an arrow key, in percent. */
const STEP = 2

export const clampText = (percent: number): number => Math.min(MAX_TEXT, Math.max(MIN_TEXT, percent))

/** Where a key moves the separator to; undefined for a key that is none of its own. */
export function moveSeparator(percent: number, key: string, rightToLeft: boolean): number | undefined {
  switch (key) {
    case 'ArrowLeft':
      return clampText(percent + (rightToLeft ? STEP : -STEP))
    case 'ArrowRight':
      return clampText(percent + (rightToLeft ? -STEP : STEP))
    case 'Home':
      return MIN_TEXT
    case 'End':
      return MAX_TEXT
    default:
      return undefined
  }
}
