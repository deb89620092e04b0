import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { AdmissionAttributes, Backend } from '../../admission/plugin.ts'
import { KindsUnderTest } from '../kind.testing.ts'
import { resources } from './index.ts'
import { certificateRequester } from './requester.ts'

const kinds = new KindsUnderTest(resources)
const NAME = 'certificatesigningrequests'
/** A SEQUENCE of two empty SEQUENCEs and a BIT STRING: the outline of a request. */
const outline = btoa(String.fromCharCode(0x30, 7, 0x30, 0, 0x30, 0, 3, 1, 0))
const pem = (type: string, body: string) => btoa(`-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`)
const request = pem('CERTIFICATE REQUEST', outline)
const good = { request, signerName: 'example.com/s', usages: ['client auth'] }
const make = (spec: object = {}, status: object = {}) => kinds.make(NAME, { spec: { ...good, ...spec }, status })
const approved = { type: 'Approved', status: 'True', reason: 'R' }

describe('certificate requests', () => {
  it.each([
    [{}, ''],
    [{ request: btoa('x') }, `spec.request: Invalid value: "${btoa('x')}": PEM block type must be CERTIFICATE REQUEST`],
    [{ usages: [] }, 'spec.usages: Required value'],
    [
      { signerName: 'kubernetes.io/legacy-unknown' },
      'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
    ],
    [
      { signerName: 'signer' },
      `spec.signerName: Invalid value: "signer": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
    ],
    [
      { signerName: 'x/y', expirationSeconds: 5 },
      '[spec.signerName: Invalid value: "x": should be a domain with at least two segments separated by dots, spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 600 seconds (10 minutes)]',
    ],
    [{ usages: ['client auth', 'client auth'] }, 'spec.usages[1]: Duplicate value: "client auth"'],
  ])('%j', (spec, message) => {
    expect(kinds.createError(NAME, make(spec))).toBe(message)
  })

  it('tell apart a request from what only looks like one', () => {
    const cut = pem('CERTIFICATE REQUEST', btoa(String.fromCharCode(0x30, 9, 0x30, 0)))
    expect(kinds.createError(NAME, make({ request: cut }))).toContain('asn1: syntax error')
    const checked = new KindsUnderTest((schemas) => resources(schemas, () => 'x509: ECDSA verification failure'))
    expect(checked.createError(NAME, make())).toContain('x509: ECDSA verification failure')
  })

  it('takes what openssl makes', () => {
    const text = execFileSync(
      'openssl',
      [
        'req',
        '-new',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        '/dev/null',
        '-subj',
        '/CN=ann',
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
    expect(kinds.createError(NAME, make({ request: btoa(text) }))).toBe('')
  })

  it('are decided through one door, and signed through another', () => {
    const decided = make({}, { conditions: [approved] })
    const signed = make({}, { certificate: pem('CERTIFICATE', btoa(String.fromCharCode(0x30, 0))) })
    expect(kinds.updateError(NAME, decided, make(), 'approval')).toBe('')
    expect(kinds.updateError(NAME, decided, make(), 'status')).toBe(
      'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
    )
    expect(kinds.updateError(NAME, make(), decided, 'approval')).toBe(
      'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
    )
    expect(kinds.updateError(NAME, signed, make(), 'status')).toBe('')
    expect(kinds.updateError(NAME, make({}, { certificate: btoa('x') }), make(), 'status')).toBe(
      'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
    )
    const both = make({}, { conditions: [approved, { ...approved, type: 'Denied' }] })
    expect(kinds.updateError(NAME, both, make(), 'approval')).toBe(
      'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
    )
    expect(kinds.updateError(NAME, make({ usages: ['any'] }, { conditions: [approved] }), make())).toBe('')
  })

  it('are shown with how far they have come', () => {
    const denied = { type: 'Denied', status: 'True' }
    expect(
      kinds.cells(
        NAME,
        make({ username: 'ann', expirationSeconds: 3600 }, { conditions: [approved], certificate: 'x' }),
      ),
    ).toEqual(['it', '90s', 'example.com/s', 'ann', '60m', 'Approved,Issued'])
    expect(kinds.cells(NAME, make({}, { conditions: [denied, { type: 'Failed' }] })).at(-1)).toBe('Denied,Failed')
    expect(kinds.cells(NAME, make()).at(-1)).toBe('Pending')
  })
})

describe('who asks, and when', () => {
  const backend = { clock: { now: () => 0 } } as Backend
  const attributes = {
    operation: 'CREATE',
    resource: { group: 'certificates.k8s.io', resource: NAME },
    subresource: '',
    user: { username: 'ann', groups: ['g'], uid: '' },
  } as unknown as AdmissionAttributes

  it('is written by the server', () => {
    const made = certificateRequester.mutate?.({ ...attributes, object: make({ username: 'eve', uid: '1' }) }, backend)
    expect(made?.spec).toEqual({ ...good, username: 'ann', groups: ['g'] })
  })

  it('dates conditions that have no date', () => {
    const since = { ...approved, lastUpdateTime: '2020-01-01T00:00:00Z', lastTransitionTime: '2020-01-01T00:00:00Z' }
    const mutate = (condition: object, old: object) =>
      certificateRequester.mutate?.(
        {
          ...attributes,
          operation: 'UPDATE',
          subresource: 'approval',
          object: make({}, { conditions: [condition] }),
          oldObject: make({}, old),
        },
        backend,
      )?.status
    expect(mutate(approved, {})).toEqual({
      conditions: [{ ...approved, lastUpdateTime: '1970-01-01T00:00:00Z', lastTransitionTime: '1970-01-01T00:00:00Z' }],
    })
    expect(mutate({ ...approved, lastUpdateTime: null }, { conditions: [since] })).toEqual({
      conditions: [{ ...since, lastUpdateTime: '1970-01-01T00:00:00Z' }],
    })
  })
})
