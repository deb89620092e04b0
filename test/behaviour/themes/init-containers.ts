import { strict as assert } from 'node:assert'
import { failing, job, pause, pod, shell, tally } from '../objects.ts'
import { event, gone, has, isTrue, phase, restarted, running, statusOf } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'

const init = (name: string, script: string, more: object = {}) => shell(script, { name, ...more })
const always = { restartPolicy: 'Always' }

export const initContainers: Theme = {
  name: 'init containers and sidecars',
  scenarios: [
    scenario('init containers run one after the other', async (stage) => {
      await stage.create(pod('app', pause(), { initContainers: [init('first', 'sleep 2'), init('second', 'sleep 2')] }))
      const app = await running(stage, 'app')
      const end = Date.parse(statusOf(app, 'first').state.terminated.finishedAt)
      assert.ok(Date.parse(statusOf(app, 'second').state.terminated.startedAt) >= end)
    }),

    scenario('an init container that fails is tried again', async (stage) => {
      const script = 'echo >> /tally/n; sleep 2; [ $(wc -l < /tally/n) -gt 2 ]'
      const volumeMounts = [{ name: 'tally', mountPath: '/tally' }]
      await stage.create(
        pod('app', pause(), { initContainers: [init('first', script, { volumeMounts })], volumes: tally }),
      )
      await event(stage, 'Pod', 'app', 'BackOff')
      assert.equal(stage.the('Pod', 'app').status.phase, 'Pending')
      await running(stage, 'app')
      assert.equal(statusOf(stage.the('Pod', 'app'), 'first').restartCount, 2)
    }),

    scenario('an init container that fails ends a Pod that is never restarted', async (stage) => {
      await stage.create(
        pod('app', pause(), { restartPolicy: 'Never', initContainers: [init('first', 'sleep 2; exit 1')] }),
      )
      await phase(stage, 'app', 'Failed')
    }),

    scenario('an init container leaves files for those after it', async (stage) => {
      const volumeMounts = [{ name: 'shared', mountPath: '/shared' }]
      await stage.create(
        pod('app', shell('cat /shared/file; exec sleep 3600', { volumeMounts }), {
          initContainers: [init('first', 'echo prepared > /shared/file; sleep 2', { volumeMounts })],
          volumes: [{ name: 'shared', emptyDir: {} }],
        }),
      )
      await running(stage, 'app')
      assert.equal(await stage.logs('app', 'container=main'), 'prepared\n')
    }),

    scenario('a sidecar runs before the containers and beside them', async (stage) => {
      await stage.create(
        pod('app', pause(), {
          initContainers: [init('side', 'exec sleep 3600', always), init('then', 'sleep 2')],
        }),
      )
      const app = await running(stage, 'app')
      assert.ok(statusOf(app, 'side').state.running)
      assert.ok(statusOf(app, 'side').started)
    }),

    scenario('a sidecar’s startup probe holds what comes after it', async (stage) => {
      const startupProbe = {
        exec: { command: ['test', '-f', '/tmp/up'] },
        periodSeconds: 1,
        timeoutSeconds: 5,
        failureThreshold: 60,
      }
      await stage.create(
        pod('app', pause(), { initContainers: [init('side', 'exec sleep 3600', { ...always, startupProbe })] }),
      )
      await stage.until('the sidecar runs', () => statusOf(stage.get('Pod', 'app'), 'side').state?.running)
      await stage.never('the Pod runs', () => stage.the('Pod', 'app').status.phase === 'Running', 3)
      await stage.exec('app', 'touch /tmp/up', 'side')
      await running(stage, 'app')
    }),

    scenario('a sidecar that crashes is started again beside the others', async (stage) => {
      await stage.create(
        pod('app', pause(), { initContainers: [failing(2, 1, { name: 'side', ...always })], volumes: tally }),
      )
      await restarted(stage, 'app', 1, 'side')
      const app = stage.the('Pod', 'app')
      assert.ok(statusOf(app).state.running)
      await restarted(stage, 'app', 2, 'side')
      await running(stage, 'app')
    }),

    scenario('a Job is complete although its Pods have sidecars', async (stage) => {
      await stage.create(job('work', 'sleep 3', {}, { initContainers: [init('side', 'exec sleep 3600', always)] }))
      await has(stage, 'Job', 'work', 'Complete')
    }),

    scenario('sidecars end after the containers', async (stage) => {
      const script = 'trap "sleep 1; exit 0" TERM; while true; do sleep 0.2; done'
      await stage.create(
        pod('app', shell(script), {
          terminationGracePeriodSeconds: 20,
          initContainers: [init('one', script, always), init('two', script, always)],
        }),
      )
      await running(stage, 'app')
      await stage.delete('Pod', 'app')
      await gone(stage, 'Pod', 'app')
    }),

    scenario('a Pod whose init container waits is not ready', async (stage) => {
      await stage.create(pod('app', pause(), { initContainers: [init('first', 'exec sleep 3600')] }))
      await stage.until('it waits', () => statusOf(stage.get('Pod', 'app'), 'first').state?.running)
      await stage.sleep(1)
      const app = stage.the('Pod', 'app')
      assert.equal(isTrue(app, 'Initialized'), false)
      assert.equal(statusOf(app).state.waiting.reason, 'PodInitializing')
    }),
  ],
}
