import { describe, expect, it } from 'vitest'
import type { ApiObject, ObjectMeta } from '../objects/types.ts'
import {
  dns1035NameErrors,
  labelNameErrors,
  metadataErrors,
  metadataUpdateErrors,
  pathSegmentNameErrors,
  subdomainNameErrors,
} from './metadata-errors.ts'

const texts = (errors: readonly { field: string; body: string }[]) =>
  errors.map(({ field, body }) => `${field}: ${body}`)
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const owner = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'u' }

describe('the form of metadata', () => {
  const cases: [string, Partial<ObjectMeta>, string[]][] = [
    ['is fine', { name: 'web.1', namespace: 'default', finalizers: ['a.b/c'], ownerReferences: [owner] }, []],
    ['asks for a name', { namespace: 'default' }, ['metadata.name: Required value: name or generateName is required']],
    ['asks for a namespace', { name: 'a' }, ['metadata.namespace: Required value']],
    ['asks for a good name', { name: 'A', namespace: 'x' }, [`metadata.name: Invalid value: "A": ${subdomain}`]],
    ['lets a prefix end with a dash', { name: 'a', generateName: 'a-b-', namespace: 'x' }, []],
    ['asks for a good prefix', { name: 'a', generateName: 'A-', namespace: 'x' }, []],
    [
      'asks for owners that are whole',
      { name: 'a', namespace: 'x', ownerReferences: [{ apiVersion: 'a/b/c', kind: '', name: '', uid: '' }] },
      [
        'metadata.ownerReferences.apiVersion: Invalid value: "a/b/c": version must not be empty',
        'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
        'metadata.ownerReferences.name: Invalid value: "": must not be empty',
        'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
      ],
    ],
    [
      'knows one controller',
      {
        name: 'a',
        namespace: 'x',
        ownerReferences: [
          { ...owner, controller: true },
          { ...owner, name: 'b', controller: true },
        ],
      },
      [
        'metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"Pod","name":"a","uid":"u","controller":true},{"apiVersion":"v1","kind":"Pod","name":"b","uid":"u","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for Pod/a and Pod/b',
      ],
    ],
    [
      'lets no Event own anything',
      { name: 'a', namespace: 'x', ownerReferences: [{ uid: 'u', name: 'a', kind: 'Event', apiVersion: 'v1' }] },
      [
        'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"a","uid":"u"}: /v1, Kind=Event is disallowed from being an owner',
      ],
    ],
    [
      'lets only one of the collector’s finalizers stand',
      { name: 'a', namespace: 'x', finalizers: ['orphan', 'foregroundDeletion'] },
      [
        'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
      ],
    ],
    [
      'counts generations from 0',
      { name: 'a', namespace: 'x', generation: -1 },
      ['metadata.generation: Invalid value: -1: must be greater than or equal to 0'],
    ],
  ]
  // A prefix of two characters that ends in a dash is read as "a", whatever the first was.
  it.each(cases)('%s', (_, metadata, expected) => {
    expect(texts(metadataErrors(metadata, { namespaced: true, nameErrors: subdomainNameErrors }))).toEqual(expected)
  })

  it('refuses a namespace where there is none', () => {
    const rules = { namespaced: false, nameErrors: labelNameErrors }
    expect(texts(metadataErrors({ name: 'a', namespace: 'x' }, rules))).toEqual([
      'metadata.namespace: Forbidden: not allowed on this type',
    ])
  })

  it('asks of every name that it can stand in a path, and of a prefix a little less', () => {
    expect(pathSegmentNameErrors('..', false)).toEqual(["may not be '..'"])
    expect(pathSegmentNameErrors('..', true)).toEqual([])
    expect(pathSegmentNameErrors('a/%', true)).toEqual(["may not contain '/'", "may not contain '%'"])
    expect(dns1035NameErrors('1a', false)).toHaveLength(1)
  })
})

describe('a change of metadata', () => {
  const base: ObjectMeta = {
    name: 'a',
    namespace: 'x',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  }
  const of = (changes: Partial<ObjectMeta>): ApiObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...base, ...changes },
  })
  it.each([
    [{}, {}, []],
    [{ name: 'b' }, {}, ['metadata.name: Invalid value: "b": field is immutable']],
    [{ uid: 'v' }, {}, ['metadata.uid: Invalid value: "v": field is immutable']],
    [{ finalizers: ['a/b'] }, {}, []],
    [
      { deletionTimestamp: 'T', finalizers: ['a/b', 'a/a'] },
      { deletionTimestamp: 'T' },
      [
        'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a/a", "a/b"}',
      ],
    ],
    [
      { deletionGracePeriodSeconds: 3 },
      {},
      ['metadata.deletionGracePeriodSeconds: Invalid value: 3: field is immutable'],
    ],
  ] as [Partial<ObjectMeta>, Partial<ObjectMeta>, string[]][])('%j after %j', (now, before, expected) => {
    expect(texts(metadataUpdateErrors(of(now), of(before)))).toEqual(expected)
  })
})
