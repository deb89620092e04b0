import { age, column, nameColumn } from '../printers.ts'
import type { Printer } from '../resource.ts'
import { type Event, eventOf, isSet } from './types.ts'

/** Over the stored form, core/v1. */
export const eventPrinter: Printer = {
  columns: [
    column('Last Seen', 'string', 'How long ago it happened last.'),
    column('Type', 'string', 'Normal or Warning.'),
    column('Reason', 'string', 'Why it happened, in one word.'),
    column('Object', 'string', 'What it happened to.'),
    column('Subobject', 'string', 'The part of it.', 'wide'),
    column('Source', 'string', 'Who reports it.', 'wide'),
    column('Message', 'string', 'What happened.'),
    column('First Seen', 'string', 'How long ago it happened first.', 'wide'),
    column('Count', 'string', 'How often it happened.', 'wide'),
    { ...nameColumn, priority: 1 },
  ],
  cells(object, now) {
    const event = eventOf(object)
    const first = age(isSet(event.firstTimestamp) ? event.firstTimestamp : event.eventTime, now)
    return [
      lastSeen(event, first, now),
      event.type ?? '',
      event.reason ?? '',
      targetText(event),
      event.involvedObject.fieldPath ?? '',
      sourceText(event),
      (event.message ?? '').trim(),
      first,
      event.series === undefined ? event.count || 1 : (event.series.count ?? 0),
      object.metadata.name,
    ]
  },
}

function lastSeen({ series, lastTimestamp }: Event, first: string, now: number): string {
  if (series !== undefined) return age(series.lastObservedTime, now)
  return isSet(lastTimestamp) ? age(lastTimestamp, now) : first
}

function targetText({ involvedObject: { kind = '', name = '' } }: Event): string {
  return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`
}

function sourceText({ source = {}, reportingComponent = '', reportingInstance = '' }: Event): string {
  const component = source.component || reportingComponent
  const instance = source.host || reportingInstance
  return instance === '' ? component : `${component}, ${instance}`
}
