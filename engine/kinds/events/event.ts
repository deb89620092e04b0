import type { AdmissionPlugin } from '../../admission/plugin.ts'
import type { FieldError } from '../../objects/field-error.ts'
import { invalid } from '../../objects/status-error.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { keepSystemFields } from '../../storage/metadata.ts'
import { defineKind, type Schemas } from '../define.ts'
import { metadataErrors, metadataUpdateErrors, pathSegmentNameErrors } from '../metadata.ts'
import type { ResourceDefinition, ServedVersion } from '../resource.ts'
import { fromCoreEvent, toCoreEvent } from './conversion.ts'
import { eventPrinter } from './printer.ts'
import { eventOf, type Reference } from './types.ts'
import { eventErrors, strictEventChangeErrors, strictEventErrors } from './validation.ts'

const HOUR = 3_600_000
const GROUP = 'events.k8s.io'

/** Event (1.34): stored as core/v1, and served as events.k8s.io/v1 too, both as `events`. */
export function events(schemas: Schemas): ResourceDefinition {
  const definition = defineKind(schemas, {
    group: '',
    version: 'v1',
    kind: 'Event',
    resource: 'events',
    metadataChecks: { onCreate: false, onChange: false },
    createOnUpdate: true,
    garbageCollection: 'unsupported',
    lifetime: HOUR,
    nameErrors: pathSegmentNameErrors,
    validate: (event) => eventErrors(event),
    printer: eventPrinter,
    selectableFields: coreFields,
  })
  return { ...definition, versions: [...definition.versions, groupVersion(schemas)] }
}

function groupVersion(schemas: Schemas): ServedVersion {
  const gvk = { group: GROUP, version: 'v1', kind: 'Event' }
  const schema = schemas.schemaOf(gvk.group, gvk.version, gvk.kind)
  if (schema === undefined) throw new Error('There is no schema of events.k8s.io/v1 Event.')
  return {
    gvk,
    schema,
    convert: { toStored: toCoreEvent, fromStored: fromCoreEvent },
    printer: {
      columns: eventPrinter.columns,
      cells: (event, now) => eventPrinter.cells(toCoreEvent(event) as ApiObject, now),
    },
    selectableFields: groupFields,
  }
}

const referenceFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const

function referenceReaders(
  prefix: string,
  read: (object: ApiObject) => Reference | undefined,
): Record<string, (object: ApiObject) => string> {
  return Object.fromEntries(
    referenceFields.map((field) => [`${prefix}.${field}`, (object: ApiObject) => read(object)?.[field] ?? '']),
  )
}

const coreFields: NonNullable<ServedVersion['selectableFields']> = {
  ...referenceReaders('involvedObject', (event) => eventOf(event).involvedObject),
  reason: (event) => eventOf(event).reason ?? '',
  reportingComponent: (event) => eventOf(event).reportingComponent ?? '',
  source: (event) => eventOf(event).source?.component || (eventOf(event).reportingComponent ?? ''),
  type: (event) => eventOf(event).type ?? '',
}

const groupFields: NonNullable<ServedVersion['selectableFields']> = {
  ...referenceReaders('regarding', ({ regarding }) => regarding as Reference | undefined),
  reason: (event) => eventOf(event).reason ?? '',
  reportingController: ({ reportingController }) => (reportingController ?? '') as string,
  type: (event) => eventOf(event).type ?? '',
}

function commonErrors(event: ApiObject, old: ApiObject): readonly FieldError[] {
  const rules = { namespaced: true, nameErrors: pathSegmentNameErrors }
  return [...metadataErrors(event.metadata, rules), ...metadataUpdateErrors(event, old)]
}

/**
 * Holds events that come as events.k8s.io/v1 to that group's stricter rules. A strategy sees the stored form alone and does not know how an object
 * came, so this stands among the plug-ins: it must be the last before the object is validated.
 */
export const eventRules: AdmissionPlugin = {
  name: 'EventRules',
  mutate({ object, oldObject, operation, resource, subresource, kind }): NewObject {
    if (object === undefined) throw new Error('There is nothing to change in a deletion.')
    if (resource.resource !== 'events' || kind.group !== GROUP || subresource !== '') return object
    const changed = operation === 'UPDATE' && oldObject !== undefined
    const now = changed ? keepSystemFields(object as ApiObject, oldObject) : (object as ApiObject)
    const strict = changed ? strictEventChangeErrors(now, oldObject) : strictEventErrors(object)
    // What is asked of all objects comes first, where there is something to say at all
    const errors = strict.length === 0 || !changed ? strict : [...commonErrors(now, oldObject), ...strict]
    if (errors.length > 0) throw invalid({ group: '', kind: 'Event' }, object.metadata.name ?? '', errors)
    return object
  },
}
