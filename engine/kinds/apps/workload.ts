import { formatLabelSelector } from '../../objects/label-selector.ts'
import type { ApiObject } from '../../objects/types.ts'
import { change } from '../defaulting.ts'
import { templateWithoutDisabled } from '../pod/disabled.ts'
import { readSelector } from '../pod/workload.ts'
import type { ScaleSubresource } from '../resource.ts'
import { specOf, type WorkloadSpec } from './types.ts'

export function withoutDisabledInSpec(object: ApiObject): ApiObject {
  return change(object, 'spec', (spec) => change(spec as WorkloadSpec, 'template', templateWithoutDisabled))
}

export const scale: ScaleSubresource = {
  specReplicasPath: 'spec.replicas',
  statusReplicasPath: 'status.replicas',
  selector: (object) => readSelector(specOf(object).selector)?.toString(),
}

export const selectorText = (object: ApiObject): string => formatLabelSelector(specOf(object).selector)
