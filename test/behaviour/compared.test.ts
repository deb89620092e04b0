import { expect, it } from 'vitest'
import { Judge } from '../compare/judge.ts'
import { compare, onlyIn } from './compared.ts'
import { scenario } from './scenario.ts'
import type { Json, WatchEvent } from './side.ts'
import type { Tape } from './tape.ts'

const told = scenario('something happens', async () => {})

/** A Deployment's Pod on some cluster, which ends as told. */
function tapeOf(
  ids: { node: string; hash: string; suffix: string },
  phases: readonly string[],
  message = 'all is well',
): Tape {
  const set = `web-${ids.hash}`
  const name = `${set}-${ids.suffix}`
  const owned = (kind: string, owner: string) => [{ kind, name: owner, controller: true, uid: 'x' }]
  const events: WatchEvent[] = []
  const add = (object: Json, type: WatchEvent['type'] = 'ADDED') => events.push({ type, object })
  add({
    kind: 'ReplicaSet',
    metadata: {
      ...{ name: set, uid: set, labels: { 'pod-template-hash': ids.hash } },
      ownerReferences: owned('Deployment', 'web'),
    },
    spec: { replicas: 1 },
    status: { replicas: 1 },
  })
  for (const [index, phase] of phases.entries())
    add(
      {
        kind: 'Pod',
        metadata: { name, uid: name, generateName: `${set}-`, ownerReferences: owned('ReplicaSet', set) },
        spec: { nodeName: ids.node },
        status: { phase },
      },
      index === 0 ? 'ADDED' : 'MODIFIED',
    )
  add({
    kind: 'Event',
    metadata: { name: `${name}.1`, uid: 'e' },
    involvedObject: { kind: 'Pod', name, uid: name },
    type: 'Normal',
    reason: 'Told',
    message: `${message} on ${ids.node}`,
    source: { component: 'kubelet' },
  })
  return {
    scenario: told.name,
    namespace: 'b-something-happens',
    nodes: ['first', ids.node],
    events: events.map((event, at) => ({ ...event, at })),
    notes: [],
    took: 0,
  }
}

const one = { node: 'kind-worker', hash: '5d4f8c7b9', suffix: 'x2k8p' }
const other = { node: 'worker', hash: '7d9c6f5d44', suffix: 'bcdfg' }

it('finds nothing where only what clusters make up differs', () => {
  const found = compare(told, tapeOf(one, ['Pending', 'Running']), tapeOf(other, ['Pending', 'Running']), new Judge([]))
  expect(found).toEqual([])
})

it('finds another way through the states', () => {
  const real = tapeOf(one, ['Pending', 'Running', 'Unknown', 'Running'])
  const [found] = compare(told, real, tapeOf(other, ['Pending', 'Running']), new Judge([]))
  expect(found?.about).toBe('Pod web-<1>-<x>')
  expect(found && onlyIn(found)).toEqual([
    '- phase: Pending → Running → Unknown → Running',
    '+ phase: Pending → Running',
  ])
})

it('finds another word in an event', () => {
  const real = tapeOf(one, ['Running'])
  const [found] = compare(told, real, tapeOf(other, ['Running'], 'all is fine'), new Judge([]))
  expect(found && onlyIn(found)).toEqual([
    '- event kubelet Normal Told: all is well on <node>',
    '+ event kubelet Normal Told: all is fine on <node>',
  ])
})

it('excuses what is listed, and knows what excused nothing', () => {
  const listed = [
    { where: 'something happens: Pod *', reason: 'x', lines: /event kubelet/ },
    { where: 'something else: Pod *', reason: 'x' },
  ]
  const judge = new Judge(listed)
  const found = compare(told, tapeOf(one, ['Running']), tapeOf(other, ['Running'], 'all is fine'), judge)
  expect(found).toEqual([])
  expect(judge.unused()).toEqual(['something else: Pod *'])
})

it('compares of many Pods’ lives only the different ones, where it is told so', () => {
  const distinct = { ...told, lives: 'distinct' as const }
  const twice = tapeOf(one, ['Running'])
  const again = tapeOf({ ...one, suffix: 'zzzzz' }, ['Running'])
  const real = {
    ...twice,
    events: [...twice.events, ...again.events.filter(({ object }) => object.kind !== 'ReplicaSet')],
  }
  expect(compare(distinct, real, tapeOf(other, ['Running']), new Judge([]))).toEqual([])
  expect(compare(told, real, tapeOf(other, ['Running']), new Judge([]))).toHaveLength(1)
})
