import type { ApiObject } from '../../objects/types.ts'
import { createdAt } from '../created-at.ts'
import { defineKind, type KindRules, type Schemas } from '../define.ts'
import { type NameErrors, pathSegmentNameErrors } from '../metadata.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'
import { defaultBinding } from './defaults.ts'
import {
  clusterRoleBindingErrors,
  clusterRoleErrors,
  RBAC_GROUP,
  type RoleRef,
  roleBindingErrors,
  roleErrors,
  roleRefChangeErrors,
  type Subject,
} from './validation.ts'

/** What `KindRules` have in common here. A change is checked as upstream does: what a new one is asked is asked twice. */
type Rules = Pick<KindRules, 'kind' | 'resource' | 'namespaced' | 'printer' | 'default'> & {
  readonly errors: NonNullable<KindRules['validate']>
  readonly changeErrors?: NonNullable<KindRules['validateUpdate']>
}

/** Names are not masked: a generateName is checked as it is. */
const nameErrors: NameErrors = (name) => pathSegmentNameErrors(name, false)

const bindingPrinter: Printer = {
  columns: [
    nameColumn,
    column('Role', 'string', 'The role that is given.'),
    ageColumn,
    column('Users', 'string', 'Users that have it.', 'wide'),
    column('Groups', 'string', 'Groups that have it.', 'wide'),
    column('ServiceAccounts', 'string', 'Service accounts that have it.', 'wide'),
  ],
  cells(object, now) {
    const { kind, name } = object.roleRef as RoleRef
    const subjects = (object.subjects ?? []) as readonly Subject[]
    const named = (of: string, text: (subject: Subject) => string): string =>
      subjects
        .filter((subject) => subject.kind === of)
        .map(text)
        .join(', ')
    return [
      object.metadata.name,
      `${kind}/${name}`,
      age(object.metadata.creationTimestamp, now),
      named('User', (subject) => subject.name),
      named('Group', (subject) => subject.name),
      named('ServiceAccount', (subject) => `${subject.namespace ?? ''}/${subject.name}`),
    ]
  },
}

const kinds: readonly Rules[] = [
  { kind: 'Role', resource: 'roles', printer: createdAt, errors: roleErrors },
  { kind: 'ClusterRole', resource: 'clusterroles', namespaced: false, printer: createdAt, errors: clusterRoleErrors },
  {
    kind: 'RoleBinding',
    resource: 'rolebindings',
    default: defaultBinding,
    printer: bindingPrinter,
    errors: roleBindingErrors,
    changeErrors: roleRefChangeErrors,
  },
  {
    kind: 'ClusterRoleBinding',
    resource: 'clusterrolebindings',
    namespaced: false,
    default: defaultBinding,
    printer: bindingPrinter,
    errors: clusterRoleBindingErrors,
    changeErrors: roleRefChangeErrors,
  },
]

export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return kinds.map(({ errors, changeErrors, ...rules }) =>
    defineKind(schemas, {
      ...rules,
      group: RBAC_GROUP,
      version: 'v1',
      nameErrors,
      metadataChecks: { again: 2 },
      createOnUpdate: true,
      validate: errors,
      validateUpdate: (object: ApiObject, old: ApiObject) => [
        ...errors(object),
        ...errors(object),
        ...(changeErrors?.(object, old) ?? []),
      ],
    }),
  )
}
