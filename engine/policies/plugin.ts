import type { AdmissionAttributes, AdmissionPlugin, Backend } from '../admission/plugin.ts'
import type { Authorizer } from '../auth/user.ts'
import { dynamicValue } from '../cel/json.ts'
import { AuthorizerValue, ResourceCheck } from '../cel/library/authorizer.ts'
import { type Activation, Budget, CALL_LIMIT, CostExceeded, OBJECT_BUDGET } from '../cel/program.ts'
import { EvaluationError, LazyMap, type Value } from '../cel/values.ts'
import type { BindingSpec, ParamKind, ParamRef, PolicySpec } from '../kinds/admissionregistration/types.ts'
import { goQuote } from '../objects/go-quote.ts'
import { LabelSelector } from '../objects/label-selector.ts'
import { resourceText, StatusError, type StatusReason } from '../objects/status-error.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import { type CompiledPolicy, compilePolicy, type Expression } from './compiled.ts'
import { PolicyEnvironments } from './environment.ts'
import { matches } from './matching.ts'

const GROUP = 'admissionregistration.k8s.io'
const POLICIES = { group: GROUP, resource: 'validatingadmissionpolicies' } as const
const BINDINGS = { group: GROUP, resource: 'validatingadmissionpolicybindings' } as const
const NAMESPACES = { group: '', resource: 'namespaces' } as const
/** Policies cannot stand in their own way. */
const exempt = new Set([
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
])

export interface PolicyOptions {
  readonly environments?: PolicyEnvironments
  /** Without it everything that expressions ask about is allowed. */
  readonly authorizer?: Authorizer
  /** The resource of a kind, and whether it is in namespaces; undefined where it is not served. */
  resourceOf(kind: ParamKind): { readonly resource: GroupResource; readonly namespaced: boolean } | undefined
}

/** One thing that a policy has against a request. */
interface Denial {
  readonly policy: ApiObject
  readonly binding: ApiObject | undefined
  readonly message: string
  readonly reason: string
}

/** Evaluates ValidatingAdmissionPolicies by their bindings: apiserver's plug-in of that name (1.34). */
export class ValidatingAdmissionPolicyPlugin implements AdmissionPlugin {
  readonly name = 'ValidatingAdmissionPolicy'
  readonly #options: PolicyOptions
  readonly #environments: PolicyEnvironments
  /** By the stored object, which changes with each write. */
  readonly #compiled = new WeakMap<ApiObject, CompiledPolicy>()

  constructor(options: PolicyOptions) {
    this.#options = options
    this.#environments = options.environments ?? new PolicyEnvironments()
  }

  validate(attributes: AdmissionAttributes, backend: Backend): void {
    const { resource } = attributes
    if (resource.group === GROUP && exempt.has(resource.resource)) return
    const policies = backend.registry(POLICIES)?.collection.list({}).items ?? []
    if (policies.length === 0) return
    const bindings = backend.registry(BINDINGS)?.collection.list({}).items ?? []
    const isNamespace = resource.group === '' && resource.resource === 'namespaces'
    const namespace = isNamespace ? undefined : this.#namespace(attributes.namespace, backend)
    const denials: Denial[] = []
    for (const policy of policies) {
      const own = bindings.filter((binding) => (binding.spec as BindingSpec).policyName === policy.metadata.name)
      if (own.length === 0 || !matches((policy.spec as PolicySpec).matchConstraints, attributes, namespace)) continue
      for (const binding of own) {
        if (!matches((binding.spec as BindingSpec).matchResources, attributes, namespace)) continue
        denials.push(...this.#bound(policy, binding, attributes, namespace, backend))
      }
    }
    const [first] = denials
    if (first !== undefined) throw refusal(first, attributes)
  }

  #namespace(name: string, backend: Backend): ApiObject | undefined {
    return name === '' ? undefined : backend.registry(NAMESPACES)?.collection.get(undefined, name)
  }

