import { strict as assert } from 'node:assert'
import { budget, daemonSet, deployment, labels, pause, pod, statefulSet } from '../objects.ts'
import { condition, gone, isTrue, phase, readyPods, rolledOut, running } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'
import type { Json } from '../side.ts'
import type { Stage } from '../stage.ts'

const alone = { alone: true }

/** Of the same shape as `node.kubernetes.io/…` taints are tolerated by default, for a shorter time. */
const tolerating = (seconds: number) => ({
  tolerations: ['not-ready', 'unreachable'].map((key) => ({
    key: `node.kubernetes.io/${key}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: seconds,
  })),
})

const on = (node: string, more: Json = {}) => ({ nodeSelector: { 'kubernetes.io/hostname': node }, ...more })

/** One on each node that takes Pods, as long as it does. */
const spread = (app: string) => ({
  topologySpreadConstraints: [
    {
      ...{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' },
      ...{ labelSelector: { matchLabels: labels(app) }, nodeTaintsPolicy: 'Honor' },
    },
  ],
})

const cordon = (stage: Stage, node: string) =>
  stage.changeNode(node, { spec: { unschedulable: true } }, { spec: { unschedulable: null } })

const uncordon = (stage: Stage, node: string) => stage.patch('Node', node, { spec: { unschedulable: null } })

const taint = (stage: Stage, node: string, effect: string) =>
  stage.changeNode(node, { spec: { taints: [{ key: 'behaviour', value: 'x', effect }] } }, { spec: { taints: null } })

/** As kubectl drain: each Pod on the node but a DaemonSet's is evicted, and again while a budget forbids it. */
async function drain(stage: Stage, node: string): Promise<readonly string[]> {
  const refusals = new Set<string>()
  await cordon(stage, node)
  const leaving = stage
    .pods()
    .filter(({ spec, metadata }) => spec.nodeName === node && metadata.ownerReferences?.[0]?.kind !== 'DaemonSet')
  for (const { metadata } of leaving) {
    await stage.eventually(
      `${metadata.name} is evicted`,
      async () => {
        const { status, json } = await stage.evict(metadata.name)
        if (status === 429) refusals.add(json.message)
        return status
      },
      (status) => status === 201 || status === 404,
    )
    await gone(stage, 'Pod', metadata.name)
  }
  return [...refusals]
}

const isReady = (stage: Stage, node: string, status: string) =>
  stage.until(`${node} is Ready=${status}`, () => condition(stage.the('Node', node), 'Ready')?.status === status)

/** Back, and without what marked it. */
async function returned(stage: Stage, node: string): Promise<void> {
  await stage.resumeNode(node)
  await isReady(stage, node, 'True')
  await stage.until(`${node} has no taints`, () => (stage.the('Node', node).spec.taints ?? []).length === 0)
}

export const nodes: Theme = {
  name: 'nodes',
  scenarios: [
    scenario(
      'a node is cordoned, and nothing new comes to it',
      async (stage) => {
        const [node = ''] = stage.workers
        await stage.create(pod('before', pause(), on(node)))
        await running(stage, 'before')
        await cordon(stage, node)
        await stage.create(pod('after', pause(), on(node)))
        await stage.until(
          'it is not placed',
          () => condition(stage.get('Pod', 'after'), 'PodScheduled')?.reason === 'Unschedulable',
        )
        assert.ok(isTrue(stage.the('Pod', 'before'), 'Ready'))
        await uncordon(stage, node)
        await running(stage, 'after')
      },
      alone,
    ),

    scenario(
      'a node is drained, and its Pods are made elsewhere',
      async (stage) => {
        const [node = ''] = stage.workers
        await stage.create(deployment('web', { replicas: 6 }), daemonSet('agent'))
        await rolledOut(stage, 'web')
        await readyPods(stage, labels('agent'), 3)
        await drain(stage, node)
        await rolledOut(stage, 'web')
        for (const one of stage.pods(labels('web'))) assert.notEqual(one.spec.nodeName, node)
        assert.equal(stage.pods(labels('agent')).length, 3)
        await uncordon(stage, node)
      },
      { ...alone, lives: 'distinct' },
    ),

    scenario(
      'a drain waits for a budget',
      async (stage) => {
        const [node = ''] = stage.workers
        await stage.create(
          deployment('web', { replicas: 2, pods: on(node), more: { minReadySeconds: 1 } }),
          budget('web', { minAvailable: 1 }),
        )
        await rolledOut(stage, 'web')
        await stage.until(
          'the budget allows one',
          () => stage.the('PodDisruptionBudget', 'web').status.disruptionsAllowed === 1,
        )
        await cordon(stage, node)
        const [one, other] = stage.pods()
        assert.equal((await stage.evict(one.metadata.name)).status, 201)
        await stage.until(
          'the budget allows none',
          () => stage.the('PodDisruptionBudget', 'web').status.disruptionsAllowed === 0,
        )
        await gone(stage, 'Pod', one.metadata.name)
        const refused = await stage.evict(other.metadata.name)
        assert.equal(refused.status, 429)
        stage.note('refusal', refused.json.message)
        await uncordon(stage, node)
        await stage.until(
          'the budget allows one again',
          () => stage.the('PodDisruptionBudget', 'web').status.disruptionsAllowed === 1,
        )
        assert.equal((await stage.evict(other.metadata.name)).status, 201)
        await rolledOut(stage, 'web')
      },
      { ...alone, lives: 'distinct' },
    ),

    scenario(
      'a taint keeps new Pods away and leaves those that are there',
      async (stage) => {
        const [node = ''] = stage.workers
        await stage.create(pod('before', pause(), on(node)))
        await running(stage, 'before')
        await taint(stage, node, 'NoSchedule')
        await stage.create(
          pod('after', pause(), on(node)),
          pod('tolerant', pause(), on(node, { tolerations: [{ key: 'behaviour', value: 'x' }] })),
        )
        await running(stage, 'tolerant')
        await stage.until(
          'it is not placed',
          () => condition(stage.get('Pod', 'after'), 'PodScheduled')?.reason === 'Unschedulable',
        )
        await stage.sleep(2)
        assert.ok(isTrue(stage.the('Pod', 'before'), 'Ready'))
      },
      alone,
    ),

    scenario(
      'a taint drives Pods out, some later than others',
      async (stage) => {
        const [node = ''] = stage.workers
        const tolerant = (seconds?: number) => ({
          tolerations: [
            {
              ...{ key: 'behaviour', operator: 'Exists', effect: 'NoExecute' },
              ...(seconds === undefined ? {} : { tolerationSeconds: seconds }),
            },
          ],
        })
        await stage.create(
          pod('at-once', pause(), on(node)),
          pod('later', pause(), on(node, tolerant(4))),
          pod('never', pause(), on(node, tolerant())),
        )
        for (const name of ['at-once', 'later', 'never']) await running(stage, name)
        await taint(stage, node, 'NoExecute')
        await gone(stage, 'Pod', 'at-once')
        assert.ok(stage.get('Pod', 'later'))
        await gone(stage, 'Pod', 'later')
        await stage.sleep(2)
        assert.ok(isTrue(stage.the('Pod', 'never'), 'Ready'))
      },
      alone,
    ),

    scenario(
      'a node is lost, its Pods are made elsewhere, and it comes back',
      async (stage) => {
        const [node = '', , third = ''] = stage.workers
        // Others may be placed as they like, but not where this goes on
        await stage.create(
          deployment('web', { replicas: 3, pods: { ...tolerating(3), ...spread('web') } }),
          statefulSet('db', { replicas: 1, pods: { ...tolerating(3), ...on(node) } }),
          daemonSet('agent'),
          pod('alone', pause(), on(node, tolerating(3))),
          pod('patient', pause(), on(node)),
          pod('elsewhere', pause(), on(third)),
        )
        await rolledOut(stage, 'web')
        await readyPods(stage, labels('agent'), 3)
        for (const name of ['db-0', 'alone', 'patient', 'elsewhere']) await running(stage, name)
        await stage.pauseNode(node)
        await isReady(stage, node, 'Unknown')
        await stage.until('its Pods are not ready', () => !isTrue(stage.the('Pod', 'patient'), 'Ready'))
        await stage.until('those that do not wait are to go', () =>
          ['alone', 'db-0'].every((name) => stage.the('Pod', name).metadata.deletionTimestamp),
        )
        await stage.until(
          'there are three elsewhere',
          () =>
            stage.pods(labels('web')).filter((one) => one.spec.nodeName !== node && isTrue(one, 'Ready')).length === 3,
        )
        // A StatefulSet's Pod is not made again as long as nobody knows that it has ended
        assert.equal(stage.list('Pod', labels('db')).length, 1)
        assert.equal(stage.the('Pod', 'patient').metadata.deletionTimestamp, undefined)
        await returned(stage, node)
        await gone(stage, 'Pod', 'alone')
        await running(stage, 'patient')
        await stage.until('the StatefulSet’s Pod is another', () => isTrue(stage.get('Pod', 'db-0'), 'Ready'))
      },
      { ...alone, lives: 'distinct', chance: /^(?:Node|Pod db-0)/ },
    ),

    scenario(
      'a Pod of a lost node is deleted by force',
      async (stage) => {
        const [, node = ''] = stage.workers
        await stage.create(statefulSet('db', { replicas: 1, pods: on(node) }))
        await running(stage, 'db-0')
        await stage.pauseNode(node)
        await stage.delete('Pod', 'db-0')
        await stage.never('it goes by itself', () => stage.list('Pod').length === 0, 8)
        const { uid } = stage.the('Pod', 'db-0').metadata
        await stage.delete('Pod', 'db-0', { gracePeriodSeconds: 0 })
        await stage.until('another is made', () => {
          const now = stage.get('Pod', 'db-0')
          return now !== undefined && now.metadata.uid !== uid
        })
        await returned(stage, node)
        await running(stage, 'db-0')
      },
      alone,
    ),

    scenario('a Pod of a finished Job stays on a node that is drained', async (stage) => {
      await stage.create(
        pod('done', { ...pause(), image: 'busybox:1.36', command: ['true'] }, { restartPolicy: 'Never' }),
      )
      await phase(stage, 'done', 'Succeeded')
      const { status } = await stage.evict('done')
      assert.equal(status, 201)
      await gone(stage, 'Pod', 'done')
    }),
  ],
}
