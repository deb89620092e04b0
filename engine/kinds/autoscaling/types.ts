import type { LabelSelectorObject } from '../../objects/label-selector.ts'

/** autoscaling/v2, as far as it is read here. Quantities are text. */
export interface CrossVersionReference {
  readonly kind: string
  readonly name: string
  readonly apiVersion?: string
}

export interface MetricIdentifier {
  readonly name: string
  readonly selector?: LabelSelectorObject
}

export interface MetricValue {
  readonly value?: string
  readonly averageValue?: string
  readonly averageUtilization?: number
}

export interface MetricTarget extends MetricValue {
  readonly type: string
}

export interface ResourceSource {
  readonly name: string
  readonly target: MetricTarget
}

export interface MetricSpec {
  readonly type: string
  readonly object?: {
    readonly describedObject: CrossVersionReference
    readonly target: MetricTarget
    readonly metric: MetricIdentifier
  }
  readonly pods?: { readonly metric: MetricIdentifier; readonly target: MetricTarget }
  readonly resource?: ResourceSource
  readonly containerResource?: ResourceSource & { readonly container: string }
  readonly external?: { readonly metric: MetricIdentifier; readonly target: MetricTarget }
}

export interface MetricStatus {
  readonly type: string
  readonly object?: {
    readonly metric: MetricIdentifier
    readonly current: MetricValue
    readonly describedObject: CrossVersionReference
  }
  readonly pods?: { readonly metric: MetricIdentifier; readonly current: MetricValue }
  readonly resource?: { readonly name: string; readonly current: MetricValue }
  readonly containerResource?: { readonly name: string; readonly container: string; readonly current: MetricValue }
  readonly external?: { readonly metric: MetricIdentifier; readonly current: MetricValue }
}

export interface ScalingPolicy {
  readonly type: string
  readonly value: number
  readonly periodSeconds: number
}

export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number
  readonly selectPolicy?: string
  readonly policies?: readonly ScalingPolicy[]
  readonly tolerance?: string
}

export interface Behavior {
  readonly scaleUp?: ScalingRules
  readonly scaleDown?: ScalingRules
}

export interface AutoscalerSpec {
  readonly scaleTargetRef: CrossVersionReference
  readonly minReplicas?: number
  readonly maxReplicas: number
  readonly metrics?: readonly MetricSpec[]
  readonly behavior?: Behavior
}

export interface AutoscalerCondition {
  readonly type: string
  readonly status: string
  readonly lastTransitionTime?: string | null
  readonly reason?: string
  readonly message?: string
}

export interface AutoscalerStatus {
  readonly observedGeneration?: number
  readonly lastScaleTime?: string
  readonly currentReplicas?: number
  readonly desiredReplicas: number
  readonly currentMetrics: readonly MetricStatus[] | null
  readonly conditions?: readonly AutoscalerCondition[]
}
