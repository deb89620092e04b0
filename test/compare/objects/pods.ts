import { type Change, cases, many } from './cases.ts'

const image = 'busybox:1.36'
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'pod' },
  spec: { containers: [{ name: 'main', image }] },
}

/** One container, changed. */
const main = (change: Change): Change => ({ spec: { containers: [{ name: 'main', image, ...change }] } })
const volume = (source: Change): Change => ({ spec: { volumes: [{ name: 'v', ...source }] } })
const probe = (change: Change): Change => main({ livenessProbe: change })
const env = (valueFrom: Change): Change => main({ env: [{ name: 'A', valueFrom }] })
const affinity = (change: Change): Change => ({ spec: { affinity: change } })
const term = (expression: Change) => ({ nodeSelectorTerms: [{ matchExpressions: [expression] }] })

export const pods = cases(pod, {
  unordered: ['bad labels', 'unknown resources', 'negative quantities', 'requests over limits', 'bad node selector'],
  create: {
    'as small as can be': {},
    'no containers': { spec: { containers: [] } },
    'no spec': { spec: undefined },
    'no name': { metadata: { name: undefined } },
    'a generated name': { metadata: { name: undefined, generateName: 'pod-' } },
    'a bad name': { metadata: { name: 'Not_a_name' } },
    'a long name': { metadata: { name: 'a'.repeat(254) } },
    'a bad generated name': { metadata: { name: undefined, generateName: 'Bad!' } },
    'another namespace': { metadata: { namespace: 'elsewhere' } },
    'bad labels': { metadata: { labels: { 'bad key': 'x', good: 'bad value!', 'a/b/c': 'x', ['k'.repeat(64)]: 'x' } } },
    'bad annotations': { metadata: { annotations: { 'bad key': 'x' } } },
    'huge annotations': { metadata: { annotations: { big: 'x'.repeat(270_000) } } },
    'bad owners': { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: '', name: '', uid: '' }] } },
    'two controllers': {
      metadata: {
        ownerReferences: many(2, (index) => ({
          apiVersion: 'v1',
          kind: 'Pod',
          name: `o${index}`,
          uid: `u${index}`,
          controller: true,
        })),
      },
    },
    'an event as owner': { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'e', uid: 'u' }] } },
    'bad finalizers': { metadata: { finalizers: ['nobody', 'example.org/x', 'bad finalizer/x'] } },
    'a resource version': { metadata: { resourceVersion: '7' } },
    'an unknown field': { spec: { colour: 'red', containers: [{ name: 'main', image, shape: 'round' }] } },
    'a wrong type': { spec: { containers: 'none' } },
    'a number as text': main({ ports: [{ containerPort: '80' }] }),
    'a null list': { spec: { volumes: null } },
    'an unknown kind': { kind: 'Pot' },
    'an unknown version': { apiVersion: 'v7' },
    'two containers of one name': {
      spec: {
        containers: [
          { name: 'a', image },
          { name: 'a', image },
        ],
      },
    },
    'a bad container name': main({ name: 'Main_1' }),
    'no image': main({ image: undefined }),
    'an image with spaces': main({ image: ' busybox ' }),
    'an image with the latest tag': main({ image: 'busybox:latest' }),
    'an image with a digest': main({ image: `busybox@sha256:${'a'.repeat(64)}` }),
    'an image without a tag': main({ image: 'example.org:5000/a/b' }),
    'an unknown pull policy': main({ imagePullPolicy: 'Sometimes' }),
    ports: main({ ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP', name: 'dns' }] }),
    'bad ports': main({
      ports: [
        { containerPort: 0 },
        { containerPort: 70000, name: 'x'.repeat(16) },
        { containerPort: 1, protocol: 'tcp' },
        { containerPort: 1, name: 'a--b' },
      ],
    }),
    'ports of one name': main({
      ports: [
        { containerPort: 1, name: 'a' },
        { containerPort: 2, name: 'a' },
      ],
    }),
    'host ports in conflict': main({
      ports: [
        { containerPort: 1, hostPort: 80 },
        { containerPort: 2, hostPort: 80 },
      ],
    }),
    resources: main({
      resources: { requests: { cpu: '0.1', memory: '128974848' }, limits: { cpu: 1, memory: '1.5Gi' } },
    }),
    'limits only': main({ resources: { limits: { cpu: '500m', memory: '64Mi' } } }),
    'requests over limits': main({
      resources: { requests: { cpu: '2', memory: '2Gi' }, limits: { cpu: '1', memory: '1Gi' } },
    }),
    'bad quantities': main({ resources: { requests: { cpu: 'much' } } }),
    'negative quantities': main({ resources: { requests: { cpu: '-1' }, limits: { memory: '-1' } } }),
    'unknown resources': main({
      resources: { requests: { colour: '1', 'example.org/gpu': '1', 'hugepages-2Mi': '4Mi' } },
    }),
    'extended resources': main({ resources: { limits: { 'example.org/gpu': '2' } } }),
    'fractions of extended resources': main({ resources: { limits: { 'example.org/gpu': '1500m' } } }),
    'quantities of odd forms': main({
      resources: { limits: { cpu: '1e3m', memory: '0.5Gi', 'ephemeral-storage': '1E' } },
    }),
    environment: main({ env: [{ name: 'A', value: 'x' }, { name: 'B', value: '$(A)-y' }, { name: 'EMPTY' }] }),
    'environment from fields': main({
      env: [
        { name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['x']" } } },
        { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        { name: 'C', valueFrom: { configMapKeyRef: { name: 'c', key: 'k', optional: true } } },
        { name: 'D', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
      ],
      envFrom: [{ prefix: 'P_', configMapRef: { name: 'c' } }, { secretRef: { name: 's', optional: true } }],
    }),
    'environment from an unknown field': env({ fieldRef: { fieldPath: 'spec.colour' } }),
    'environment from an unknown resource': env({ resourceFieldRef: { resource: 'limits.colour' } }),
    'environment from two sources': env({
      fieldRef: { fieldPath: 'metadata.name' },
      configMapKeyRef: { name: 'c', key: 'k' },
    }),
    'environment from nothing': env({}),
    'environment by value and source': main({
      env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    }),
    'bad names in the environment': main({
      env: [
        { name: '', value: 'x' },
        { name: 'a=b', value: 'x' },
      ],
      envFrom: [{ prefix: '=', configMapRef: { name: '' } }, {}],
    }),
    'one name twice in the environment': main({
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    }),
    'an http probe': probe({ httpGet: { path: '/x', port: 'http', httpHeaders: [{ name: 'H', value: 'v' }] } }),
    'a grpc probe': probe({ grpc: { port: 80 } }),
    'a probe without an action': probe({ periodSeconds: 5 }),
    'a probe with two actions': probe({ httpGet: { port: 80 }, exec: { command: ['x'] } }),
    'a probe with bad numbers': probe({
      tcpSocket: { port: 0 },
      periodSeconds: -1,
      timeoutSeconds: -2,
      successThreshold: 2,
      failureThreshold: -3,
      initialDelaySeconds: -4,
    }),
    'a probe with a bad port name': probe({ httpGet: { port: 'Not A Port' } }),
    'a readiness probe with a grace period': main({
      readinessProbe: { exec: { command: ['x'] }, terminationGracePeriodSeconds: 5 },
    }),
    'a probe with a bad scheme and header': probe({
      httpGet: { port: 1, scheme: 'ftp', path: '', httpHeaders: [{ name: 'bad header', value: '' }] },
    }),
    'life cycle hooks': main({
      lifecycle: { preStop: { sleep: { seconds: 5 } }, postStart: { exec: { command: ['x'] } } },
    }),
    'bad life cycle hooks': main({ lifecycle: { preStop: {}, postStart: { exec: { command: [] } } } }),
    'sleeping too long': main({ lifecycle: { preStop: { sleep: { seconds: 500 } } } }),
    'init containers': {
      spec: {
        initContainers: [
          { name: 'first', image },
          { name: 'side', image, restartPolicy: 'Always' },
        ],
      },
    },
    'init containers with probes': {
      spec: { initContainers: [{ name: 'first', image, readinessProbe: { exec: { command: ['x'] } } }] },
    },
    'an init container that restarts sometimes': {
      spec: { initContainers: [{ name: 'first', image, restartPolicy: 'OnFailure' }] },
    },
    'an init container of the same name': { spec: { initContainers: [{ name: 'main', image }] } },
    'ephemeral containers': { spec: { ephemeralContainers: [{ name: 'debug', image }] } },
    'an unknown restart policy': { spec: { restartPolicy: 'Sometimes' } },
    'an unknown DNS policy': { spec: { dnsPolicy: 'Mine' } },
    'no DNS policy but no name servers': { spec: { dnsPolicy: 'None' } },
    'DNS settings': {
      spec: { dnsConfig: { nameservers: ['1.2.3.4'], searches: ['a.b'], options: [{ name: 'ndots', value: '2' }] } },
    },
    'bad DNS settings': {
      spec: { dnsConfig: { nameservers: ['1', '1.1.1.1', '1.1.1.2', '1.1.1.3'], searches: ['-'], options: [{}] } },
    },
    'a negative grace period': { spec: { terminationGracePeriodSeconds: -5 } },
    'a deadline of zero': { spec: { activeDeadlineSeconds: 0 } },
    'a bad host name and subdomain': { spec: { hostname: 'a.b', subdomain: 'A' } },
    'host aliases': {
      spec: {
        hostAliases: [
          { ip: '1.2.3.4', hostnames: ['a'] },
          { ip: 'x', hostnames: ['-'] },
        ],
      },
    },
    'a host network': {
      spec: { hostNetwork: true, containers: [{ name: 'main', image, ports: [{ containerPort: 80 }] }] },
    },
    'a host network with other host ports': {
      spec: { hostNetwork: true, containers: [{ name: 'main', image, ports: [{ containerPort: 80, hostPort: 81 }] }] },
    },
    'a host process ID space shared': { spec: { hostPID: true, shareProcessNamespace: true } },
    'a bad node name': { spec: { nodeName: 'Bad_Node' } },
    'a bad node selector': { spec: { nodeSelector: { 'bad key': 'bad value!' } } },
    tolerations: {
      spec: {
        tolerations: [
          { operator: 'Exists' },
          { key: 'a', operator: 'Equal', value: 'b', effect: 'NoExecute', tolerationSeconds: 5 },
        ],
      },
    },
    'bad tolerations': {
      spec: {
        tolerations: [
          { operator: 'Equal' },
          { key: 'a', operator: 'Exists', value: 'x' },
          { key: 'a', effect: 'Never' },
          { key: 'a', tolerationSeconds: 1 },
          { key: 'bad key', operator: 'Near' },
        ],
      },
    },
    'a missing service account': { spec: { serviceAccountName: 'nobody' } },
    'the deprecated name of the service account': { spec: { serviceAccount: 'default' } },
    'no token': { spec: { automountServiceAccountToken: false } },
    'a missing priority class': { spec: { priorityClassName: 'missing' } },
    'a priority class': { spec: { priorityClassName: 'system-cluster-critical' } },
    'a priority that is not the class’s': { spec: { priority: 7 } },
    'a missing runtime class': { spec: { runtimeClassName: 'missing' } },
    'readiness and scheduling gates': {
      spec: { readinessGates: [{ conditionType: 'example.org/x' }], schedulingGates: [{ name: 'example.org/g' }] },
    },
    'bad gates': {
      spec: {
        readinessGates: [{ conditionType: 'bad gate' }],
        schedulingGates: [{ name: 'g' }, { name: 'g' }, { name: '' }],
      },
    },
    'a gate and a node': { spec: { schedulingGates: [{ name: 'g' }], nodeName: 'n' } },
    'node affinity': affinity({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: term({ key: 'a', operator: 'In', values: ['b'] }),
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 5, preference: { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] } },
        ],
      },
    }),
    'bad node affinity': affinity({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: term({ key: 'a', operator: 'Near', values: [] }),
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 500, preference: {} }],
      },
    }),
    'node affinity to nothing': affinity({
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
    }),
    'node affinity by number': affinity({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: term({ key: 'a', operator: 'Gt', values: ['x', 'y'] }),
      },
    }),
    'Pod affinity': affinity({
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { a: 'b' } } },
        ],
      },
    }),
    'bad Pod affinity': affinity({
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            topologyKey: '',
            labelSelector: {
              matchExpressions: [
                { key: 'a', operator: 'In' },
                { key: 'b', operator: 'Exists', values: ['x'] },
              ],
            },
            namespaces: ['Bad'],
          },
        ],
      },
    }),
    'spread over zones': {
      spec: {
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'zone',
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: { matchLabels: { a: 'b' } },
          },
        ],
      },
    },
    'spread badly': {
      spec: {
        topologySpreadConstraints: [
          { maxSkew: 0, topologyKey: '', whenUnsatisfiable: 'Never' },
          { maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 },
        ],
      },
    },
    'security settings': {
      spec: {
        securityContext: {
          runAsUser: 1000,
          runAsNonRoot: true,
          fsGroup: 2000,
          supplementalGroups: [1],
          seccompProfile: { type: 'RuntimeDefault' },
          sysctls: [{ name: 'net.core.x', value: '1' }],
        },
        containers: [
          {
            name: 'main',
            image,
            securityContext: {
              allowPrivilegeEscalation: false,
              capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
              readOnlyRootFilesystem: true,
              procMount: 'Default',
            },
          },
        ],
      },
    },
    'bad security settings': {
      spec: {
        securityContext: {
          runAsUser: -1,
          fsGroup: -1,
          seccompProfile: { type: 'Localhost' },
          sysctls: [{ name: 'Bad', value: '1' }],
          fsGroupChangePolicy: 'Never',
        },
        containers: [
          {
            name: 'main',
            image,
            securityContext: { privileged: true, allowPrivilegeEscalation: false, procMount: 'Some' },
          },
        ],
      },
    },
    'a security profile that is not local but named': main({
      securityContext: {
        seccompProfile: { type: 'Unconfined', localhostProfile: 'x' },
        appArmorProfile: { type: 'Strange' },
      },
    }),
    'an operating system': { spec: { os: { name: 'windows' }, securityContext: { runAsUser: 1 } } },
    'an unknown operating system': { spec: { os: { name: 'plan9' } } },
    'an empty directory': volume({ emptyDir: {} }),
    'a volume without a source': volume({}),
    'a volume with two sources': volume({ emptyDir: {}, hostPath: { path: '/x' } }),
    'a path of the host': volume({ hostPath: { path: '/x', type: 'Directory' } }),
    'bad paths of the host': volume({ hostPath: { path: '/../x', type: 'Thing' } }),
    'volumes of many sources': {
      spec: {
        volumes: [
          { name: 'a', configMap: { name: 'c' } },
          { name: 'b', secret: { secretName: 's' } },
          { name: 'c', downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } },
          { name: 'd', projected: { sources: [{ serviceAccountToken: { path: 't' } }, { configMap: { name: 'c' } }] } },
          { name: 'e', persistentVolumeClaim: { claimName: 'p' } },
          { name: 'f', nfs: { server: 's', path: '/p' } },
          { name: 'g', csi: { driver: 'example.org' } },
          { name: 'h', iscsi: { targetPortal: '1.2.3.4', iqn: 'iqn.2015-02.example.com:test', lun: 0 } },
          {
            name: 'i',
            ephemeral: {
              volumeClaimTemplate: {
                spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
              },
            },
          },
        ],
      },
    },
    'volumes of bad sources': {
      spec: {
        volumes: [
          { name: 'a', configMap: { name: '', items: [{ key: '', path: '../x' }], defaultMode: 1000 } },
          { name: 'b', secret: {} },
          { name: 'c', downwardAPI: { items: [{ path: '/l', fieldRef: { fieldPath: 'spec.x' } }] } },
          { name: 'd', projected: { sources: [{}] } },
          { name: 'e', persistentVolumeClaim: {} },
          { name: 'f', nfs: { server: '', path: 'p' } },
          { name: 'g', csi: { driver: '' } },
          { name: 'Bad', emptyDir: {} },
          { name: 'a', emptyDir: { sizeLimit: '-1' } },
          { name: 'i', ephemeral: {} },
          { name: 'j', gitRepo: { repository: '' } },
        ],
      },
    },
    mounts: {
      spec: {
        volumes: [{ name: 'v', emptyDir: {} }],
        containers: [
          {
            name: 'main',
            image,
            volumeMounts: [
              { name: 'v', mountPath: '/a' },
              {
                name: 'v',
                mountPath: '/b',
                subPathExpr: '$(A)',
                readOnly: true,
                recursiveReadOnly: 'IfPossible',
                mountPropagation: 'None',
              },
            ],
          },
        ],
      },
    },
    'bad mounts': {
      spec: {
        volumes: [{ name: 'v', emptyDir: {} }],
        containers: [
          {
            name: 'main',
            image,
            volumeMounts: [
              { name: 'w', mountPath: '/a' },
              { name: 'v', mountPath: '/a' },
              { name: 'v', mountPath: '', subPath: '../x' },
              { name: 'v', mountPath: '/x:y', subPath: 'a', subPathExpr: 'b' },
              { name: 'v', mountPath: '/z', mountPropagation: 'Bidirectional' },
            ],
          },
        ],
      },
    },
    'a block device': {
      spec: {
        volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'p' } }],
        containers: [{ name: 'main', image, volumeDevices: [{ name: 'v', devicePath: '/dev/x' }] }],
      },
    },
    'a bad block device': {
      spec: {
        volumes: [{ name: 'v', emptyDir: {} }],
        containers: [{ name: 'main', image, volumeDevices: [{ name: 'v', devicePath: '' }] }],
      },
    },
    'a terminal': main({
      stdin: true,
      tty: true,
      terminationMessagePath: '/x',
      terminationMessagePolicy: 'FallbackToLogsOnError',
    }),
    'an unknown message policy': main({ terminationMessagePolicy: 'Never' }),
    'overhead and resource claims': {
      spec: { overhead: { cpu: '1' }, resourceClaims: [{ name: 'c', resourceClaimName: 'x' }] },
    },
    'resources of the whole Pod': { spec: { resources: { limits: { cpu: '2', memory: '1Gi' } } } },
    'user namespaces': { spec: { hostUsers: false } },
    'image pull secrets': { spec: { imagePullSecrets: [{ name: 's' }, {}] } },
    'a status that nobody may set': { status: { phase: 'Running', podIP: '1.2.3.4' } },
    'a resize policy': main({
      resizePolicy: [
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        { resourceName: 'gpu', restartPolicy: 'Maybe' },
      ],
    }),
    'deprecated labels of nodes': { spec: { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } } },
    'a deprecated annotation': {
      metadata: {
        annotations: {
          'scheduler.alpha.kubernetes.io/critical-pod': '',
          'container.apparmor.security.beta.kubernetes.io/main': 'runtime/default',
        },
      },
    },
  },
  update: {
    nothing: {},
    'a new image': main({ image: 'busybox:1.37' }),
    'no image any more': main({ image: '' }),
    'a new command': main({ command: ['x'] }),
    'another container': {
      spec: {
        containers: [
          { name: 'main', image },
          { name: 'more', image },
        ],
      },
    },
    'a label': { metadata: { labels: { a: 'b' } } },
    'a toleration': { spec: { tolerations: [{ key: 'a', operator: 'Exists' }] } },
    'a deadline': { spec: { activeDeadlineSeconds: 5 } },
    'a node': { spec: { nodeName: 'n' } },
    'another grace period': { spec: { terminationGracePeriodSeconds: 5 } },
    'a wrong uid': { metadata: { uid: 'wrong' } },
    'an old version': { metadata: { resourceVersion: '1' } },
    'a broken version': { metadata: { resourceVersion: 'x' } },
    'another name': { metadata: { name: 'other' } },
  },
})
