import type { ApiObject } from '../objects/types.ts'
import type { JsonSchema } from './json-schema.ts'
import type { PrinterColumn } from './printer.ts'

/** apiextensions.k8s.io/v1 CustomResourceDefinition, as it is stored. */
export interface Definition extends ApiObject {
  readonly spec: DefinitionSpec
  readonly status: DefinitionStatus
}

export interface DefinitionSpec {
  readonly group: string
  readonly names: DefinitionNames
  readonly scope: string
  readonly versions: readonly DefinitionVersion[]
  readonly conversion?: { readonly strategy: string; readonly webhook?: ConversionWebhook }
  readonly preserveUnknownFields?: boolean
}

export interface ConversionWebhook {
  readonly clientConfig?: WebhookClientConfig
  readonly conversionReviewVersions?: readonly string[]
}

export interface WebhookClientConfig {
  readonly url?: string
  readonly service?: {
    readonly namespace: string
    readonly name: string
    readonly path?: string
    readonly port?: number
  }
  readonly caBundle?: string
}

export interface DefinitionNames {
  readonly plural: string
  readonly singular?: string
  readonly shortNames?: readonly string[]
  readonly kind: string
  readonly listKind?: string
  readonly categories?: readonly string[]
}

export interface DefinitionVersion {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly deprecated?: boolean
  readonly deprecationWarning?: string
  readonly schema?: { readonly openAPIV3Schema?: JsonSchema }
  readonly subresources?: Subresources
  readonly additionalPrinterColumns?: readonly PrinterColumn[]
  readonly selectableFields?: readonly { readonly jsonPath: string }[]
}

export interface Subresources {
  readonly status?: object
  readonly scale?: ScalePaths
}

export interface ScalePaths {
  readonly specReplicasPath: string
  readonly statusReplicasPath: string
  readonly labelSelectorPath?: string
}

export interface DefinitionStatus {
  readonly conditions: readonly DefinitionCondition[] | null
  readonly acceptedNames: DefinitionNames
  readonly storedVersions: readonly string[] | null
}

export interface DefinitionCondition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly lastTransitionTime?: string | null
  readonly reason?: string
  readonly message?: string
  readonly observedGeneration?: number
}

export const GROUP = 'apiextensions.k8s.io'
export const DEFINITIONS = { group: GROUP, resource: 'customresourcedefinitions' } as const
/** Holds a definition until its objects are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io'

export function conditionOf(definition: Definition, type: string): DefinitionCondition | undefined {
  return definition.status.conditions?.find((condition) => condition.type === type)
}

export function isTrue(definition: Definition, type: string): boolean {
  return conditionOf(definition, type)?.status === 'True'
}

/** Upstream's order: `v1` before `v2beta1`, before `v1alpha3`, before other names. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [parts(one), parts(other)]
  if (left === undefined || right === undefined) {
    if (left !== undefined || right !== undefined) return left === undefined ? 1 : -1
    return one < other ? -1 : one > other ? 1 : 0
  }
  for (let at = 0; at < 3; at++) {
    const difference = (right[at] ?? 0) - (left[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function parts(version: string): readonly number[] | undefined {
  const found = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/.exec(version)
  if (found === null) return undefined
  const stage = found[2] === undefined ? 2 : found[2] === 'beta' ? 1 : 0
  return [stage, Number(found[1]), Number(found[3] ?? 0)]
}
