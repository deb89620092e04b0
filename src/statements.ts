/**
 * What the pages teach. Every statement has a home: a page whose frontmatter names its id under `covers`. The build fails while one
 * has none, and names its line here.
 */
export const statements = {
  'build-ship-run': 'Docker builds images, runs containers, and ships images through a registry; on one machine.',
  'docker-limits':
    'What a single engine does not do: machines beyond one, a count kept across them, balance across hosts, placement, data that moves, health looked into.',
  'seven-machines':
    'Seven computers, a script that runs `docker run` on each, a proxy in front; and what is left open: releases, rollbacks, failures, addresses, the proxy itself.',
  'what-is':
    'Kubernetes decides where containers run, when they start and stop, how they scale and what happens when something breaks; you describe what you want.',
  'why-many': 'One container is easy, many are hard: crashes, sudden traffic, a machine down, updates without a gap.',
  restaurant: 'The restaurant chain: chefs, kitchens and the manager.',
  port: 'The port: shipping containers, port authority, cranes and logistics.',
  'boxes-factory': 'Docker builds the boxes, Kubernetes manages the factory; they work together.',
  viral: 'The app that everybody wants at once, without and with Kubernetes.',
  not: 'Kubernetes is no replacement for Docker, no programming language, and not needed for small apps.',
  'who-needs': 'When Kubernetes pays, and when Docker alone is enough.',
  'one-thing': 'The one sentence to remember.',
  scaling: 'Scaling by hand and by load: Compose `--scale`, `replicas`, HorizontalPodAutoscaler.',
  'load-balancing': 'Services and their types, Ingress and Gateway API, names that find a Service.',
  'self-healing': 'A failed container is restarted, a Pod replaced, a lost node’s Pods made anew; probes.',
  rollouts: 'A rolling update without downtime, a bad release stopped by readiness, rollback and history.',
  'multi-node': 'Nodes and the scheduler: resources, labels, taints, affinity, cordon and drain.',
  'secrets-config': 'ConfigMap and Secret apart from code; what a Secret is and is not.',
  storage: 'Volumes of one machine; PersistentVolume, claim and StorageClass, StatefulSet, data that follows the Pod.',
  observability: 'Logs, events, `kubectl top`, Prometheus, Grafana, Fluent Bit; liveness and readiness.',
  ecosystem: 'Helm, CustomResourceDefinitions and Operators; the same API in every cloud and on-premises.',
  declarative: 'Desired state, reconciliation, `kubectl apply`, drift corrected.',
  pod: 'The Pod as the unit: one container or several; why not a bare Pod.',
  'app-and-database':
    'The worked example: a Flask server and a database, from images to Deployment, StatefulSet and Services on three nodes that fail and grow.',
  'control-plane':
    'API server, scheduler, controller manager, etcd, kubelet, kube-proxy, container runtime: who does what when a manifest is applied.',
} as const satisfies Record<string, string>

export type StatementId = keyof typeof statements
