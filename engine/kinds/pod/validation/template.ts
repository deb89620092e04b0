import { type FieldError, forbiddenField } from '../../../objects/field-error.ts'
import { annotationErrors, labelErrors } from '../../../objects/label-errors.ts'
import type { PodTemplateSpec } from '../types.ts'
import { matchingAnnotationErrors, podAnnotationErrors } from './annotations.ts'
import type { Leniency } from './scheduling.ts'
import { podSpecErrors } from './spec.ts'

/** `ValidatePodTemplateSpec` (core/v1, 1.34). */
export function templateErrors(template: PodTemplateSpec, field: string, lenient: Leniency = {}): FieldError[] {
  const { spec, metadata } = template
  return [
    ...labelErrors(metadata?.labels, `${field}.labels`),
    ...annotationErrors(metadata?.annotations, `${field}.annotations`),
    ...podAnnotationErrors(metadata?.annotations, spec, `${field}.annotations`),
    ...podSpecErrors(spec, `${field}.spec`, { lenient }),
    ...matchingAnnotationErrors(metadata?.annotations, spec, `${field}.spec`),
    ...((spec.ephemeralContainers?.length ?? 0) > 0
      ? [forbiddenField(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
  ]
}
