import { describe, expect, it } from 'vitest'
import { FakeKube } from '../../checks/kube.fake.ts'
import { ManualClock } from '../../clock.ts'
import { nodesReady } from './nodes-ready.ts'

const node = (name: string, ready: boolean) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
})

describe('nodesReady', () => {
  it('waits until as many nodes are ready as there are to be', async () => {
    const kube = new FakeKube()
    const clock = new ManualClock()
    kube.put(node('control-plane', true))
    kube.put(node('worker', false))
    const waiting = nodesReady(kube, clock, 2, new AbortController().signal)
    await clock.advance(1_000)
    kube.put(node('worker', true))
    expect(await waiting).toBe(true)
    expect(clock.pending).toBe(0)
    expect(kube.watching).toEqual([])
  })

  it('does not wait for ever for one that is late', async () => {
    const kube = new FakeKube()
    const clock = new ManualClock()
    kube.put(node('control-plane', true))
    const waiting = nodesReady(kube, clock, 2, new AbortController().signal)
    await clock.advance(11_000)
    expect(await waiting).toBe(false)
    expect(kube.watching).toEqual([])
  })
})
