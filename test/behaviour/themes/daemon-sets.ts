import { strict as assert } from 'node:assert'
import { daemonSet, labels, missingImage } from '../objects.ts'
import { isTrue, readyPods, statusOf } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'
import type { Stage } from '../stage.ts'

const nodesOf = (stage: Stage) => new Set(stage.pods().map(({ spec }) => spec.nodeName))
const everywhere = { tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }] }

const settled = (stage: Stage) =>
  stage.until('the DaemonSet is settled', () => {
    const { metadata, status } = stage.the('DaemonSet', 'agent')
    const { desiredNumberScheduled: all, updatedNumberScheduled, numberAvailable, observedGeneration } = status
    return observedGeneration === metadata.generation && updatedNumberScheduled === all && numberAvailable === all
  })

const mark = (stage: Stage, value: string) =>
  stage.patch('DaemonSet', 'agent', { spec: { template: { metadata: { annotations: { mark: value } } } } })

const marked = (stage: Stage) => stage.pods().filter(({ metadata }) => metadata.annotations?.mark === 'new')

const strategy = (rollingUpdate: object) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } })

/** Only this scenario's nodes have it. */
const label = (stage: Stage, node: string, key: string) =>
  stage.changeNode(node, { metadata: { labels: { [key]: 'yes' } } }, { metadata: { labels: { [key]: null } } })

export const daemonSets: Theme = {
  name: 'DaemonSets',
  scenarios: [
    scenario('a DaemonSet runs a Pod on each worker', async (stage) => {
      await stage.create(daemonSet('agent'))
      await readyPods(stage, labels('agent'), 3)
      await settled(stage)
      assert.deepEqual(nodesOf(stage), new Set(stage.workers))
    }),

    scenario('a DaemonSet that tolerates it runs on the control plane too', async (stage) => {
      await stage.create(daemonSet('agent', { pods: everywhere }))
      await readyPods(stage, labels('agent'), 4)
      assert.ok(nodesOf(stage).has(stage.controlPlane))
    }),

    scenario('a DaemonSet follows the labels of nodes', async (stage) => {
      const key = 'behaviour/disk'
      const [one = '', other = ''] = stage.workers
      await label(stage, one, key)
      await stage.create(daemonSet('agent', { pods: { nodeSelector: { [key]: 'yes' } } }))
      await readyPods(stage, labels('agent'), 1)
      await label(stage, other, key)
      await readyPods(stage, labels('agent'), 2)
      await stage.patch('Node', one, { metadata: { labels: { [key]: null } } })
      await readyPods(stage, labels('agent'), 1)
      assert.deepEqual(nodesOf(stage), new Set([other]))
      await settled(stage)
    }),

    scenario('a DaemonSet that fits nowhere has no Pods', async (stage) => {
      await stage.create(daemonSet('agent', { pods: { nodeSelector: { 'behaviour/none': 'yes' } } }))
      await stage.until('it was looked at', () => stage.the('DaemonSet', 'agent').status.observedGeneration === 1)
      await stage.sleep(1)
      assert.equal(stage.pods().length, 0)
    }),

    scenario('a DaemonSet is updated node by node', async (stage) => {
      await stage.create(daemonSet('agent', { more: strategy({ maxUnavailable: 1 }) }))
      await readyPods(stage, labels('agent'), 3)
      await settled(stage)
      await mark(stage, 'new')
      await stage.until('all are new', () => marked(stage).filter((pod) => isTrue(pod, 'Ready')).length === 3)
      await settled(stage)
    }),

    scenario('a DaemonSet with surge starts the new Pod beside the old', async (stage) => {
      await stage.create(daemonSet('agent', { more: strategy({ maxSurge: 1, maxUnavailable: 0 }) }))
      await readyPods(stage, labels('agent'), 3)
      await settled(stage)
      await mark(stage, 'new')
      await stage.until('all are new', () => marked(stage).filter((pod) => isTrue(pod, 'Ready')).length === 3)
      await readyPods(stage, labels('agent'), 3)
      await settled(stage)
    }),

    scenario('a DaemonSet that updates on deletion waits for it', async (stage) => {
      await stage.create(daemonSet('agent', { more: { updateStrategy: { type: 'OnDelete' } } }))
      const [pod] = await readyPods(stage, labels('agent'), 3)
      await mark(stage, 'new')
      await stage.never('a Pod is new', () => marked(stage).length > 0, 3)
      await stage.delete('Pod', pod.metadata.name)
      await stage.until('one is new', () => marked(stage).filter((one) => isTrue(one, 'Ready')).length === 1)
      assert.equal(marked(stage)[0].spec.nodeName, pod.spec.nodeName)
    }),

    scenario('a DaemonSet’s bad update stops at the first node', async (stage) => {
      await stage.create(daemonSet('agent'))
      await readyPods(stage, labels('agent'), 3)
      await settled(stage)
      await stage.setImage('DaemonSet', 'agent', missingImage)
      await stage.until('one waits for its image', () =>
        stage.pods().some((pod) => statusOf(pod).state?.waiting?.reason === 'ImagePullBackOff'),
      )
      assert.equal(stage.pods().filter((pod) => isTrue(pod, 'Ready')).length, 2)
    }),

    scenario('a DaemonSet replaces a Pod on the same node', async (stage) => {
      await stage.create(daemonSet('agent'))
      const [pod] = await readyPods(stage, labels('agent'), 3)
      await stage.delete('Pod', pod.metadata.name)
      await stage.until('another is there', () =>
        stage.pods().find((one) => one.spec.nodeName === pod.spec.nodeName && one.metadata.uid !== pod.metadata.uid),
      )
      await readyPods(stage, labels('agent'), 3)
    }),
  ],
}
