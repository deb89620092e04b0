import { semanticallyEqual } from '../../objects/equal.ts'
import { type FieldError, invalidValue } from '../../objects/field-error.ts'
import type { ApiObject } from '../../objects/types.ts'
import { goFields } from '../core/go-fields.ts'
import type { FlowRule, FlowSchemaSpec, FlowSubject, PriorityLevelSpec } from './types.ts'

/** What upstream keeps as it is, whatever anybody writes: everybody falls into one of these. */
const everything: Pick<FlowRule, 'resourceRules' | 'nonResourceRules'> = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
}
const group = (name: string): FlowSubject => ({ kind: 'Group', group: { name } })

const schemas: Readonly<Record<string, FlowSchemaSpec>> = {
  exempt: {
    priorityLevelConfiguration: { name: 'exempt' },
    matchingPrecedence: 1,
    rules: [{ subjects: [group('system:masters')], ...everything }],
  },
  'catch-all': {
    priorityLevelConfiguration: { name: 'catch-all' },
    matchingPrecedence: 10_000,
    distinguisherMethod: { type: 'ByUser' },
    rules: [{ subjects: [group('system:unauthenticated'), group('system:authenticated')], ...everything }],
  },
}

const levels: Readonly<Record<string, PriorityLevelSpec>> = {
  exempt: { type: 'Exempt' },
  'catch-all': {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } },
  },
}

export function mandatorySchemaErrors({ metadata: { name }, spec }: ApiObject): FieldError[] {
  const fixed = Object.hasOwn(schemas, name) ? schemas[name] : undefined
  if (fixed === undefined || semanticallyEqual(spec, fixed)) return []
  return [invalidValue('spec', shownSchema(spec as FlowSchemaSpec), `spec of '${name}' must equal the fixed value`)]
}

/** How much of the API server `exempt` gets may be changed. */
export function mandatoryLevelErrors({ metadata: { name }, spec }: ApiObject): FieldError[] {
  const fixed = Object.hasOwn(levels, name) ? levels[name] : undefined
  if (fixed === undefined) return []
  const { exempt: _, ...rest } = spec as PriorityLevelSpec
  if (semanticallyEqual(name === 'exempt' ? rest : spec, fixed)) return []
  const but = name === 'exempt' ? " except the 'spec.exempt' field" : ''
  return [
    invalidValue('spec', shownLevel(spec as PriorityLevelSpec), `spec of '${name}'${but} must equal the fixed value`),
  ]
}

function shownSchema({ priorityLevelConfiguration, matchingPrecedence, distinguisherMethod, rules }: FlowSchemaSpec) {
  return goFields({
    PriorityLevelConfiguration: { Name: priorityLevelConfiguration?.name ?? '' },
    MatchingPrecedence: matchingPrecedence ?? 0,
    DistinguisherMethod: distinguisherMethod && { Type: distinguisherMethod.type },
    Rules: rules?.map(shownRule),
  })
}

function shownRule({ subjects, resourceRules, nonResourceRules }: FlowRule): unknown {
  return goFields({
    Subjects: subjects?.map(({ kind, user, group: named, serviceAccount: account }) =>
      goFields({
        Kind: kind,
        User: user && { Name: user.name },
        Group: named && { Name: named.name },
        ServiceAccount: account && { Namespace: account.namespace, Name: account.name },
      }),
    ),
    ResourceRules: resourceRules?.map(({ verbs, apiGroups, resources, clusterScope = false, namespaces }) =>
      goFields({
        Verbs: verbs,
        APIGroups: apiGroups,
        Resources: resources,
        ClusterScope: clusterScope,
        Namespaces: namespaces,
      }),
    ),
    NonResourceRules: nonResourceRules?.map(({ verbs, nonResourceURLs }) =>
      goFields({ Verbs: verbs, NonResourceURLs: nonResourceURLs }),
    ),
  })
}

function shownLevel({ type, limited, exempt }: PriorityLevelSpec): unknown {
  const { type: response = '', queuing } = limited?.limitResponse ?? {}
  return goFields({
    Type: type,
    Limited:
      limited &&
      goFields({
        NominalConcurrencyShares: limited.nominalConcurrencyShares ?? 0,
        LimitResponse: goFields({
          Type: response,
          Queuing:
            queuing &&
            goFields({
              Queues: queuing.queues ?? 0,
              HandSize: queuing.handSize ?? 0,
              QueueLengthLimit: queuing.queueLengthLimit ?? 0,
            }),
        }),
        LendablePercent: limited.lendablePercent,
        BorrowingLimitPercent: limited.borrowingLimitPercent,
      }),
    Exempt:
      exempt &&
      goFields({
        NominalConcurrencyShares: exempt.nominalConcurrencyShares,
        LendablePercent: exempt.lendablePercent,
      }),
  })
}
