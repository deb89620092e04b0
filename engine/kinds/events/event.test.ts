import { describe, expect, it } from 'vitest'
import { Catalogue } from '../../api/served.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { refusal, World } from '../core/world.testing.ts'
import { fromCoreEvent, toCoreEvent } from './conversion.ts'
import { eventRules, events } from './event.ts'

const core = (fields: Record<string, unknown> = {}, namespace = 'default'): NewObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e', namespace },
  involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
  reason: 'Started',
  message: ' Started container ',
  source: { component: 'kubelet', host: 'n1' },
  firstTimestamp: '2025-12-31T23:00:00Z',
  lastTimestamp: '2025-12-31T23:59:00Z',
  count: 3,
  type: 'Normal',
  eventTime: null,
  reportingComponent: 'kubelet',
  reportingInstance: 'n1',
  ...fields,
})
const strict = (fields: Record<string, unknown> = {}): NewObject => ({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name: 'e', namespace: 'default' },
  eventTime: '2025-12-31T23:59:59.000000Z',
  regarding: { kind: 'Pod', name: 'web', namespace: 'default' },
  reason: 'Started',
  action: 'Starting',
  note: 'hello',
  type: 'Normal',
  reportingController: 'kubernetes.io/kubelet',
  reportingInstance: 'n1',
  deprecatedSource: {},
  deprecatedFirstTimestamp: null,
  deprecatedLastTimestamp: null,
  ...fields,
})
const world = () => new World([events])

/** As a request for events.k8s.io/v1 comes in. */
function admit(object: NewObject, oldObject?: ApiObject): unknown {
  const { backend } = world()
  return eventRules.mutate?.(
    {
      operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
      resource: { group: '', resource: 'events' },
      kind: { group: 'events.k8s.io', version: 'v1', kind: 'Event' },
      subresource: '',
      namespace: 'default',
      name: 'e',
      object: toCoreEvent(object),
      ...(oldObject === undefined ? {} : { oldObject }),
      options: {},
      user: { username: 'u', groups: [] },
      dryRun: false,
      warn() {},
    },
    backend,
  )
}

describe('the two forms of an event', () => {
  it('are the same event', () => {
    const stored = toCoreEvent(strict())
    expect(stored).toEqual(
      core({
        message: 'hello',
        source: {},
        firstTimestamp: null,
        lastTimestamp: null,
        eventTime: '2025-12-31T23:59:59.000000Z',
        action: 'Starting',
        reportingComponent: 'kubernetes.io/kubelet',
        count: undefined,
      }),
    )
    expect(fromCoreEvent(stored as ApiObject)).toEqual(strict())
    expect(toCoreEvent(fromCoreEvent(core() as ApiObject))).toEqual(core())
  })

  it('are two versions of one definition, of two groups', () => {
    const { versions, resource } = world().definition('Event')
    expect(resource).toEqual({ group: '', resource: 'events' })
    expect(versions.map(({ gvk }) => `${gvk.group}/${gvk.version}`)).toEqual(['/v1', 'events.k8s.io/v1'])
    const catalogue = new Catalogue()
    catalogue.set({ definition: world().definition('Event'), registry: world().registry('Event') })
    expect(catalogue.endpoint('events.k8s.io', 'v1', 'events')?.version.gvk.group).toBe('events.k8s.io')
    expect(catalogue.endpoint('', 'v1', 'events')?.version.gvk.group).toBe('')
    expect(catalogue.endpoint('other', 'v1', 'events')).toBeUndefined()
    const [, group] = versions
    expect(group?.selectableFields?.['regarding.name']?.(strict() as ApiObject)).toBe('web')
    expect(versions[0]?.selectableFields?.['involvedObject.uid']?.(core() as ApiObject)).toBe('')
    expect(versions[0]?.selectableFields?.source?.(core({ source: {} }) as ApiObject)).toBe('kubelet')
  })
})

