import { deepEqual } from '../../objects/equal.ts'
import { immutable, invalidEach, qualifiedName } from '../../objects/field-checks.ts'
import { type FieldError, invalidValue, requiredValue } from '../../objects/field-error.ts'
import { dns1123SubdomainErrors } from '../../objects/names.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { goFields } from '../core/go-fields.ts'
import { kubeFinalizerErrors, metadataErrors, metadataUpdateErrors, subdomainNameErrors } from '../metadata.ts'
import { type Event, eventOf, isSet, type Reference } from './types.ts'

const MOST_NAME = 128
const MOST_NOTE = 1024

/** What holds for events of both groups; the field of the reporter has another name in each (`legacyValidateEvent`, 1.34). */
export function eventErrors(object: NewObject, reporterField = 'reportingComponent'): FieldError[] {
  const event = eventOf(object)
  const { namespace = '' } = object.metadata
  return [
    ...(isSet(event.eventTime)
      ? newEventErrors(event, namespace, reporterField)
      : namespaceErrors(event, (own) => (own === '' ? ['', 'default'].includes(namespace) : own === namespace))),
    ...invalidEach('namespace', namespace, dns1123SubdomainErrors(namespace)),
  ]
}

function namespaceErrors({ involvedObject }: Event, fits: (own: string) => boolean): FieldError[] {
  const { namespace: own = '' } = involvedObject
  return fits(own) ? [] : [invalidValue('involvedObject.namespace', own, 'does not match event.namespace')]
}

/** Events that say when they happened say more about their reporter. */
function newEventErrors(event: Event, namespace: string, reporterField: string): FieldError[] {
  const { reportingComponent = '', reportingInstance = '', action = '', reason = '', message = '' } = event
  return [
    ...namespaceErrors(event, (own) => own !== '' || ['default', 'kube-system'].includes(namespace)),
    ...(reportingComponent === '' ? [requiredValue(reporterField)] : []),
    ...qualifiedName(reporterField, reportingComponent),
    ...textErrors('reportingInstance', reportingInstance),
    ...textErrors('action', action),
    ...textErrors('reason', reason),
    ...lengthErrors('message', message, MOST_NOTE),
  ]
}

function textErrors(field: string, text: string): FieldError[] {
  return [...(text === '' ? [requiredValue(field)] : []), ...lengthErrors(field, text, MOST_NAME)]
}

function lengthErrors(field: string, text: string, most: number): FieldError[] {
  const bytes = new TextEncoder().encode(text).length
  return bytes > most ? [invalidValue(field, '', `can have at most ${most} characters`)] : []
}

/** What a new event of events.k8s.io/v1 must be besides. */
export function strictEventErrors(object: NewObject): FieldError[] {
  const event = eventOf(object)
  const { type = '', count = 0, source = {} } = event
  const unset = (field: string, isUnset: boolean): FieldError[] =>
    isUnset ? [] : [invalidValue(field, '', 'needs to be unset')]
  return [
    ...eventErrors(object, 'reportingController'),
    ...metadataErrors(object.metadata, { namespaced: true, nameErrors: subdomainNameErrors }),
    ...kubeFinalizerErrors(object),
    ...seriesErrors(event),
    ...(isSet(event.eventTime) ? [] : [requiredValue('eventTime')]),
    ...(['Normal', 'Warning'].includes(type) ? [] : [invalidValue('type', '', `has invalid value: ${type}`)]),
    ...unset('firstTimestamp', !isSet(event.firstTimestamp)),
    ...unset('lastTimestamp', !isSet(event.lastTimestamp)),
    ...unset('count', count === 0),
    ...unset('source', (source.component ?? '') === '' && (source.host ?? '') === ''),
  ]
}

function seriesErrors({ series }: Event): FieldError[] {
  if (series === undefined) return []
  return [
    ...((series.count ?? 0) < 2 ? [invalidValue('series.count', '', 'should be at least 2')] : []),
    ...(isSet(series.lastObservedTime) ? [] : [requiredValue('series.lastObservedTime')]),
  ]
}

/** Of an event of events.k8s.io/v1 only its series grows. */
export function strictEventChangeErrors(object: ApiObject, old: ApiObject): FieldError[] {
  const now = eventOf(object)
  const before = eventOf(old)
  const texts = (...fields: (keyof Event)[]): FieldError[] =>
    fields.flatMap((field) => immutable(field, now[field] ?? '', before[field] ?? ''))
  const times = (...fields: ('firstTimestamp' | 'lastTimestamp' | 'eventTime')[]): FieldError[] =>
    fields.flatMap((field) => immutable(field, now[field] ?? null, before[field] ?? null))
  return [
    ...eventErrors(object, 'reportingController'),
    ...metadataUpdateErrors(object, old),
    ...kubeFinalizerErrors(object),
    ...(deepEqual(now.series, before.series) ? [] : seriesErrors(now)),
    ...immutable('involvedObject', now.involvedObject, before.involvedObject, shownReference(now.involvedObject)),
    ...texts('reason', 'message'),
    ...immutable('source', now.source, before.source, {
      Component: now.source?.component ?? '',
      Host: now.source?.host ?? '',
    }),
    ...times('firstTimestamp', 'lastTimestamp'),
    ...immutable('count', now.count ?? 0, before.count ?? 0),
    ...texts('reason', 'type'),
    ...times('eventTime'),
    ...texts('action'),
    ...immutable('related', now.related, before.related, now.related && shownReference(now.related)),
    ...immutable('reportingController', now.reportingComponent ?? '', before.reportingComponent ?? ''),
    ...texts('reportingInstance'),
  ]
}

function shownReference(reference: Reference): unknown {
  return goFields({
    Kind: reference.kind ?? '',
    Namespace: reference.namespace ?? '',
    Name: reference.name ?? '',
    UID: reference.uid ?? '',
    APIVersion: reference.apiVersion ?? '',
    ResourceVersion: reference.resourceVersion ?? '',
    FieldPath: reference.fieldPath ?? '',
  })
}
