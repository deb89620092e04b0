import { strict as assert } from 'node:assert'
import { object } from '../kinds.ts'
import { claim, pod, shell } from '../objects.ts'
import { event, gone, phase, running } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'
import type { Json } from '../side.ts'
import type { Stage } from '../stage.ts'

const onClaim = (name: string, claimName = 'data', more: Json = {}, script = 'exec sleep 3600') =>
  pod(name, shell(script, { volumeMounts: [{ name: 'data', mountPath: '/data' }] }), {
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
    ...more,
  })

const bound = (stage: Stage, name = 'data') =>
  stage.until(`claim ${name} is bound`, () => {
    const found = stage.get('PersistentVolumeClaim', name)
    return found?.status.phase === 'Bound' && found
  })

const volumeOf = (stage: Stage) =>
  stage.until('there is a volume', () => stage.list('PersistentVolume').find(({ spec }) => spec.claimRef !== undefined))

export const storage: Theme = {
  name: 'storage',
  scenarios: [
    scenario('a claim waits for the first Pod that uses it', async (stage) => {
      await stage.create(claim('data'))
      await event(stage, 'PersistentVolumeClaim', 'data', 'WaitForFirstConsumer')
      assert.equal(stage.the('PersistentVolumeClaim', 'data').status.phase, 'Pending')
      await stage.create(onClaim('app'))
      await bound(stage)
      const { spec } = await running(stage, 'app')
      const volume = await volumeOf(stage)
      const [term] = volume.spec.nodeAffinity.required.nodeSelectorTerms
      assert.equal(term.matchExpressions[0].values[0], spec.nodeName)
    }),

    scenario('files of a claim outlive its Pods', async (stage) => {
      await stage.create(claim('data'), onClaim('first'))
      const { spec } = await running(stage, 'first')
      await stage.exec('first', 'echo kept > /data/file')
      await stage.delete('Pod', 'first')
      await gone(stage, 'Pod', 'first')
      await stage.create(onClaim('second'))
      const second = await running(stage, 'second')
      assert.equal((await stage.exec('second', 'cat /data/file')).stdout, 'kept\n')
      assert.equal(second.spec.nodeName, spec.nodeName)
    }),

    scenario('a volume goes with its claim', async (stage) => {
      await stage.create(claim('data'), onClaim('app', 'data', { restartPolicy: 'Never' }, 'sleep 2'))
      await phase(stage, 'app', 'Succeeded')
      const { metadata } = await volumeOf(stage)
      await stage.delete('Pod', 'app')
      await gone(stage, 'Pod', 'app')
      await stage.delete('PersistentVolumeClaim', 'data')
      await gone(stage, 'PersistentVolumeClaim', 'data')
      await gone(stage, 'PersistentVolume', metadata.name)
    }),

    scenario('a volume that is kept is released', async (stage) => {
      await stage.create(claim('data'), onClaim('app'))
      await running(stage, 'app')
      const { metadata } = await volumeOf(stage)
      stage.later(() => stage.delete('PersistentVolume', metadata.name))
      await stage.patch('PersistentVolume', metadata.name, { spec: { persistentVolumeReclaimPolicy: 'Retain' } })
      await stage.delete('Pod', 'app')
      await gone(stage, 'Pod', 'app')
      await stage.delete('PersistentVolumeClaim', 'data')
      await gone(stage, 'PersistentVolumeClaim', 'data')
      await stage.until(
        'it is released',
        () => stage.the('PersistentVolume', metadata.name).status.phase === 'Released',
      )
    }),

    scenario('a claim that is in use goes when it is no longer', async (stage) => {
      await stage.create(claim('data'), onClaim('app'))
      await running(stage, 'app')
      await stage.delete('PersistentVolumeClaim', 'data')
      await stage.never('it goes', () => stage.get('PersistentVolumeClaim', 'data') === undefined, 3)
      assert.ok(stage.the('PersistentVolumeClaim', 'data').metadata.deletionTimestamp)
      await stage.delete('Pod', 'app')
      await gone(stage, 'PersistentVolumeClaim', 'data')
      await stage.until('its volume is gone', () => stage.list('PersistentVolume').length === 0)
    }),

    scenario('files of an empty directory go with their Pod', async (stage) => {
      const app = pod('app', shell('exec sleep 3600', { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] }), {
        volumes: [{ name: 'scratch', emptyDir: {} }],
      })
      await stage.create(app)
      await running(stage, 'app')
      await stage.exec('app', 'touch /scratch/file')
      await stage.delete('Pod', 'app')
      await gone(stage, 'Pod', 'app')
      await stage.create(app)
      await running(stage, 'app')
      assert.equal((await stage.exec('app', 'ls /scratch')).stdout, '')
    }),

    scenario('two Pods use one claim on one node', async (stage) => {
      await stage.create(claim('data'), onClaim('one'))
      const one = await running(stage, 'one')
      await stage.create(onClaim('two'))
      const two = await running(stage, 'two')
      assert.equal(two.spec.nodeName, one.spec.nodeName)
      await stage.exec('one', 'echo said > /data/file')
      assert.equal((await stage.exec('two', 'cat /data/file')).stdout, 'said\n')
    }),

    scenario('a Pod whose claim is missing is not placed', async (stage) => {
      await stage.create(onClaim('app'))
      await event(stage, 'Pod', 'app', 'FailedScheduling')
      await stage.create(claim('data'))
      await running(stage, 'app')
    }),

    scenario('a claim of a class that is not there stays unbound', async (stage) => {
      await stage.create(claim('data', { storageClassName: 'missing' }), onClaim('app'))
      await event(stage, 'PersistentVolumeClaim', 'data', 'ProvisioningFailed')
      await event(stage, 'Pod', 'app', 'FailedScheduling')
      assert.equal(stage.the('PersistentVolumeClaim', 'data').status.phase, 'Pending')
    }),

    scenario('a claim takes a volume that was made by hand', async (stage) => {
      const volume = object('PersistentVolume', `${stage.namespace}-by-hand`.slice(0, 60), {
        spec: {
          accessModes: ['ReadWriteOnce'],
          capacity: { storage: '2Gi' },
          hostPath: { path: `/tmp/${stage.namespace}` },
          persistentVolumeReclaimPolicy: 'Retain',
          storageClassName: stage.namespace,
        },
      })
      await stage.create(volume, claim('data', { storageClassName: stage.namespace }))
      await bound(stage)
      await stage.create(onClaim('app'))
      await running(stage, 'app')
      assert.equal(stage.the('PersistentVolumeClaim', 'data').status.capacity.storage, '2Gi')
      await stage.delete('Pod', 'app')
      await gone(stage, 'Pod', 'app')
      await stage.delete('PersistentVolumeClaim', 'data')
      await gone(stage, 'PersistentVolumeClaim', 'data')
    }),
  ],
}
