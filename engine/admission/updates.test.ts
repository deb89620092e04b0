import { describe, expect, it } from 'vitest'
import { authorizers, RbacAuthorizer } from '../auth/rbac.ts'
import { resourceOfKind, testCluster } from '../auth/testing.ts'
import type { UserInfo } from '../auth/user.ts'
import { StatusError } from '../objects/status-error.ts'
import type { ApiObject, NewObject } from '../objects/types.ts'
import type { AdmissionOperation } from './plugin.ts'
import { admissionPlugins } from './plugins.ts'

/** A certificate request whose subject has the organizations system:masters and x, and one with devs. */
const MASTERS =
  'MIHtMIGVAgEAMDMxFzAVBgNVBAoMDnN5c3RlbTptYXN0ZXJzMQowCAYDVQQKDAF4MQwwCgYDVQQDDANldmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATmf3dPz4THGUNdQYmm+8pjb/rf19A/PZEIVdUtt3SHGwP1rdRk063eXhJZZjAZTKkUd5TUHOEWMY1mZE6CUNrNoAAwCgYIKoZIzj0EAwIDRwAwRAIgWNmtBogxQMhTIWHi3t/F6XKnrtu+aBu+zK1MMjoC1hcCIHx9trwDXDkz1WRll7ZFDMNy418dwzkW61DyLHsM0y5X'
const DEVS =
  'MIHWMH8CAQAwHTENMAsGA1UECgwEZGV2czEMMAoGA1UEAwwDZXZlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5n93T8+ExxlDXUGJpvvKY2/639fQPz2RCFXVLbd0hxsD9a3UZNOt3l4SWWYwGUypFHeU1BzhFjGNZmROglDazaAAMAoGCCqGSM49BAMCA0cAMEQCICqAuptoWZsrYarEOAAaAZlSFB4GkXrEeRy2vnMf8HY1AiBatVTIr2kIvlvSNK4xWUbrR/n4tJa1q9FoPVvgs8peSA=='

const masters: UserInfo = { username: 'admin', groups: ['system:masters'] }
const erin: UserInfo = { username: 'erin', groups: ['system:authenticated'] }

function cluster() {
  const made = testCluster()
  const { store, backend } = made
  const rbac = new RbacAuthorizer(store)
  const plugins = admissionPlugins({ authorizer: authorizers(rbac), rbac })
  /** What admission makes of a write, or says against it, and what it warns of. */
  function write(
    operation: AdmissionOperation,
    object: NewObject,
    oldObject?: ApiObject,
    { user = masters, subresource = '' }: { user?: UserInfo; subresource?: string } = {},
  ) {
    const { group, resource, namespaced } = resourceOfKind(object.kind)
    const warnings: string[] = []
    const common = {
      operation,
      resource: { group, resource },
      kind: { group, version: 'v1', kind: object.kind },
      subresource,
      namespace: namespaced ? 'default' : '',
      name: object.metadata.name ?? '',
      options: {},
      user,
      dryRun: false,
      ...(oldObject === undefined ? {} : { oldObject }),
      warn: (text: string) => warnings.push(text),
    }
    let changed = object
    try {
      for (const plugin of plugins) changed = plugin.mutate?.({ ...common, object: changed }, backend) ?? changed
      for (const plugin of plugins) plugin.validate?.({ ...common, object: changed }, backend)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      return { message: error.message, warnings, object: changed }
    }
    return { message: undefined, warnings, object: changed }
  }
  return { ...made, write }
}

const security = (labels: Record<string, string>) =>
  Object.fromEntries(Object.entries(labels).map(([mode, value]) => [`pod-security.kubernetes.io/${mode}`, value]))

