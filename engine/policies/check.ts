import { bool, type CelType, nullType, string } from '../cel/types.ts'
import type { ExpressionCheck, ExpressionContext, ExpressionUse } from '../kinds/admissionregistration/expressions.ts'
import { type FieldError, invalidValue } from '../objects/field-error.ts'
import { compileExpression, variableTypes } from './compiled.ts'
import type { PolicyEnvironments } from './environment.ts'

const results: Readonly<Record<ExpressionUse, readonly CelType[]>> = {
  matchCondition: [bool],
  variable: [],
  validation: [bool],
  message: [string],
  auditAnnotation: [string, nullType],
}

/** Compiles expressions when a policy or a webhook's match condition is written, so that what cannot run is refused. */
export class CompilingCheck implements ExpressionCheck {
  readonly #environments: PolicyEnvironments

  constructor(environments: PolicyEnvironments) {
    this.#environments = environments
  }

  errors(source: string, field: string, { use, hasParams, variables }: ExpressionContext): readonly FieldError[] {
    const environments = this.#environments
    const scope = {
      params: hasParams,
      authorizer: use !== 'message',
      ...(use === 'matchCondition' ? {} : { variables: variableTypes(variables, environments, hasParams).types }),
    }
    const compiled = compileExpression(source, environments, scope, results[use])
    return 'fault' in compiled ? [invalidValue(field, source, compiled.fault)] : []
  }
}
