import { type Theme, writeStatus } from '../theme.ts'
import { availableStatus, boundPod, deployment, runningStatus } from './manifests.ts'

/** `get` in its formats and `describe`, over objects of many kinds. */
export const reading: Theme = {
  name: 'reading',
  files: {
    'web.json': deployment('web'),
    'pod-a.json': boundPod('web-a', { app: 'web', tier: 'front' }),
    'pod-b.json': boundPod('web-b', { app: 'web', tier: 'back' }),
    'rich.yaml': `apiVersion: v1
kind: Pod
metadata: { name: rich, labels: { app: rich }, annotations: { note: "two\\nlines" } }
spec:
  nodeName: nowhere
  priority: 0
  initContainers:
  - { name: first, image: "busybox:1.36", command: ["true"] }
  containers:
  - name: main
    image: busybox:1.36
    args: [sh, -c, "sleep 3600"]
    ports: [{ containerPort: 8080, name: http }, { containerPort: 9090, hostPort: 9091 }]
    resources: { requests: { cpu: 100m, memory: 64Mi }, limits: { cpu: "1", memory: 128Mi } }
    env:
    - { name: PLAIN, value: text }
    - { name: FROM_KEY, valueFrom: { configMapKeyRef: { name: settings, key: colour } } }
    - { name: SECRET, valueFrom: { secretKeyRef: { name: keys, key: password, optional: true } } }
    - { name: IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }
    - { name: CPU, valueFrom: { resourceFieldRef: { resource: limits.cpu } } }
    envFrom: [{ configMapRef: { name: settings }, prefix: P_ }]
    readinessProbe: { httpGet: { path: /ready, port: http }, initialDelaySeconds: 3 }
    livenessProbe: { exec: { command: [cat, /tmp/x] }, periodSeconds: 7 }
    startupProbe: { tcpSocket: { port: 8080 }, failureThreshold: 30 }
    volumeMounts: [{ name: conf, mountPath: /conf, readOnly: true }, { name: scratch, mountPath: /scratch, subPath: a }]
  volumes:
  - { name: conf, configMap: { name: settings, items: [{ key: colour, path: c }] } }
  - { name: scratch, emptyDir: { medium: Memory, sizeLimit: 1Mi } }
  - { name: secret, secret: { secretName: keys, defaultMode: 256 } }
  - { name: claim, persistentVolumeClaim: { claimName: data } }
  - { name: host, hostPath: { path: /tmp, type: Directory } }
  - { name: both, projected: { sources: [{ configMap: { name: settings } }, { downwardAPI: { items: [{ path: l, fieldRef: { fieldPath: metadata.labels } }] } }] } }
  tolerations: [{ key: special, operator: Exists, effect: NoSchedule }]
  nodeSelector: { disk: ssd }
`,
    'many.yaml': `apiVersion: v1
kind: Service
metadata: { name: web, labels: { app: web } }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080, name: http }, { port: 443, targetPort: tls, name: https }] }
---
apiVersion: v1
kind: Service
metadata: { name: outside }
spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80 }], sessionAffinity: ClientIP, externalTrafficPolicy: Local }
---
apiVersion: v1
kind: Service
metadata: { name: balanced }
spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80, protocol: TCP }], loadBalancerSourceRanges: [10.0.0.0/8] }
---
apiVersion: v1
kind: Service
metadata: { name: headless }
spec: { clusterIP: None, selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: elsewhere }
spec: { type: ExternalName, externalName: example.org }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { colour: blue, file: "a\\nb\\n" }
binaryData: { raw: AAEC }
---
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { password: hunter2 }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } }, storageClassName: slow }
---
apiVersion: v1
kind: PersistentVolume
metadata: { name: $NS-volume }
spec: { capacity: { storage: 2Gi }, accessModes: [ReadWriteOnce, ReadOnlyMany], hostPath: { path: /tmp/x }, storageClassName: slow, persistentVolumeReclaimPolicy: Retain }
---
apiVersion: v1
kind: ResourceQuota
metadata: { name: limits }
spec: { hard: { pods: "10", requests.cpu: "4" } }
---
apiVersion: v1
kind: LimitRange
metadata: { name: ranges }
spec: { limits: [{ type: Container, default: { cpu: 500m }, defaultRequest: { cpu: 100m }, max: { cpu: "2" } }, { type: PersistentVolumeClaim, max: { storage: 5Gi } }] }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: headless
  replicas: 3
  selector: { matchLabels: { app: db } }
  template: { metadata: { labels: { app: db } }, spec: { containers: [{ name: db, image: "busybox:1.36" }] } }
  volumeClaimTemplates: [{ metadata: { name: data }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } } }]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
spec: { selector: { matchLabels: { app: agent } }, template: { metadata: { labels: { app: agent } }, spec: { containers: [{ name: agent, image: "busybox:1.36" }] } } }
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: { name: copies }
spec: { replicas: 1, selector: { matchLabels: { app: copies } }, template: { metadata: { labels: { app: copies } }, spec: { containers: [{ name: c, image: "busybox:1.36" }] } } }
---
apiVersion: v1
kind: ReplicationController
metadata: { name: old }
spec: { replicas: 1, template: { metadata: { labels: { app: old } }, spec: { containers: [{ name: c, image: "busybox:1.36" }] } } }
---
apiVersion: batch/v1
kind: Job
metadata: { name: once }
spec: { completions: 3, parallelism: 2, backoffLimit: 1, activeDeadlineSeconds: 100, template: { spec: { restartPolicy: Never, containers: [{ name: c, image: "busybox:1.36" }] } } }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec: { schedule: "0 3 * * *", timeZone: Etc/UTC, suspend: true, jobTemplate: { spec: { template: { spec: { restartPolicy: OnFailure, containers: [{ name: c, image: "busybox:1.36" }] } } } } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: door }
spec:
  ingressClassName: nginx
  tls: [{ hosts: [example.org], secretName: cert }]
  rules:
  - host: example.org
    http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }, { path: /x, pathType: Exact, backend: { service: { name: gone, port: { name: http } } } }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: wall }
spec: { podSelector: { matchLabels: { app: web } }, policyTypes: [Ingress, Egress], ingress: [{ from: [{ podSelector: { matchLabels: { tier: front } } }, { ipBlock: { cidr: 10.0.0.0/8, except: [10.1.0.0/16] } }], ports: [{ port: 80 }] }], egress: [{}] }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: budget }
spec: { minAvailable: 50%, selector: { matchLabels: { app: web } } }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: 1
  maxReplicas: 5
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 50 } } }]
  behavior: { scaleDown: { stabilizationWindowSeconds: 30 } }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-1, labels: { kubernetes.io/service-name: web } }
addressType: IPv4
ports: [{ name: http, port: 8080 }, { name: https, port: 8443 }]
endpoints: [{ addresses: [10.1.2.3], conditions: { ready: true }, targetRef: { kind: Pod, name: web-a } }, { addresses: [10.1.2.4], conditions: { ready: false } }]
---
apiVersion: v1
kind: Endpoints
metadata: { name: hand }
subsets: [{ addresses: [{ ip: 10.9.8.7 }], ports: [{ port: 80 }] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader }
rules: [{ apiGroups: [""], resources: [pods, pods/log], verbs: [get, list] }, { apiGroups: [apps], resources: [deployments], resourceNames: [web], verbs: ["*"] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: reader }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects: [{ kind: User, name: ann }, { kind: Group, name: staff }, { kind: ServiceAccount, name: default, namespace: $NS }]
---
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: { name: turn }
spec: { holderIdentity: me, leaseDurationSeconds: 15 }
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: { name: $NS-high }
value: 1000
description: first
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: $NS-fast }
provisioner: example.org/fast
parameters: { kind: ssd }
allowVolumeExpansion: true
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: $NS-class }
spec: { controller: example.org/ingress }
---
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: { name: $NS-runtime }
handler: fast
---
apiVersion: v1
kind: PodTemplate
metadata: { name: mould }
template: { metadata: { labels: { app: mould } }, spec: { containers: [{ name: c, image: "busybox:1.36" }] } }
---
apiVersion: apps/v1
kind: ControllerRevision
metadata: { name: rev-1 }
revision: 1
data: { spec: { a: 1 } }
---
apiVersion: v1
kind: Event
metadata: { name: happened }
involvedObject: { apiVersion: v1, kind: Pod, name: web-a, namespace: $NS }
reason: Started
message: Started container web
type: Normal
count: 2
source: { component: kubelet, host: nowhere }
firstTimestamp: "2026-01-02T03:04:05Z"
lastTimestamp: "2026-01-02T03:04:06Z"
`,
    'template.gotpl': '{{range .items}}{{.metadata.name}} {{.status.phase}}{{"\\n"}}{{end}}',
    'columns.txt': 'NAME          PHASE\nmetadata.name status.phase\n',
  },
  steps: [
    { prepare: 'kubectl create -f pod-a.json -f pod-b.json -f web.json -f many.yaml' },
    { prepare: writeStatus('pod/web-a', runningStatus()) },
    { prepare: writeStatus('deployment/web', availableStatus(2, 1)) },
    'kubectl create -f rich.yaml',
    'kubectl get pods',
    'kubectl get pods -o wide',
    'kubectl get pods --show-labels',
    'kubectl get pods -L app,tier',
    'kubectl get pods --no-headers',
    'kubectl get pods -l tier=front',
    "kubectl get pods -l 'tier in (front,back),app!=x' -o name",
    "kubectl get pods -l '!tier' -o name",
    'kubectl get pods --field-selector status.phase=Running -o name',
    'kubectl get pods --field-selector spec.nodeName!=nowhere',
    'kubectl get pods --field-selector spec.colour=red',
    'kubectl get pods --sort-by .metadata.name -o name',
    'kubectl get pod web-a -o yaml',
    'kubectl get pod web-a -o json',
    'kubectl get pod web-a -o yaml --show-managed-fields',
    'kubectl get pod rich -o yaml --show-managed-fields',
    "kubectl get pods -o jsonpath='{.items[*].metadata.name}'",
    "kubectl get pods -o jsonpath-as-json='{.items[*].metadata.labels}'",
    "kubectl get pods -o go-template='{{len .items}}'",
    'kubectl get pods -o go-template-file=template.gotpl',
    'kubectl get pods -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName,IP:.status.podIP',
    'kubectl get pods -o custom-columns-file=columns.txt',
    'kubectl get pods -o kyaml',
    'kubectl get pods --chunk-size=1 -o name',
    'kubectl get pod/web-a deployment/web service/web',
    'kubectl get all',
    'kubectl get all -o wide',
    'kubectl get pod missing',
    'kubectl get pod missing --ignore-not-found',
    'kubectl get unicorns',
    'kubectl get pods -n $NS-other',
    'kubectl get -f web.json -o yaml --show-managed-fields',
    'kubectl get deployments,replicasets,statefulsets,daemonsets -o wide',
    'kubectl get jobs,cronjobs -o wide',
    'kubectl get services,endpoints,endpointslices -o wide',
    'kubectl get configmaps,secrets,serviceaccounts',
    'kubectl get pvc -o wide',
    'kubectl get pv $NS-volume -o wide',
    'kubectl get ingresses,networkpolicies -o wide',
    'kubectl get pdb,hpa',
    'kubectl get quota,limits',
    'kubectl get roles,rolebindings -o wide',
    'kubectl get leases,rc,podtemplates,controllerrevisions -o wide',
    'kubectl get priorityclass $NS-high',
    'kubectl get storageclass $NS-fast',
    'kubectl get ingressclass $NS-class',
    'kubectl get runtimeclass $NS-runtime',
    'kubectl get namespace $NS',
    'kubectl get namespace $NS -o yaml --show-managed-fields',
    'kubectl get events',
    'kubectl get events -o wide',
    'kubectl get service web outside balanced -o yaml',
    'kubectl get statefulset,daemonset,job,cronjob -o yaml',
    'kubectl get ingress,networkpolicy,pdb -o yaml',
    'kubectl get hpa -o yaml',
    'kubectl get hpa.v1.autoscaling web -o yaml',
    'kubectl get configmap kube-root-ca.crt -o yaml',
    'kubectl get secret keys -o json',
    'kubectl get --raw /api/v1/namespaces/$NS/configmaps/settings',
    'background Running kubectl get pods web-a --watch -- true',
    'background status kubectl get pods web-a --watch --output-watch-events -o json -- true | head -c 300',
    'kubectl describe pod web-a',
    'kubectl describe pod rich',
    'kubectl describe pods -l tier=back --show-events=false',
    'kubectl describe deployment web',
    'kubectl describe service web outside balanced headless elsewhere',
    // kubectl goes through the data as through any map
    { run: 'kubectl describe configmap settings', unordered: true },
    'kubectl describe secret keys',
    'kubectl describe serviceaccount default',
    'kubectl describe statefulset db',
    'kubectl describe daemonset agent',
    'kubectl describe replicaset copies',
    'kubectl describe rc old',
    'kubectl describe job once',
    'kubectl describe cronjob nightly',
    'kubectl describe ingress door',
    'kubectl describe networkpolicy wall',
    'kubectl describe pdb budget',
    'kubectl describe hpa web',
    'kubectl describe pvc data',
    'kubectl describe pv $NS-volume',
    'kubectl describe quota,limits',
    'kubectl describe role,rolebinding reader',
    'kubectl describe endpoints hand',
    'kubectl describe endpointslice web-1',
    'kubectl describe namespace $NS',
    'kubectl describe priorityclass $NS-high',
    'kubectl describe storageclass $NS-fast',
    'kubectl describe ingressclass $NS-class',
    'kubectl describe lease turn',
    'kubectl describe event happened',
    'kubectl describe pod missing',
    { prepare: 'kubectl delete pv/$NS-volume pc/$NS-high sc/$NS-fast ingressclass/$NS-class runtimeclass/$NS-runtime' },
  ],
}
