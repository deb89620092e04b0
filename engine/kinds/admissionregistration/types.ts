import type { Condition } from '../../objects/field-checks.ts'
import type { LabelSelectorObject } from '../../objects/label-selector.ts'

/** admissionregistration.k8s.io/v1, as far as it is read here. */
export interface RuleWithOperations {
  readonly operations?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly apiVersions?: readonly string[]
  readonly resources?: readonly string[]
  readonly scope?: string
  /** Of policies only. */
  readonly resourceNames?: readonly string[]
}

export interface MatchCondition {
  readonly name: string
  readonly expression: string
}

export interface ServiceReference {
  readonly namespace: string
  readonly name: string
  readonly path?: string
  readonly port?: number
}

export interface Webhook {
  readonly name: string
  readonly clientConfig: { readonly url?: string; readonly service?: ServiceReference; readonly caBundle?: string }
  readonly rules?: readonly RuleWithOperations[]
  readonly failurePolicy?: string
  readonly matchPolicy?: string
  readonly namespaceSelector?: LabelSelectorObject
  readonly objectSelector?: LabelSelectorObject
  readonly sideEffects?: string | null
  readonly timeoutSeconds?: number
  readonly admissionReviewVersions?: readonly string[] | null
  readonly matchConditions?: readonly MatchCondition[]
  /** Of mutating ones only. */
  readonly reinvocationPolicy?: string
}

export interface MatchResources {
  readonly namespaceSelector?: LabelSelectorObject
  readonly objectSelector?: LabelSelectorObject
  readonly resourceRules?: readonly RuleWithOperations[]
  readonly excludeResourceRules?: readonly RuleWithOperations[]
  readonly matchPolicy?: string
}

export interface ParamKind {
  readonly apiVersion?: string
  readonly kind?: string
}

export interface Validation {
  readonly expression: string
  readonly message?: string
  readonly reason?: string
  readonly messageExpression?: string
}

export interface Variable {
  readonly name: string
  readonly expression: string
}

export interface AuditAnnotation {
  readonly key: string
  readonly valueExpression: string
}

export interface PolicySpec {
  readonly paramKind?: ParamKind
  readonly matchConstraints?: MatchResources
  readonly validations?: readonly Validation[]
  readonly failurePolicy?: string
  readonly auditAnnotations?: readonly AuditAnnotation[]
  readonly matchConditions?: readonly MatchCondition[]
  readonly variables?: readonly Variable[]
}

export interface PolicyStatus {
  readonly typeChecking?: {
    readonly expressionWarnings?: readonly { readonly fieldRef: string; readonly warning: string }[]
  }
  readonly conditions?: readonly Condition[]
}

export interface ParamRef {
  readonly name?: string
  readonly namespace?: string
  readonly selector?: LabelSelectorObject
  readonly parameterNotFoundAction?: string
}

export interface BindingSpec {
  readonly policyName?: string
  readonly paramRef?: ParamRef
  readonly matchResources?: MatchResources
  readonly validationActions?: readonly string[]
}
