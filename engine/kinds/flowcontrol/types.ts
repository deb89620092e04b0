/** flowcontrol.apiserver.k8s.io/v1, as far as it is read here. */
export interface FlowSubject {
  readonly kind: string
  readonly user?: { readonly name: string }
  readonly group?: { readonly name: string }
  readonly serviceAccount?: { readonly namespace: string; readonly name: string }
}

export interface ResourceRule {
  readonly verbs?: readonly string[] | null
  readonly apiGroups?: readonly string[] | null
  readonly resources?: readonly string[] | null
  readonly clusterScope?: boolean
  readonly namespaces?: readonly string[] | null
}

export interface NonResourceRule {
  readonly verbs?: readonly string[] | null
  readonly nonResourceURLs?: readonly string[] | null
}

export interface FlowRule {
  readonly subjects?: readonly FlowSubject[] | null
  readonly resourceRules?: readonly ResourceRule[]
  readonly nonResourceRules?: readonly NonResourceRule[]
}

export interface FlowSchemaSpec {
  readonly priorityLevelConfiguration?: { readonly name?: string }
  readonly matchingPrecedence?: number
  readonly distinguisherMethod?: { readonly type: string }
  readonly rules?: readonly FlowRule[]
}

export interface Queuing {
  readonly queues?: number
  readonly handSize?: number
  readonly queueLengthLimit?: number
}

export interface Limited {
  readonly nominalConcurrencyShares?: number | null
  readonly limitResponse?: { readonly type?: string; readonly queuing?: Queuing }
  readonly lendablePercent?: number
  readonly borrowingLimitPercent?: number
}

export interface Exempt {
  readonly nominalConcurrencyShares?: number
  readonly lendablePercent?: number
}

export interface PriorityLevelSpec {
  readonly type: string
  readonly limited?: Limited
  readonly exempt?: Exempt
}

export interface FlowCondition {
  readonly type?: string
  readonly status?: string
}
