/** How many elements or characters a value has, at least and at most. */
export interface Size {
  readonly min: number
  readonly max: number
}

/** More than can be counted: upstream counts with 64 bits, and stops there. */
export const MOST = 2 ** 64
export const anySize: Size = { min: 0, max: MOST }
export const CREATES_LIST = 10
export const CREATES_MAP = 30
/** For each character of a text that is read. */
export const READING = 0.1
/** For each character of a regular expression. */
export const MATCHING = 0.25

export const exactly = (size: number): Size => ({ min: size, max: size })
export const plus = (...costs: readonly number[]): number =>
  Math.min(
    MOST,
    costs.reduce((sum, cost) => sum + cost, 0),
  )
export const times = (one: number, other: number): number => Math.min(MOST, one * other)
/** Rounded up, as all costs are. */
export const weighed = (size: number, factor: number): number => Math.min(MOST, Math.ceil(size * factor))
export const union = (one: Size, other: Size): Size => ({
  min: Math.min(one.min, other.min),
  max: Math.max(one.max, other.max),
})
export const sumOf = (one: Size, other: Size): Size => ({
  min: plus(one.min, other.min),
  max: plus(one.max, other.max),
})
export const productOf = (one: Size, other: Size): Size => ({
  min: times(one.min, other.min),
  max: times(one.max, other.max),
})
