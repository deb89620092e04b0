import { compile, type Program } from '../cel/program.ts'
import { CompileError } from '../cel/source.ts'
import { bool, type CelType, formatType, nullType, string } from '../cel/types.ts'
import type { PolicySpec, Variable } from '../kinds/admissionregistration/types.ts'
import type { PolicyEnvironments } from './environment.ts'

/** An expression that can be run, or the sentence that says why it cannot. */
export type Expression = { readonly source: string } & ({ readonly program: Program } | { readonly fault: string })

/** @param results what it may give; anything if not said */
export function compileExpression(
  source: string,
  environments: PolicyEnvironments,
  variables: Parameters<PolicyEnvironments['of']>[0],
  results: readonly CelType[] = [],
): Expression {
  try {
    const program = compile(source, environments.of(variables))
    const wanted = results.map(formatType)
    const actual = formatType(program.type)
    if (wanted.length > 0 && !wanted.includes(actual) && actual !== 'dyn') {
      const shown = wanted.map((name) => (name === 'null' ? 'null_type' : name))
      const must = wanted.length === 1 ? shown[0] : `one of [${shown.join(' ')}]`
      return { source, fault: `must evaluate to ${must} but got ${actual === 'null' ? 'null_type' : actual}` }
    }
    return { source, program }
  } catch (error) {
    if (error instanceof CompileError) return { source, fault: `compilation failed: ${error.message}` }
    throw error
  }
}

/** The types of variables in their order: each may use those before it. */
export function variableTypes(
  variables: readonly Variable[],
  environments: PolicyEnvironments,
  params: boolean,
): { readonly types: ReadonlyMap<string, CelType>; readonly expressions: ReadonlyMap<string, Expression> } {
  const types = new Map<string, CelType>()
  const expressions = new Map<string, Expression>()
  for (const { name, expression } of variables) {
    const compiled = compileExpression(expression, environments, { params, authorizer: true, variables: types })
    expressions.set(name, compiled)
    if ('program' in compiled) types.set(name, compiled.program.type)
  }
  return { types, expressions }
}

/** A policy whose expressions are compiled. */
export interface CompiledPolicy {
  readonly variables: ReadonlyMap<string, Expression>
  readonly conditions: readonly { readonly name: string; readonly expression: Expression }[]
  readonly validations: readonly {
    readonly expression: Expression
    readonly message: Expression | undefined
    readonly text: string
    readonly reason: string
  }[]
  readonly annotations: readonly { readonly key: string; readonly expression: Expression }[]
}

export function compilePolicy(spec: PolicySpec, environments: PolicyEnvironments): CompiledPolicy {
  const params = spec.paramKind !== undefined
  const { types, expressions } = variableTypes(spec.variables ?? [], environments, params)
  const full = { params, authorizer: true, variables: types }
  const quiet = { params, authorizer: false, variables: types }
  return {
    variables: expressions,
    conditions: (spec.matchConditions ?? []).map(({ name, expression }) => ({
      name,
      expression: compileExpression(expression, environments, { params, authorizer: true }, [bool]),
    })),
    validations: (spec.validations ?? []).map(({ expression, message = '', messageExpression = '', reason }) => ({
      expression: compileExpression(expression, environments, full, [bool]),
      message:
        messageExpression === '' ? undefined : compileExpression(messageExpression, environments, quiet, [string]),
      text: message.trim(),
      reason: reason ?? 'Invalid',
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      expression: compileExpression(valueExpression, environments, full, [string, nullType]),
    })),
  }
}