describe('a namespace that changes its Pod security', () => {
  const made = cluster()
  const home = made.put({ kind: 'Namespace', metadata: { name: 'psa' }, status: { phase: 'Active' } })
  const pod = (name: string, spec: object = {}) =>
    made.put({
      kind: 'Pod',
      metadata: { name, namespace: 'psa' },
      spec: { containers: [{ name: 'a', image: 'nginx', resources: {} }], ...spec },
    })
  for (const name of ['z', 'b', 'c']) pod(name)
  pod('net', { hostNetwork: true })
  pod('pid', { hostPID: true })
  pod('pid2', { hostPID: true })

  const relabelled = (labels: Record<string, string>, old: ApiObject = home) =>
    made.write('UPDATE', { ...old, metadata: { ...old.metadata, labels: security(labels) } }, old)

  const start = (policy: string) =>
    `existing pods in namespace "psa" violate the new PodSecurity enforce level "${policy}"`
  const missing = 'allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile'

  it.each<[Record<string, string>, readonly string[]]>([
    [
      { enforce: 'restricted' },
      [
        start('restricted:latest'),
        `b (and 2 other pods): ${missing}`,
        `net (and 2 other pods): host namespaces, ${missing}`,
      ],
    ],
    [{ enforce: 'baseline' }, [start('baseline:latest'), 'net (and 2 other pods): host namespaces']],
    [
      { enforce: 'baseline', 'enforce-version': 'v1.20' },
      [start('baseline:v1.20'), 'net (and 2 other pods): host namespaces'],
    ],
    [{ enforce: 'privileged' }, []],
    [{ warn: 'restricted' }, []],
  ])('to %j is told of Pods that would be refused', (labels, warnings) => {
    expect(relabelled(labels)).toMatchObject({ message: undefined, warnings })
  })

  it('is refused labels that say nothing, but keeps those that it had', () => {
    const wrong =
      'Namespace "psa" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "wrong": must be one of privileged, baseline, restricted'
    expect(relabelled({ enforce: 'wrong' }).message).toBe(wrong)
    const old = { ...home, metadata: { ...home.metadata, labels: security({ enforce: 'wrong' }) } }
    expect(relabelled({ enforce: 'wrong' }, old)).toMatchObject({ message: undefined, warnings: [] })
  })

  it('looser than it was tells nothing', () => {
    const old = { ...home, metadata: { ...home.metadata, labels: security({ enforce: 'restricted' }) } }
    expect(relabelled({ enforce: 'baseline' }, old).warnings).toEqual([])
  })
})

