import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { StatusError } from '../objects/status-error.ts'
import { BodyDecoder } from './decoder.ts'

const lines = (file: string) =>
  readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const bytes = (text: string) => new TextEncoder().encode(text)

function outcome(read: () => { object: unknown; warnings: readonly string[] }) {
  try {
    const { object, warnings } = read()
    return { object, warnings }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return { code: error.code, message: error.message }
  }
}

/** Bodies made by chance, with what upstream's own serializers (apimachinery 0.34.4) made of them: object, strict errors, error, and the protobuf form. */
interface Recorded {
  readonly format?: 'yaml'
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly body: string
  readonly error?: string
  readonly strict?: readonly string[]
  readonly object?: unknown
  readonly protobuf?: string
}
/** The second file has every kind, once with nothing in it and once with fields by chance. */
const recorded: readonly Recorded[] = [...lines('upstream-decoding.jsonl'), ...lines('upstream-kinds.jsonl')]

/** An autoscaler's empty list of policies is kept for the rules that refuse it; upstream's writing, which the recording shows, leaves it out. */
const asWritten = (found: unknown): unknown =>
  JSON.parse(JSON.stringify(found), (name, value) =>
    name === 'policies' && Array.isArray(value) && value.length === 0 ? undefined : value,
  )

/** YAML's strict errors are one text of several lines, and as many warnings. */
const warningsOf = (errors: readonly string[]): string[] =>
  errors.flatMap((error) =>
    error.startsWith('yaml: ')
      ? error
          .split('\n')
          .slice(1)
          .map((line) => line.trim())
      : [error],
  )

describe('what upstream makes of bodies', () => {
  const decoder = new BodyDecoder()

  it('is what the decoder makes of them', () => {
    for (const { format = 'json', group, version, kind, body, ...wanted } of recorded) {
      const request = { contentType: `application/${format}`, body: bytes(body), expected: { group, version, kind } }
      const found = outcome(() => decoder.decode({ ...request, fieldValidation: 'Warn' }))
      if (wanted.error !== undefined) expect(found.message, body).toContain(wanted.error)
      else expect(asWritten(found), body).toEqual({ object: wanted.object, warnings: warningsOf(wanted.strict ?? []) })
    }
  })

  it('is refused or passed in silence where nobody is to be warned', () => {
    for (const { format = 'json', group, version, kind, body, strict, object } of recorded) {
      if (object === undefined) continue
      const request = { contentType: `application/${format}`, body: bytes(body), expected: { group, version, kind } }
      const ignored = outcome(() => decoder.decode({ ...request, fieldValidation: 'Ignore' }))
      expect(asWritten(ignored), body).toEqual({ object, warnings: [] })
      const refused = outcome(() => decoder.decode({ ...request, fieldValidation: 'Strict' }))
      const message = `${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${strict?.join(', ')}`
      expect(refused, body).toEqual(strict === undefined ? ignored : { code: 400, message })
    }
  })

  it('comes out of protobuf the same', () => {
    const contentType = 'application/vnd.kubernetes.protobuf'
    for (const { group, version, kind, object, protobuf } of recorded) {
      if (protobuf === undefined) continue
      const body = Uint8Array.from(atob(protobuf), (character) => character.charCodeAt(0))
      const request = { contentType, body, expected: { group, version, kind }, fieldValidation: 'Strict' } as const
      expect(decoder.decode(request).object, protobuf).toEqual(object)
    }
  })

  it('is found again in what is canonical already', () => {
    for (const { group, version, kind, object } of recorded) {
      if (object !== undefined) expect(decoder.canonical(object as never, { group, version, kind })).toEqual(object)
    }
  })
})

describe('answers of a real API server to bodies with faults', () => {
  const decoder = new BodyDecoder()
  const faults: readonly { kind: string; body: string; message: string }[] = lines('upstream-strict.jsonl')
  const decoded = faults.filter(({ message }) => !message.includes(' is invalid: '))

  it.each(decoded)('$body', ({ kind, body, message }) => {
    const expected = { group: kind === 'Secret' ? '' : 'apps', version: 'v1', kind }
    const request = { contentType: 'application/json', body: bytes(body), expected, fieldValidation: 'Strict' } as const
    expect(outcome(() => decoder.decode(request))).toEqual({ code: 400, message })
  })
})
