import { strict as assert } from 'node:assert'
import { deployment, images, missingImage, podinfo, ready, readyByFile, shell } from '../objects.ts'
import { condition, gone, isTrue, readyPods, rolledOut, statusOf } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'
import type { Json } from '../side.ts'
import type { Stage } from '../stage.ts'

const web = (more: Json = {}, replicas = 3) =>
  deployment('web', { replicas, container: podinfo({ readinessProbe: ready }), more })

const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
})

const imagesOf = (pods: readonly Json[]) => new Set(pods.map((pod) => pod.spec.containers[0].image))

/** Of the newest ReplicaSet, a Pod that cannot have its image. */
const stuckPod = (stage: Stage) =>
  stage.until('a new Pod waits for its image', () =>
    stage.pods().find((pod) => statusOf(pod).state?.waiting?.reason === 'ImagePullBackOff'),
  )

/** Of all moments from now on, how few Pods were ready and how many there were. */
function watchBounds(stage: Stage) {
  const bounds = { ready: Number.POSITIVE_INFINITY, all: 0 }
  let over = false
  const joined = stage.beside(async () => {
    while (!over) {
      const pods = stage.pods()
      bounds.ready = Math.min(bounds.ready, pods.filter((pod) => isTrue(pod, 'Ready')).length)
      bounds.all = Math.max(bounds.all, pods.length)
      await stage.sleep(0.2)
    }
  })
  return async () => {
    over = true
    await joined()
    return bounds
  }
}

