/** Objects that several themes begin with. */

export const container = (name = 'web', image = 'busybox:1.36') => ({ name, image, command: ['sleep', '3600'] })

export const deployment = (name: string, replicas = 2, image = 'busybox:1.36') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, labels: { app: name } },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [container('web', image)] } },
  },
})

/** Bound to a node that is not there: nothing but the scenario writes its status. */
export const boundPod = (name: string, labels: Record<string, string> = { app: name }, node = 'nowhere') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: { nodeName: node, containers: [container()] },
})

const TIME = '2026-01-02T03:04:05Z'

/** Of a Pod whose containers all run. */
export const runningStatus = (containerName = 'web') => ({
  phase: 'Running',
  podIP: '10.1.2.3',
  podIPs: [{ ip: '10.1.2.3' }],
  startTime: TIME,
  conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: TIME,
  })),
  containerStatuses: [
    {
      name: containerName,
      image: 'busybox:1.36',
      imageID: 'docker.io/library/busybox@sha256:1',
      containerID: 'containerd://1',
      ready: true,
      started: true,
      restartCount: 1,
      state: { running: { startedAt: TIME } },
      lastState: { terminated: { exitCode: 3, reason: 'Error', startedAt: TIME, finishedAt: TIME } },
    },
  ],
})

/** Of a Deployment whose Pods are all there. */
export const availableStatus = (replicas: number, observedGeneration: number) => ({
  observedGeneration,
  replicas,
  updatedReplicas: replicas,
  readyReplicas: replicas,
  availableReplicas: replicas,
  conditions: [
    condition('Available', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'),
    condition('Progressing', 'NewReplicaSetAvailable', 'ReplicaSet "web" has successfully progressed.'),
  ],
})

const condition = (type: string, reason: string, message: string) => ({
  type,
  status: 'True',
  reason,
  message,
  lastTransitionTime: TIME,
  lastUpdateTime: TIME,
})
