import { strict as assert } from 'node:assert'
import { object } from '../kinds.ts'
import { budget, deployment, labels, pause, pod, readyByFile, shell } from '../objects.ts'
import { condition, event, gone, readyPods, running } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'
import type { Json } from '../side.ts'
import type { Stage } from '../stage.ts'

const asking = (resources: Json) => pause({ resources: { requests: resources } })

const unschedulable = (stage: Stage, name: string) =>
  stage.until(
    `${name} cannot be placed`,
    () => condition(stage.get('Pod', name), 'PodScheduled')?.reason === 'Unschedulable',
  )

const nodeOf = (stage: Stage, name: string): string => stage.the('Pod', name).spec.nodeName

const label = (stage: Stage, node: string, key: string, value = 'yes') =>
  stage.changeNode(node, { metadata: { labels: { [key]: value } } }, { metadata: { labels: { [key]: null } } })

/**
 * Something that one worker has so many of, and nobody else asks for: what fits where is then a scenario's own affair. The amount is
 * written as a device's plugin would have the kubelet write it.
 */
async function slots(stage: Stage, count: number): Promise<string> {
  const resource = `behaviour.example/${stage.namespace.slice(2, 40)}`.replace(/-+$/, '')
  const [node = ''] = stage.workers
  const path = `/status/capacity/${resource.replace('/', '~1')}`
  const write = (op: object) => stage.ask('PATCH', `/api/v1/nodes/${node}/status`, [op], 'application/json-patch+json')
  stage.later(() => write({ op: 'remove', path }))
  await write({ op: 'add', path, value: String(count) })
  await stage.until('the node has them', () => stage.the('Node', node).status.allocatable[resource] === String(count))
  return resource
}

const taking = (resource: string, count = 1) =>
  pause({ resources: { requests: { [resource]: String(count) }, limits: { [resource]: String(count) } } })

const priority = async (stage: Stage, name: string, value: number, more: Json = {}): Promise<string> => {
  const unique = `${name}-${stage.namespace}`.slice(0, 60)
  await stage.create(object('PriorityClass', unique, { value, ...more }))
  return unique
}

const nodeAffinity = (kind: string, terms: Json) => ({ affinity: { nodeAffinity: { [kind]: terms } } })
const has = (key: string, ...values: string[]) => ({ matchExpressions: [{ key, operator: 'In', values }] })
const near = (app: string) => [{ labelSelector: { matchLabels: labels(app) }, topologyKey: 'kubernetes.io/hostname' }]