export const deployments: Theme = {
  name: 'Deployments',
  scenarios: [
    scenario('a Deployment starts its Pods', async (stage) => {
      await stage.create(deployment('web', { replicas: 3 }))
      await rolledOut(stage, 'web')
      assert.equal(stage.list('ReplicaSet').length, 1)
      assert.equal(stage.pods().length, 3)
    }),

    scenario('a new image is rolled out Pod by Pod', async (stage) => {
      await stage.create(web())
      await rolledOut(stage, 'web')
      const bounds = watchBounds(stage)
      await stage.setImage('Deployment', 'web', images.newPodinfo)
      await rolledOut(stage, 'web')
      const { ready, all } = await bounds()
      assert.ok(ready >= 3, `only ${ready} were ready`)
      assert.ok(all <= 4, `there were ${all}`)
      assert.deepEqual(imagesOf(stage.pods()), new Set([images.newPodinfo]))
    }),

    scenario('a bad image holds a rollout and is undone', async (stage) => {
      await stage.create(web())
      await rolledOut(stage, 'web')
      await stage.setImage('Deployment', 'web', missingImage)
      await stuckPod(stage)
      assert.equal(stage.pods().filter((pod) => isTrue(pod, 'Ready')).length, 3)
      await stage.setImage('Deployment', 'web', images.podinfo)
      await rolledOut(stage, 'web')
      assert.equal(stage.the('Deployment', 'web').metadata.annotations['deployment.kubernetes.io/revision'], '3')
    }),

    scenario('going back to an earlier template takes its ReplicaSet again', async (stage) => {
      await stage.create(deployment('web', { replicas: 2 }))
      await rolledOut(stage, 'web')
      const change = (mark: string | null) =>
        stage.patch('Deployment', 'web', { spec: { template: { metadata: { annotations: { mark } } } } })
      await change('new')
      await rolledOut(stage, 'web')
      await change(null)
      await rolledOut(stage, 'web')
      assert.equal(stage.list('ReplicaSet').length, 2)
    }),

    scenario('without surge a Pod goes before another comes', async (stage) => {
      await stage.create(web(rolling(0, 1)))
      await rolledOut(stage, 'web')
      const bounds = watchBounds(stage)
      await stage.setImage('Deployment', 'web', images.newPodinfo)
      await rolledOut(stage, 'web')
      const { ready, all } = await bounds()
      assert.equal(ready, 2)
      assert.equal(all, 3)
    }),

    scenario('with full surge all new Pods come at once', async (stage) => {
      await stage.create(web(rolling('100%', 0)))
      await rolledOut(stage, 'web')
      const bounds = watchBounds(stage)
      await stage.setImage('Deployment', 'web', images.newPodinfo)
      await rolledOut(stage, 'web')
      const { ready, all } = await bounds()
      assert.ok(ready >= 3)
      assert.equal(all, 6)
    }),

    scenario('all Pods go before new ones come where they are recreated', async (stage) => {
      await stage.create(deployment('web', { replicas: 2, more: { strategy: { type: 'Recreate' } } }))
      await rolledOut(stage, 'web')
      const [old] = stage.list('ReplicaSet')
      await stage.patch('Deployment', 'web', { spec: { template: { metadata: { annotations: { mark: 'new' } } } } })
      await stage.until('the old Pods have ended', () => {
        const isOld = (pod: Json) => pod.metadata.ownerReferences[0].name === old.metadata.name
        const left = stage.list('Pod').filter((pod) => isOld(pod) && pod.status.phase === 'Running')
        assert.ok(left.length === 0 || stage.list('Pod').every(isOld), 'a new Pod came before')
        return left.length === 0
      })
      await rolledOut(stage, 'web')
      assert.equal(stage.the('ReplicaSet', old.metadata.name).spec.replicas, 0)
    }),

    scenario('a paused Deployment rolls out when it is resumed', async (stage) => {
      await stage.create(deployment('web', { replicas: 2 }))
      await rolledOut(stage, 'web')
      await stage.patch('Deployment', 'web', { spec: { paused: true } })
      await stage.patch('Deployment', 'web', { spec: { template: { metadata: { annotations: { mark: 'new' } } } } })
      await stage.never('a second ReplicaSet', () => stage.list('ReplicaSet').length > 1, 4)
      await stage.patch('Deployment', 'web', { spec: { paused: null } })
      await rolledOut(stage, 'web')
      assert.equal(stage.list('ReplicaSet').length, 2)
    }),

    scenario('a paused Deployment is scaled', async (stage) => {
      await stage.create(deployment('web'))
      await rolledOut(stage, 'web')
      await stage.patch('Deployment', 'web', { spec: { paused: true } })
      await stage.scale('Deployment', 'web', 3)
      await readyPods(stage, {}, 3)
    }),

    scenario('a Deployment scaled in the middle of a rollout grows on both sides', async (stage) => {
      await stage.create(web(rolling(2, 1), 4))
      await rolledOut(stage, 'web')
      await stage.setImage('Deployment', 'web', missingImage)
      await stuckPod(stage)
      await stage.scale('Deployment', 'web', 10)
      await stage.until('both have grown', () => {
        const sizes = stage.list('ReplicaSet').map(({ status }) => status.replicas)
        return sizes.reduce((sum, size) => sum + size, 0) === 12 && sizes
      })
      await stage.until('the old ones run, and the new ones wait', () => {
        const [old, next] = stage.list('ReplicaSet')
        const waiting = stage.list('Pod', next.spec.selector.matchLabels)
        return (
          old.status.readyReplicas === old.spec.replicas &&
          waiting.every((pod) => statusOf(pod).state?.waiting?.reason === 'ImagePullBackOff')
        )
      })
      stage.note(
        'sizes',
        stage
          .list('ReplicaSet')
          .map(({ spec }) => spec.replicas)
          .sort((a, b) => a - b),
      )
    }),

    scenario('a rollout that gets nowhere is over its deadline', async (stage) => {
      await stage.create(
        deployment('web', {
          container: shell('sleep 3600', { readinessProbe: readyByFile }),
          more: { progressDeadlineSeconds: 6 },
        }),
      )
      await stage.until(
        'it is over its deadline',
        () => condition(stage.the('Deployment', 'web'), 'Progressing')?.reason === 'ProgressDeadlineExceeded',
      )
      const [pod] = stage.pods()
      await stage.exec(pod.metadata.name, 'touch /tmp/ready')
      await rolledOut(stage, 'web')
      await stage.until(
        'it is well again',
        () => condition(stage.the('Deployment', 'web'), 'Progressing')?.reason === 'NewReplicaSetAvailable',
      )
    }),

    scenario('no more old ReplicaSets are kept than asked for', async (stage) => {
      await stage.create(deployment('web', { more: { revisionHistoryLimit: 1 } }))
      await rolledOut(stage, 'web')
      const [first] = stage.list('ReplicaSet')
      for (const mark of ['a', 'b', 'c']) {
        await stage.patch('Deployment', 'web', { spec: { template: { metadata: { annotations: { mark } } } } })
        await rolledOut(stage, 'web')
      }
      await stage.until('two are left', () => stage.list('ReplicaSet').length === 2)
      assert.equal(stage.get('ReplicaSet', first.metadata.name), undefined)
    }),

    scenario('a Pod is available once it was ready long enough', async (stage) => {
      await stage.create(deployment('web', { more: { minReadySeconds: 5 } }))
      const [pod] = await readyPods(stage, {}, 1)
      await rolledOut(stage, 'web')
      const since = (object: Json, type: string) => Date.parse(condition(object, type).lastTransitionTime)
      assert.ok(since(stage.the('Deployment', 'web'), 'Available') - since(pod, 'Ready') >= 4000)
    }),

    scenario('Pods that are never ready hold a rollout', async (stage) => {
      await stage.create(web({}, 2))
      await rolledOut(stage, 'web')
      await stage.merge('Deployment', 'web', {
        spec: {
          template: {
            spec: {
              containers: [
                { name: 'main', readinessProbe: { httpGet: { path: '/status/500', port: 'http' }, periodSeconds: 1 } },
              ],
            },
          },
        },
      })
      await stage.until('a new Pod runs and is not ready', () =>
        stage.pods().find((pod) => pod.status.phase === 'Running' && !isTrue(pod, 'Ready')),
      )
      await stage.sleep(5)
      assert.equal(stage.pods().filter((pod) => isTrue(pod, 'Ready')).length, 2)
      assert.equal(stage.pods().length, 3)
    }),

    scenario('a restart is a rollout', async (stage) => {
      await stage.create(deployment('web', { replicas: 2 }))
      await rolledOut(stage, 'web')
      const before = new Set(stage.pods().map(({ metadata }) => metadata.uid))
      await stage.patch('Deployment', 'web', {
        spec: {
          template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' } } },
        },
      })
      await rolledOut(stage, 'web')
      assert.ok(stage.pods().every(({ metadata }) => !before.has(metadata.uid)))
    }),

    scenario('a Deployment is scaled up and down', async (stage) => {
      await stage.create(deployment('web', { replicas: 1 }))
      await rolledOut(stage, 'web')
      await stage.scale('Deployment', 'web', 4)
      await rolledOut(stage, 'web')
      await stage.scale('Deployment', 'web', 2)
      await rolledOut(stage, 'web')
      await stage.scale('Deployment', 'web', 0)
      await rolledOut(stage, 'web')
    }),

    scenario('a change in the middle of a rollout takes its place', async (stage) => {
      await stage.create(web({}, 2))
      await rolledOut(stage, 'web')
      await stage.setImage('Deployment', 'web', missingImage)
      await stuckPod(stage)
      await stage.setImage('Deployment', 'web', images.newPodinfo)
      await rolledOut(stage, 'web')
      assert.equal(stage.list('ReplicaSet').length, 3)
    }),

    scenario('a Pod that is deleted is replaced', async (stage) => {
      await stage.create(deployment('web', { replicas: 2 }))
      await rolledOut(stage, 'web')
      const [pod] = stage.pods()
      await stage.delete('Pod', pod.metadata.name)
      await gone(stage, 'Pod', pod.metadata.name)
      await rolledOut(stage, 'web')
    }),

    scenario('a ReplicaSet that is deleted is made again', async (stage) => {
      await stage.create(deployment('web'))
      await rolledOut(stage, 'web')
      const [pod] = stage.pods()
      const [set] = stage.list('ReplicaSet')
      await stage.delete('ReplicaSet', set.metadata.name)
      await stage.until('another is there', () =>
        stage.list('ReplicaSet').some(({ metadata }) => metadata.uid !== set.metadata.uid),
      )
      await gone(stage, 'Pod', pod.metadata.name)
      await readyPods(stage, { app: 'web' }, 1)
      await rolledOut(stage, 'web')
    }),

    scenario(
      'what somebody scales beside a Deployment is scaled back',
      async (stage) => {
        await stage.create(deployment('web'))
        await rolledOut(stage, 'web')
        const [set] = stage.list('ReplicaSet')
        await stage.scale('ReplicaSet', set.metadata.name, 3)
        await stage.until('it is as before', () => stage.the('ReplicaSet', set.metadata.name).spec.replicas === 1)
        await readyPods(stage, {}, 1)
      },
      { chance: /^(?:Pod|ReplicaSet) / },
    ),

    scenario(
      'a Deployment takes back the ReplicaSet that it left',
      async (stage) => {
        const object = deployment('web', { replicas: 2 })
        await stage.create(object)
        await rolledOut(stage, 'web')
        const before = stage.pods().map(({ metadata }) => metadata.uid)
        await stage.delete('Deployment', 'web', { propagationPolicy: 'Orphan' })
        await gone(stage, 'Deployment', 'web')
        assert.equal(stage.pods().length, 2)
        await stage.create(object)
        await rolledOut(stage, 'web')
        assert.deepEqual(new Set(stage.pods().map(({ metadata }) => metadata.uid)), new Set(before))
      },
      { chance: /^Deployment / },
    ),
  ],
}
