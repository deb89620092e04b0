import { strict as assert } from 'node:assert'
import { object } from '../kinds.ts'
import { budget, claim, deployment, job, labels, pause, pod, replicaSet, shell } from '../objects.ts'
import { event, has, readyPods, rolledOut, running, statusOf } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'
import type { Json } from '../side.ts'
import type { Stage } from '../stage.ts'

const quota = (hard: Json, more: Json = {}) => object('ResourceQuota', 'quota', { spec: { hard, ...more } })
const asking = (cpu: string) => pause({ resources: { requests: { cpu } } })

/** Until then nothing is counted. */
const counted = (stage: Stage) =>
  stage.until('the quota is counted', () => stage.the('ResourceQuota', 'quota').status.hard !== undefined)

const allowed = (stage: Stage, count: number) =>
  stage.until(`the budget allows ${count}`, () => {
    const { metadata, status } = stage.the('PodDisruptionBudget', 'web')
    return status.observedGeneration === metadata.generation && status.disruptionsAllowed === count
  })

export const quotas: Theme = {
  name: 'quotas, limits and budgets',
  scenarios: [
    scenario('a quota keeps a Deployment from having all its Pods', async (stage) => {
      await stage.create(quota({ pods: '2' }))
      await counted(stage)
      await stage.create(deployment('web', { replicas: 3 }))
      await has(stage, 'Deployment', 'web', 'ReplicaFailure')
      await readyPods(stage, labels('web'), 2)
      await stage.patch('ResourceQuota', 'quota', { spec: { hard: { pods: '5' } } })
      await rolledOut(stage, 'web')
    }),

    scenario('a Pod over the quota is refused', async (stage) => {
      await stage.create(quota({ 'requests.cpu': '100m' }))
      await counted(stage)
      await stage.create(pod('first', asking('80m')))
      const over = await stage.post(pod('second', asking('80m')))
      assert.equal(over.status, 403)
      const silent = await stage.post(pod('third', pause()))
      assert.equal(silent.status, 403)
      stage.note('refusals', [over.json.message, silent.json.message])
      await running(stage, 'first')
      await stage.delete('Pod', 'first')
      await stage.eventually(
        'there is room',
        () => stage.post(pod('second', asking('80m'))),
        ({ status }) => status === 201,
      )
    }),

    scenario('a quota counts objects', async (stage) => {
      await stage.create(quota({ 'count/configmaps': '2', services: '0', persistentvolumeclaims: '1' }))
      await counted(stage)
      await stage.create(claim('data'))
      const refused = [
        await stage.post(claim('more')),
        await stage.post(object('Service', 'web', { spec: { ports: [{ port: 80 }] } })),
      ]
      assert.deepEqual(
        refused.map(({ status }) => status),
        [403, 403],
      )
      stage.note(
        'refusals',
        refused.map(({ json }) => json.message),
      )
      // One is every namespace's
      await stage.create(object('ConfigMap', 'one'))
      assert.equal((await stage.post(object('ConfigMap', 'two'))).status, 403)
    }),

    scenario('a quota for Pods without requests leaves others alone', async (stage) => {
      await stage.create(quota({ pods: '0' }, { scopes: ['BestEffort'] }))
      await counted(stage)
      assert.equal((await stage.post(pod('none', pause()))).status, 403)
      await stage.create(pod('some', asking('10m')))
      await running(stage, 'some')
    }),

    scenario('a quota keeps a Job from its Pods', async (stage) => {
      await stage.create(quota({ pods: '0' }))
      await counted(stage)
      await stage.create(job('work', 'sleep 2'))
      await event(stage, 'Job', 'work', 'FailedCreate')
      await stage.patch('ResourceQuota', 'quota', { spec: { hard: { pods: '1' } } })
      await has(stage, 'Job', 'work', 'Complete')
    }),

    scenario('a range gives Pods what they do not ask for, and refuses what is too much', async (stage) => {
      await stage.create(
        object('LimitRange', 'range', {
          spec: {
            limits: [
              {
                type: 'Container',
                default: { cpu: '200m', memory: '64Mi' },
                defaultRequest: { cpu: '20m' },
                max: { cpu: '500m' },
                min: { cpu: '10m' },
              },
            ],
          },
        }),
      )
      await stage.sleep(1)
      await stage.create(pod('app', pause()))
      const app = await running(stage, 'app')
      assert.deepEqual(app.spec.containers[0].resources, {
        limits: { cpu: '200m', memory: '64Mi' },
        requests: { cpu: '20m', memory: '64Mi' },
      })
      const refused = await stage.post(pod('large', pause({ resources: { limits: { cpu: '2' } } })))
      assert.equal(refused.status, 403)
      stage.note('refusal', refused.json.message)
      await stage.create(replicaSet('web', { container: pause({ resources: { limits: { cpu: '2' } } }) }))
      await event(stage, 'ReplicaSet', 'web', 'FailedCreate')
    }),

    scenario('a budget counts the Pods that are healthy', async (stage) => {
      await stage.create(deployment('web', { replicas: 3 }), budget('web', { minAvailable: 2 }))
      await rolledOut(stage, 'web')
      await allowed(stage, 1)
      await stage.scale('Deployment', 'web', 2)
      await allowed(stage, 0)
      const [one] = stage.pods()
      const refused = await stage.evict(one.metadata.name)
      assert.equal(refused.status, 429)
      stage.note('refusal', refused.json.message)
      await stage.patch('PodDisruptionBudget', 'web', { spec: { minAvailable: '50%' } })
      await allowed(stage, 1)
    }),

    scenario('a budget by what may be missing', async (stage) => {
      await stage.create(deployment('web', { replicas: 3 }), budget('web', { maxUnavailable: 1 }))
      await rolledOut(stage, 'web')
      await allowed(stage, 1)
      const [one] = stage.pods()
      assert.equal((await stage.evict(one.metadata.name)).status, 201)
      await rolledOut(stage, 'web')
      await allowed(stage, 1)
    }),

    scenario('a budget over Pods of nobody', async (stage) => {
      await stage.create(pod('web', pause()), budget('web', { maxUnavailable: 1 }))
      await running(stage, 'web')
      await event(stage, 'PodDisruptionBudget', 'web', 'UnmanagedPods')
    }),

    scenario(
      'a crashing Pod is evicted in spite of its budget, where the budget says so',
      async (stage) => {
        await stage.create(
          deployment('web', { container: shell('sleep 2; exit 1') }),
          budget('web', { minAvailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' }),
        )
        const crashed = await stage.until('it crashes', () =>
          stage.pods().find((one) => statusOf(one).state?.waiting?.reason === 'CrashLoopBackOff'),
        )
        assert.equal((await stage.evict(crashed.metadata.name)).status, 201)
        await stage.until('another is there', () =>
          stage.pods().some((one) => one.metadata.uid !== crashed.metadata.uid),
        )
      },
      { chance: /^(?:Deployment|ReplicaSet|Pod) / },
    ),
  ],
}