  #bound(
    policy: ApiObject,
    binding: ApiObject,
    attributes: AdmissionAttributes,
    namespace: ApiObject | undefined,
    backend: Backend,
  ): Denial[] {
    const spec = policy.spec as PolicySpec
    const { paramRef, validationActions = [] } = binding.spec as BindingSpec
    const fails = spec.failurePolicy !== 'Ignore'
    const params = this.#params(spec.paramKind, paramRef, attributes.namespace, backend)
    if (typeof params === 'string') {
      const message = `failed to configure binding: ${params}`
      return fails ? [{ policy, binding, message, reason: 'Invalid' }] : []
    }
    const denials: Denial[] = []
    for (const param of params) {
      const evaluation = new Evaluation(this.#compile(policy), attributes, namespace, param, this.#options.authorizer)
      for (const { message, reason, error } of evaluation.run(fails)) {
        // What goes wrong in an annotation denies whatever the binding's actions are.
        if (error === 'annotation') denials.push({ policy, binding, message, reason })
        else {
          if (validationActions.includes('Deny')) denials.push({ policy, binding, message, reason })
          if (validationActions.includes('Warn')) {
            const names = `'${policy.metadata.name}' with binding '${binding.metadata.name}'`
            attributes.warn(`Validation failed for ValidatingAdmissionPolicy ${names}: ${message}`)
          }
        }
      }
    }
    return denials
  }

  #compile(policy: ApiObject): CompiledPolicy {
    const known = this.#compiled.get(policy)
    if (known !== undefined) return known
    const made = compilePolicy(policy.spec as PolicySpec, this.#environments)
    this.#compiled.set(policy, made)
    return made
  }

  /** The objects that a policy is evaluated with, one after the other; a sentence where they cannot be had. */
  #params(
    kind: ParamKind | undefined,
    ref: ParamRef | undefined,
    requestNamespace: string,
    backend: Backend,
  ): readonly (ApiObject | null)[] | string {
    if (kind === undefined || ref === undefined) return [null]
    const found = this.#options.resourceOf(kind)
    const registry = found === undefined ? undefined : backend.registry(found.resource)
    if (found === undefined || registry === undefined) {
      return `paramKind kind \`&ParamKind{APIVersion:${kind.apiVersion},Kind:${kind.kind},}\` not known`
    }
    const wanted = ref.namespace ?? ''
    if (!found.namespaced && wanted !== '') {
      return 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`'
    }
    const namespace = wanted === '' ? requestNamespace : wanted
    if (found.namespaced && namespace === '') {
      return 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources'
    }
    const within = found.namespaced ? namespace : undefined
    const { name = '', selector } = ref
    if (name === '' && selector === undefined) return 'one of name or selector must be provided'
    const named = name === '' ? undefined : registry.collection.get(within, name)
    const labels = LabelSelector.fromObject(selector)
    const all =
      name === ''
        ? registry.collection.list({ namespace: within, selects: (object) => labels.matches(object.metadata.labels) })
            .items
        : named === undefined
          ? []
          : [named]
    if (all.length > 0 || ref.parameterNotFoundAction !== 'Deny') return all
    return 'no params found for policy binding with `Deny` parameterNotFoundAction'
  }
}

interface Decision {
  readonly message: string
  readonly reason: string
  readonly error?: 'annotation'
}

/** Characters: upstream's limit for what a messageExpression makes. */
const LONGEST_MESSAGE = 5 * 1024

/** A policy over one request and one parameter object. */
class Evaluation {
  readonly #policy: CompiledPolicy
  readonly #activation: Activation
  #left = OBJECT_BUDGET

  constructor(
    policy: CompiledPolicy,
    attributes: AdmissionAttributes,
    namespace: ApiObject | undefined,
    params: ApiObject | null,
    authorizer: Authorizer | undefined,
  ) {
    this.#policy = policy
    this.#activation = this.#activate(attributes, namespace, params, authorizer)
  }

  /** What it has against the request; errors count where the failure policy says so. */
  run(fails: boolean): readonly Decision[] {
    const failed = (message: string): readonly Decision[] => (fails ? [{ message, reason: 'Invalid' }] : [])
    const faults: string[] = []
    for (const { expression } of this.#policy.conditions) {
      const outcome = this.#evaluate(expression)
      if ('fault' in outcome) faults.push(outcome.fault)
      else if (outcome.value !== true) return []
    }
    if (faults.length > 0) return failed(faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`)
    const decisions: Decision[] = []
    for (const validation of this.#policy.validations) {
      const outcome = this.#evaluate(validation.expression)
      if ('fault' in outcome) decisions.push(...failed(outcome.fault))
      else if (outcome.value !== true) decisions.push({ message: this.#message(validation), reason: validation.reason })
    }
    for (const { expression } of this.#policy.annotations) {
      const outcome = this.#evaluate(expression)
      if ('fault' in outcome && fails)
        decisions.push({ message: outcome.fault, reason: 'Invalid', error: 'annotation' })
    }
    return decisions
  }

  #message({ expression, message, text }: CompiledPolicy['validations'][number]): string {
    const outcome = message === undefined ? undefined : this.#evaluate(message)
    if (outcome !== undefined && 'value' in outcome && typeof outcome.value === 'string') {
      const made = outcome.value.trim()
      if (made !== '' && made.length <= LONGEST_MESSAGE && !made.includes('\n')) return made
    }
    return text === '' ? `failed expression: ${expression.source.trim()}` : text
  }

  #evaluate(expression: Expression): { readonly value: Value } | { readonly fault: string } {
    if ('fault' in expression) return { fault: `compilation error: ${expression.fault}` }
    const budget = new Budget(Math.min(CALL_LIMIT, Math.max(this.#left, 0)))
    try {
      return { value: expression.program.run(this.#activation, budget) }
    } catch (error) {
      if (error instanceof CostExceeded && this.#left < CALL_LIMIT) {
        return { fault: 'validation failed due to running out of cost budget, no further validation rules will be run' }
      }
      if (!(error instanceof CostExceeded || error instanceof EvaluationError)) throw error
      return { fault: `expression '${expression.source}' resulted in error: ${error.message}` }
    } finally {
      this.#left -= budget.spent
    }
  }

  #activate(
    attributes: AdmissionAttributes,
    namespace: ApiObject | undefined,
    params: ApiObject | null,
    authorizer: Authorizer = { authorize: () => ({ allowed: true, reason: '' }) },
  ): Activation {
    const { resource, subresource, namespace: inside, name, user } = attributes
    const asker = new AuthorizerValue(authorizer, user)
    const fields: Readonly<Record<string, () => Value>> = {
      object: () => dynamicValue(attributes.object ?? null),
      oldObject: () => dynamicValue(attributes.oldObject ?? null),
      request: () => dynamicValue(requestOf(attributes)),
      namespaceObject: () => dynamicValue(namespace === undefined ? null : visibleNamespace(namespace)),
      params: () => dynamicValue(params),
      authorizer: () => asker,
      'authorizer.requestResource': () =>
        new ResourceCheck(asker, { ...resource, subresource, namespace: inside, name }),
      variables: () => this.#variables(),
    }
    const known = new Map<string, Value>()
    return (field) => {
      const before = known.get(field)
      if (before !== undefined || known.has(field)) return before
      const value = fields[field]?.()
      if (value !== undefined) known.set(field, value)
      return value
    }
  }

  #variables(): Value {
    const fields = [...this.#policy.variables].map(([name, expression]) => {
      const read = (): Value => {
        const outcome = this.#evaluate(expression)
        if ('value' in outcome) return outcome.value
        const why = outcome.fault.replace(/^expression '[\s\S]*' resulted in error: /, '')
        throw new EvaluationError(`composited variable ${goQuote(name)} fails to evaluate: ${why}`)
      }
      return [name, read] as const
    })
    return new LazyMap(new Map(fields))
  }
}

/** admission.k8s.io/v1 `AdmissionRequest` without the objects. */
function requestOf(attributes: AdmissionAttributes): object {
  const { kind, resource, subresource, name, namespace, operation, user, dryRun, options } = attributes
  const gvr = { group: resource.group, version: kind.version, resource: resource.resource }
  return {
    uid: '',
    kind,
    resource: gvr,
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: kind,
    requestResource: gvr,
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: user,
    dryRun,
    options,
  }
}

/** Owners and managers of a Namespace are not shown to expressions. */
function visibleNamespace(namespace: ApiObject): object {
  const { managedFields: _, ownerReferences: __, ...metadata } = namespace.metadata
  return { metadata, spec: namespace.spec, status: namespace.status }
}

const codes: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
  Invalid: 422,
}

function refusal({ policy, binding, message, reason }: Denial, attributes: AdmissionAttributes): StatusError {
  const bound = binding === undefined ? '' : ` with binding '${binding.metadata.name}'`
  const sentence = `ValidatingAdmissionPolicy '${policy.metadata.name}'${bound} denied request: ${message}`
  const { resource, object, name } = attributes
  const generated = object?.metadata.generateName ?? ''
  const known = name === '' ? (object?.metadata.name ?? '') : name
  const subject = known === '' ? (generated === '' ? 'Unknown' : generated) : known
  const start = `${resourceText(resource)} ${goQuote(subject)} is forbidden`
  return new StatusError(codes[reason] ?? 422, reason as StatusReason, `${start}: ${sentence}`, {
    details: {
      name: subject,
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.resource,
      causes: [{ message: sentence }],
    },
  })
}
