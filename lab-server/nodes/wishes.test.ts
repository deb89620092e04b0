import pino from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import { FakeKube } from '../checks/kube.fake.ts'
import { ManualClock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { NodeControl, NodeState } from '../providers/provider.ts'
import { followNodeWishes, type NodeWishes } from './wishes.ts'

const log = pino({ level: 'silent' })
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('a wish for a node', () => {
  let admin: FakeKube
  let clock: ManualClock
  let done: [string, NodeState][]
  /** What switching waits for. */
  let gate: Promise<void>
  let following: NodeWishes

  const nodes: NodeControl = {
    workers: ['worker', 'worker2'],
    async set(node, to) {
      await gate
      if (node === 'control-plane') throw new ReaderError('not-a-worker', 'only workers can be switched.')
      if (node === 'worker2') throw new Error('the engine does not answer')
      done.push([node, to])
    },
  }
  const annotationsOf = (name: string) =>
    admin.objects.find(({ metadata }) => metadata.name === name)?.metadata.annotations
  const wish = async (name: string, wanted: string) => {
    await admin.merge(
      { apiVersion: 'v1', kind: 'Node', name },
      { metadata: { annotations: { 'quayside.dev/wanted': wanted } } },
    )
    await settle()
  }
  const follow = async () => {
    following = followNodeWishes({ admin, nodes }, { clock, log })
    await settle()
  }

  beforeEach(async () => {
    admin = new FakeKube()
    clock = new ManualClock()
    done = []
    gate = Promise.resolve()
    for (const name of ['control-plane', 'worker', 'worker2'])
      admin.put({ apiVersion: 'v1', kind: 'Node', metadata: { name, annotations: { mine: 'stays' } } })
    await follow()
  })

  it('is fulfilled, and answered beside it; the next one a second later', async () => {
    await wish('worker', 'slow:4 17')
    expect(done).toEqual([['worker', { state: 'slow', factor: 4 }]])
    expect(annotationsOf('worker')).toEqual({
      mine: 'stays',
      'quayside.dev/wanted': 'slow:4 17',
      'quayside.dev/answered': 'slow:4 17',
      'quayside.dev/state': 'slow:4',
    })
    await wish('worker', 'running 18')
    expect(done).toHaveLength(1)
    await clock.advance(1_000)
    expect(annotationsOf('worker')).toMatchObject({ 'quayside.dev/state': 'running' })
  })

  it.each([
    ['control-plane', 'stopped 1', 'only workers can be switched.'],
    ['worker2', 'stopped 2', 'that did not work: try again, or reset the lab.'],
    ['worker', 'on fire 3', '“on fire 3” is no state of a node.'],
    ['worker', 'slow:99 4', '“slow:99 4” is no state of a node.'],
  ])('that cannot be fulfilled is answered with what is wrong: %s, %s', async (node, wanted, trouble) => {
    await wish(node, wanted)
    expect(done).toEqual([])
    const found = annotationsOf(node) ?? {}
    expect(found['quayside.dev/answered']).toBe(wanted)
    expect(found['quayside.dev/trouble']).toBe(trouble)
    expect(found['quayside.dev/state']).toBeUndefined()
  })

  it('waits for the one before it, and of several that wait the last is fulfilled', async () => {
    const open = Promise.withResolvers<void>()
    gate = open.promise
    await wish('worker', 'stopped 1')
    await wish('worker', 'running 2')
    await wish('worker', 'cut-off 3')
    expect(done).toEqual([])
    open.resolve()
    await clock.advance(1_000)
    expect(done.map(([, { state }]) => state)).toEqual(['stopped', 'cut-off'])
    expect(annotationsOf('worker')).toMatchObject({
      'quayside.dev/answered': 'cut-off 3',
      'quayside.dev/state': 'cut-off',
    })
  })

  it('is not answered once a reset has taken it back', async () => {
    const open = Promise.withResolvers<void>()
    gate = open.promise
    await wish('worker', 'stopped 1')
    await admin.merge(
      { apiVersion: 'v1', kind: 'Node', name: 'worker' },
      { metadata: { annotations: { 'quayside.dev/wanted': null } } },
    )
    open.resolve()
    await settle()
    expect(annotationsOf('worker')).toEqual({ mine: 'stays' })
  })

  it('that an earlier process left without an answer is fulfilled by the next, one with an answer is not done again', async () => {
    following.close()
    await wish('worker', 'stopped 1')
    expect(done).toEqual([])
    await follow()
    expect(done).toEqual([['worker', { state: 'stopped' }]])
    following.close()
    await follow()
    expect(done).toHaveLength(1)
  })

  it('is let be once nobody follows', async () => {
    following.close()
    await wish('worker', 'stopped 1')
    expect(done).toEqual([])
    expect(admin.watching).toEqual([])
    expect(clock.pending).toBe(0)
  })
})
