import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { authorizers, RbacAuthorizer } from '../auth/rbac.ts'
import { resourceOfKind, testCluster } from '../auth/testing.ts'
import { defaultPod } from '../kinds/pod/defaults.ts'
import { StatusError } from '../objects/status-error.ts'
import type { ApiObject, NewObject } from '../objects/types.ts'
import type { AdmissionAttributes } from './plugin.ts'
import { admissionPlugins } from './plugins.ts'
import { keepQuotaUsage } from './quota/controller.ts'

/** What a real API server of 1.34.4 answered to creates in a namespace of its own, with these objects in the cluster. */
interface Scenario {
  readonly name: string
  readonly namespace: string
  readonly labels: Record<string, string>
  readonly setup: readonly ApiObject[]
  readonly answers: readonly {
    readonly create: NewObject
    /** Whether it was stored, and not only asked with `dryRun`. */
    readonly stored: boolean
    readonly status: number
    readonly warnings: readonly string[]
    readonly message?: string
    readonly object?: ApiObject
  }[]
  readonly quotas?: readonly { readonly name: string; readonly status: { readonly used: object } }[]
}

const scenarios = readFileSync(new URL('upstream-answers.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Scenario)

const admin = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }

async function begin({ namespace, labels, setup }: Scenario) {
  const { store, backend, clock, put } = testCluster()
  const plugins = admissionPlugins({ authorizer: authorizers(), rbac: new RbacAuthorizer(store) })
  put({ kind: 'Namespace', metadata: { name: namespace, labels }, status: { phase: 'Active' } })
  put({ kind: 'ServiceAccount', metadata: { name: 'default', namespace } })
  put({
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  })
  // A controller's, which is there before any quota is.
  put({ kind: 'ConfigMap', metadata: { name: 'kube-root-ca.crt', namespace } })
  for (const { status: _, ...object } of setup) put(object as ApiObject)
  keepQuotaUsage(backend)
  await clock.step(1)
  const create = async (given: NewObject, stored: boolean) => {
    const { group, resource, namespaced } = resourceOfKind(given.kind)
    const warnings: string[] = []
    const written = withDefaults(given)
    const common: AdmissionAttributes = {
      operation: 'CREATE',
      resource: { group, resource },
      kind: { group, version: 'v1', kind: given.kind },
      subresource: '',
      namespace: namespaced ? namespace : '',
      name: '',
      options: {},
      user: admin,
      dryRun: !stored,
      warn: (text) => warnings.push(text),
    }
    let object = written
    try {
      for (const plugin of plugins) object = plugin.mutate?.({ ...common, object }, backend) ?? object
      const { name = 'g-ctdx9' } = object.metadata
      for (const plugin of plugins) plugin.validate?.({ ...common, name, object }, backend)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      return { message: error.message, warnings, object }
    }
    if (stored) put(object as ApiObject & { metadata: { namespace: string } })
    await clock.step(1)
    return { message: undefined, warnings, object }
  }

  return { create, quotas: () => [...(store.collection({ group: '', resource: 'resourcequotas' }) ?? [])] }

  /** As decoding and defaulting leave objects, as far as plug-ins look. */
  function withDefaults(given: NewObject): NewObject {
    const metadata = { ...given.metadata, ...(given.kind === 'Namespace' ? {} : { namespace }) }
    if (given.kind !== 'Pod') return { ...given, metadata }
    return defaultPod(JSON.parse(JSON.stringify({ ...given, metadata }, withoutEmptyAmounts)) as NewObject)
  }
}

/** Go writes no empty maps of amounts, and always the resources of a container. */
function withoutEmptyAmounts(key: string, value: unknown): unknown {
  if ((key === 'limits' || key === 'requests') && JSON.stringify(value) === '{}') return undefined
  if (!/^(containers|initContainers)$/.test(key)) return value
  return (value as object[]).map((container) => ({ resources: {}, ...container }))
}

describe('admission answers as a real API server', () => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
    const { create, quotas } = await begin(scenario)
    for (const answer of scenario.answers) {
      const mine = await create(answer.create, answer.stored)
      const own = answer.warnings.filter((text) => !text.includes('deprecated'))
      expect({ name: answer.create.metadata.name, message: mine.message, warnings: mine.warnings }).toEqual({
        name: answer.create.metadata.name,
        message: answer.message,
        warnings: own,
      })
      if (answer.object !== undefined) expect(added(mine.object)).toEqual(added(answer.object))
    }
    expect(quotas().map(({ metadata: { name }, status }) => ({ name, status }))).toEqual(scenario.quotas ?? [])
  })

  /** What plug-ins add to an object; the random end of a volume's name is left out. */
  function added({ kind, metadata, spec }: NewObject | ApiObject): unknown {
    const all = (spec ?? {}) as Record<string, unknown>
    const shown = JSON.stringify({
      kind,
      annotations: metadata.annotations,
      finalizers: kind === 'Namespace' ? undefined : metadata.finalizers,
      ...Object.fromEntries(FIELDS.map((field) => [field, all[field]])),
      containers: containers(all.containers),
      initContainers: containers(all.initContainers),
    })
    return JSON.parse(shown.replace(/kube-api-access-\w+/g, 'kube-api-access-x'))
  }

  function containers(list: unknown): unknown {
    if (!Array.isArray(list)) return undefined
    return list.map(({ name, resources, volumeMounts }) => ({ name, resources, volumeMounts }))
  }
})

const FIELDS = [
  ...['volumes', 'serviceAccountName', 'serviceAccount', 'imagePullSecrets', 'priority', 'priorityClassName'],
  ...['preemptionPolicy', 'tolerations', 'nodeSelector', 'overhead', 'runtimeClassName', 'storageClassName'],
  ...['ingressClassName', 'taints'],
]
