import { defineKind, type Schemas } from '../define.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'
import { priorityClassChangeErrors, priorityClassErrors } from './validation.ts'

const printer: Printer = {
  columns: [
    nameColumn,
    column('Value', 'integer', 'The priority of its Pods.'),
    column('Global-Default', 'boolean', 'Whether Pods get it that name no class.'),
    ageColumn,
    column('PreemptionPolicy', 'string', 'Whether its Pods may put others out.'),
  ],
  cells: (object, now) => [
    object.metadata.name,
    object.value as number,
    object.globalDefault === true,
    age(object.metadata.creationTimestamp, now),
    String(object.preemptionPolicy ?? ''),
  ],
}

export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return [
    defineKind(schemas, {
      group: 'scheduling.k8s.io',
      version: 'v1',
      kind: 'PriorityClass',
      resource: 'priorityclasses',
      namespaced: false,
      default: (object) =>
        object.preemptionPolicy === undefined ? { ...object, preemptionPolicy: 'PreemptLowerPriority' } : object,
      // Nothing of it changes in a way that counts.
      changesGeneration: () => false,
      validate: priorityClassErrors,
      validateUpdate: priorityClassChangeErrors,
      printer,
    }),
  ]
}
