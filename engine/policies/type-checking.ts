import type { Backend } from '../admission/plugin.ts'
import {
  bool,
  type CelType,
  double,
  dyn,
  int,
  listOf,
  mapOf,
  type StructType,
  string,
  timestamp,
} from '../cel/types.ts'
import { follow } from '../controllers/cluster.ts'
import { WorkQueue } from '../controllers/work-queue.ts'
import { Writer } from '../controllers/writer.ts'
import type { PolicySpec } from '../kinds/admissionregistration/types.ts'
import type { GroupVersionKind } from '../kinds/resource.ts'
import type { ApiObject, TypeSchema } from '../objects/types.ts'
import { compileExpression, variableTypes } from './compiled.ts'
import type { PolicyEnvironments } from './environment.ts'

const POLICIES = { group: 'admissionregistration.k8s.io', resource: 'validatingadmissionpolicies' } as const
/** Who writes the findings: upstream's controller by its own name. */
const MANAGER = 'validatingadmissionpolicy-status'
/** Milliseconds from a change to its findings: a real controller hears of it from afar, and reads schemas first. */
const DELAY = 100
/** Kinds that a policy is checked against at most: upstream's. */
const MOST_KINDS = 10

/** A kind that a rule may match, with the schema of its objects. */
export interface CheckedKind {
  readonly gvk: GroupVersionKind
  readonly schema: TypeSchema
}

export interface TypeCheckingOptions {
  readonly environments: PolicyEnvironments
  /** The kind of a resource in a version; undefined where it is not served. */
  kindOf(group: string, version: string, resource: string): CheckedKind | undefined
}

/** What is found when a policy's expressions are checked with the types of the objects that it matches: the status controller's work (1.34). */
export function expressionWarnings(
  spec: PolicySpec,
  { environments, kindOf }: TypeCheckingOptions,
): readonly { readonly fieldRef: string; readonly warning: string }[] {
  const kinds = kindsOf(spec, kindOf)
  if (kinds.length === 0) return []
  const params = spec.paramKind !== undefined
  const { types } = variableTypes(spec.variables ?? [], environments, params)
  const warnings: { fieldRef: string; warning: string }[] = []
  const look = (fieldRef: string, source: string, authorizer: boolean): void => {
    const found = kinds.flatMap(({ gvk, schema }) => {
      const object = celTypeOf(schema, gvk.kind)
      const compiled = compileExpression(source, environments, { params, authorizer, variables: types, object })
      if (!('fault' in compiled)) return []
      const version = gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`
      return [`${version}, Kind=${gvk.kind}: ${compiled.fault.replace(/^compilation failed: /, '')}\n`]
    })
    if (found.length > 0) warnings.push({ fieldRef, warning: found.join('\n') })
  }
  for (const [index, { expression, messageExpression = '' }] of (spec.validations ?? []).entries()) {
    look(`spec.validations[${index}].expression`, expression, true)
    if (messageExpression !== '') look(`spec.validations[${index}].messageExpression`, messageExpression, false)
  }
  return warnings
}

/** Rules with wildcards say nothing of types. */
function kindsOf(spec: PolicySpec, kindOf: TypeCheckingOptions['kindOf']): readonly CheckedKind[] {
  const found = new Map<string, CheckedKind>()
  for (const { apiGroups = [], apiVersions = [], resources = [] } of spec.matchConstraints?.resourceRules ?? []) {
    if ([...apiGroups, ...apiVersions, ...resources].some((value) => value.includes('*') || value.includes('/')))
      continue
    for (const group of apiGroups) {
      for (const version of apiVersions) {
        for (const resource of resources) {
          const kind = kindOf(group, version, resource)
          if (kind !== undefined && found.size < MOST_KINDS) found.set(`${group}/${version}/${kind.gvk.kind}`, kind)
        }
      }
    }
  }
  return [...found.values()]
}

/** The type of a schema's values as expressions see it; structs are read as they are asked for, since types refer to themselves. */
export function celTypeOf(schema: TypeSchema, name: string): CelType {
  if (schema.format === 'int-or-string') return dyn
  switch (schema.type) {
    case 'string':
      return schema.format === 'date-time' ? timestamp : string
    case 'integer':
      return int
    case 'number':
      return double
    case 'boolean':
      return bool
    case 'array':
      return schema.items === undefined ? dyn : listOf(celTypeOf(schema.items, `${name}.@idx`))
    case 'object':
      return objectType(schema, name)
    default:
      return dyn
  }
}

function objectType(schema: TypeSchema, name: string): CelType {
  const { properties } = schema
  if (properties !== undefined && properties.size > 0) {
    const struct: StructType = {
      kind: 'struct',
      name,
      field(field) {
        const inner = properties.get(field)
        return inner === undefined ? undefined : celTypeOf(inner, `${name}.${field}`)
      },
    }
    return struct
  }
  const values = schema.field('')
  return values === undefined ? dyn : mapOf(string, celTypeOf(values, `${name}.@elem`))
}

/** Writes the findings into the status of each policy, soon after it comes or changes; returns what ends it. */
export function checkPolicyTypes(backend: Backend, options: TypeCheckingOptions): () => void {
  const collection = backend.store.collection(POLICIES)
  if (collection === undefined) throw new Error('There is no collection of ValidatingAdmissionPolicies.')
  const writer = new Writer(backend, MANAGER)
  const look = (name: string): void => {
    const policy = collection.get(undefined, name)
    if (policy === undefined || isChecked(policy)) return
    const { generation = 1 } = policy.metadata
    const warnings = expressionWarnings(policy.spec as PolicySpec, options)
    const typeChecking = warnings.length === 0 ? {} : { expressionWarnings: warnings }
    const status = { observedGeneration: generation, typeChecking }
    writer.apply({ resource: POLICIES, name, subresource: 'status' }, { status })
  }
  const queue = new WorkQueue({ clock: backend.clock, sync: look })
  const end = follow(collection, backend, ({ type, object }) => {
    if (type !== 'DELETED' && !isChecked(object)) queue.addAfter(object.metadata.name, DELAY)
  })
  return () => {
    end()
    queue.clear()
  }
}

function isChecked({ metadata, status }: ApiObject): boolean {
  const { observedGeneration } = (status ?? {}) as { readonly observedGeneration?: number }
  return observedGeneration === (metadata.generation ?? 1) || metadata.deletionTimestamp !== undefined
}
