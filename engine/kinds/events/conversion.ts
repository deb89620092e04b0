import type { ApiObject, NewObject } from '../../objects/types.ts'

/** Fields that have another name in events.k8s.io/v1: core/v1's first. */
const renamed = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
] as const
const same = ['reason', 'type', 'eventTime', 'series', 'action', 'related', 'reportingInstance'] as const

/** What core/v1 writes also when nothing is there. */
const written = {
  involvedObject: {},
  source: {},
  firstTimestamp: null,
  lastTimestamp: null,
  eventTime: null,
  reportingComponent: '',
  reportingInstance: '',
}

/** From events.k8s.io/v1 to core/v1. */
export function toCoreEvent(event: NewObject): NewObject {
  const core: Record<string, unknown> = { apiVersion: 'v1', kind: 'Event', metadata: event.metadata, ...written }
  for (const field of same) copy(core, field, event[field])
  for (const [name, other] of renamed) copy(core, name, event[other])
  return core as unknown as NewObject
}

/** From core/v1 to events.k8s.io/v1. */
export function fromCoreEvent(event: ApiObject): ApiObject {
  const converted: Record<string, unknown> = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: event.metadata,
    eventTime: null,
    regarding: {},
    deprecatedSource: {},
    deprecatedFirstTimestamp: null,
    deprecatedLastTimestamp: null,
  }
  for (const field of same) copy(converted, field, event[field])
  for (const [name, other] of renamed) copy(converted, other, event[name])
  if (converted.reportingInstance === '') delete converted.reportingInstance
  if (converted.reportingController === '') delete converted.reportingController
  return converted as unknown as ApiObject
}

function copy(target: Record<string, unknown>, field: string, value: unknown): void {
  if (value !== undefined) target[field] = value
}
