import { Quantity } from '../../objects/quantity.ts'
import type { Declarations } from '../environment.ts'
import { EvaluationError, Opaque, type Value } from '../values.ts'

class QuantityValue extends Opaque {
  readonly typeName = 'kubernetes.Quantity'
  readonly quantity: Quantity
  constructor(quantity: Quantity) {
    super()
    this.quantity = quantity
  }
  override equals(other: Opaque): boolean {
    return other instanceof QuantityValue && other.quantity.equals(this.quantity)
  }
}

const of = (value: Value | undefined): Quantity => (value as QuantityValue).quantity

/** The whole number that it is; undefined where it is none or does not fit. */
function whole(quantity: Quantity): bigint | undefined {
  const value = quantity.scaledValue(0)
  return Quantity.of(value).equals(quantity) ? value : undefined
}

/** Kubernetes' functions of quantities. */
export const quantities: Declarations = {
  'quantity(string): kubernetes.Quantity': ([text]) => {
    const quantity = Quantity.tryParse(text as string)
    if (typeof quantity === 'string') throw new EvaluationError(quantity)
    return new QuantityValue(quantity)
  },
  'isQuantity(string): bool': ([text]) => typeof Quantity.tryParse(text as string) !== 'string',
  'sign(kubernetes.Quantity): int': ([value]) => BigInt(of(value).sign()),
  'kubernetes.Quantity => isGreaterThan(kubernetes.Quantity): bool': ([one, other]) => of(one).compare(of(other)) > 0,
  'kubernetes.Quantity => isLessThan(kubernetes.Quantity): bool': ([one, other]) => of(one).compare(of(other)) < 0,
  'kubernetes.Quantity => compareTo(kubernetes.Quantity): int': ([one, other]) => BigInt(of(one).compare(of(other))),
  'kubernetes.Quantity => asApproximateFloat(): double': ([value]) => of(value).toNumber(),
  'kubernetes.Quantity => asInteger(): int': ([value]) => {
    const number = whole(of(value))
    if (number === undefined) throw new EvaluationError('cannot convert value to integer')
    return number
  },
  'kubernetes.Quantity => isInteger(): bool': ([value]) => whole(of(value)) !== undefined,
  'kubernetes.Quantity => add(kubernetes.Quantity): kubernetes.Quantity': ([one, other]) =>
    new QuantityValue(of(one).add(of(other))),
  'kubernetes.Quantity => add(int): kubernetes.Quantity': ([one, other]) =>
    new QuantityValue(of(one).add(Quantity.of(other as bigint))),
  'kubernetes.Quantity => sub(kubernetes.Quantity): kubernetes.Quantity': ([one, other]) =>
    new QuantityValue(of(one).sub(of(other))),
  'kubernetes.Quantity => sub(int): kubernetes.Quantity': ([one, other]) =>
    new QuantityValue(of(one).sub(Quantity.of(other as bigint))),
}
