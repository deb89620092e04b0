import { invalidEach } from '../../objects/field-checks.ts'
import { type FieldError, invalidValue, tooLongValue } from '../../objects/field-error.ts'
import { configKeyErrors } from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'
import { defineKind, type Schemas } from '../define.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'
import { type Data, decodedLength, entriesOf, immutabilityErrors, MOST_BYTES } from './data-errors.ts'

const textOf = ({ data }: ApiObject): Data => (data ?? {}) as Data
const binaryOf = ({ binaryData }: ApiObject): Data => (binaryData ?? {}) as Data

/** core/v1 ConfigMap (1.34). */
export function configMaps(schemas: Schemas): ResourceDefinition {
  return defineKind(schemas, {
    group: '',
    version: 'v1',
    kind: 'ConfigMap',
    resource: 'configmaps',
    metadataChecks: { again: 1 },
    validate: configMapErrors,
    validateUpdate: (object, old) => [
      ...immutabilityErrors(object, old, ['data', 'binaryData']),
      ...configMapErrors(object),
    ],
    printer,
  })
}

function configMapErrors(object: ApiObject): FieldError[] {
  const text = textOf(object)
  const binary = binaryOf(object)
  const encoder = new TextEncoder()
  let bytes = 0
  const errors: FieldError[] = []
  for (const [key, value] of entriesOf(text)) {
    const at = `data[${key}]`
    errors.push(...invalidEach(at, key, configKeyErrors(key)))
    if (Object.hasOwn(binary, key)) errors.push(invalidValue(at, key, 'duplicate of key present in binaryData'))
    bytes += encoder.encode(value).length
  }
  for (const [key, value] of entriesOf(binary)) {
    errors.push(...invalidEach(`binaryData[${key}]`, key, configKeyErrors(key)))
    bytes += decodedLength(value)
  }
  // Upstream names the whole object by an empty path, which is printed so.
  return bytes > MOST_BYTES ? [...errors, tooLongValue('[]', MOST_BYTES)] : errors
}

const printer: Printer = {
  columns: [nameColumn, column('Data', 'string', 'How many entries there are.'), ageColumn],
  cells: (object, now) => [
    object.metadata.name,
    Object.keys(textOf(object)).length + Object.keys(binaryOf(object)).length,
    age(object.metadata.creationTimestamp, now),
  ],
}
