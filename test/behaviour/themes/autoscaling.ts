import { strict as assert } from 'node:assert'
import { object } from '../kinds.ts'
import { deployment, pod, podinfo, ready, service, shell } from '../objects.ts'
import { condition, readyPods, rolledOut, running } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'
import type { Json } from '../side.ts'
import type { Stage } from '../stage.ts'

const autoscaler = (spec: Json, target = 'web'): Json =>
  object('HorizontalPodAutoscaler', 'web', {
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target },
      minReplicas: 1,
      maxReplicas: 3,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
      ...spec,
    },
  })

const soon = {
  behavior: {
    scaleDown: { stabilizationWindowSeconds: 20, policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
  },
}

const web = (replicas = 1, cpu: string | null = '4m') =>
  deployment('web', {
    replicas,
    container: podinfo({ readinessProbe: ready, ...(cpu === null ? {} : { resources: { requests: { cpu } } }) }),
  })

const load = () => pod('load', shell('while true; do wget -q -O /dev/null http://web/; sleep 0.02; done'))

const is = (stage: Stage, type: string, reason: string) =>
  stage.until(
    `${type} because of ${reason}`,
    () => condition(stage.get('HorizontalPodAutoscaler', 'web'), type)?.reason === reason,
  )

const size = (stage: Stage) => stage.the('Deployment', 'web').spec.replicas

export const autoscaling: Theme = {
  name: 'autoscaling',
  scenarios: [
    scenario(
      'load makes a Deployment grow, and shrink when it is over',
      async (stage) => {
        await stage.create(web(), service('web'), autoscaler({ ...soon, maxReplicas: 2 }))
        await rolledOut(stage, 'web')
        await is(stage, 'ScalingActive', 'ValidMetricFound')
        await stage.create(load())
        await running(stage, 'load')
        await stage.until('it has grown', () => size(stage) === 2, 200)
        await stage.delete('Pod', 'load')
        await stage.until('it has shrunk', () => size(stage) === 1, 200)
        await rolledOut(stage, 'web')
        await stage.until('the autoscaler knows', () => {
          const { currentReplicas, desiredReplicas } = stage.the('HorizontalPodAutoscaler', 'web').status
          return currentReplicas === 1 && desiredReplicas === 1
        })
      },
      { lives: 'distinct' },
    ),

    scenario('a Deployment that may not shrink stays as large as it was', async (stage) => {
      await stage.create(web(2), autoscaler({ behavior: { scaleDown: { selectPolicy: 'Disabled' } } }))
      await rolledOut(stage, 'web')
      await is(stage, 'ScalingActive', 'ValidMetricFound')
      await stage.sleep(20)
      assert.equal(size(stage), 2)
    }),

    scenario('without requests there is no utilization', async (stage) => {
      await stage.create(web(1, null), autoscaler({}))
      await rolledOut(stage, 'web')
      await stage.until('it says why', () =>
        condition(stage.get('HorizontalPodAutoscaler', 'web'), 'ScalingActive')?.message.includes('missing request'),
      )
      await stage.sleep(20)
      assert.equal(size(stage), 1)
    }),

    scenario('an autoscaler without its target says so', async (stage) => {
      await stage.create(autoscaler({}, 'missing'))
      await is(stage, 'AbleToScale', 'FailedGetScale')
    }),

    scenario('an autoscaler leaves alone what was scaled to nothing', async (stage) => {
      await stage.create(web(0), autoscaler({}))
      await is(stage, 'ScalingActive', 'ScalingDisabled')
      assert.equal(size(stage), 0)
    }),

    scenario('an autoscaler brings a Deployment within its bounds', async (stage) => {
      await stage.create(web(1), autoscaler({ minReplicas: 2 }))
      await readyPods(stage, { app: 'web' }, 2)
      await stage.patch('HorizontalPodAutoscaler', 'web', { spec: { minReplicas: 1, maxReplicas: 1 } })
      await stage.until('it is within its bounds', () => size(stage) === 1)
      await readyPods(stage, { app: 'web' }, 1)
    }),

    scenario('an autoscaler may not scale to nothing', async (stage) => {
      const { status, json } = await stage.post(autoscaler({ minReplicas: 0 }))
      assert.equal(status, 422)
      stage.note('refusal', json.message)
    }),

    scenario('an autoscaler asks in vain for metrics that nobody serves', async (stage) => {
      const metrics = [
        { type: 'Pods', pods: { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: '10' } } },
      ]
      await stage.create(web(), autoscaler({ metrics }))
      await is(stage, 'ScalingActive', 'FailedGetPodsMetric')
    }),
  ],
}