describe('what is refused', () => {
  it.each([
    [core({}, 'other'), 'involvedObject.namespace: Invalid value: "default": does not match event.namespace'],
    [
      core({ involvedObject: {} }, 'other'),
      'involvedObject.namespace: Invalid value: "": does not match event.namespace',
    ],
    [
      core({ eventTime: '2025-12-31T23:59:59.000000Z', reportingComponent: '', reportingInstance: '', reason: '' }),
      "[reportingComponent: Required value, reportingComponent: Invalid value: \"\": name part must be non-empty, reportingComponent: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'), reportingInstance: Required value, action: Required value, reason: Required value]",
    ],
    [
      core({ eventTime: '2025-12-31T23:59:59.000000Z', action: 'x', message: 'x'.repeat(1025) }),
      'message: Invalid value: "": can have at most 1024 characters',
    ],
  ])('%#', (event, message) => {
    expect(refusal(() => world().create(event))).toBe(`Event "e" is invalid: ${message}`)
  })

  it.each([
    [strict({ type: 'Odd' }), 'type: Invalid value: "": has invalid value: Odd'],
    [
      strict({ series: { count: 1, lastObservedTime: null } }),
      '[series.count: Invalid value: "": should be at least 2, series.lastObservedTime: Required value]',
    ],
    [
      strict({ deprecatedCount: 1, deprecatedSource: { host: 'x' } }),
      '[count: Invalid value: "": needs to be unset, source: Invalid value: "": needs to be unset]',
    ],
  ])('of what comes by events.k8s.io, %#', (event, message) => {
    expect(refusal(() => admit(event))).toBe(`Event "e" is invalid: ${message}`)
  })

  it('of a change by events.k8s.io', () => {
    const old = toCoreEvent(strict()) as ApiObject
    expect(
      refusal(() => admit(strict({ series: { count: 2, lastObservedTime: '2026-01-01T00:00:00.000000Z' } }), old)),
    ).toMatchObject({})
    expect(refusal(() => admit(strict({ note: 'other', regarding: { kind: 'Pod', namespace: 'default' } }), old))).toBe(
      'Event "e" is invalid: [involvedObject: Invalid value: {"Kind":"Pod","Namespace":"default","Name":"","UID":"","APIVersion":"","ResourceVersion":"","FieldPath":""}: field is immutable, message: Invalid value: "other": field is immutable]',
    )
  })
})

it('is gone an hour after it was written', () => {
  const here = world()
  here.create(core())
  here.clock.stepNow(3_599_999)
  expect(here.store.collection({ group: '', resource: 'events' })?.size).toBe(1)
  here.clock.stepNow(1)
  expect(here.store.collection({ group: '', resource: 'events' })?.size).toBe(0)
})

describe('the table', () => {
  it('has kubectl’s columns', () => {
    expect(world().columns('Event')).toEqual([
      'Last Seen',
      'Type',
      'Reason',
      'Object',
      'Subobject*',
      'Source*',
      'Message',
      'First Seen*',
      'Count*',
      'Name*',
    ])
  })
  it.each([
    [core(), ['60s', 'Normal', 'Started', 'pod/web', '', 'kubelet, n1', 'Started container', '60m', 3, 'e']],
    [
      toCoreEvent(strict()),
      ['1s', 'Normal', 'Started', 'pod/web', '', 'kubernetes.io/kubelet, n1', 'hello', '1s', 1, 'e'],
    ],
    [
      toCoreEvent(
        strict({
          series: { count: 9, lastObservedTime: '2025-12-31T23:59:58.000000Z' },
          regarding: { kind: 'Node', namespace: 'default' },
        }),
      ),
      ['2s', 'Normal', 'Started', 'node', '', 'kubernetes.io/kubelet, n1', 'hello', '1s', 9, 'e'],
    ],
  ])('%#', (event, cells) => {
    const here = world()
    expect(here.cells(here.create(event))).toEqual(cells)
  })
})
