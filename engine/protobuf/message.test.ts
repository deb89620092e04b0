import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Canonicalizer } from '../decode/canonical.ts'
import { GoTypes, type StructType } from '../decode/go-types.ts'
import { openEnvelope } from './envelope.ts'
import { decodeMessage } from './message.ts'

const types = new GoTypes()
const text = (value: string): number[] => [...new TextEncoder().encode(value)]
/** A field with a length: a string or a message. */
const field = (number: number, ...content: number[]): number[] => [(number << 3) | 2, content.length, ...content]
const struct = (name: string) => types.named(name) as StructType
const read = (name: string, ...bytes: number[]) => decodeMessage(Uint8Array.from(bytes), struct(name))

describe('bodies that kubectl 1.34 has sent', () => {
  const lines = readFileSync(new URL('kubectl-bodies.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const bodies: { body: string; object: { apiVersion: string; kind: string } }[] = lines.map((line) => JSON.parse(line))

  it.each(bodies)('come out as the object they are: $object.kind', ({ body, object }) => {
    const { apiVersion, kind, raw } = openEnvelope(Uint8Array.from(atob(body), (character) => character.charCodeAt(0)))
    expect({ apiVersion, kind }).toEqual({ apiVersion: object.apiVersion, kind: object.kind })
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
    const type = types.kind(group ?? '', version ?? '', kind)
    if (type === undefined) throw new Error(`${kind} is not known.`)
    const canonical = new Canonicalizer().canonical(decodeMessage(raw, type), type)
    expect({ ...canonical, apiVersion, kind }).toEqual(object)
  })
})

describe('a message', () => {
  it('may bring what is not known', () => {
    expect(read('core.v1.Toleration', ...field(1, ...text('k')), ...field(15, ...text('later')))).toEqual({ key: 'k' })
    // Number 10 as a group that holds a number, a fixed32 and a fixed64.
    const group = [0x53, 0x08, 1, 0x15, 0, 0, 0, 0, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0x54]
    expect(read('core.v1.Toleration', ...group, ...field(1, ...text('k')))).toEqual({ key: 'k' })
  })

  it('has the fields of embedded structs in it', () => {
    const probe = read('core.v1.Probe', ...field(1, ...field(3, ...field(1, 0x10, 80))), 0x10, 5)
    expect(probe).toEqual({ tcpSocket: { port: 80 }, initialDelaySeconds: 5 })
  })

  it('may bring numbers one by one or together', () => {
    const wanted = { supplementalGroups: [1, 300] }
    expect(read('core.v1.PodSecurityContext', 0x20, 1, 0x20, 0xac, 2)).toEqual(wanted)
    expect(read('core.v1.PodSecurityContext', ...field(4, 1, 0xac, 2))).toEqual(wanted)
  })

  it('brings negative numbers in ten bytes', () => {
    const minusSeven = [0x10, 0xf9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]
    expect(read('scheduling.v1.PriorityClass', ...minusSeven)).toEqual({ value: -7 })
  })

  it('joins what comes twice, as gogo does', () => {
    const twice = [...field(1, ...field(1, ...text('x'))), ...field(1, ...field(2, ...text('y')))]
    expect(read('core.v1.Pod', ...twice)).toEqual({ metadata: { name: 'x', generateName: 'y' } })
  })

  it('keeps times, quantities, ports and bytes as JSON has them', () => {
    const second = [0x8, 0x80, 0xe2, 0xcf, 0xaa, 0x6]
    expect(read('meta.v1.ObjectMeta', ...field(8, ...second), ...field(9))).toEqual({
      creationTimestamp: '2023-11-14T22:13:20Z',
      deletionTimestamp: null,
    })
    expect(read('core.v1.EmptyDirVolumeSource', ...field(2, ...field(1, ...text('1024Mi'))))).toEqual({
      sizeLimit: '1Gi',
    })
    expect(read('core.v1.HTTPGetAction', ...field(2, 0x08, 1, ...field(3, ...text('http'))))).toEqual({ port: 'http' })
    const entry = [...field(1, ...text('k')), ...field(2, 0, 255)]
    expect(read('core.v1.Secret', ...field(2, ...entry))).toEqual({ data: { k: 'AP8=' } })
    const extra = [...field(1, ...text('k')), ...field(2, ...field(1, ...text('a')), ...field(1, ...text('b')))]
    expect(read('authentication.v1.UserInfo', ...field(4, ...extra))).toEqual({ extra: { k: ['a', 'b'] } })
  })

  it.each([
    [[0x08, 1], 'proto: wrong wireType = 0 for field Key'],
    [[0x0a, 5, 1], 'unexpected EOF'],
    [[0x0c], 'proto: Toleration: wiretype end group for non-group'],
    [[0x02, 0], 'proto: Toleration: illegal tag 0 (wire type 2)'],
    [[0x7f, 1], 'proto: illegal wireType 7'],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], 'proto: integer overflow'],
    [
      [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
      'proto: negative length found during unmarshaling',
    ],
  ])('is refused in upstream’s words: %j', (bytes, message) => {
    expect(() => read('core.v1.Toleration', ...bytes)).toThrow(message)
  })

  it('is refused when it is nested too deeply', () => {
    let schema: number[] = []
    const length = (size: number): number[] =>
      size < 128
        ? [size]
        : size < 16384
          ? [(size & 127) | 128, size >> 7]
          : [(size & 127) | 128, ((size >> 7) & 127) | 128, size >> 14]
    // A schema whose `not` is a schema, and so on.
    for (let level = 0; level < 3000; level++) schema = [0xe2, 0x1, ...length(schema.length), ...schema]
    expect(() => read('apiextensions.v1.JSONSchemaProps', ...schema)).toThrow('max depth')
  })
})
