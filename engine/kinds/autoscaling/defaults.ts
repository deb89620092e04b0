import type { NewObject } from '../../objects/types.ts'
import type { AutoscalerSpec, MetricSpec, ScalingRules } from './types.ts'

/** Percent of what Pods request, where an autoscaler does not say of what it goes by. */
export const DEFAULT_UTILIZATION = 80

export function utilizationOf(name: string, averageUtilization: number): MetricSpec {
  return { type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization } } }
}

const SCALE_UP: ScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
}

const SCALE_DOWN: ScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
}

export function defaultV1(object: NewObject): NewObject {
  const spec = object.spec as { readonly minReplicas?: number }
  return spec.minReplicas === undefined ? { ...object, spec: { ...spec, minReplicas: 1 } } : object
}

export function defaultV2(object: NewObject): NewObject {
  const spec = object.spec as AutoscalerSpec
  const { minReplicas = 1, behavior } = spec
  const metrics = (spec.metrics ?? []).length === 0 ? [utilizationOf('cpu', DEFAULT_UTILIZATION)] : spec.metrics
  return {
    ...object,
    spec: {
      ...spec,
      minReplicas,
      metrics,
      ...(behavior === undefined
        ? {}
        : {
            behavior: {
              scaleUp: { ...SCALE_UP, ...behavior.scaleUp },
              scaleDown: { ...SCALE_DOWN, ...behavior.scaleDown },
            },
          }),
    },
  }
}