export const scheduling: Theme = {
  name: 'scheduling',
  scenarios: [
    scenario('a Pod that asks for too much is not placed', async (stage) => {
      await stage.create(pod('app', asking({ cpu: '1000' })))
      await unschedulable(stage, 'app')
    }),

    scenario('a Pod that asks for too much of everything is told of all', async (stage) => {
      const amounts = { cpu: '1000', memory: '100Ti', 'behaviour.example/none': '1' }
      await stage.create(pod('app', pause({ resources: { requests: amounts, limits: amounts } })))
      await unschedulable(stage, 'app')
    }),

    scenario('a Pod waits for a node with its label', async (stage) => {
      const key = 'behaviour/waited-for'
      await stage.create(pod('app', pause(), { nodeSelector: { [key]: 'yes' } }))
      await unschedulable(stage, 'app')
      const [, second = ''] = stage.workers
      await label(stage, second, key)
      await running(stage, 'app')
      assert.equal(nodeOf(stage, 'app'), second)
    }),

    scenario('a Pod must be where its affinity says', async (stage) => {
      const key = 'behaviour/zone'
      const [first = '', second = ''] = stage.workers
      await label(stage, first, key, 'a')
      await label(stage, second, key, 'b')
      const must = nodeAffinity('requiredDuringSchedulingIgnoredDuringExecution', {
        nodeSelectorTerms: [has(key, 'b')],
      })
      await stage.create(pod('app', pause(), must))
      await running(stage, 'app')
      assert.equal(nodeOf(stage, 'app'), second)
      const none = nodeAffinity('requiredDuringSchedulingIgnoredDuringExecution', {
        nodeSelectorTerms: [has(key, 'c')],
      })
      await stage.create(pod('other', pause(), none))
      await unschedulable(stage, 'other')
    }),

    scenario('a Pod would rather be where its affinity says', async (stage) => {
      const key = 'behaviour/rather'
      const [, , third = ''] = stage.workers
      await label(stage, third, key)
      const rather = nodeAffinity('preferredDuringSchedulingIgnoredDuringExecution', [
        { weight: 100, preference: has(key, 'yes') },
      ])
      await stage.create(pod('app', pause(), rather))
      await running(stage, 'app')
      assert.equal(nodeOf(stage, 'app'), third)
    }),

    scenario('Pods that must not meet are on different nodes', async (stage) => {
      const podAntiAffinity = { requiredDuringSchedulingIgnoredDuringExecution: near('web') }
      await stage.create(deployment('web', { replicas: 4, pods: { affinity: { podAntiAffinity } } }))
      await stage.until('three run, and one is not placed', () => {
        const pods = stage.pods()
        return (
          pods.filter(({ status }) => status.phase === 'Running').length === 3 &&
          pods.some((one) => condition(one, 'PodScheduled')?.reason === 'Unschedulable')
        )
      })
      assert.equal(new Set(stage.pods().map(({ spec }) => spec.nodeName)).size, 4)
    }),

    scenario('a Pod is where another is', async (stage) => {
      const podAffinity = { requiredDuringSchedulingIgnoredDuringExecution: near('web') }
      await stage.create(pod('app', pause(), { affinity: { podAffinity } }))
      await unschedulable(stage, 'app')
      await stage.create(pod('web', pause()))
      await running(stage, 'app')
      assert.equal(nodeOf(stage, 'app'), nodeOf(stage, 'web'))
    }),

    scenario('Pods are spread over nodes', async (stage) => {
      const topologySpreadConstraints = [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: labels('web') },
          nodeTaintsPolicy: 'Honor',
        },
      ]
      await stage.create(deployment('web', { replicas: 6, pods: { topologySpreadConstraints } }))
      const pods = await readyPods(stage, labels('web'), 6)
      for (const node of stage.workers) assert.equal(pods.filter(({ spec }) => spec.nodeName === node).length, 2)
    }),

    scenario('Pods that could not be spread are not placed', async (stage) => {
      const topologySpreadConstraints = [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: labels('web') },
        },
      ]
      // The control plane counts as a place, and takes none of them
      await stage.create(deployment('web', { replicas: 4, pods: { topologySpreadConstraints } }))
      await stage.until('one is not placed', () =>
        stage.pods().some((one) => condition(one, 'PodScheduled')?.reason === 'Unschedulable'),
      )
      await stage.until('three run', () => stage.pods().filter(({ status }) => status.phase === 'Running').length === 3)
    }),

    scenario('a Pod takes the place of one that matters less', async (stage) => {
      const resource = await slots(stage, 1)
      const high = await priority(stage, 'high', 1000)
      await stage.create(pod('low', taking(resource)))
      await running(stage, 'low')
      await stage.create(pod('high', taking(resource), { priorityClassName: high }))
      await running(stage, 'high')
      await gone(stage, 'Pod', 'low')
    }),

    scenario('a Pod that never takes another’s place waits for it', async (stage) => {
      const resource = await slots(stage, 1)
      const high = await priority(stage, 'calm', 1000, { preemptionPolicy: 'Never' })
      await stage.create(pod('low', taking(resource)))
      await running(stage, 'low')
      await stage.create(pod('high', taking(resource), { priorityClassName: high }))
      await unschedulable(stage, 'high')
      await stage.delete('Pod', 'low')
      await running(stage, 'high')
    }),

    scenario('a Pod takes the place of one that no budget protects', async (stage) => {
      const resource = await slots(stage, 2)
      const high = await priority(stage, 'high', 1000)
      await stage.create(
        pod('guarded', taking(resource)),
        pod('free', taking(resource)),
        budget('guarded', { minAvailable: 1 }),
      )
      await running(stage, 'guarded')
      await running(stage, 'free')
      await stage.until(
        'the budget counts',
        () => stage.the('PodDisruptionBudget', 'guarded').status.currentHealthy === 1,
      )
      await stage.create(pod('high', taking(resource), { priorityClassName: high }))
      await running(stage, 'high')
      await gone(stage, 'Pod', 'free')
      assert.ok(stage.get('Pod', 'guarded'))
    }),

    scenario('a budget gives way where nothing else helps', async (stage) => {
      const resource = await slots(stage, 1)
      const high = await priority(stage, 'high', 1000)
      await stage.create(pod('guarded', taking(resource)), budget('guarded', { minAvailable: 1 }))
      await running(stage, 'guarded')
      await stage.until(
        'the budget counts',
        () => stage.the('PodDisruptionBudget', 'guarded').status.currentHealthy === 1,
      )
      await stage.create(pod('high', taking(resource), { priorityClassName: high }))
      await running(stage, 'high')
      await gone(stage, 'Pod', 'guarded')
    }),

    scenario('a Pod is promised a place that is still being cleared', async (stage) => {
      const resource = await slots(stage, 1)
      const high = await priority(stage, 'high', 1000)
      await stage.create(
        pod(
          'low',
          shell('trap "" TERM; while true; do sleep 0.2; done', {
            resources: { requests: { [resource]: '1' }, limits: { [resource]: '1' } },
          }),
          { terminationGracePeriodSeconds: 5 },
        ),
      )
      await running(stage, 'low')
      await stage.create(pod('high', taking(resource), { priorityClassName: high }))
      await stage.until('it is promised', () => stage.the('Pod', 'high').status.nominatedNodeName)
      assert.equal(stage.the('Pod', 'high').status.nominatedNodeName, nodeOf(stage, 'low'))
      await running(stage, 'high')
    }),

    scenario('a Pod behind a gate waits until it is taken away', async (stage) => {
      await stage.create(pod('app', pause(), { schedulingGates: [{ name: 'behaviour/wait' }] }))
      await stage.until(
        'it is gated',
        () => condition(stage.get('Pod', 'app'), 'PodScheduled')?.reason === 'SchedulingGated',
      )
      await stage.never('it is placed', () => stage.the('Pod', 'app').spec.nodeName, 2)
      const answer = await stage.ask(
        'PATCH',
        '/api/v1/namespaces/$NS/pods/app',
        [{ op: 'remove', path: '/spec/schedulingGates' }],
        'application/json-patch+json',
      )
      assert.equal(answer.status, 200)
      await running(stage, 'app')
    }),

    scenario('a Pod that names its node needs no scheduler', async (stage) => {
      const [first = ''] = stage.workers
      await stage.create(pod('app', pause(), { nodeName: first }))
      await running(stage, 'app')
      assert.equal(
        stage.list('Event').some(({ reason }) => reason === 'Scheduled'),
        false,
      )
    }),

    scenario('a Pod that names another scheduler waits for it', async (stage) => {
      await stage.create(pod('app', pause(), { schedulerName: 'other' }))
      await stage.never('it is placed', () => stage.the('Pod', 'app').spec.nodeName, 4)
      assert.equal(stage.the('Pod', 'app').status.conditions, undefined)
    }),

    scenario('a Pod that its node cannot run is refused there', async (stage) => {
      const [first = ''] = stage.workers
      await stage.create(pod('app', asking({ cpu: '1000' }), { nodeName: first }))
      await stage.until('it has failed', () => stage.the('Pod', 'app').status.phase === 'Failed')
      assert.equal(stage.the('Pod', 'app').status.reason, 'OutOfcpu')
    }),

    scenario('a port of a node is given once', async (stage) => {
      const container = pause({ ports: [{ containerPort: 80, hostPort: 28123 }] })
      const key = 'behaviour/port'
      const [first = ''] = stage.workers
      await label(stage, first, key)
      await stage.create(pod('one', container, { nodeSelector: { [key]: 'yes' } }))
      await running(stage, 'one')
      await stage.create(pod('two', container, { nodeSelector: { [key]: 'yes' } }))
      await unschedulable(stage, 'two')
      await stage.delete('Pod', 'one')
      await gone(stage, 'Pod', 'one')
      await running(stage, 'two')
    }),

    scenario('only who tolerates it is placed on the control plane', async (stage) => {
      const nodeSelector = { 'node-role.kubernetes.io/control-plane': '' }
      const tolerations = [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }]
      await stage.create(
        pod('refused', pause(), { nodeSelector }),
        pod('tolerant', pause(), { nodeSelector, tolerations }),
      )
      await running(stage, 'tolerant')
      await unschedulable(stage, 'refused')
      assert.equal(nodeOf(stage, 'tolerant'), stage.controlPlane)
      await event(stage, 'Pod', 'refused', 'FailedScheduling')
    }),

    scenario('a Pod that is not ready is placed all the same', async (stage) => {
      await stage.create(pod('app', shell('exec sleep 3600', { readinessProbe: readyByFile })))
      await stage.until('it runs', () => stage.get('Pod', 'app')?.status.phase === 'Running')
      assert.equal(condition(stage.the('Pod', 'app'), 'PodScheduled').status, 'True')
    }),
  ],
}
