import { type Theme, writeStatus } from '../theme.ts'
import { availableStatus, boundPod, container, deployment } from './manifests.ts'

const revision = (number: number, image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name: `web-${number}`,
    labels: { app: 'web', 'pod-template-hash': `hash${number}` },
    annotations: {
      'deployment.kubernetes.io/revision': String(number),
      'deployment.kubernetes.io/desired-replicas': '2',
      ...(number > 1 ? { 'kubernetes.io/change-cause': `cause ${number}` } : {}),
    },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: 'web',
        uid: '$UID',
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  },
  spec: {
    replicas: number === 2 ? 2 : 0,
    selector: { matchLabels: { app: 'web', 'pod-template-hash': `hash${number}` } },
    template: {
      metadata: { labels: { app: 'web', 'pod-template-hash': `hash${number}` } },
      spec: { containers: [container('web', image)] },
    },
  },
})

const stateful = (image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: {
    serviceName: 'db',
    replicas: 2,
    selector: { matchLabels: { app: 'db' } },
    template: { metadata: { labels: { app: 'db' } }, spec: { containers: [container('db', image)] } },
  },
})

const daemon = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [container('agent')] } },
  },
}

const controllerRevision = (kind: string, name: string, app: string, number: number, image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  metadata: {
    name: `${name}-${number}`,
    labels: { app },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind, name, uid: `$UID-${name}`, controller: true, blockOwnerDeletion: true },
    ],
  },
  revision: number,
  data: {
    spec: {
      template: {
        $patch: 'replace',
        metadata: { labels: { app } },
        spec: { containers: [container(name, image)] },
      },
    },
  },
})

const withUid = (object: string, file: string, placeholder: string) =>
  `sed "s/${placeholder}/$(kubectl get ${object} -o jsonpath='{.metadata.uid}')/" ${file}`

/** rollout in all its verbs; the controllers' part is written by the theme. */
export const rollouts: Theme = {
  name: 'rollouts',
  files: {
    'web.json': deployment('web'),
    'rs-1.json': revision(1, 'busybox:1.35'),
    'rs-2.json': revision(2, 'busybox:1.36'),
    'db.json': stateful('busybox:1.36'),
    'agent.json': daemon,
    'db-1.json': controllerRevision('StatefulSet', 'db', 'db', 1, 'busybox:1.35'),
    'db-2.json': controllerRevision('StatefulSet', 'db', 'db', 2, 'busybox:1.36'),
    'agent-1.json': controllerRevision('DaemonSet', 'agent', 'agent', 1, 'busybox:1.35'),
    'agent-2.json': controllerRevision('DaemonSet', 'agent', 'agent', 2, 'busybox:1.36'),
    'pod.json': boundPod('web-2-abcde', { app: 'web', 'pod-template-hash': 'hash2' }),
  },
  steps: [
    { prepare: 'kubectl create -f web.json -f db.json -f agent.json -f pod.json' },
    { prepare: `${withUid('deployment/web', 'rs-1.json', '\\$UID')} | kubectl create -f -` },
    { prepare: `${withUid('deployment/web', 'rs-2.json', '\\$UID')} | kubectl create -f -` },
    { prepare: 'kubectl annotate deployment web deployment.kubernetes.io/revision=2' },
    ...['db', 'agent'].flatMap((name) =>
      [1, 2].map((number) => ({
        prepare: `${withUid(name === 'db' ? 'statefulset/db' : 'daemonset/agent', `${name}-${number}.json`, `\\$UID-${name}`)} | kubectl create -f -`,
      })),
    ),
    'kubectl rollout status deployment/web --timeout=1s',
    {
      run: 'kubectl rollout status deployment/web --timeout=20s',
      meanwhile: `sleep 2
${writeStatus('deployment/web', { observedGeneration: 9, replicas: 2, updatedReplicas: 1, unavailableReplicas: 1 })}
sleep 1
${writeStatus('deployment/web', { replicas: 3, updatedReplicas: 2, availableReplicas: 1, readyReplicas: 1 })}
sleep 1
${writeStatus('deployment/web', { replicas: 2 })}
sleep 1
${writeStatus('deployment/web', { ...availableStatus(2, 9), unavailableReplicas: null })}`,
    },
    'kubectl rollout status deployment/web --watch=false',
    'kubectl rollout status deployment/web --revision=7',
    'kubectl rollout history deployment/web',
    'kubectl rollout history deployment/web --revision=1',
    'kubectl rollout history deployment/web --revision=9',
    'kubectl rollout history deployment/web --revision=2 -o yaml',
    'kubectl rollout history statefulset/db',
    'kubectl rollout history statefulset/db --revision=1',
    'kubectl rollout history daemonset/agent',
    'kubectl rollout pause deployment/web',
    'kubectl rollout pause deployment/web',
    'kubectl rollout undo deployment/web',
    'kubectl rollout resume deployment/web',
    'kubectl rollout resume deployment/web',
    'kubectl rollout undo deployment/web --dry-run=client',
    'kubectl rollout undo deployment/web --to-revision=1',
    'kubectl rollout undo deployment/web --to-revision=9',
    'kubectl rollout undo statefulset/db --to-revision=1',
    'kubectl rollout undo daemonset/agent',
    'kubectl rollout restart deployment/web',
    'kubectl rollout restart statefulset/db daemonset/agent',
    'kubectl rollout restart pod/web-2-abcde',
    'kubectl get deployment,statefulset,daemonset -o yaml --show-managed-fields',
    {
      prepare: writeStatus('statefulset/db', {
        observedGeneration: 9,
        replicas: 2,
        readyReplicas: 1,
        updatedReplicas: 1,
        currentRevision: 'db-1',
        updateRevision: 'db-2',
      }),
    },
    'kubectl rollout status statefulset/db --timeout=1s',
    {
      run: 'kubectl rollout status statefulset/db --timeout=20s',
      meanwhile: `sleep 2
${writeStatus('statefulset/db', { readyReplicas: 2, updatedReplicas: 2, currentReplicas: 2, currentRevision: 'db-2' })}`,
    },
    {
      run: 'kubectl rollout status daemonset/agent --timeout=20s',
      meanwhile: `sleep 2
${writeStatus('daemonset/agent', { observedGeneration: 9, desiredNumberScheduled: 2, currentNumberScheduled: 2, updatedNumberScheduled: 1, numberReady: 0, numberMisscheduled: 0 })}
sleep 1
${writeStatus('daemonset/agent', { updatedNumberScheduled: 2, numberAvailable: 2, numberReady: 2 })}`,
    },
    'kubectl rollout status configmap/kube-root-ca.crt',
    'kubectl rollout status deployment/missing',
    {
      prepare: writeStatus('deployment/web', {
        observedGeneration: 99,
        conditions: [
          {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
            message: 'too slow',
            lastUpdateTime: '2026-01-02T03:04:05Z',
            lastTransitionTime: '2026-01-02T03:04:05Z',
          },
        ],
      }),
    },
    'kubectl rollout status deployment/web --timeout=5s',
    'kubectl describe deployment web',
    'kubectl describe replicaset web-2',
    'kubectl get replicasets -o wide',
    'kubectl delete deployment web --cascade=orphan',
    "kubectl get replicasets -o jsonpath='{.items[*].metadata.ownerReferences}'",
    'kubectl delete statefulset db --cascade=foreground',
    'kubectl get statefulset,controllerrevisions',
    'kubectl delete daemonset agent --cascade=background',
    'kubectl wait --for=delete controllerrevision/agent-1 controllerrevision/agent-2 --timeout=20s',
    'kubectl get controllerrevisions',
  ],
}
