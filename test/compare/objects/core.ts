import { cases, many } from './cases.ts'

export const core = [
  ...cases(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'configmap' }, data: { a: 'b' } },
    {
      unordered: ['bad keys'],
      create: {
        'some data': {},
        'no data': { data: undefined },
        'bad keys': { data: { 'a b': 'x', '..': 'y', ['k'.repeat(254)]: 'z' } },
        'one key twice': { binaryData: { a: 'AA==' } },
        'broken base64': { binaryData: { b: '***' } },
        'too much': { data: { a: 'x'.repeat(1_050_000) } },
        'a number': { data: { a: 5 } },
        immutable: { immutable: true },
        'an empty map': { data: {} },
        'a null value': { data: { a: null } },
      },
      update: {
        nothing: {},
        'other data': { data: { a: 'c' } },
        immutable: { immutable: true },
        'other data again': { data: { a: 'd' } },
      },
    },
  ),
  ...cases(
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'secret' }, stringData: { a: 'b' } },
    {
      create: {
        'text data': {},
        'data of both forms': { data: { a: 'eA==', c: 'eQ==' } },
        'broken base64': { data: { c: 'x' } },
        'bad keys': { stringData: { 'a b': 'x' } },
        'a certificate without its key': { type: 'kubernetes.io/tls' },
        'basic authentication': { type: 'kubernetes.io/basic-auth' },
        'an SSH key': { type: 'kubernetes.io/ssh-auth' },
        'a registry’s settings': {
          type: 'kubernetes.io/dockerconfigjson',
          stringData: { '.dockerconfigjson': 'no json' },
        },
        'a registry’s old settings': { type: 'kubernetes.io/dockercfg' },
        'a service account’s token': { type: 'kubernetes.io/service-account-token' },
        'a bootstrap token': { type: 'bootstrap.kubernetes.io/token' },
        immutable: { immutable: true },
      },
      update: {
        nothing: {},
        'another type': { type: 'example.org/x' },
        immutable: { immutable: true },
        'other data': { stringData: { a: 'z' } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'service' },
      spec: { selector: { a: 'b' }, ports: [{ port: 80 }] },
    },
    {
      create: {
        'as small as can be': {},
        'no ports': { spec: { ports: undefined } },
        'no spec': { spec: undefined },
        headless: { spec: { clusterIP: 'None' } },
        'headless without ports': { spec: { clusterIP: 'None', ports: undefined } },
        'ports without names': { spec: { ports: [{ port: 1 }, { port: 2 }] } },
        'ports of one name': {
          spec: {
            ports: [
              { port: 1, name: 'a' },
              { port: 2, name: 'a' },
            ],
          },
        },
        'ports that are the same': {
          spec: {
            ports: [
              { port: 1, name: 'a' },
              { port: 1, name: 'b' },
            ],
          },
        },
        'bad ports': {
          spec: {
            ports: [{ port: 0, name: 'A_', protocol: 'ICMP', targetPort: 'no port!', appProtocol: 'bad protocol' }],
          },
        },
        'a port by name': { spec: { ports: [{ port: 80, targetPort: 'http', name: 'web', appProtocol: 'http' }] } },
        'a node port': { spec: { type: 'NodePort' } },
        'a chosen node port': { spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30023 }] } },
        'a node port out of range': { spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] } },
        'a node port of a cluster service': { spec: { ports: [{ port: 80, nodePort: 30024 }] } },
        'a load balancer': {
          spec: { type: 'LoadBalancer', loadBalancerIP: '1.2.3.4', loadBalancerSourceRanges: ['10.0.0.0/8'] },
        },
        'a load balancer without node ports': {
          spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, loadBalancerClass: 'example.org/x' },
        },
        'bad source ranges': {
          spec: { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0'], loadBalancerClass: 'bad class' },
        },
        'fields of a load balancer without one': {
          spec: {
            loadBalancerSourceRanges: ['10.0.0.0/8'],
            loadBalancerClass: 'x',
            allocateLoadBalancerNodePorts: true,
          },
        },
        'a health check': {
          spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30025 },
        },
        'an external name': {
          spec: { type: 'ExternalName', externalName: 'example.org', selector: undefined, ports: undefined },
        },
        'an external name without a name': { spec: { type: 'ExternalName' } },
        'a bad external name': { spec: { type: 'ExternalName', externalName: '-x-', clusterIP: '10.96.1.1' } },
        'a chosen address': { spec: { clusterIP: '10.96.0.77' } },
        'an address out of range': { spec: { clusterIP: '192.168.1.1' } },
        'an address that is none': { spec: { clusterIP: 'x' } },
        'addresses that differ': { spec: { clusterIP: '10.96.0.78', clusterIPs: ['10.96.0.79'] } },
        'two families': { spec: { ipFamilyPolicy: 'RequireDualStack' } },
        'two families if possible': { spec: { ipFamilyPolicy: 'PreferDualStack' } },
        'the other family': { spec: { ipFamilies: ['IPv6'] } },
        'an unknown family': { spec: { ipFamilies: ['IPv5'], ipFamilyPolicy: 'Any' } },
        'an unknown type': { spec: { type: 'Magic' } },
        'session affinity': { spec: { sessionAffinity: 'ClientIP' } },
        'session affinity for long': {
          spec: { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 100000 } } },
        },
        'unknown affinity': {
          spec: { sessionAffinity: 'Server', sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } } },
        },
        'external addresses': { spec: { externalIPs: ['1.2.3.4', '127.0.0.1', 'x'] } },
        'unknown policies': {
          spec: { externalTrafficPolicy: 'Local', internalTrafficPolicy: 'Near', trafficDistribution: 'Far' },
        },
        'near traffic': {
          spec: { trafficDistribution: 'PreferClose', internalTrafficPolicy: 'Local', publishNotReadyAddresses: true },
        },
        'a name that begins with a digit': { metadata: { name: '1service' } },
        'a name with dots': { metadata: { name: 'a.b' } },
        'a bad selector': { spec: { selector: { 'a b': '!' } } },
        'a long name': { metadata: { name: 's'.repeat(64) } },
      },
      update: {
        nothing: {},
        'another port': { spec: { ports: [{ port: 81 }] } },
        'no address': { spec: { clusterIP: '', clusterIPs: [] } },
        'a node port': { spec: { type: 'NodePort' } },
        'a cluster service again': {},
        'another address': { spec: { clusterIP: '10.96.55.55' } },
        'an external name': { spec: { type: 'ExternalName', externalName: 'example.org' } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'endpoints' },
      subsets: [{ addresses: [{ ip: '1.2.3.4' }], ports: [{ port: 80 }] }],
    },
    {
      create: {
        'an address': {},
        'nothing in it': { subsets: undefined },
        'bad addresses': {
          subsets: [
            {
              addresses: [{ ip: 'x' }, { ip: '127.0.0.1' }, { ip: '1.2.3.4', hostname: 'A' }],
              ports: [{ port: 0, protocol: 'x' }],
            },
          ],
        },
        'an empty subset': { subsets: [{}] },
        'addresses in disorder': {
          subsets: [
            {
              addresses: [{ ip: '2.2.2.2' }, { ip: '1.1.1.1' }],
              ports: [
                { port: 2, name: 'b' },
                { port: 1, name: 'a' },
              ],
            },
            { notReadyAddresses: [{ ip: '3.3.3.3' }], ports: [{ port: 2, name: 'b' }] },
          ],
        },
      },
      update: { nothing: {}, 'another address': { subsets: [{ addresses: [{ ip: '1.2.3.5' }] }] } },
    },
  ),
  ...cases(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '$NS-made' } },
    {
      create: {
        'as small as can be': {},
        'a bad name': { metadata: { name: 'a.b' } },
        'a long name': { metadata: { name: 'n'.repeat(64) } },
        'finalizers of its own': { spec: { finalizers: ['example.org/x'] } },
        'bad finalizers': { spec: { finalizers: ['x y'] } },
        'a label for Pod security': { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'strange' } } },
        'a default name': { metadata: { name: 'default' } },
      },
      update: {
        nothing: {},
        'a label': { metadata: { labels: { a: 'b' } } },
        'no finalizers': { spec: { finalizers: [] } },
      },
    },
  ),
  ...cases(
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node' } },
    {
      create: {
        'as small as can be': {},
        'taints and addresses': {
          spec: { taints: [{ key: 'a', effect: 'NoSchedule' }], podCIDR: '10.1.0.0/24', unschedulable: true },
        },
        'bad taints': {
          spec: {
            taints: [
              { key: 'a', value: 'b!', effect: 'Never' },
              { key: '', effect: 'NoExecute' },
            ],
          },
        },
        'one taint twice': {
          spec: {
            taints: [
              { key: 'a', effect: 'NoSchedule' },
              { key: 'a', value: 'x', effect: 'NoSchedule' },
            ],
          },
        },
        'a bad range': { spec: { podCIDR: 'x', podCIDRs: ['x'] } },
        'a status': { status: { capacity: { cpu: '4', memory: 'x' } } },
        'a full status': { status: { capacity: { cpu: '4' }, conditions: [{ type: 'Ready', status: 'True' }] } },
      },
      update: {
        nothing: {},
        cordoned: { spec: { unschedulable: true } },
        'a provider': { spec: { providerID: 'a://b' } },
        'another provider': { spec: { providerID: 'a://c' } },
      },
    },
  ),
  ...cases(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'account' } },
    {
      create: {
        'as small as can be': {},
        'secrets and no token': {
          secrets: [{ name: 's' }],
          imagePullSecrets: [{ name: 'p' }],
          automountServiceAccountToken: false,
        },
        'a bad name': { metadata: { name: 'A' } },
      },
      update: { nothing: {}, 'a secret': { imagePullSecrets: [{ name: 'x' }] } },
    },
  ),
  ...cases(
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'event' },
      involvedObject: { kind: 'Pod', name: 'p', namespace: '$NS' },
      reason: 'r',
      message: 'm',
      type: 'Normal',
    },
    {
      create: {
        'as small as can be': {},
        'another namespace': { involvedObject: { namespace: 'elsewhere' } },
        'no namespace': { involvedObject: { namespace: undefined } },
        'a time of the new kind': {
          eventTime: '2026-01-02T03:04:05.000001Z',
          reportingComponent: 'example.org/c',
          reportingInstance: 'i',
          action: 'a',
        },
        'a time of the new kind alone': { eventTime: '2026-01-02T03:04:05.000001Z' },
        'an unknown type': { type: 'Strange' },
        'a bad time': { eventTime: 'today' },
      },
      update: { nothing: {}, 'more of them': { count: 5 }, 'another reason': { reason: 'x' } },
    },
  ),
  ...cases(
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'volume' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } },
    },
    {
      create: {
        'as small as can be': {},
        'no source': { spec: { hostPath: undefined } },
        'two sources': { spec: { nfs: { server: 's', path: '/p' } } },
        'no capacity': { spec: { capacity: undefined } },
        'bad modes': { spec: { accessModes: ['Sometimes', 'ReadWriteOncePod', 'ReadOnlyMany'] } },
        'no modes': { spec: { accessModes: [] } },
        'an unknown reclaim policy': { spec: { persistentVolumeReclaimPolicy: 'Keep', volumeMode: 'Disk' } },
        'a local disk': { spec: { hostPath: undefined, local: { path: '/d' } } },
        'a local disk of a node': {
          spec: {
            hostPath: undefined,
            local: { path: '/d' },
            nodeAffinity: {
              required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }] },
            },
          },
        },
        'a driver': {
          spec: {
            hostPath: undefined,
            csi: { driver: 'example.org', volumeHandle: 'h' },
            storageClassName: 'fast',
            claimRef: { name: 'c', namespace: '$NS' },
          },
        },
        'a bad driver': { spec: { hostPath: undefined, csi: { driver: 'Bad Driver' } } },
        recycled: { spec: { persistentVolumeReclaimPolicy: 'Recycle' } },
      },
      update: {
        nothing: {},
        larger: { spec: { capacity: { storage: '2Gi' } } },
        'another source': { spec: { hostPath: { path: '/y' } } },
        'another policy': { spec: { persistentVolumeReclaimPolicy: 'Delete' } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'claim' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    {
      create: {
        'as small as can be': {},
        'no modes': { spec: { accessModes: undefined } },
        'no size': { spec: { resources: undefined } },
        'a size of nothing': { spec: { resources: { requests: { storage: '0' } } } },
        'a class': {
          spec: {
            storageClassName: 'fast',
            volumeMode: 'Block',
            volumeName: 'v',
            selector: { matchLabels: { a: 'b' } },
          },
        },
        'a bad class': { spec: { storageClassName: 'Bad_Class', volumeMode: 'Disk' } },
        'no class': { spec: { storageClassName: '' } },
        'a source': { spec: { dataSource: { kind: 'PersistentVolumeClaim', name: 'other' } } },
        'a snapshot as source': {
          spec: { dataSourceRef: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' } },
        },
        'sources that differ': {
          spec: {
            dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
            dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' },
          },
        },
        'a bad source': { spec: { dataSource: { kind: '', name: '' } } },
        'a mode alone among others': { spec: { accessModes: ['ReadWriteOncePod', 'ReadWriteMany'] } },
      },
      update: {
        nothing: {},
        larger: { spec: { resources: { requests: { storage: '2Gi' } } } },
        'another mode': { spec: { accessModes: ['ReadWriteMany'] } },
        'a volume': { spec: { volumeName: 'v' } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'quota' },
      spec: { hard: { 'count/widgets.example.org': '3' } },
    },
    {
      unordered: ['bad names and amounts'],
      create: {
        'a count': {},
        everything: {
          spec: {
            hard: {
              'requests.cpu': '100',
              'limits.memory': '100Gi',
              pods: '1000',
              'count/jobs.batch': '99',
              'requests.nvidia.com/gpu': '4',
              'fast.storageclass.storage.k8s.io/requests.storage': '1Ti',
            },
          },
        },
        'bad names and amounts': { spec: { hard: { colour: '1', 'limits.colour': '2', pods: '-1', services: '1.5' } } },
        scopes: { spec: { hard: { pods: '1000' }, scopes: ['NotTerminating', 'NotBestEffort'] } },
        'scopes against each other': { spec: { hard: { pods: '1000' }, scopes: ['Terminating', 'NotTerminating'] } },
        'a scope that does not fit': { spec: { hard: { services: '1000' }, scopes: ['BestEffort'] } },
        'a scope by class': {
          spec: {
            hard: { pods: '1000' },
            scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['x'] }] },
          },
        },
        'a bad scope': {
          spec: {
            hard: { pods: '1000' },
            scopeSelector: { matchExpressions: [{ scopeName: 'Size', operator: 'In' }] },
          },
        },
      },
      update: {
        nothing: {},
        'another amount': { spec: { hard: { 'count/widgets.example.org': '4' } } },
        'other scopes': {
          spec: { scopes: ['BestEffort'], hard: { pods: '1000', 'count/widgets.example.org': undefined } },
        },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'limits' },
      spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '100Gi' } }] },
    },
    {
      create: {
        'a largest claim': {},
        // Of a resource that no other object here asks for, so that it changes none
        defaults: {
          spec: { limits: [{ type: 'Container', max: { 'example.org/x': '2' }, min: { 'example.org/x': '0' } }] },
        },
        'defaults out of range': {
          spec: {
            limits: [
              {
                type: 'Container',
                default: { cpu: '4' },
                defaultRequest: { cpu: '5' },
                max: { cpu: '2' },
                min: { cpu: '3' },
              },
            ],
          },
        },
        'defaults of a Pod': {
          spec: { limits: [{ type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '1' } }] },
        },
        'a claim without bounds': {
          spec: { limits: [{ type: 'PersistentVolumeClaim', default: { storage: '1Gi' } }] },
        },
        'one type twice': {
          spec: {
            limits: [
              { type: 'Pod', max: { cpu: '1000' } },
              { type: 'Pod', max: { cpu: '1000' } },
            ],
          },
        },
        'a bad ratio': { spec: { limits: [{ type: 'Pod', maxLimitRequestRatio: { cpu: '0.5' } }] } },
        'an unknown type': { spec: { limits: [{ type: 'Ship', max: { cpu: '1' } }] } },
      },
      update: { nothing: {} },
    },
  ),
  ...cases(
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'slice' },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['1.2.3.4'] }],
      ports: [{ port: 80 }],
    },
    {
      create: {
        'an address': {},
        'the other family': { addressType: 'IPv6', endpoints: [{ addresses: ['fd00::1'] }] },
        'addresses of the wrong family': { endpoints: [{ addresses: ['fd00::1', 'x'] }] },
        'no addresses': { endpoints: [{ addresses: [] }] },
        'an unknown family': { addressType: 'IPX' },
        'no family': { addressType: undefined },
        'bad ports': { ports: [{ port: 0 }, { name: 'A', port: 1, protocol: 'x', appProtocol: 'a b' }] },
        'too many ports': { ports: many(101, (index) => ({ name: `p${index}`, port: index + 1 })) },
        'conditions and hints': {
          endpoints: [
            {
              addresses: ['1.2.3.4'],
              conditions: { ready: true, serving: false, terminating: true },
              hostname: 'h',
              nodeName: 'n',
              zone: 'z',
              hints: { forZones: [{ name: 'z' }] },
            },
          ],
        },
        'nothing in it': { endpoints: [], ports: [] },
      },
      update: {
        nothing: {},
        'another family': { addressType: 'IPv6', endpoints: [] },
        'another address': { endpoints: [{ addresses: ['1.2.3.5'] }] },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'new-event' },
      eventTime: '2026-01-02T03:04:05.000001Z',
      reportingController: 'example.org/c',
      reportingInstance: 'i',
      action: 'a',
      reason: 'r',
      type: 'Normal',
      regarding: { kind: 'Pod', name: 'p', namespace: '$NS' },
    },
    {
      title: 'Event of events.k8s.io',
      create: {
        'of the new kind': {},
        'no controller': { reportingController: undefined },
        'no time': { eventTime: undefined },
        'a series': { series: { count: 2, lastObservedTime: '2026-01-02T03:04:06.000001Z' } },
        'a bad series': { series: { count: 1 } },
        'a long note': { note: 'n'.repeat(1025) },
        'an old source': { deprecatedSource: { component: 'x' }, deprecatedCount: 3 },
      },
      update: {
        nothing: {},
        'another reason again': { reason: 'x' },
        'a longer series': { series: { count: 3, lastObservedTime: '2026-01-02T03:04:07.000001Z' } },
      },
    },
  ),
  ...cases(
    { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'missing' }, target: { kind: 'Node', name: 'n' } },
    { create: { 'of a missing Pod': {}, 'to nothing': { target: undefined } } },
  ),
]
