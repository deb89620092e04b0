import { strict as assert } from 'node:assert'
import { labels, pause, pod, readyByFile, replicaSet, shell } from '../objects.ts'
import { gone, isTrue, readyPods, running } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'

const cost = 'controller.kubernetes.io/pod-deletion-cost'

export const replicaSets: Theme = {
  name: 'ReplicaSets',
  scenarios: [
    scenario('a ReplicaSet adopts a Pod that fits', async (stage) => {
      await stage.create(pod('lone', pause(), {}, { labels: labels('web') }))
      await running(stage, 'lone')
      await stage.create(replicaSet('web', { replicas: 2 }))
      await readyPods(stage, labels('web'), 2)
      assert.equal(stage.the('Pod', 'lone').metadata.ownerReferences[0].name, 'web')
    }),

    scenario(
      'a ReplicaSet deletes what it has adopted too many',
      async (stage) => {
        await stage.create(replicaSet('web', { replicas: 1 }))
        await readyPods(stage, labels('web'), 1)
        await stage.create(pod('lone', pause(), {}, { labels: labels('web') }))
        await gone(stage, 'Pod', 'lone')
        assert.equal(stage.pods().length, 1)
      },
      { chance: /^Pod lone/ },
    ),

    scenario('a ReplicaSet releases a Pod whose labels no longer fit', async (stage) => {
      await stage.create(replicaSet('web', { replicas: 2 }))
      const [one] = await readyPods(stage, labels('web'), 2)
      await stage.patch('Pod', one.metadata.name, { metadata: { labels: { app: 'other' } } })
      await readyPods(stage, labels('web'), 2)
      const released = await stage.until('it is released', () => {
        const now = stage.the('Pod', one.metadata.name)
        return now.metadata.ownerReferences === undefined && now
      })
      assert.ok(isTrue(released, 'Ready'))
      assert.equal(stage.list('Pod').length, 3)
    }),

    scenario('of a ReplicaSet’s Pods those that are not ready go first', async (stage) => {
      const container = shell('[ "$(cat /proc/sys/kernel/hostname)" ] && exec sleep 3600', {
        readinessProbe: readyByFile,
      })
      await stage.create(replicaSet('web', { replicas: 3, container }))
      const pods = await stage.until('three run', () => {
        const all = stage.pods()
        return all.length === 3 && all.every(({ status }) => status.phase === 'Running') && all
      })
      for (const one of pods.slice(0, 2)) await stage.exec(one.metadata.name, 'touch /tmp/ready')
      await stage.until('two are ready', () => stage.pods().filter((one) => isTrue(one, 'Ready')).length === 2)
      await stage.scale('ReplicaSet', 'web', 2)
      await gone(stage, 'Pod', pods[2]?.metadata.name)
      assert.ok(stage.pods().every((one) => isTrue(one, 'Ready')))
    }),

    scenario('of a ReplicaSet’s Pods the cheapest to delete go first', async (stage) => {
      await stage.create(replicaSet('web', { replicas: 3 }))
      const pods = await readyPods(stage, labels('web'), 3)
      for (const [index, one] of pods.entries())
        await stage.patch('Pod', one.metadata.name, {
          metadata: { annotations: { [cost]: String(index === 1 ? -5 : 5) } },
        })
      await stage.sleep(1)
      await stage.scale('ReplicaSet', 'web', 2)
      await gone(stage, 'Pod', pods[1]?.metadata.name)
    }),

    scenario(
      'Pods stay when their ReplicaSet is deleted without them',
      async (stage) => {
        await stage.create(replicaSet('web', { replicas: 2 }))
        await readyPods(stage, labels('web'), 2)
        await stage.delete('ReplicaSet', 'web', { propagationPolicy: 'Orphan' })
        await gone(stage, 'ReplicaSet', 'web')
        await stage.sleep(1)
        assert.equal(stage.pods().length, 2)
        for (const one of stage.pods()) assert.equal(one.metadata.ownerReferences, undefined)
      },
      { chance: /^ReplicaSet / },
    ),

    scenario('a ReplicaSet replaces a Pod that was evicted', async (stage) => {
      await stage.create(replicaSet('web', { replicas: 1 }))
      const [first] = await readyPods(stage, labels('web'), 1)
      assert.equal((await stage.evict(first?.metadata.name)).status, 201)
      await stage.until('another runs', () =>
        stage.pods().find((one) => one.metadata.uid !== first?.metadata.uid && isTrue(one, 'Ready')),
      )
      await gone(stage, 'Pod', first?.metadata.name)
    }),
  ],
}
