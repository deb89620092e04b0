/**
 * Records what a cluster made by kubeadm begins with, from a real one into which nobody has written yet: roles and bindings, priority classes,
 * flow schemas and priority levels, API services. `node engine/node/record-bootstrap.ts --kubeconfig FILE`
 */
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type CompactRule, compactRule } from '../bootstrap/compact-rules.ts'

interface Recorded {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Record<string, string>
    readonly annotations?: Record<string, string>
  }
  readonly [field: string]: unknown
}

const { values } = parseArgs({ options: { kubeconfig: { type: 'string' } } })
const { kubeconfig } = values
if (kubeconfig === undefined) throw new Error('Say which cluster: --kubeconfig FILE.')

/** Roles that are the API server's own or kubeadm's; those of add-ons are not part of every cluster. */
const ADDONS = ['local-path-provisioner', 'podnet', 'kindnet']
const NAMESPACES = [undefined, 'kube-system', 'kube-public']

const list = (resource: string): readonly Recorded[] => {
  const text = execFileSync('kubectl', ['--kubeconfig', kubeconfig, 'get', resource, '-A', '-o', 'json'])
  const { items } = JSON.parse(text.toString()) as { items: readonly Recorded[] }
  return items.filter(({ metadata }) => !ADDONS.includes(metadata.name) && NAMESPACES.includes(metadata.namespace))
}

/** `bootstrapping` and `autoupdate` are on all that is the API server's: said once, in code. */
const named = ({ metadata }: Recorded) => {
  const { 'kubernetes.io/bootstrapping': own, ...labels } = metadata.labels ?? {}
  return {
    name: metadata.name,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    ...(own === undefined ? { by: 'kubeadm' } : {}),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  }
}

const role = (object: Recorded) => ({
  ...named(object),
  ...(object.aggregationRule === undefined
    ? {}
    : { aggregates: (object.aggregationRule as { clusterRoleSelectors: unknown }).clusterRoleSelectors }),
  rules: ((object.rules ?? []) as Parameters<typeof compactRule>[0][]).map((rule): CompactRule => compactRule(rule)),
})

const binding = (object: Recorded) => {
  const { kind, name } = object.roleRef as { kind: string; name: string }
  const subjects = (object.subjects ?? []) as { kind: string; name: string; namespace?: string }[]
  return {
    ...named(object),
    role: `${kind}/${name}`,
    subjects: subjects.map((subject) => [subject.kind, subject.namespace, subject.name].filter(Boolean).join('/')),
  }
}

const spec = (object: Recorded) => ({ name: object.metadata.name, spec: object.spec })

/** Those that stand for add-ons have a Service behind them. */
const isLocal = ({ spec }: Recorded): boolean => (spec as { service?: unknown }).service === undefined

const apiService = ({ spec }: Recorded) => {
  const { group, version, groupPriorityMinimum, versionPriority } = spec as Record<string, string | number>
  return { ...(group === undefined ? {} : { group }), version, groupPriorityMinimum, versionPriority }
}

const data = {
  clusterRoles: list('clusterroles').map(role),
  clusterRoleBindings: list('clusterrolebindings').map(binding),
  roles: list('roles').map(role),
  roleBindings: list('rolebindings').map(binding),
  priorityClasses: list('priorityclasses').map(({ metadata: { name }, value, description, preemptionPolicy }) => ({
    name,
    value,
    description,
    preemptionPolicy,
  })),
  flowSchemas: list('flowschemas').map(spec),
  priorityLevels: list('prioritylevelconfigurations').map(spec),
  apiServices: list('apiservices').filter(isLocal).map(apiService),
}
const lines = Object.entries(data).map(
  ([key, items]) =>
    `${JSON.stringify(key)}:[\n${(items as unknown[]).map((item) => JSON.stringify(item)).join(',\n')}\n]`,
)
await writeFile(new URL('../bootstrap/data.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`)
