import type { ApiObject, NewObject } from '../../objects/types.ts'
import { metricSpecFromV1, metricSpecToV1, metricStatusFromV1, metricStatusToV1 } from './conversion-metrics.ts'
import { defaultV2, utilizationOf } from './defaults.ts'
import type {
  AutoscalerCondition,
  AutoscalerSpec,
  AutoscalerStatus,
  Behavior,
  MetricSpec,
  ScalingRules,
} from './types.ts'

/** Between autoscaling/v1 and v2, which is stored: what v1 has no fields for it carries in annotations (1.34). */

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics'
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics'
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions'
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior'
const CARRIERS: readonly string[] = [
  METRICS,
  BEHAVIOR,
  'autoscaling.alpha.kubernetes.io/scale-down-tolerance',
  'autoscaling.alpha.kubernetes.io/scale-up-tolerance',
  CURRENT_METRICS,
  CONDITIONS,
]

interface SpecV1 extends Omit<AutoscalerSpec, 'metrics' | 'behavior'> {
  readonly targetCPUUtilizationPercentage?: number
}

interface StatusV1 extends Pick<AutoscalerStatus, 'observedGeneration' | 'lastScaleTime' | 'desiredReplicas'> {
  readonly currentReplicas: number
  readonly currentCPUUtilizationPercentage?: number
}

type Annotations = Readonly<Record<string, string>>

/** Without the annotations that carry what another version has no fields for. */
export function withoutCarriers<T extends NewObject | ApiObject>(object: T): T {
  const { annotations } = object.metadata
  if (annotations === undefined || !CARRIERS.some((key) => key in annotations)) return object
  return withAnnotations(
    object,
    Object.fromEntries(Object.entries(annotations).filter(([key]) => !CARRIERS.includes(key))),
  )
}

function withAnnotations<T extends NewObject | ApiObject>(object: T, annotations: Annotations): T {
  const { annotations: _, ...metadata } = object.metadata
  const some = Object.keys(annotations).length > 0
  return { ...object, metadata: some ? { ...metadata, annotations } : metadata }
}

export function fromV1(object: NewObject): NewObject {
  const { annotations = {} } = object.metadata
  const { targetCPUUtilizationPercentage: cpu, ...spec } = object.spec as SpecV1
  const { currentCPUUtilizationPercentage, currentReplicas, ...status } = object.status as StatusV1
  const own = cpu === undefined ? [] : [utilizationOf('cpu', cpu)]
  const metrics = [...(read(annotations[METRICS], list(metricSpecFromV1)) ?? []), ...own]
  const behavior = read(annotations[BEHAVIOR], behaviorFrom)
  const known =
    currentCPUUtilizationPercentage === undefined
      ? null
      : [
          {
            type: 'Resource',
            resource: { name: 'cpu', current: { averageUtilization: currentCPUUtilizationPercentage } },
          },
        ]
  const conditions = read(annotations[CONDITIONS], list(conditionFrom))
  // The annotations may say less than v2 does.
  return defaultV2({
    ...withoutCarriers(object),
    apiVersion: 'autoscaling/v2',
    spec: {
      ...spec,
      metrics,
      ...(behavior === undefined ? {} : { behavior }),
    },
    status: {
      ...status,
      ...(currentReplicas === 0 ? {} : { currentReplicas }),
      currentMetrics: read(annotations[CURRENT_METRICS], list(metricStatusFromV1)) ?? known,
      ...(conditions === undefined || conditions.length === 0 ? {} : { conditions }),
    },
  })
}

