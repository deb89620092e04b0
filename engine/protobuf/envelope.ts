import { BYTES, ProtobufError, WireReader } from './wire.ts'

/** What every body begins with. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00] as const

/** apimachinery's `runtime.Unknown`: the envelope of an object. */
export interface Envelope {
  readonly apiVersion: string
  readonly kind: string
  /** The object's message. */
  readonly raw: Uint8Array
}

/** @throws ProtobufError in the words of apimachinery's protobuf serializer (1.34). */
export function openEnvelope(body: Uint8Array): Envelope {
  if (body.length === 0) throw new ProtobufError('empty data')
  if (MAGIC.some((byte, index) => body[index] !== byte)) {
    throw new ProtobufError(
      `provided data does not appear to be a protobuf message, expected prefix [${MAGIC.join(' ')}]`,
    )
  }
  if (body.length === MAGIC.length) throw new ProtobufError('empty body')
  const text = new TextDecoder('utf-8', { ignoreBOM: true })
  let apiVersion = ''
  let kind = ''
  let raw: Uint8Array = new Uint8Array()
  fieldsOf(body.subarray(MAGIC.length), 'Unknown', (number, bytes) => {
    if (number === 2) raw = bytes
    if (number !== 1) return
    fieldsOf(bytes, 'TypeMeta', (inner, value) => {
      if (inner === 1) apiVersion = text.decode(value)
      if (inner === 2) kind = text.decode(value)
    })
  })
  return { apiVersion, kind, raw }
}

function fieldsOf(bytes: Uint8Array, message: string, use: (number: number, bytes: Uint8Array) => void): void {
  const reader = new WireReader(bytes)
  while (!reader.done) {
    const { number, wireType } = reader.tag(message)
    if (wireType === BYTES) use(number, reader.length())
    else reader.skip(wireType)
  }
}
