import { describe, expect, it } from 'vitest'
import type { PolicyRule } from '../auth/policy-rule.ts'
import { KIND_FACTS } from './bootstrap.ts'
import { compactRule, expandRule } from './compact-rules.ts'
import { firstObjects } from './objects.ts'

describe('the first objects of a cluster', () => {
  const facts = { ...KIND_FACTS, server: 'https://127.0.0.1:6443', now: '2026-01-01T00:00:00Z' }
  const objects = firstObjects({ ...facts, certificateAuthority: 'PEM' })
  const named = (kind: string, name: string) =>
    objects.find(({ object }) => object.kind === kind && object.metadata.name === name)?.object

  it('are as many as a real 1.34 has, add-ons apart', () => {
    const counted: Record<string, number> = {}
    for (const { object } of objects) counted[object.kind] = (counted[object.kind] ?? 0) + 1
    expect(counted).toMatchObject({
      Namespace: 4,
      APIService: 21,
      PriorityLevelConfiguration: 8,
      ClusterRole: 70,
      ClusterRoleBinding: 56,
      PriorityClass: 2,
      Service: 1,
      ConfigMap: 2,
    })
  })

  it('say who may do everything', () => {
    expect(named('ClusterRoleBinding', 'cluster-admin')).toMatchObject({
      metadata: {
        labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
        annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
      },
      subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:masters' }],
      roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
    })
    expect(named('ClusterRole', 'cluster-admin')).toMatchObject({
      rules: [
        { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
        { nonResourceURLs: ['*'], verbs: ['*'] },
      ],
    })
  })

  it('tell by what the API server is reached and known', () => {
    expect(named('Service', 'kubernetes')).toMatchObject({ spec: { clusterIP: '10.96.0.1', ports: [{ port: 443 }] } })
    const info = named('ConfigMap', 'cluster-info')?.data as Record<string, string>
    expect(info.kubeconfig).toContain(
      `certificate-authority-data: ${btoa('PEM')}\n    server: https://127.0.0.1:6443\n`,
    )
    expect(firstObjects(facts).some(({ object }) => object.kind === 'ConfigMap')).toBe(false)
  })

  it('are written with short rules that come back whole', () => {
    const rules: readonly PolicyRule[] = [
      {
        verbs: ['get', 'list'],
        apiGroups: ['', 'apps'],
        resources: ['pods', 'deployments/scale'],
        resourceNames: ['a'],
      },
      { verbs: ['*'], nonResourceURLs: ['/api', '/api/*'] },
    ]
    expect(rules.map(compactRule).map(expandRule)).toEqual(rules)
  })
})
