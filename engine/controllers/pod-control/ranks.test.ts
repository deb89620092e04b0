import { describe, expect, it } from 'vitest'
import { asPod, type Pod } from '../../kinds/pod/status.ts'
import { formatTime } from '../../objects/time.ts'
import { byDeletionOrder } from './ranks.ts'

const NOW = Date.UTC(2026, 0, 1)
const MINUTE = 60_000

interface Given {
  readonly node?: string
  readonly phase?: string
  /** Milliseconds ago. */
  readonly ready?: number
  readonly created?: number
  readonly cost?: string
  readonly restarts?: number
  readonly uid?: string
}

function pod(name: string, given: Given): Pod {
  const { node = 'node', phase = 'Running', ready = MINUTE, created = MINUTE, cost, restarts = 0, uid = name } = given
  return asPod({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      uid,
      resourceVersion: '1',
      creationTimestamp: formatTime(NOW - created),
      ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
    },
    spec: { containers: [], ...(node === '' ? {} : { nodeName: node }) },
    status: {
      phase,
      conditions: ready < 0 ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime: formatTime(NOW - ready) }],
      containerStatuses: [{ name: 'web', state: {}, lastState: {}, ready: true, restartCount: restarts }],
    },
  })
}

const order = (pods: readonly Pod[], related: readonly Pod[] = pods): string[] =>
  byDeletionOrder(pods, related, NOW).map(({ metadata }) => metadata.name)

describe('the order in which Pods are deleted', () => {
  const stays = pod('b', {})
  it.each<[string, Given, Given?]>([
    ['one without a node', { node: '', phase: 'Pending', ready: -1 }, { phase: 'Pending', ready: -1 }],
    ['a pending one', { phase: 'Pending', ready: -1 }, { ready: -1 }],
    ['one that is not ready', { ready: -1 }],
    ['a cheaper one', { cost: '-1' }],
    ['a cheaper one of two with a cost', { cost: '5' }, { cost: '10' }],
    ['one that is ready for much less time', { ready: MINUTE }, { ready: 10 * MINUTE }],
    ['one that was restarted more often', { restarts: 2 }, { restarts: 1 }],
    ['a much younger one', { created: MINUTE }, { created: 10 * MINUTE }],
  ])('begins with %s', (_, first, other = {}) => {
    // The one to go is last by name and uid, so that no tie decides
    expect(order([pod('b', other), pod('z', first)])).toEqual(['z', 'b'])
    expect(order([pod('z', first), pod('b', other)])).toEqual(['z', 'b'])
  })

  it('takes ages of the same magnitude as alike, and lets the uid decide', () => {
    const younger = pod('z', { ready: 11 * MINUTE })
    const older = pod('b', { ready: 12 * MINUTE })
    expect(order([younger, older])).toEqual(['b', 'z'])
  })

  it('does not read a cost with a plus sign or a leading zero', () => {
    expect(order([pod('z', { cost: '+9', restarts: 1 }), stays])).toEqual(['z', 'b'])
    expect(order([pod('z', { cost: '09', restarts: 1 }), stays])).toEqual(['z', 'b'])
  })

  it('begins with one that shares its node with others of the workload, of whichever revision', () => {
    const alone = pod('b', { node: 'first' })
    const doubled = pod('z', { node: 'second' })
    expect(order([alone, doubled], [alone, doubled, pod('other', { node: 'second' })])).toEqual(['z', 'b'])
  })
})
