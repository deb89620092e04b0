import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Random } from '../clock/random.ts'
import { StatusError } from '../objects/status-error.ts'
import { BodyDecoder } from './decoder.ts'

const bodies: readonly { group: string; version: string; kind: string; body: string; protobuf?: string }[] =
  readFileSync(new URL('upstream-decoding.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const validations = ['Ignore', 'Warn', 'Strict'] as const
const rounds = 4000

/** Cut short, bits turned, pieces doubled or put in from elsewhere. */
function damaged(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1)
  switch (random.below(5)) {
    case 0:
      return bytes.slice(0, at)
    case 1: {
      const copy = bytes.slice()
      for (let turn = 0; turn <= random.below(4); turn++) {
        const place = random.below(copy.length)
        copy[place] = (copy[place] ?? 0) ^ (1 << random.below(8))
      }
      return copy
    }
    case 2:
      return Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(random.below(at + 1))])
    case 3: {
      const piece = other.slice(random.below(other.length))
      return Uint8Array.from([...bytes.slice(0, at), ...piece.slice(0, random.below(20)), ...bytes.slice(at)])
    }
    default:
      return Uint8Array.from({ length: random.below(64) }, () => random.below(256))
  }
}

/** Everything ends in a value or in a StatusError below 500, or in one without a reason. */
function survives(read: () => unknown, body: Uint8Array): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof StatusError)) {
      throw new Error(`${(error as Error).stack} on ${btoa(String.fromCharCode(...body))}`)
    }
    expect(error.message).not.toBe('')
  }
}

describe('no body', () => {
  const decoder = new BodyDecoder()
  const pick = <T>(random: Random, from: readonly T[]): T => from[random.below(from.length)] as T

  it.each(['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'])(
    'of %s can crash the decoder',
    (contentType) => {
      const random = new Random(`fuzz ${contentType}`)
      const bytesOf = ({ body, protobuf }: (typeof bodies)[number]): Uint8Array =>
        contentType.endsWith('protobuf') && protobuf !== undefined
          ? Uint8Array.from(atob(protobuf), (character) => character.charCodeAt(0))
          : new TextEncoder().encode(body)
      for (let round = 0; round < rounds; round++) {
        const { group, version, kind, ...from } = pick(random, bodies)
        const body = damaged(random, bytesOf({ group, version, kind, ...from }), bytesOf(pick(random, bodies)))
        const request = {
          contentType,
          body,
          expected: { group, version, kind },
          fieldValidation: pick(random, validations),
        }
        survives(() => {
          const { object } = decoder.decode(request)
          // What is read can be written and read again.
          expect(decoder.canonical(JSON.parse(JSON.stringify(object)), { group, version, kind })).toEqual(object)
        }, body)
        survives(() => decoder.decodeCustom(request, (object) => ({ object, strictErrors: [] })), body)
        survives(() => decoder.deleteOptions(request), body)
      }
    },
    // Slow where much else runs: 60 s
    60_000,
  )

  it('of a patch can crash the decoder', () => {
    const random = new Random('fuzz patches')
    for (let round = 0; round < rounds; round++) {
      const { group, version, kind, body } = pick(random, bodies)
      const bytes = damaged(random, new TextEncoder().encode(body), new TextEncoder().encode(pick(random, bodies).body))
      const fieldValidation = pick(random, validations)
      const expected = { group, version, kind }
      survives(() => {
        const type = pick(random, ['json-patch', 'merge-patch', 'strategic-merge-patch'] as const)
        const patch = decoder.patch(type, bytes, fieldValidation)
        decoder.fromPatched({ patch, value: patch.value, expected, fieldValidation })
      }, bytes)
      survives(() => {
        const document = decoder.apply(bytes, fieldValidation)
        decoder.applied(document, document.value as never, expected, fieldValidation)
      }, bytes)
    }
  }, 60_000)
})
