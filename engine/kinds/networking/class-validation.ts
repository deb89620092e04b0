import { domainPrefixedPath, immutable, invalidEach } from '../../objects/field-checks.ts'
import {
  type FieldError,
  forbiddenField,
  notSupported,
  requiredValue,
  tooLongValue,
} from '../../objects/field-error.ts'
import { dns1123LabelErrors } from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'
import { type TypedReference, typedReferenceErrors } from './ingress-validation.ts'

interface Parameters extends TypedReference {
  /** Null where nothing is said. */
  readonly scope?: string | null
  readonly namespace?: string
}

export interface IngressClassSpec {
  readonly controller?: string
  readonly parameters?: Parameters
}

const LONGEST_CONTROLLER = 250
const SCOPES = ['Cluster', 'Namespace']

export function ingressClassErrors(ingressClass: ApiObject): FieldError[] {
  const { controller = '', parameters } = (ingressClass.spec ?? {}) as IngressClassSpec
  return [
    ...(controller.length > LONGEST_CONTROLLER ? [tooLongValue('spec.controller', LONGEST_CONTROLLER)] : []),
    ...domainPrefixedPath('spec.controller', controller),
    ...(parameters === undefined ? [] : parameterErrors(parameters, 'spec.parameters')),
  ]
}

export function ingressClassChangeErrors(ingressClass: ApiObject, old: ApiObject): FieldError[] {
  const controller = (object: ApiObject): string => ((object.spec ?? {}) as IngressClassSpec).controller ?? ''
  return immutable('spec.controller', controller(ingressClass), controller(old))
}

function parameterErrors(parameters: Parameters, field: string): FieldError[] {
  const errors = typedReferenceErrors(parameters, field)
  const { scope, namespace } = parameters
  if (scope === undefined || scope === null) return [...errors, requiredValue(`${field}.scope`)]
  if (!SCOPES.includes(scope)) return [...errors, notSupported(`${field}.scope`, scope, SCOPES)]
  const at = `${field}.namespace`
  if (scope === 'Cluster') {
    if (namespace !== undefined) errors.push(forbiddenField(at, "`parameters.scope` is set to 'Cluster'"))
  } else if (namespace === undefined) {
    errors.push(requiredValue(at, "`parameters.scope` is set to 'Namespace'"))
  } else {
    errors.push(...invalidEach(at, namespace, dns1123LabelErrors(namespace)))
  }
  return errors
}
