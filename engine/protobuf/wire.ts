/** Bytes that are no protobuf message, in the words of gogo's generated code. */
export class ProtobufError extends Error {
  override name = 'ProtobufError'
}

const endOfInput = 'unexpected EOF'
export const VARINT = 0
export const FIXED64 = 1
export const BYTES = 2
const START_GROUP = 3
const END_GROUP = 4
const FIXED32 = 5

/** Reads a message field by field. */
export class WireReader {
  private readonly bytes: Uint8Array
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get done(): boolean {
    return this.at >= this.bytes.length
  }

  /** The next field's number and wire type; `message` names what is read, for errors. */
  tag(message: string): { readonly number: number; readonly wireType: number } {
    const tag = this.varint()
    const number = Number(BigInt.asIntN(32, tag >> 3n))
    const wireType = Number(tag & 7n)
    if (wireType === END_GROUP) throw new ProtobufError(`proto: ${message}: wiretype end group for non-group`)
    if (number <= 0) throw new ProtobufError(`proto: ${message}: illegal tag ${number} (wire type ${tag})`)
    return { number, wireType }
  }

  /** Up to 64 bits. */
  varint(): bigint {
    let small = 0
    let value = 0n
    for (let shift = 0; ; shift += 7) {
      if (shift >= 64) throw new ProtobufError('proto: integer overflow')
      const byte = this.bytes[this.at++]
      if (byte === undefined) throw new ProtobufError(endOfInput)
      if (shift < 28) {
        small |= (byte & 0x7f) << shift
        if (byte < 0x80) return BigInt(small)
      } else {
        if (shift === 28) value = BigInt(small)
        value |= BigInt(byte & 0x7f) << BigInt(shift)
        if (byte < 0x80) return BigInt.asUintN(64, value)
      }
    }
  }

  length(): Uint8Array {
    const length = BigInt.asIntN(64, this.varint())
    if (length < 0n) throw new ProtobufError('proto: negative length found during unmarshaling')
    if (length > BigInt(this.bytes.length - this.at)) throw new ProtobufError(endOfInput)
    const start = this.at
    this.at += Number(length)
    return this.bytes.subarray(start, this.at)
  }

  double(): number {
    if (this.bytes.length - this.at < 8) throw new ProtobufError(endOfInput)
    const { buffer, byteOffset } = this.bytes
    const value = new DataView(buffer, byteOffset + this.at, 8).getFloat64(0, true)
    this.at += 8
    return value
  }

  /** Over a field that is not known. */
  skip(wireType: number): void {
    let depth = 0
    let type = wireType
    for (;;) {
      switch (type) {
        case VARINT:
          this.varint()
          break
        case FIXED64:
          this.at += 8
          break
        case BYTES:
          this.length()
          break
        case START_GROUP:
          depth++
          break
        case END_GROUP:
          if (depth === 0) throw new ProtobufError('proto: unexpected end of group')
          depth--
          break
        case FIXED32:
          this.at += 4
          break
        default:
          throw new ProtobufError(`proto: illegal wireType ${type}`)
      }
      if (this.at > this.bytes.length) throw new ProtobufError(endOfInput)
      if (depth === 0) return
      if (this.done) throw new ProtobufError(endOfInput)
      type = Number(this.varint() & 7n)
    }
  }
}
