import { cases } from './cases.ts'

const rbac = 'rbac.authorization.k8s.io'
const backend = { service: { name: 's', port: { number: 80 } } }
const rule = (path: object) => ({
  spec: { defaultBackend: undefined, rules: [{ host: 'example.org', http: { paths: [path] } }] },
})
const hook = {
  name: 'h.example.org',
  clientConfig: { url: 'https://example.org/hook' },
  rules: [{ apiGroups: ['example.org'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['widgets'] }],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
}
const constraints = {
  resourceRules: [{ apiGroups: ['example.org'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['widgets'] }],
}
const schema = {
  openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'string' } } } } },
}
const crdVersion = { name: 'v1', served: true, storage: true, schema }
const withSchema = (spec: object) => ({
  spec: { versions: [{ ...crdVersion, schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } }] },
})
/** A request for a certificate for CN=ann, O=staff; its key is nowhere. */
const csr = 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0='

export const groups = [
  ...cases(
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'ingress' },
      spec: { defaultBackend: backend },
    },
    {
      create: {
        'a backend': {},
        'nothing in it': { spec: undefined },
        'a rule': rule({ path: '/', pathType: 'Prefix', backend }),
        'a path without a type': rule({ path: '/', backend }),
        'a path without a slash': rule({ path: 'x', pathType: 'Prefix', backend }),
        'a path of an unknown type': rule({ path: '/', pathType: 'Regex', backend }),
        'a bad path': rule({ path: '/a//b/../c', pathType: 'Exact', backend }),
        'no path': rule({ pathType: 'ImplementationSpecific', backend }),
        'a backend of both kinds': { spec: { defaultBackend: { ...backend, resource: { kind: 'X', name: 'x' } } } },
        'a backend by name': { spec: { defaultBackend: { service: { name: 's', port: { name: 'http' } } } } },
        'a backend by name and number': {
          spec: { defaultBackend: { service: { name: 's', port: { name: 'http', number: 80 } } } },
        },
        'a bad backend': { spec: { defaultBackend: { service: { name: '', port: { number: 0 } } } } },
        'a resource as backend': {
          spec: {
            defaultBackend: { service: undefined, resource: { apiGroup: 'example.org', kind: 'Bucket', name: 'b' } },
          },
        },
        'a wildcard host': { spec: { rules: [{ host: '*.example.org' }] } },
        'bad hosts': { spec: { rules: [{ host: '1.2.3.4' }, { host: 'a.*.b' }, { host: 'A_b' }] } },
        'a certificate': {
          spec: {
            tls: [
              { hosts: ['a.b'], secretName: 's' },
              { hosts: ['*'], secretName: 'Bad_Secret' },
            ],
          },
        },
        'a class': { spec: { ingressClassName: 'nginx' } },
        'a class twice': {
          metadata: { annotations: { 'kubernetes.io/ingress.class': 'a' } },
          spec: { ingressClassName: 'b' },
        },
        'a bad class': { spec: { ingressClassName: 'Bad_Class' } },
      },
      update: {
        nothing: {},
        'another backend': { spec: { defaultBackend: { service: { name: 't' } } } },
        'a bad backend': { spec: { defaultBackend: { service: { name: 'T' } } } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'ingressclass' },
      spec: { controller: 'example.org/c' },
    },
    {
      create: {
        'a controller': {},
        'no controller': { spec: { controller: '' } },
        'a bad controller': { spec: { controller: 'nodomain' } },
        parameters: { spec: { parameters: { kind: 'ConfigMap', name: 'c', scope: 'Namespace', namespace: 'n' } } },
        'bad parameters': { spec: { parameters: { kind: '', name: '', scope: 'World' } } },
        'parameters of a cluster in a namespace': {
          spec: { parameters: { kind: 'C', name: 'c', scope: 'Cluster', namespace: 'n' } },
        },
      },
      update: { nothing: {}, 'another controller': { spec: { controller: 'example.org/d' } } },
    },
  ),
  ...cases(
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'policy' },
      spec: { podSelector: {} },
    },
    {
      create: {
        'nothing allowed': {},
        'no selector': { spec: { podSelector: undefined } },
        'ways out': { spec: { egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: 'UDP' }] }] } },
        'a range of ports': { spec: { ingress: [{ ports: [{ port: 80, endPort: 90 }] }] } },
        'a bad range of ports': {
          spec: {
            ingress: [
              {
                ports: [
                  { port: 80, endPort: 70 },
                  { endPort: 5 },
                  { port: 'http', endPort: 5 },
                  { port: 'No Port', protocol: 'X' },
                ],
              },
            ],
          },
        },
        'blocks of addresses': {
          spec: { ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }] },
        },
        'bad blocks': {
          spec: {
            ingress: [
              {
                from: [
                  { ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/8', 'x'] } },
                  { ipBlock: { cidr: 'x' } },
                  { ipBlock: { cidr: '1.1.1.0/24' }, podSelector: {} },
                  {},
                ],
              },
            ],
          },
        },
        'unknown types': { spec: { policyTypes: ['Sideways'] } },
        'too many types': { spec: { policyTypes: ['Ingress', 'Egress', 'Ingress'] } },
        'a bad selector': { spec: { podSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } } },
      },
      update: { nothing: {}, 'another selector': { spec: { podSelector: { matchLabels: { a: 'b' } } } } },
    },
  ),
  ...cases(
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'budget' },
      spec: { minAvailable: 1, selector: { matchLabels: { nobody: 'x' } } },
    },
    {
      create: {
        'one available': {},
        'half available': { spec: { minAvailable: '50%' } },
        'both ways': { spec: { maxUnavailable: 1 } },
        neither: { spec: { minAvailable: undefined } },
        'too much': { spec: { minAvailable: '150%' } },
        'below zero': { spec: { minAvailable: -1 } },
        nonsense: { spec: { minAvailable: 'some' } },
        'no selector': { spec: { selector: undefined } },
        'an unknown policy': { spec: { unhealthyPodEvictionPolicy: 'Sometimes' } },
        'a known policy': { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } },
        'the old version': { apiVersion: 'policy/v1beta1' },
      },
      update: {
        nothing: {},
        'another number': { spec: { minAvailable: 2 } },
        'another selector': { spec: { selector: { matchLabels: { a: 'c' } } } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'autoscaler' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, maxReplicas: 3 },
    },
    {
      create: {
        'as small as can be': {},
        'no target': { spec: { scaleTargetRef: { kind: '', name: '', apiVersion: 'a/b/c' } } },
        'less than the least': { spec: { minReplicas: 5 } },
        'none at most': { spec: { maxReplicas: 0, minReplicas: 0 } },
        'metrics of all kinds': {
          spec: {
            metrics: [
              { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
              {
                type: 'ContainerResource',
                containerResource: {
                  name: 'memory',
                  container: 'c',
                  target: { type: 'AverageValue', averageValue: '100Mi' },
                },
              },
              { type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '1k' } } },
              {
                type: 'Object',
                object: {
                  describedObject: { kind: 'Service', name: 's' },
                  metric: { name: 'm', selector: { matchLabels: { a: 'b' } } },
                  target: { type: 'Value', value: '5' },
                },
              },
              {
                type: 'External',
                external: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '1' } },
              },
            ],
          },
        },
        'bad metrics': {
          spec: {
            metrics: [
              { type: 'Resource' },
              { type: 'Strange' },
              { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 0 } } },
              { type: 'Pods', pods: { metric: { name: '' }, target: { type: 'Value', value: '1' } } },
            ],
          },
        },
        behaviour: {
          spec: {
            behavior: {
              scaleUp: { policies: [{ type: 'Pods', value: 2, periodSeconds: 10 }], selectPolicy: 'Min' },
              scaleDown: { stabilizationWindowSeconds: 60 },
            },
          },
        },
        'bad behaviour': {
          spec: {
            behavior: {
              scaleUp: { policies: [], stabilizationWindowSeconds: 4000 },
              scaleDown: { policies: [{ type: 'Ships', value: 0, periodSeconds: 9999 }], selectPolicy: 'Any' },
            },
          },
        },
        'the first version': { apiVersion: 'autoscaling/v1', spec: { targetCPUUtilizationPercentage: 70 } },
        'the first version out of range': { apiVersion: 'autoscaling/v1', spec: { targetCPUUtilizationPercentage: 0 } },
        'a beta version': { apiVersion: 'autoscaling/v2beta2' },
      },
      update: {
        nothing: {},
        'another most': { spec: { maxReplicas: 9 } },
        'the first version': { apiVersion: 'autoscaling/v1', spec: { targetCPUUtilizationPercentage: 70 } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: `${rbac}/v1`,
      kind: 'Role',
      metadata: { name: 'role' },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    },
    {
      create: {
        'a rule': {},
        'no rules': { rules: undefined },
        'a rule without verbs': { rules: [{ apiGroups: [''], resources: ['pods'], verbs: [] }] },
        'a rule without resources': { rules: [{ verbs: ['get'] }] },
        'a rule for a path': { rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] },
        'a name with a colon': { metadata: { name: 'system:x' } },
        'a bad name': { metadata: { name: 'a/b' } },
      },
      update: { nothing: {}, 'another rule': { rules: [] } },
    },
  ),
  ...cases(
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'clusterrole' },
      rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }],
    },
    {
      create: {
        'a rule for a path': {},
        'paths and resources': {
          rules: [{ nonResourceURLs: ['/x'], resources: ['pods'], apiGroups: [''], verbs: ['get'] }],
        },
        'an aggregation': {
          rules: undefined,
          aggregationRule: { clusterRoleSelectors: [{ matchLabels: { nothing: 'here' } }] },
        },
        'an empty aggregation': { rules: undefined, aggregationRule: { clusterRoleSelectors: [] } },
        'a bad aggregation': {
          aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Near' }] }] },
        },
      },
      update: { nothing: {}, 'no rules': { rules: [] } },
    },
  ),
  ...cases(
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'binding' },
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'r' },
      subjects: [{ kind: 'User', name: 'ann' }],
    },
    {
      create: {
        'a user': {},
        'no subjects': { subjects: undefined },
        'subjects of all kinds': {
          subjects: [
            { kind: 'Group', name: 'g' },
            { kind: 'ServiceAccount', name: 's', namespace: '$NS' },
          ],
        },
        'a service account without its namespace': { subjects: [{ kind: 'ServiceAccount', name: 's' }] },
        'bad subjects': {
          subjects: [
            { kind: 'Robot', name: 'r' },
            { kind: 'User', name: '' },
            { kind: 'ServiceAccount', name: 'Bad!', namespace: 'n' },
            { kind: 'User', name: 'u', apiGroup: 'x' },
          ],
        },
        'a cluster’s role': { roleRef: { kind: 'ClusterRole', name: 'view' } },
        'a bad role': { roleRef: { kind: 'Robot', name: '', apiGroup: 'x' } },
        'no role': { roleRef: undefined },
      },
      update: {
        nothing: {},
        'another user': { subjects: [{ kind: 'User', name: 'bob' }] },
        'another role': { roleRef: { name: 'other' } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'clusterbinding' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'r' },
    },
    {
      create: { 'no subjects': {}, 'a role of a namespace': { roleRef: { kind: 'Role' } } },
      update: { 'another role': { roleRef: { name: 'other' } } },
    },
  ),
  ...cases(
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'storageclass' },
      provisioner: 'example.org/p',
    },
    {
      create: {
        'as small as can be': {},
        'no provisioner': { provisioner: '' },
        'a bad provisioner': { provisioner: 'a b' },
        parameters: {
          parameters: { a: 'b' },
          mountOptions: ['ro'],
          volumeBindingMode: 'WaitForFirstConsumer',
          allowVolumeExpansion: true,
          reclaimPolicy: 'Retain',
        },
        'unknown modes': { volumeBindingMode: 'Later', reclaimPolicy: 'Keep', parameters: { '': 'x' } },
        topologies: {
          allowedTopologies: [
            {
              matchLabelExpressions: [
                { key: 'zone', values: ['a', 'a'] },
                { key: 'zone', values: [] },
              ],
            },
          ],
        },
      },
      update: {
        nothing: {},
        'another provisioner': { provisioner: 'example.org/q' },
        expansion: { allowVolumeExpansion: true },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name: 'attachment' },
      spec: { attacher: 'example.org', nodeName: 'n', source: { persistentVolumeName: 'v' } },
    },
    {
      create: { 'a volume': {}, 'no volume': { spec: { source: undefined, attacher: '', nodeName: '' } } },
      update: { 'another node': { spec: { nodeName: 'm' } } },
    },
  ),
  ...cases(
    { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: 'driver.example.org' }, spec: {} },
    {
      create: {
        'as small as can be': {},
        'a bad one': {
          spec: {
            fsGroupPolicy: 'Some',
            volumeLifecycleModes: ['Forever'],
            tokenRequests: [{ audience: 'a' }, { audience: 'a' }],
          },
        },
      },
      update: { nothing: {}, 'another policy': { spec: { attachRequired: false } } },
    },
  ),
  ...cases(
    { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name: 'csinode' }, spec: { drivers: [] } },
    {
      create: {
        'no drivers': {},
        'a driver': {
          spec: { drivers: [{ name: 'd', nodeID: 'n', topologyKeys: ['zone'], allocatable: { count: 5 } }] },
        },
        'bad drivers': {
          spec: {
            drivers: [
              { name: '', nodeID: '' },
              { name: 'd', nodeID: 'n', topologyKeys: ['a', 'a'], allocatable: { count: -1 } },
            ],
          },
        },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSIStorageCapacity',
      metadata: { name: 'capacity' },
      storageClassName: 'fast',
      capacity: '1Gi',
    },
    {
      create: { 'an amount': {}, 'no class': { storageClassName: '' }, 'a negative amount': { capacity: '-1' } },
      update: { 'another class': { storageClassName: 'slow' } },
    },
  ),
  ...cases(
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'priority' }, value: 10 },
    {
      create: {
        'a value': {},
        'no value': { value: undefined },
        'too high': { value: 1000000001 },
        'an unknown policy': { preemptionPolicy: 'Sometimes' },
        'a system’s name': { metadata: { name: 'system-mine' } },
        'never preempting': { preemptionPolicy: 'Never', description: 'd' },
      },
      update: { nothing: {}, 'another value': { value: 11 }, 'another policy': { preemptionPolicy: 'Never' } },
    },
  ),
  ...cases(
    { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'runtime' }, handler: 'fast' },
    {
      create: {
        'a handler': {},
        'no handler': { handler: '' },
        'a bad handler': { handler: 'Bad Handler' },
        overhead: {
          overhead: { podFixed: { cpu: '10m' } },
          scheduling: { nodeSelector: { a: 'b' }, tolerations: [{ key: 'a', operator: 'Exists' }] },
        },
        'bad overhead': { overhead: { podFixed: { cpu: '-1' } }, scheduling: { nodeSelector: { 'a b': 'c' } } },
      },
      update: { nothing: {}, 'another handler': { handler: 'slow' } },
    },
  ),
  ...cases(
    {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'lease' },
      spec: { holderIdentity: 'me', leaseDurationSeconds: 10, renewTime: '2026-01-02T03:04:05.000006Z' },
    },
    {
      create: {
        'a holder': {},
        'nothing in it': { spec: undefined },
        'numbers below zero': { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } },
        'a bad time': { spec: { renewTime: 'now' } },
        'no holder': { spec: { holderIdentity: '' } },
        'a strategy without a holder': {
          spec: { strategy: 'OldestEmulationVersion', holderIdentity: undefined, preferredHolder: 'x' },
        },
      },
      update: {
        nothing: {},
        'another holder': { spec: { holderIdentity: 'you', leaseTransitions: 1 } },
        'a bad number': { spec: { leaseDurationSeconds: -1 } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'csr' },
      spec: { request: csr, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] },
    },
    {
      create: {
        'a broken request': {},
        'no request': { spec: { request: undefined } },
        'a bad signer': { spec: { signerName: 'me' } },
        'bad usages': { spec: { usages: ['flying'], expirationSeconds: 5 } },
        'no usages': { spec: { usages: [] } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'validating' },
      webhooks: [hook],
    },
    {
      create: {
        'a hook': {},
        'no hooks': { webhooks: undefined },
        'a service': { webhooks: [{ ...hook, clientConfig: { service: { name: 's', namespace: 'n' } } }] },
        'both a service and an address': {
          webhooks: [{ ...hook, clientConfig: { url: 'http://x', service: { name: 's', namespace: 'n', port: 0 } } }],
        },
        'bad settings': {
          webhooks: [
            {
              ...hook,
              name: 'short',
              sideEffects: 'Some',
              timeoutSeconds: 60,
              failurePolicy: 'Maybe',
              matchPolicy: 'Near',
              admissionReviewVersions: ['v7'],
            },
          ],
        },
        'bad rules': {
          webhooks: [
            {
              ...hook,
              rules: [
                {
                  apiGroups: ['*', 'a'],
                  apiVersions: [],
                  operations: ['FLY', '*'],
                  resources: ['*', 'pods'],
                  scope: 'World',
                },
              ],
            },
          ],
        },
        conditions: {
          webhooks: [
            {
              ...hook,
              matchConditions: [
                { name: 'c', expression: 'request.name == "x"' },
                { name: 'd', expression: '1 +' },
                { name: 'd', expression: '5' },
              ],
            },
          ],
        },
      },
      update: { nothing: {}, 'another policy': { webhooks: [{ ...hook, failurePolicy: 'Ignore' }] } },
    },
  ),
  ...cases(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'mutating' },
      webhooks: [hook],
    },
    {
      create: { 'a hook': {}, 'an unknown policy': { webhooks: [{ ...hook, reinvocationPolicy: 'Often' }] } },
      update: { nothing: {} },
    },
  ),
  ...cases(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'vap' },
      spec: { matchConstraints: constraints, validations: [{ expression: 'true' }] },
    },
    {
      create: {
        'a validation': {},
        'no validations': { spec: { validations: undefined } },
        'no constraints': { spec: { matchConstraints: undefined } },
        'syntax errors': {
          spec: { validations: [{ expression: 'object.' }, { expression: '' }, { expression: '"text"' }] },
        },
        'unknown names': { spec: { validations: [{ expression: 'ship.sails == 1' }] } },
        messages: {
          spec: {
            validations: [
              {
                expression: 'true',
                message: 'm',
                reason: 'Forbidden',
                messageExpression: '"x" + object.metadata.name',
              },
            ],
          },
        },
        'bad messages': {
          spec: { validations: [{ expression: 'true', message: 'a\nb', reason: 'Bored', messageExpression: '5' }] },
        },
        variables: {
          spec: {
            variables: [
              { name: 'a', expression: '1' },
              { name: 'b', expression: 'variables.a + 1' },
            ],
            validations: [{ expression: 'variables.b == 2' }],
          },
        },
        'bad variables': {
          spec: {
            variables: [
              { name: 'a-b', expression: '1' },
              { name: 'b', expression: 'variables.c' },
            ],
          },
        },
        annotations: {
          spec: {
            auditAnnotations: [{ key: 'k', valueExpression: '"v"' }],
            matchConditions: [{ name: 'm', expression: 'has(object.spec)' }],
          },
        },
        'parameters of an unknown kind': {
          spec: { paramKind: { apiVersion: 'bad', kind: '' }, failurePolicy: 'Maybe' },
        },
      },
      update: { nothing: {}, 'another expression': { spec: { validations: [{ expression: 'false' }] } } },
    },
  ),
  ...cases(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'vapb' },
      spec: { policyName: 'vap', validationActions: ['Deny'] },
    },
    {
      create: {
        'a policy': {},
        'no actions': { spec: { validationActions: [] } },
        'actions against each other': { spec: { validationActions: ['Deny', 'Warn', 'Deny'] } },
        'no policy': { spec: { policyName: '' } },
        'an unknown action': { spec: { validationActions: ['Sing'] } },
      },
      update: { nothing: {}, 'another policy': { spec: { policyName: 'other' } } },
    },
  ),
  ...cases(
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.objects.example.org' },
      spec: {
        group: 'objects.example.org',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [crdVersion],
      },
    },
    {
      create: {
        'as small as can be': {},
        'the wrong name': { metadata: { name: 'gadgets.objects.example.org' } },
        'no versions': { spec: { versions: [] } },
        'two stored versions': { spec: { versions: [crdVersion, { ...crdVersion, name: 'v2' }] } },
        'no schema': { spec: { versions: [{ name: 'v1', served: true, storage: true }] } },
        'an unknown scope': { spec: { scope: 'World' } },
        'a bad version': { spec: { versions: [{ ...crdVersion, name: 'V 1' }] } },
        'a protected group': { metadata: { name: 'widgets.x.k8s.io' }, spec: { group: 'x.k8s.io' } },
        'a schema that is not structural': withSchema({ properties: { a: {} } }),
        'a schema of unknown types': withSchema({
          type: 'fish',
          properties: { a: { type: 'string', format: 'odd', minimum: 1 } },
        }),
        'a default that does not fit': withSchema({
          type: 'object',
          properties: { a: { type: 'integer', default: 'x' } },
        }),
        'a default that fits': withSchema({
          type: 'object',
          default: {},
          properties: { a: { type: 'integer', default: 5 } },
        }),
        'lists of maps': withSchema({
          type: 'object',
          properties: {
            l: {
              type: 'array',
              'x-kubernetes-list-type': 'map',
              'x-kubernetes-list-map-keys': ['k'],
              items: { type: 'object', properties: { k: { type: 'string' } } },
            },
          },
        }),
        'forbidden words': withSchema({
          type: 'object',
          uniqueItems: true,
          $ref: '#/x',
          additionalProperties: false,
          properties: { a: { type: 'array' } },
        }),
        'a rule': withSchema({
          type: 'object',
          properties: { a: { type: 'integer' } },
          'x-kubernetes-validations': [{ rule: 'self.a > 1', message: 'more' }],
        }),
        'bad rules': withSchema({
          type: 'object',
          properties: { a: { type: 'integer' } },
          'x-kubernetes-validations': [{ rule: 'self.b > 1' }, { rule: 'self.a >' }, { rule: 'self.a' }, { rule: '' }],
        }),
        'a rule that costs too much': withSchema({
          type: 'object',
          properties: { l: { type: 'array', items: { type: 'string' } } },
          'x-kubernetes-validations': [{ rule: 'self.l.all(x, self.l.all(y, x == y))' }],
        }),
        columns: {
          spec: {
            versions: [
              {
                ...crdVersion,
                additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.spec.a' }],
                subresources: { status: {} },
              },
            ],
          },
        },
        'bad columns': {
          spec: {
            versions: [
              {
                ...crdVersion,
                additionalPrinterColumns: [{ name: '', type: 'fish', jsonPath: 'spec' }],
                subresources: { scale: { specReplicasPath: 'x', statusReplicasPath: '.spec.y' } },
              },
            ],
          },
        },
        'a conversion by hook': { spec: { conversion: { strategy: 'Webhook' } } },
        'an unknown conversion': { spec: { conversion: { strategy: 'Magic' } } },
        'fields kept': { spec: { preserveUnknownFields: true } },
        names: { spec: { names: { singular: 'w', shortNames: ['wi'], listKind: 'Widgets', categories: ['all'] } } },
        'bad names': { spec: { names: { singular: 'W', shortNames: ['W!'], kind: 'a b', categories: ['X Y'] } } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.nowhere.example.org' },
      spec: { group: 'nowhere.example.org', version: 'v1', groupPriorityMinimum: 10, versionPriority: 10 },
    },
    {
      create: {
        'no service': {},
        'the wrong name': { metadata: { name: 'v2.nowhere.example.org' } },
        'bad priorities': { spec: { groupPriorityMinimum: 0, versionPriority: 5000 } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
      kind: 'PriorityLevelConfiguration',
      metadata: { name: 'level' },
      spec: { type: 'Limited', limited: {} },
    },
    {
      create: {
        limited: {},
        'nothing in it': { spec: { limited: undefined } },
        'an unknown type': { spec: { type: 'Some' } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
      kind: 'FlowSchema',
      metadata: { name: 'flow' },
      spec: { priorityLevelConfiguration: { name: 'workload-low' } },
    },
    // What is stored gets a status from the real server's own traffic control, which the engine has not
    { create: { 'bad numbers': { spec: { matchingPrecedence: 20000, rules: [{ subjects: [] }] } } } },
  ),
  ...cases(
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
    },
    {
      create: {
        'of a resource': {},
        'of nothing': { spec: {} },
        'of both': { spec: { nonResourceAttributes: { path: '/x', verb: 'get' } } },
        'of a path': { spec: { resourceAttributes: undefined, nonResourceAttributes: { path: '/x', verb: 'get' } } },
      },
    },
  ),
  ...cases(
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: 'ann', resourceAttributes: { verb: 'get', resource: 'pods', namespace: '$NS' } },
    },
    {
      create: {
        'of a user': {},
        'of nobody': { spec: { user: '' } },
        'of a master': { spec: { groups: ['system:masters'] } },
      },
    },
  ),
  ...cases(
    { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: '$NS' } },
    { create: { 'of a namespace': {}, 'of none': { spec: {} } } },
  ),
  ...cases(
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 'wrong' } },
    { create: { 'of a wrong token': {}, 'of none': { spec: {} } } },
  ),
]
