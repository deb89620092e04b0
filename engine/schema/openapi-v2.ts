import { recordedVersion } from './data.ts'

/** What clients ask for, and what it is called in the answer: Go's clients cannot read a type with an `@`. */
const ASKED = ['com.github.proto-openapi.spec.v2@v1.0+protobuf', 'com.github.proto-openapi.spec.v2.v1.0+protobuf']
const PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

const info = { title: 'Kubernetes', version: recordedVersion.gitVersion }

/**
 * `/openapi/v2`, in which nothing is defined: everything is in `/openapi/v3`. kubectl asks for it where v3 does not know a kind or has no PATCH of
 * it (Lists, reviews, kinds that are not served), and takes what is not in it for valid.
 */
export function openApiV2(accept: string): { readonly contentType: string; readonly body: Uint8Array } {
  if (ASKED.some((type) => accept.includes(type))) return { contentType: PROTOBUF, body: protobuf() }
  const text = JSON.stringify({ swagger: '2.0', info, paths: {} })
  return { contentType: 'application/json', body: new TextEncoder().encode(text) }
}

/** gnostic's `openapi.v2.Document`: 1 swagger, 2 info (1 title, 2 version), 8 paths. */
function protobuf(): Uint8Array {
  const described = [...delimited(1, text(info.title)), ...delimited(2, text(info.version))]
  return Uint8Array.from([...delimited(1, text('2.0')), ...delimited(2, described), ...delimited(8, [])])
}

const text = (value: string): number[] => [...new TextEncoder().encode(value)]

/** A field of bytes, fewer than 128 of them: their number is one byte then. */
const delimited = (field: number, bytes: readonly number[]): number[] => [(field << 3) | 2, bytes.length, ...bytes]
