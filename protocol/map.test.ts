import { describe, expect, it } from 'vitest'
import { toMapObject } from './map.ts'

const pod = (status: object, spec: object = { nodeName: 'worker' }, metadata: object = {}) =>
  toMapObject({ kind: 'Pod', metadata: { name: 'web', uid: 'u', ...metadata }, spec, status })
const waiting = (reason: string) => ({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason } } }] })

describe('a Pod on the map', () => {
  it.each([
    ['pending', 'has no node', pod({ phase: 'Pending' }, {})],
    ['starting', 'has a node and is being made', pod(waiting('ContainerCreating'))],
    ['running', 'runs and is not ready', pod({ phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] })],
    ['ready', 'is ready', pod({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] })],
    ['failing', 'cannot get its image', pod(waiting('ImagePullBackOff'))],
    [
      'failing',
      'ended with an error',
      pod({ phase: 'Running', containerStatuses: [{ state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }] }),
    ],
    ['completed', 'has done its work', pod({ phase: 'Succeeded' })],
    ['terminating', 'was deleted', pod({ phase: 'Running' }, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })],
  ])('is %s when it %s', (state, _, object) => {
    expect(object).toMatchObject({ state })
  })

  it('says why, in the words of the cluster', () => {
    expect(pod(waiting('CrashLoopBackOff'))).toMatchObject({ reason: 'CrashLoopBackOff' })
    expect(
      pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] }, {}),
    ).toMatchObject({ reason: 'Unschedulable' })
  })

  it('names its controller and counts restarts of all its containers', () => {
    expect(
      toMapObject({
        kind: 'Pod',
        metadata: {
          name: 'web-1',
          ownerReferences: [{ kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true }],
        },
        status: { containerStatuses: [{ restartCount: 2 }, { restartCount: 1 }] },
      }),
    ).toMatchObject({ owner: 'rs', ownerName: 'ReplicaSet/web', restarts: 3 })
  })
})

describe('other objects on the map', () => {
  it('are nodes with their condition, also when they are cordoned', () => {
    expect(
      toMapObject({
        kind: 'Node',
        metadata: { name: 'n', labels: { 'node-role.kubernetes.io/control-plane': '' } },
        spec: { unschedulable: true },
        status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
      }),
    ).toMatchObject({ ready: false, cordoned: true, controlPlane: true })
  })

  it('are endpoints that are ready; one that says nothing of it is', () => {
    expect(
      toMapObject({
        kind: 'EndpointSlice',
        metadata: { name: 'web-x', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
        endpoints: [
          { targetRef: { uid: 'a' }, conditions: { ready: true } },
          { targetRef: { uid: 'b' }, conditions: { ready: false } },
          { targetRef: { uid: 'c' } },
          {},
        ],
      }),
    ).toMatchObject({ service: 'web', ready: ['a', 'c'] })
  })

  it("are not the API server's own Service, nor kinds that are not drawn", () => {
    expect(toMapObject({ kind: 'Service', metadata: { name: 'kubernetes', namespace: 'default' } })).toBeUndefined()
    expect(toMapObject({ kind: 'Secret', metadata: { name: 's', namespace: 'default' } })).toBeUndefined()
    expect(toMapObject({ kind: 'Pod', metadata: { name: 'x', namespace: 'kube-system' } })).toBeUndefined()
  })
})
