import type { Environment } from '../cel/environment.ts'
import { kubernetesEnvironment } from '../cel/kubernetes.ts'
import { bool, type CelType, dyn, int, listOf, mapOf, opaque, string, structOf, timestamp } from '../cel/types.ts'

const gvk = structOf('kubernetes.GroupVersionKind', { group: string, version: string, kind: string })
const gvr = structOf('kubernetes.GroupVersionResource', { group: string, version: string, resource: string })
const userInfo = structOf('kubernetes.UserInfo', {
  username: string,
  uid: string,
  groups: listOf(string),
  extra: mapOf(string, listOf(string)),
})
const request = structOf('kubernetes.AdmissionRequest', {
  kind: gvk,
  resource: gvr,
  subResource: string,
  requestKind: gvk,
  requestResource: gvr,
  requestSubResource: string,
  name: string,
  namespace: string,
  operation: string,
  userInfo,
  dryRun: bool,
  options: dyn,
})

const condition = structOf('kubernetes.NamespaceCondition', {
  status: string,
  type: string,
  lastTransitionTime: timestamp,
  message: string,
  reason: string,
})
const namespaceObject = structOf('kubernetes.Namespace', {
  metadata: structOf('kubernetes.NamespaceMetadata', {
    name: string,
    generateName: string,
    namespace: string,
    labels: mapOf(string, string),
    annotations: mapOf(string, string),
    UID: string,
    creationTimestamp: timestamp,
    deletionGracePeriodSeconds: int,
    deletionTimestamp: timestamp,
    generation: int,
    resourceVersion: string,
    finalizers: listOf(string),
  }),
  spec: structOf('kubernetes.NamespaceSpec', { finalizers: listOf(string) }),
  status: structOf('kubernetes.NamespaceStatus', { conditions: listOf(condition), phase: string }),
})

/** What an expression of a policy may name. */
export interface PolicyVariables {
  readonly params: boolean
  readonly authorizer: boolean
  /** Their types by name; undefined where variables cannot be used. */
  readonly variables?: ReadonlyMap<string, CelType>
  /** The type of `object` and `oldObject` where it is known; dyn if not said. */
  readonly object?: CelType
}

/** The environments of policies' expressions (apiserver's `admission/plugin/cel`, 1.34). */
export class PolicyEnvironments {
  readonly #base: Environment

  constructor(base: Environment = kubernetesEnvironment()) {
    this.#base = base
  }

  of({ params, authorizer, variables, object = dyn }: PolicyVariables): Environment {
    return this.#base.withVariables({
      object,
      oldObject: object,
      namespaceObject,
      request,
      ...(params ? { params: dyn } : {}),
      ...(authorizer
        ? {
            authorizer: opaque('kubernetes.authorization.Authorizer'),
            'authorizer.requestResource': opaque('kubernetes.authorization.ResourceCheck'),
          }
        : {}),
      ...(variables === undefined
        ? {}
        : {
            variables: {
              kind: 'struct' as const,
              name: 'kubernetes.variables',
              field: (name: string) => variables.get(name),
            },
          }),
    })
  }
}
