import { type FieldError, invalidValue } from '../../objects/field-error.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { FOREGROUND, ORPHAN } from '../../storage/deletion.ts'
import { withMetadata } from '../../storage/metadata.ts'
import { defineKind, keepFields, resets, type Schemas } from '../define.ts'
import { finalizerNameErrors, labelNameErrors, metadataUpdateErrors } from '../metadata.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition, UpdateSubresource } from '../resource.ts'

/** Says the name of its namespace on every Namespace, for selectors. */
const NAME_LABEL = 'kubernetes.io/metadata.name'
/** Held until the namespace's contents are gone. */
const FINALIZER = 'kubernetes'

const finalizersOf = ({ spec }: ApiObject): readonly string[] =>
  (spec as { readonly finalizers?: readonly string[] } | undefined)?.finalizers ?? []
const phaseOf = ({ status }: NewObject): string => (status as { readonly phase?: string } | undefined)?.phase ?? ''

/** core/v1 Namespace (1.34): it ends in two steps, and only when nobody holds it in `spec.finalizers`. */
export function namespaces(schemas: Schemas): ResourceDefinition {
  return defineKind(schemas, {
    group: '',
    version: 'v1',
    kind: 'Namespace',
    resource: 'namespaces',
    namespaced: false,
    nameErrors: labelNameErrors,
    // They are not deleted by the list
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    default: defaultNamespace,
    prepareForCreate(namespace) {
      const finalizers = finalizersOf(namespace)
      if (finalizers.includes(FINALIZER)) return namespace
      return { ...namespace, spec: { ...(namespace.spec as object), finalizers: [...finalizers, FINALIZER] } }
    },
    prepareForUpdate: (namespace, old) => keepFields(namespace, old, ['spec.finalizers']),
    canonicalize: (namespace) =>
      withMetadata(namespace, { labels: labelled(namespace.metadata.labels, namespace.metadata.name) }),
    validate: (namespace) =>
      finalizersOf(namespace).flatMap((finalizer) => specFinalizerErrors('spec.finalizers', finalizer)),
    status: { empty: { phase: 'Active' }, validateUpdate: statusErrors },
    subresources: { finalize },
    terminate: (namespace) => ({ ...namespace, status: { ...(namespace.status as object), phase: 'Terminating' } }),
    mayRemove: (namespace) => finalizersOf(namespace).length === 0,
    printer,
    selectableFields: { 'status.phase': phaseOf, name: ({ metadata }) => metadata.name },
  })
}

function defaultNamespace(namespace: NewObject): NewObject {
  const { name = '', labels } = namespace.metadata
  const named =
    name === '' || labels?.[NAME_LABEL] === name
      ? namespace
      : { ...namespace, metadata: { ...namespace.metadata, labels: labelled(labels, name) } }
  if (phaseOf(named) !== '') return named
  return { ...named, status: { ...(named.status as object), phase: 'Active' } }
}

function labelled(
  labels: Readonly<Record<string, string>> | undefined,
  name: string,
): Readonly<Record<string, string>> {
  return labels?.[NAME_LABEL] === name ? labels : { ...labels, [NAME_LABEL]: name }
}

function specFinalizerErrors(field: string, finalizer: string): FieldError[] {
  const errors = finalizerNameErrors(finalizer, field)
  if (finalizer.includes('/') || [FINALIZER, ORPHAN, FOREGROUND].includes(finalizer)) return errors
  const why = 'name is neither a standard finalizer name nor is it fully qualified'
  return [...errors, invalidValue(field, finalizer, why)]
}

function statusErrors(namespace: ApiObject): FieldError[] {
  const phase = phaseOf(namespace)
  const ending = namespace.metadata.deletionTimestamp !== undefined
  const expected = ending ? 'Terminating' : 'Active'
  if (phase === expected) return []
  const why = `may only be '${expected}' if \`deletionTimestamp\` is ${ending ? 'not ' : ''}empty`
  return [invalidValue('status.Phase', phase, why)]
}

/** The door through which finalizers of the spec are set and taken away. */
const finalize: UpdateSubresource = {
  verbs: ['update'],
  resetFields: resets(['v1'], ['status']),
  strategy: {
    prepareForUpdate: (namespace, old) => keepFields(namespace, old, ['status']),
    validateUpdate: (namespace, old) => [
      ...metadataUpdateErrors(namespace, old),
      ...finalizersOf(namespace).flatMap((finalizer, index) =>
        specFinalizerErrors(`spec.finalizers[${index}]`, finalizer),
      ),
    ],
  },
}

const printer: Printer = {
  columns: [nameColumn, column('Status', 'string', 'Whether the namespace is in use or ending.'), ageColumn],
  cells: (namespace, now) => [
    namespace.metadata.name,
    phaseOf(namespace),
    age(namespace.metadata.creationTimestamp, now),
  ],
}
