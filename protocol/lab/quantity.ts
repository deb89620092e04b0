/**
 * Kubernetes' resource quantities ("50m", "128Mi", "1e3"), as the function quantity() of its CEL library compares them.
 * Kept as whole billionths, the finest step that apimachinery's resource.Quantity has, so that comparisons are exact.
 */

const BILLION = 1_000_000_000n

/** Suffix → factor in billionths. */
const factors: Record<string, bigint> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  '': BILLION,
  k: BILLION * 10n ** 3n,
  M: BILLION * 10n ** 6n,
  G: BILLION * 10n ** 9n,
  T: BILLION * 10n ** 12n,
  P: BILLION * 10n ** 15n,
  E: BILLION * 10n ** 18n,
  Ki: BILLION << 10n,
  Mi: BILLION << 20n,
  Gi: BILLION << 30n,
  Ti: BILLION << 40n,
  Pi: BILLION << 50n,
  Ei: BILLION << 60n,
}

/** Longer texts are no quantity: keeps the integers below small whatever a cluster holds. */
const LONGEST = 64

export class Quantity {
  readonly billionths: bigint

  constructor(billionths: bigint) {
    this.billionths = billionths
  }

  /** Undefined if the text is not a quantity. */
  static parse(text: string): Quantity | undefined {
    if (text.length > LONGEST) return undefined
    const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,2}))?$/.exec(text)
    if (!match) return undefined
    const [, sign, whole = '', fraction = '', suffix = '', exponent = '0'] = match
    if (whole + fraction === '') return undefined
    const scaled = BigInt(whole + fraction) * (factors[suffix] ?? BILLION)
    // Tens by which the digits have to be moved: up for the exponent, down for the digits behind the point.
    const tens = Number(exponent) - fraction.length
    const size = tens >= 0 ? scaled * 10n ** BigInt(tens) : roundUp(scaled, 10n ** BigInt(-tens))
    return new Quantity(sign === '-' ? -size : size)
  }
}

/** resource.Quantity rounds away from zero what is finer than a billionth. */
const roundUp = (value: bigint, by: bigint) => (value + by - 1n) / by