describe('a claim that grows', () => {
  const claim = (storage: string, phase: string, storageClassName?: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'c', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
    spec: { resources: { requests: { storage } }, ...(storageClassName === undefined ? {} : { storageClassName }) },
    status: { phase },
  })

  it.each<[string, ApiObject, ApiObject, string | undefined]>([
    [
      'before it is bound',
      claim('1Gi', 'Pending', 'grow'),
      claim('2Gi', 'Pending', 'grow'),
      'persistentvolumeclaims "c" is forbidden: Only bound persistent volume claims can be expanded',
    ],
    [
      'in a class that does not grow',
      claim('1Gi', 'Bound', 'stay'),
      claim('2Gi', 'Bound', 'stay'),
      'persistentvolumeclaims "c" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    ],
    [
      'without a class',
      claim('1Gi', 'Bound'),
      claim('2Gi', 'Bound'),
      'persistentvolumeclaims "c" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    ],
    ['in a class that grows', claim('1Gi', 'Bound', 'grow'), claim('2Gi', 'Bound', 'grow'), undefined],
    ['by nothing', claim('1024Mi', 'Pending', 'stay'), claim('1Gi', 'Pending', 'stay'), undefined],
  ])('%s', (_, old, now, message) => {
    const { put, write } = cluster()
    put({ kind: 'StorageClass', metadata: { name: 'grow' }, allowVolumeExpansion: true })
    put({ kind: 'StorageClass', metadata: { name: 'stay' } })
    expect(write('UPDATE', now, old).message).toBe(message)
  })
})

describe('a certificate request', () => {
  const request = (der: string, signerName = 'kubernetes.io/kube-apiserver-client'): ApiObject => ({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'r', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
    spec: {
      request: btoa(`-----BEGIN CERTIFICATE REQUEST-----\n${der}\n-----END CERTIFICATE REQUEST-----\n`),
      signerName,
    },
    status: {},
  })

  it('makes nobody a master of the system', () => {
    const { write } = cluster()
    expect(write('CREATE', request(MASTERS)).message).toBe(
      'certificatesigningrequests.certificates.k8s.io "r" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    )
    expect(write('CREATE', request(MASTERS, 'example.com/own')).message).toBeUndefined()
    expect(write('CREATE', request(DEVS)).message).toBeUndefined()
  })

  it('is approved and signed by those alone who may do it for its signer', () => {
    const { write, put } = cluster()
    const old = request(DEVS)
    const signed = { ...old, status: { certificate: 'eA==' } }
    const approval = { user: erin, subresource: 'approval' }
    const status = { user: erin, subresource: 'status' }
    const start = 'certificatesigningrequests.certificates.k8s.io "r" is forbidden: user not permitted to'
    const end = 'requests with signerName "kubernetes.io/kube-apiserver-client"'
    expect(write('UPDATE', old, old, approval).message).toBe(`${start} approve ${end}`)
    expect(write('UPDATE', signed, old, status).message).toBe(`${start} sign ${end}`)
    expect(write('UPDATE', old, old, status).message).toBeUndefined()
    const signers = { apiGroups: ['certificates.k8s.io'], resources: ['signers'] }
    const rules = [{ ...signers, resourceNames: ['kubernetes.io/*'], verbs: ['approve', 'sign'] }]
    put({ kind: 'ClusterRole', metadata: { name: 'signer' }, rules })
    const apiGroup = 'rbac.authorization.k8s.io'
    const roleRef = { apiGroup, kind: 'ClusterRole', name: 'signer' }
    put({
      kind: 'ClusterRoleBinding',
      metadata: { name: 's' },
      subjects: [{ kind: 'User', apiGroup, name: 'erin' }],
      roleRef,
    })
    expect(write('UPDATE', old, old, approval).message).toBeUndefined()
    expect(write('UPDATE', signed, old, status).message).toBeUndefined()
  })
})

describe('a Pod that changes', () => {
  const pod = (spec: object): ApiObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
    spec: { containers: [{ name: 'a', image: 'nginx', resources: {} }], ...spec },
  })
  const tolerations = [{ operator: 'Exists' }]

  it('keeps its priority', () => {
    const { write } = cluster()
    const old = pod({ tolerations, priority: 7, preemptionPolicy: 'Never' })
    expect(write('UPDATE', pod({ tolerations }), old).object.spec).toMatchObject({
      priority: 7,
      preemptionPolicy: 'Never',
    })
  })

  it('is looked at again when its image is another, or a debugger is added', () => {
    const { write, put } = cluster()
    put({ kind: 'Namespace', metadata: { name: 'default', labels: security({ enforce: 'baseline' }) } })
    const old = pod({ tolerations, hostPID: true })
    const said = 'pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)'
    const other = pod({ tolerations, hostPID: true, containers: [{ name: 'a', image: 'other', resources: {} }] })
    const debug = [{ name: 'd', image: 'busybox', resources: {} }]
    const debugged = pod({ tolerations, hostPID: true, ephemeralContainers: debug })
    put({ kind: 'ServiceAccount', metadata: { name: 'x' } })
    expect(write('UPDATE', { ...old, metadata: { ...old.metadata, labels: { a: 'b' } } }, old).message).toBeUndefined()
    expect(write('UPDATE', other, old).message).toBe(said)
    expect(
      write('UPDATE', { ...debugged, spec: { ...(debugged.spec as object), serviceAccountName: 'x' } }, old, {
        subresource: 'ephemeralcontainers',
      }).message,
    ).toBe(said)
    expect(write('UPDATE', other, old, { subresource: 'status' }).message).toBeUndefined()
  })

  it('is held to the limits of its namespace when it is resized', () => {
    const { write, put } = cluster()
    put({ kind: 'LimitRange', metadata: { name: 'l' }, spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } })
    const resources = { requests: { cpu: '2' }, limits: { cpu: '2' } }
    const wide = pod({ tolerations, containers: [{ name: 'a', image: 'nginx', resources }] })
    expect(write('UPDATE', wide, pod({ tolerations }), { subresource: 'resize' }).message).toBe(
      'pods "p" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
    )
  })
})

describe('a quota', () => {
  const service = (type: string, ports: number): ApiObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
    spec: { type, ports: Array.from({ length: ports }, (_, index) => ({ port: 80 + index })) },
  })
  const hard = { services: '1', 'services.nodeports': '2' }
  const limited = (used: object | undefined) => {
    const made = cluster()
    const status = used === undefined ? { hard } : { hard, used }
    made.put({ kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard }, status })
    const used2 = () => made.store.collection({ group: '', resource: 'resourcequotas' })?.get('default', 'q')?.status
    return { ...made, status: used2 }
  }

  it('counts what an update adds, and not what was there', () => {
    const { write, status } = limited({ services: '1', 'services.nodeports': '0' })
    expect(write('UPDATE', service('NodePort', 2), service('ClusterIP', 2)).message).toBeUndefined()
    expect(status()).toEqual({ hard, used: { services: '1', 'services.nodeports': '2' } })
    expect(write('UPDATE', service('NodePort', 3), service('NodePort', 2)).message).toBe(
      'services "s" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=2, limited: services.nodeports=2',
    )
    expect(write('UPDATE', service('NodePort', 1), service('NodePort', 2)).message).toBeUndefined()
  })

  it('lets nothing in while nobody has counted', () => {
    const { write } = limited(undefined)
    expect(write('CREATE', service('ClusterIP', 1)).message).toBe(
      'services "s" is forbidden: status unknown for quota: q, resources: services,services.nodeports',
    )
  })
})
