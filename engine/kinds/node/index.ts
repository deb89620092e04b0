import { immutable, invalidEach } from '../../objects/field-checks.ts'
import { duplicateValue, type FieldError } from '../../objects/field-error.ts'
import { labelErrors } from '../../objects/label-errors.ts'
import { dns1123LabelErrors } from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'
import { defineKind, type Schemas } from '../define.ts'
import { deprecatedNodeLabel } from '../deprecated-node-labels.ts'
import type { Toleration } from '../pod/types.ts'
import { containerResourcesErrors } from '../pod/validation/resources.ts'
import { tolerationErrors } from '../pod/validation/scheduling.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'

interface Scheduling {
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly tolerations?: readonly Toleration[]
}

const printer: Printer = {
  columns: [nameColumn, column('Handler', 'string', 'What the node calls the runtime.'), ageColumn],
  cells: (object, now) => [
    object.metadata.name,
    String(object.handler ?? ''),
    age(object.metadata.creationTimestamp, now),
  ],
}

export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return [
    defineKind(schemas, {
      group: 'node.k8s.io',
      version: 'v1',
      kind: 'RuntimeClass',
      resource: 'runtimeclasses',
      metadataChecks: { again: 1 },
      namespaced: false,
      createOnUpdate: true,
      unconditionalUpdate: false,
      validate: runtimeClassErrors,
      validateUpdate: (object, old) => [
        ...runtimeClassErrors(object),
        ...immutable('handler', object.handler, old.handler),
      ],
      warnings: runtimeClassWarnings,
      printer,
    }),
  ]
}

const schedulingOf = (object: ApiObject): Scheduling => (object.scheduling ?? {}) as Scheduling

function runtimeClassErrors(object: ApiObject): FieldError[] {
  const handler = (object.handler ?? '') as string
  const overhead = object.overhead as { readonly podFixed?: Readonly<Record<string, string>> } | undefined
  const { nodeSelector, tolerations = [] } = schedulingOf(object)
  return [
    ...invalidEach('handler', handler, dns1123LabelErrors(handler)),
    ...(overhead === undefined
      ? []
      : containerResourcesErrors({ limits: overhead.podFixed ?? {} }, new Set(), 'overhead')),
    ...labelErrors(nodeSelector, 'scheduling.nodeSelector'),
    // Upstream says the field's name twice where a toleration itself is wrong, and once where it is there already.
    ...tolerationErrors(tolerations, 'scheduling.tolerations.tolerations'),
    ...repeatedErrors(tolerations, 'scheduling.tolerations'),
  ]
}

function repeatedErrors(tolerations: readonly Toleration[], field: string): FieldError[] {
  const seen = new Set<string>()
  return tolerations.flatMap((toleration, index) => {
    const { key = '', operator = '', value = '', effect = '', tolerationSeconds = null } = toleration
    const same = JSON.stringify([key, operator, value, effect])
    if (!seen.has(same)) {
      seen.add(same)
      return []
    }
    const shown = { Key: key, Operator: operator, Value: value, Effect: effect, TolerationSeconds: tolerationSeconds }
    return [duplicateValue(`${field}[${index}]`, shown)]
  })
}

function runtimeClassWarnings(object: ApiObject): string[] {
  return Object.keys(schedulingOf(object).nodeSelector ?? {}).flatMap((key) => {
    const message = deprecatedNodeLabel(key)
    return message === undefined ? [] : [`scheduling.nodeSelector: ${message}`]
  })
}
