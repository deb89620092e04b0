import { strict as assert } from 'node:assert'
import {
  client,
  headless,
  images,
  labels,
  missingImage,
  pause,
  podinfo,
  ready,
  readyByFile,
  shell,
  statefulSet,
} from '../objects.ts'
import { gone, isTrue, readyPods, running, waits } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'
import type { Json } from '../side.ts'
import type { Stage } from '../stage.ts'

const data = (more: Json = {}) => ({
  volumeClaimTemplates: [
    {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
  ],
  ...more,
})

const keeper = shell('exec sleep 3600', { volumeMounts: [{ name: 'data', mountPath: '/data' }] })

/** When each Pod was made, as the order of their names. */
const order = (stage: Stage) => stage.list('Pod').map(({ metadata }) => metadata.name)

const updated = (stage: Stage, count: number) =>
  stage.until(`${count} Pods are of the new revision, and ready`, () => {
    const { updateRevision } = stage.the('StatefulSet', 'db').status
    const pods = stage.list('Pod', { 'controller-revision-hash': updateRevision })
    return pods.length === count && pods.every((pod) => isTrue(pod, 'Ready'))
  })

const mark = (stage: Stage, value: string) =>
  stage.patch('StatefulSet', 'db', { spec: { template: { metadata: { annotations: { mark: value } } } } })

const settled = (stage: Stage, name: string) =>
  stage.until(`StatefulSet ${name} is settled`, () => {
    const { metadata, spec, status } = stage.the('StatefulSet', name)
    const { observedGeneration, updatedReplicas = 0, readyReplicas = 0, currentRevision, updateRevision } = status
    return (
      observedGeneration === metadata.generation &&
      updatedReplicas === spec.replicas &&
      readyReplicas === spec.replicas &&
      currentRevision === updateRevision
    )
  })

export const statefulSets: Theme = {
  name: 'StatefulSets',
  scenarios: [
    scenario('the Pods of a StatefulSet start one after the other', async (stage) => {
      await stage.create(statefulSet('db', { replicas: 3 }))
      await readyPods(stage, labels('db'), 3)
      await settled(stage, 'db')
      assert.deepEqual(new Set(order(stage)), new Set(['db-0', 'db-1', 'db-2']))
      const started = ['db-0', 'db-1', 'db-2'].map((name) => stage.the('Pod', name).metadata.resourceVersion)
      assert.equal(started.length, 3)
    }),

    scenario('a Pod of a StatefulSet that is not ready holds those after it', async (stage) => {
      await stage.create(
        statefulSet('db', { replicas: 2, container: shell('exec sleep 3600', { readinessProbe: readyByFile }) }),
      )
      await stage.until('the first runs', () => stage.get('Pod', 'db-0')?.status.phase === 'Running')
      await stage.never('the second is made', () => stage.get('Pod', 'db-1'), 4)
      await stage.exec('db-0', 'touch /tmp/ready')
      await stage.until('the second runs', () => stage.get('Pod', 'db-1')?.status.phase === 'Running')
    }),

    scenario('a StatefulSet shrinks from its end', async (stage) => {
      await stage.create(statefulSet('db', { replicas: 3 }))
      await readyPods(stage, labels('db'), 3)
      await stage.scale('StatefulSet', 'db', 1)
      await gone(stage, 'Pod', 'db-2')
      await gone(stage, 'Pod', 'db-1')
      await settled(stage, 'db')
      assert.deepEqual(order(stage), ['db-0'])
    }),

    scenario('the Pods of a parallel StatefulSet start at once', async (stage) => {
      await stage.create(
        statefulSet('db', {
          replicas: 2,
          container: shell('exec sleep 3600', { readinessProbe: readyByFile }),
          more: { podManagementPolicy: 'Parallel' },
        }),
      )
      await stage.until('both run, and none is ready', () => {
        const pods = stage.pods()
        return pods.length === 2 && pods.every(({ status }) => status.phase === 'Running')
      })
    }),

    scenario('a StatefulSet is updated from its end', async (stage) => {
      await stage.create(statefulSet('db', { replicas: 3, container: podinfo({ readinessProbe: ready }) }))
      await readyPods(stage, labels('db'), 3)
      await settled(stage, 'db')
      await stage.setImage('StatefulSet', 'db', images.newPodinfo)
      await stage.until(
        'the last is new',
        () => stage.get('Pod', 'db-2')?.spec.containers[0].image === images.newPodinfo,
      )
      assert.equal(stage.the('Pod', 'db-0').spec.containers[0].image, images.podinfo)
      await updated(stage, 3)
      await settled(stage, 'db')
    }),

    scenario('a partition keeps the first Pods as they are', async (stage) => {
      await stage.create(
        statefulSet('db', { replicas: 3, more: { updateStrategy: { rollingUpdate: { partition: 2 } } } }),
      )
      await readyPods(stage, labels('db'), 3)
      const first = stage.the('Pod', 'db-0').metadata.uid
      await mark(stage, 'new')
      await updated(stage, 1)
      await stage.sleep(2)
      assert.equal(stage.the('Pod', 'db-0').metadata.uid, first)
      await stage.patch('StatefulSet', 'db', { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } })
      await updated(stage, 3)
      await settled(stage, 'db')
    }),

    scenario('a StatefulSet that updates on deletion waits for it', async (stage) => {
      await stage.create(statefulSet('db', { replicas: 2, more: { updateStrategy: { type: 'OnDelete' } } }))
      await readyPods(stage, labels('db'), 2)
      await mark(stage, 'new')
      await stage.never('a Pod goes', () => stage.pods().length < 2, 3)
      await stage.delete('Pod', 'db-0')
      await updated(stage, 1)
      assert.equal(stage.the('Pod', 'db-0').metadata.annotations.mark, 'new')
    }),

    scenario('a StatefulSet’s bad update stays at its last Pod until that is deleted', async (stage) => {
      await stage.create(statefulSet('db', { replicas: 2 }))
      await readyPods(stage, labels('db'), 2)
      await settled(stage, 'db')
      await stage.setImage('StatefulSet', 'db', missingImage)
      await waits(stage, 'db-1', 'ImagePullBackOff')
      assert.ok(isTrue(stage.the('Pod', 'db-0'), 'Ready'))
      await stage.setImage('StatefulSet', 'db', images.pause)
      await stage.never('it heals by itself', () => isTrue(stage.get('Pod', 'db-1'), 'Ready'), 5)
      await stage.delete('Pod', 'db-1')
      await running(stage, 'db-1')
      await settled(stage, 'db')
    }),

    scenario('a StatefulSet’s claims stay and are taken again', async (stage) => {
      await stage.create(statefulSet('db', { replicas: 2, container: keeper, more: data() }))
      await readyPods(stage, labels('db'), 2)
      await stage.exec('db-1', 'echo kept > /data/file')
      await stage.scale('StatefulSet', 'db', 1)
      await gone(stage, 'Pod', 'db-1')
      assert.equal(stage.list('PersistentVolumeClaim').length, 2)
      await stage.scale('StatefulSet', 'db', 2)
      await running(stage, 'db-1')
      const { stdout } = await stage.exec('db-1', 'cat /data/file')
      assert.equal(stdout, 'kept\n')
    }),

    scenario('a StatefulSet deletes claims when it shrinks, where it is told to', async (stage) => {
      const policy = { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Retain' } }
      await stage.create(statefulSet('db', { replicas: 2, container: keeper, more: data(policy) }))
      await readyPods(stage, labels('db'), 2)
      await stage.scale('StatefulSet', 'db', 1)
      await gone(stage, 'PersistentVolumeClaim', 'data-db-1')
      await stage.until('one volume is left', () => stage.list('PersistentVolume').length === 1)
      assert.ok(stage.get('PersistentVolumeClaim', 'data-db-0'))
    }),

    scenario('a StatefulSet’s claims go with it, where it is told so', async (stage) => {
      const policy = { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Retain', whenDeleted: 'Delete' } }
      await stage.create(statefulSet('db', { replicas: 1, container: keeper, more: data(policy) }))
      await settled(stage, 'db')
      await stage.delete('StatefulSet', 'db', { propagationPolicy: 'Background' })
      await gone(stage, 'PersistentVolumeClaim', 'data-db-0')
      await gone(stage, 'Pod', 'db-0')
      await stage.until('no volume is left', () => stage.list('PersistentVolume').length === 0)
    }),

    scenario('a StatefulSet’s Pod comes back by its name', async (stage) => {
      await stage.create(statefulSet('db', { replicas: 2 }))
      await readyPods(stage, labels('db'), 2)
      const { uid } = stage.the('Pod', 'db-0').metadata
      await stage.delete('Pod', 'db-0')
      await stage.until('it is another', () => {
        const now = stage.get('Pod', 'db-0')
        return now !== undefined && now.metadata.uid !== uid && isTrue(now, 'Ready')
      })
    }),

    scenario('a StatefulSet counts from where it is told to', async (stage) => {
      await stage.create(statefulSet('db', { replicas: 2, container: pause(), more: { ordinals: { start: 5 } } }))
      await readyPods(stage, labels('db'), 2)
      assert.ok(stage.get('Pod', 'db-5'))
      assert.ok(stage.get('Pod', 'db-6'))
    }),

    scenario('a StatefulSet’s Pods have names in DNS', async (stage) => {
      await stage.create(
        headless('db'),
        statefulSet('db', { replicas: 2, container: podinfo({ readinessProbe: ready }) }),
        client(),
      )
      await readyPods(stage, labels('db'), 2)
      await running(stage, 'client')
      const found = await stage.eventually(
        'db-1 answers by its name',
        () => stage.exec('client', 'timeout 3 wget -q -O - http://db-1.db:9898/env | grep HOSTNAME='),
        ({ code }) => code === 0,
      )
      assert.match(found.stdout, /HOSTNAME=db-1/)
    }),
  ],
}
