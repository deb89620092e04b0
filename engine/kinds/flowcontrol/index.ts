import type { ApiObject, NewObject } from '../../objects/types.ts'
import { defineKind, type Schemas } from '../define.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'
import { priorityLevelErrors } from './level-validation.ts'
import type { FlowCondition, FlowSchemaSpec, PriorityLevelSpec } from './types.ts'
import { flowConditionErrors, flowSchemaErrors } from './validation.ts'

const group = 'flowcontrol.apiserver.k8s.io'
const version = 'v1'
const PRECEDENCE = 1000
const SHARES = 30
const QUEUING = { handSize: 8, queues: 64, queueLengthLimit: 50 }

const precedenceOf = ({ spec }: ApiObject): number => (spec as FlowSchemaSpec | undefined)?.matchingPrecedence ?? 0

const flowSchemaPrinter: Printer = {
  columns: [
    nameColumn,
    column('PriorityLevel', 'string', 'The priority level of its requests.'),
    column('MatchingPrecedence', 'string', 'The lower, the earlier it is asked.'),
    column('DistinguisherMethod', 'string', 'By what its requests fall into flows.'),
    ageColumn,
    column('MissingPL', 'string', 'Whether the priority level is missing.'),
  ],
  /** As they are asked. */
  order: (left, right) =>
    precedenceOf(left) - precedenceOf(right) || (left.metadata.name < right.metadata.name ? -1 : 1),
  cells(object, now) {
    const {
      priorityLevelConfiguration,
      matchingPrecedence = 0,
      distinguisherMethod,
    } = (object.spec ?? {}) as FlowSchemaSpec
    const { conditions = [] } = (object.status ?? {}) as { readonly conditions?: readonly FlowCondition[] }
    return [
      object.metadata.name,
      priorityLevelConfiguration?.name ?? '',
      matchingPrecedence,
      distinguisherMethod?.type ?? '<none>',
      age(object.metadata.creationTimestamp, now),
      conditions.find(({ type }) => type === 'Dangling')?.status ?? '?',
    ]
  },
}

const levelPrinter: Printer = {
  columns: [
    nameColumn,
    column('Type', 'string', 'Whether its requests are limited.'),
    column('NominalConcurrencyShares', 'string', 'Its share of what the server does at once.'),
    column('Queues', 'string', 'Queues that it has.'),
    column('HandSize', 'string', 'Queues among which a flow is dealt.'),
    column('QueueLengthLimit', 'string', 'Requests that wait in a queue.'),
    ageColumn,
  ],
  cells(object, now) {
    const { type, limited } = (object.spec ?? {}) as PriorityLevelSpec
    const queuing = limited?.limitResponse?.queuing
    return [
      object.metadata.name,
      type,
      limited === undefined ? '<none>' : (limited.nominalConcurrencyShares ?? 0),
      queuing?.queues ?? '<none>',
      queuing?.handSize ?? '<none>',
      queuing?.queueLengthLimit ?? '<none>',
      age(object.metadata.creationTimestamp, now),
    ]
  },
}

export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return [
    defineKind(schemas, {
      group,
      version,
      kind: 'FlowSchema',
      resource: 'flowschemas',
      namespaced: false,
      default: defaultFlowSchema,
      changesGeneration: true,
      validate: flowSchemaErrors,
      status: { validateUpdate: flowConditionErrors },
      printer: flowSchemaPrinter,
    }),
    defineKind(schemas, {
      group,
      version,
      kind: 'PriorityLevelConfiguration',
      resource: 'prioritylevelconfigurations',
      namespaced: false,
      default: defaultLevel,
      changesGeneration: true,
      validate: priorityLevelErrors,
      status: { validateUpdate: flowConditionErrors },
      printer: levelPrinter,
    }),
  ]
}

function defaultFlowSchema(object: NewObject): NewObject {
  const spec = (object.spec ?? {}) as FlowSchemaSpec
  const { matchingPrecedence = 0 } = spec
  return matchingPrecedence === 0 ? { ...object, spec: { ...spec, matchingPrecedence: PRECEDENCE } } : object
}

function defaultLevel(object: NewObject): NewObject {
  const spec = (object.spec ?? {}) as PriorityLevelSpec
  const { exempt, limited } = spec
  const queuing = limited?.limitResponse?.queuing
  return {
    ...object,
    spec: {
      ...spec,
      ...(exempt === undefined ? {} : { exempt: { nominalConcurrencyShares: 0, lendablePercent: 0, ...exempt } }),
      ...(limited === undefined
        ? {}
        : {
            limited: {
              lendablePercent: 0,
              ...limited,
              nominalConcurrencyShares: limited.nominalConcurrencyShares ?? SHARES,
              ...(queuing === undefined
                ? {}
                : { limitResponse: { ...limited.limitResponse, queuing: { ...QUEUING, ...nonZero(queuing) } } }),
            },
          }),
    },
  }
}

function nonZero(numbers: object): object {
  return Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== 0))
}