export function toV1(object: ApiObject): ApiObject {
  const { metrics = [], behavior, ...spec } = object.spec as AutoscalerSpec
  const { currentMetrics, conditions = [], currentReplicas = 0, ...status } = object.status as AutoscalerStatus
  const current = currentMetrics ?? []
  const utilization = metrics.find(isCpuUtilization)?.resource?.target.averageUtilization
  const others = metrics.filter((metric) => !isCpuUtilization(metric))
  const used = current
    .filter(({ type, resource }) => type === 'Resource' && resource?.name === 'cpu')
    .flatMap(({ resource }) => resource?.current.averageUtilization ?? [])
    .at(-1)
  const carried: Record<string, string> = {}
  if (others.length > 0) carried[METRICS] = goJson(others.map(metricSpecToV1))
  if (current.length > 0) carried[CURRENT_METRICS] = goJson(current.map(metricStatusToV1))
  if (behavior !== undefined) carried[BEHAVIOR] = goJson(behaviorTo(behavior))
  if (conditions.length > 0) carried[CONDITIONS] = goJson(conditions.map(conditionTo))
  const bare = withoutCarriers(object)
  return {
    ...withAnnotations(bare, { ...bare.metadata.annotations, ...carried }),
    apiVersion: 'autoscaling/v1',
    spec: { ...spec, ...(utilization === undefined ? {} : { targetCPUUtilizationPercentage: utilization }) },
    status: { ...status, currentReplicas, ...(used === undefined ? {} : { currentCPUUtilizationPercentage: used }) },
  }
}

function isCpuUtilization({ type, resource }: MetricSpec): boolean {
  return type === 'Resource' && resource?.name === 'cpu' && resource.target.averageUtilization !== undefined
}

/** As encoding/json writes it: no blanks, signs of HTML escaped. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`)
}

/** What cannot be read is as if it were not there. */
function read<T>(text: string | undefined, of: (value: unknown) => T | undefined): T | undefined {
  if (text === undefined) return undefined
  try {
    return of(JSON.parse(text))
  } catch {
    return undefined
  }
}

function list<In, Out>(of: (value: In) => Out): (value: unknown) => Out[] | undefined {
  return (value) => (Array.isArray(value) ? (value as In[]).map(of) : undefined)
}

/** The annotation holds upstream's internal type: Go's names, nothing left out. */
function behaviorTo({ scaleUp, scaleDown }: Behavior): object {
  const rules = (of: ScalingRules | undefined): object | null =>
    of === undefined
      ? null
      : {
          StabilizationWindowSeconds: of.stabilizationWindowSeconds ?? null,
          SelectPolicy: of.selectPolicy ?? null,
          Policies:
            of.policies?.map(({ type, value, periodSeconds }) => ({
              Type: type,
              Value: value,
              PeriodSeconds: periodSeconds,
            })) ?? null,
          Tolerance: of.tolerance ?? null,
        }
  return { ScaleUp: rules(scaleUp), ScaleDown: rules(scaleDown) }
}

function behaviorFrom(value: unknown): Behavior | undefined {
  const { ScaleUp, ScaleDown } = (value ?? {}) as { readonly ScaleUp?: GoRules; readonly ScaleDown?: GoRules }
  if (!ScaleUp && !ScaleDown) return undefined
  return {
    ...(ScaleUp ? { scaleUp: rulesFrom(ScaleUp) } : {}),
    ...(ScaleDown ? { scaleDown: rulesFrom(ScaleDown) } : {}),
  }
}

interface GoRules {
  readonly StabilizationWindowSeconds?: number | null
  readonly SelectPolicy?: string | null
  readonly Policies?:
    | readonly { readonly Type: string; readonly Value: number; readonly PeriodSeconds: number }[]
    | null
  readonly Tolerance?: string | null
}

function rulesFrom({ StabilizationWindowSeconds: seconds, SelectPolicy, Policies, Tolerance }: GoRules): ScalingRules {
  return {
    ...(typeof seconds === 'number' ? { stabilizationWindowSeconds: seconds } : {}),
    ...(typeof SelectPolicy === 'string' ? { selectPolicy: SelectPolicy } : {}),
    ...(Array.isArray(Policies) && Policies.length > 0
      ? {
          policies: Policies.map(({ Type = '', Value = 0, PeriodSeconds = 0 }) => ({
            type: Type,
            value: Value,
            periodSeconds: PeriodSeconds,
          })),
        }
      : {}),
    ...(typeof Tolerance === 'string' ? { tolerance: Tolerance } : {}),
  }
}

function conditionTo(condition: AutoscalerCondition): object {
  const { type, status, lastTransitionTime = null, reason = '', message = '' } = condition
  return {
    type,
    status,
    lastTransitionTime,
    ...(reason === '' ? {} : { reason }),
    ...(message === '' ? {} : { message }),
  }
}

function conditionFrom(value: AutoscalerCondition): AutoscalerCondition {
  return conditionTo(value) as AutoscalerCondition
}
