import { beforeEach, expect, it } from 'vitest'
import { World } from '../controllers/world.testing.ts'
import { EventRecorder } from './recorder.ts'

const NAMESPACES = { group: '', resource: 'namespaces' }
const about = (namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace, uid: 'one' },
  fieldPath: 'spec.containers{main}',
})

let world: World
let recorder: EventRecorder
beforeEach(async () => {
  world = await World.make(() => [])
  recorder = new EventRecorder(world.cluster.backend, { component: 'kubelet', host: 'one' })
})

const counts = () =>
  world
    .list({ group: '', resource: 'events' })
    .map((event) => {
      const { count, message } = event as unknown as { readonly count: number; readonly message: string }
      return `${message} ${count}`
    })
    .sort()

it('counts the same event up', () => {
  recorder.normal(about('default'), 'Pulled', 'Pulled it')
  recorder.normal(about('default'), 'Pulled', 'Pulled it')
  recorder.normal(about('default'), 'Started', 'Started it')
  expect(counts()).toEqual(['Pulled it 2', 'Started it 1'])
})

it('tells nothing new where a namespace ends, or is gone', () => {
  const metadata = { name: 'work', finalizers: ['example.com/wait'] }
  world.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata }, undefined)
  recorder.normal(about('work'), 'Pulled', 'Pulled it')
  world.cluster.backend.registry(NAMESPACES)?.delete(undefined, 'work', {})
  recorder.normal(about('work'), 'Pulled', 'Pulled it')
  recorder.normal(about('work'), 'Killing', 'Stopping container main')
  recorder.normal(about('nowhere'), 'Killing', 'Stopping container main')
  expect(counts()).toEqual(['Pulled it 2'])
})
