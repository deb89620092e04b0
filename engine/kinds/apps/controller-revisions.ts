import { immutable, nonNegative } from '../../objects/field-checks.ts'
import { type FieldError, requiredValue } from '../../objects/field-error.ts'
import type { ApiObject } from '../../objects/types.ts'
import { byLackOfController } from '../../storage/indexes.ts'
import type { KindRules } from '../define.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'

/** apps/v1 ControllerRevision (1.34). */
export const controllerRevisions: KindRules = {
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  resource: 'controllerrevisions',
  metadataChecks: { again: 1 },
  indexes: { uncontrolled: byLackOfController },
  validate: (object) => [...revisionErrors(object), ...dataErrors(object.data)],
  validateUpdate: (object, old) => [...revisionErrors(object), ...immutable('data', object.data, old.data)],
  printer: {
    columns: [
      nameColumn,
      column('Controller', 'string', 'What the revision is of.'),
      column('Revision', 'string', 'Number of the revision; later ones have higher numbers.'),
      ageColumn,
    ],
    cells: ({ metadata, ...object }, now) => [
      metadata.name,
      controllerText(metadata),
      Number(object.revision ?? 0),
      age(metadata.creationTimestamp, now),
    ],
  },
}

const revisionErrors = (object: ApiObject): FieldError[] => nonNegative('revision', Number(object.revision ?? 0))

function dataErrors(data: unknown): FieldError[] {
  if (data === undefined || data === null) return [requiredValue('data', 'data is mandatory')]
  const isObject = typeof data === 'object' && !Array.isArray(data)
  return isObject ? [] : [requiredValue('data', 'data must be a valid JSON object')]
}

/** `daemonset.apps/agent`. */
function controllerText({ ownerReferences = [] }: ApiObject['metadata']): string {
  const owner = ownerReferences.find(({ controller }) => controller === true)
  if (owner === undefined) return '<none>'
  const [group = '', version] = owner.apiVersion.split('/')
  const kind = version === undefined ? owner.kind : `${owner.kind}.${group}`
  return kind === '' ? owner.name : `${kind.toLowerCase()}/${owner.name}`
}
