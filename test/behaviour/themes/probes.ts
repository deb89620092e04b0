import { strict as assert } from 'node:assert'
import { deployment, labels, pod, podinfo, ready, service, shell } from '../objects.ts'
import {
  condition,
  event,
  gone,
  isTrue,
  readyPods,
  restarted,
  rolledOut,
  running,
  statusOf,
  waits,
} from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'
import type { Stage } from '../stage.ts'

const often = { periodSeconds: 1, failureThreshold: 2, timeoutSeconds: 5 }
const notReady = (stage: Stage, name: string) =>
  stage.until(`${name} is not ready`, () => !isTrue(stage.the('Pod', name), 'Ready'))

/** Ends well when it is asked to, after so many seconds. */
const polite = (seconds = 0) => `trap "sleep ${seconds}; exit 0" TERM; while true; do sleep 0.2; done`

/** How containers are asked how they are, and how they are stopped. */
export const probes: Theme = {
  name: 'probes and endings',
  scenarios: [
    scenario('a container that no longer answers well over HTTP is started again', async (stage) => {
      const livenessProbe = { httpGet: { path: '/readyz', port: 'http' }, ...often }
      await stage.create(pod('app', podinfo({ livenessProbe }), { terminationGracePeriodSeconds: 10 }))
      await running(stage, 'app')
      await stage.http('pods/app:9898', '/readyz/disable', 'POST')
      await restarted(stage, 'app', 1)
      await running(stage, 'app')
    }),

    scenario('a container that ends by itself is started again', async (stage) => {
      await stage.create(pod('app', podinfo()))
      await running(stage, 'app')
      await stage.eventually(
        'it answers',
        () => stage.http('pods/app:9898', '/healthz'),
        ({ status }) => status === 200,
      )
      await stage.http('pods/app:9898', '/panic')
      await restarted(stage, 'app', 1)
      await running(stage, 'app')
    }),

    scenario('a container whose answer is an error is started again', async (stage) => {
      await stage.create(
        pod('app', podinfo({ livenessProbe: { httpGet: { path: '/status/500', port: 'http' }, ...often } }), {
          terminationGracePeriodSeconds: 10,
        }),
      )
      await restarted(stage, 'app', 1)
      await event(stage, 'Pod', 'app', 'Unhealthy')
      await event(stage, 'Pod', 'app', 'Killing')
      // Otherwise it goes on for ever
      await stage.delete('Pod', 'app')
      await gone(stage, 'Pod', 'app')
    }),

    scenario('a container on whose port nobody listens is started again', async (stage) => {
      await stage.create(pod('app', podinfo({ livenessProbe: { tcpSocket: { port: 9999 }, ...often } })))
      await restarted(stage, 'app', 1)
      // Otherwise it goes on for ever
      await stage.delete('Pod', 'app')
      await gone(stage, 'Pod', 'app')
    }),

    scenario('a container whose command fails is started again', async (stage) => {
      const livenessProbe = { exec: { command: ['cat', '/tmp/alive'] }, ...often }
      await stage.create(pod('app', shell('touch /tmp/alive; sleep 6; rm /tmp/alive; sleep 3600', { livenessProbe })))
      await restarted(stage, 'app', 1)
      assert.equal(statusOf(stage.the('Pod', 'app')).lastState.terminated.exitCode, 137)
    }),

    scenario('a container that starts slowly is not asked for its life before', async (stage) => {
      await stage.create(
        pod(
          'app',
          shell('sleep 6; touch /tmp/up; exec sleep 3600', {
            startupProbe: {
              exec: { command: ['test', '-f', '/tmp/up'] },
              periodSeconds: 1,
              timeoutSeconds: 5,
              failureThreshold: 30,
            },
            livenessProbe: { exec: { command: ['test', '-f', '/tmp/up'] }, ...often },
          }),
        ),
      )
      await running(stage, 'app')
      await stage.sleep(3)
      assert.equal(statusOf(stage.the('Pod', 'app')).restartCount, 0)
    }),

    scenario('a container that does not start in time is started again', async (stage) => {
      const startupProbe = {
        exec: { command: ['test', '-f', '/tmp/up'] },
        periodSeconds: 1,
        timeoutSeconds: 5,
        failureThreshold: 3,
      }
      await stage.create(pod('app', shell('exec sleep 3600', { startupProbe })))
      await restarted(stage, 'app', 1)
      assert.equal(isTrue(stage.the('Pod', 'app'), 'Ready'), false)
      // Otherwise it goes on for ever
      await stage.delete('Pod', 'app')
      await gone(stage, 'Pod', 'app')
    }),

    scenario('a Pod is ready as long as it says so', async (stage) => {
      await stage.create(
        pod('app', podinfo({ readinessProbe: { ...ready, failureThreshold: 2 } })),
        service('web', {}, 'app'),
      )
      await running(stage, 'app')
      await stage.http('pods/app:9898', '/readyz/disable', 'POST')
      await notReady(stage, 'app')
      await stage.until('it is taken from the Service', () =>
        stage.list('EndpointSlice').every(({ endpoints }) => endpoints?.[0]?.conditions.ready === false),
      )
      await stage.http('pods/app:9898', '/readyz/enable', 'POST')
      await running(stage, 'app')
      assert.equal(statusOf(stage.the('Pod', 'app')).restartCount, 0)
    }),

    scenario('a Pod is ready when its port is open', async (stage) => {
      const readinessProbe = { tcpSocket: { port: 7000 }, ...often }
      await stage.create(
        pod('app', shell('sleep 5; while true; do nc -l -p 7000 < /dev/null > /dev/null; done', { readinessProbe })),
      )
      const app = await running(stage, 'app')
      const started = Date.parse(statusOf(app).state.running.startedAt)
      assert.ok(Date.parse(condition(app, 'Ready').lastTransitionTime) - started >= 4000)
    }),

    scenario('a probe waits as long as it is told to', async (stage) => {
      await stage.create(pod('app', podinfo({ readinessProbe: { ...ready, initialDelaySeconds: 5 } })))
      const app = await running(stage, 'app')
      const started = Date.parse(statusOf(app).state.running.startedAt)
      assert.ok(Date.parse(condition(app, 'Ready').lastTransitionTime) - started >= 4000)
    }),

    scenario('a probe must succeed as often as it is told to', async (stage) => {
      await stage.create(pod('app', podinfo({ readinessProbe: { ...ready, successThreshold: 4 } })))
      const app = await running(stage, 'app')
      const started = Date.parse(statusOf(app).state.running.startedAt)
      assert.ok(Date.parse(condition(app, 'Ready').lastTransitionTime) - started >= 2000)
    }),

    scenario('a probe that takes too long has failed', async (stage) => {
      const readinessProbe = { httpGet: { path: '/delay/3', port: 'http' }, periodSeconds: 1, timeoutSeconds: 1 }
      await stage.create(pod('app', podinfo({ readinessProbe })))
      await event(stage, 'Pod', 'app', 'Unhealthy')
      assert.equal(isTrue(stage.the('Pod', 'app'), 'Ready'), false)
    }),

    scenario('a readiness gate is somebody else’s word', async (stage) => {
      await stage.create(
        pod('app', podinfo({ readinessProbe: ready }), { readinessGates: [{ conditionType: 'behaviour/checked' }] }),
      )
      await stage.until('its containers are ready', () => isTrue(stage.get('Pod', 'app'), 'ContainersReady'))
      assert.equal(isTrue(stage.the('Pod', 'app'), 'Ready'), false)
      const answer = await stage.ask(
        'PATCH',
        '/api/v1/namespaces/$NS/pods/app/status',
        { status: { conditions: [{ type: 'behaviour/checked', status: 'True' }] } },
        'application/strategic-merge-patch+json',
      )
      assert.equal(answer.status, 200)
      await running(stage, 'app')
    }),

    scenario('a container that stops when asked ends well', async (stage) => {
      await stage.create(pod('app', shell(polite()), { terminationGracePeriodSeconds: 20 }))
      await running(stage, 'app')
      await stage.delete('Pod', 'app')
      await gone(stage, 'Pod', 'app')
    }),

    scenario('a container that does not stop is killed after its grace', async (stage) => {
      await stage.create(
        pod('app', shell('trap "" TERM; while true; do sleep 0.2; done'), { terminationGracePeriodSeconds: 4 }),
      )
      await running(stage, 'app')
      const since = stage.now()
      await stage.delete('Pod', 'app')
      await gone(stage, 'Pod', 'app')
      assert.ok(stage.now() - since > 3500)
    }),

    scenario('a hook before the stop is part of the grace', async (stage) => {
      const lifecycle = { preStop: { exec: { command: ['sh', '-c', 'sleep 3'] } } }
      await stage.create(pod('app', shell(polite(), { lifecycle }), { terminationGracePeriodSeconds: 20 }))
      await running(stage, 'app')
      const since = stage.now()
      await stage.delete('Pod', 'app')
      await gone(stage, 'Pod', 'app')
      assert.ok(stage.now() - since > 2500)
    }),

    scenario('a sleep before the stop needs no program', async (stage) => {
      const lifecycle = { preStop: { sleep: { seconds: 3 } } }
      await stage.create(pod('app', podinfo({ lifecycle }), { terminationGracePeriodSeconds: 20 }))
      await running(stage, 'app')
      const since = stage.now()
      await stage.delete('Pod', 'app')
      await gone(stage, 'Pod', 'app')
      assert.ok(stage.now() - since > 2500)
    }),

    scenario('a hook before the stop that fails is told of', async (stage) => {
      const lifecycle = { preStop: { exec: { command: ['sh', '-c', 'echo no; exit 4'] } } }
      await stage.create(pod('app', shell(polite(), { lifecycle }), { terminationGracePeriodSeconds: 20 }))
      await running(stage, 'app')
      await stage.delete('Pod', 'app')
      await gone(stage, 'Pod', 'app')
      await event(stage, 'Pod', 'app', 'FailedPreStopHook')
    }),

    scenario('a hook after the start that fails ends the container', async (stage) => {
      const lifecycle = { postStart: { exec: { command: ['sh', '-c', 'sleep 1; exit 5'] } } }
      await stage.create(pod('app', shell('exec sleep 3600', { lifecycle })))
      await event(stage, 'Pod', 'app', 'FailedPostStartHook')
      await waits(stage, 'app', 'CrashLoopBackOff')
    }),

    scenario('a container runs once its hook after the start is done', async (stage) => {
      const lifecycle = { postStart: { exec: { command: ['sh', '-c', 'sleep 4'] } } }
      await stage.create(pod('app', shell('exec sleep 3600', { lifecycle })))
      await stage.until('it was begun', () => stage.get('Pod', 'app')?.spec.nodeName)
      const since = stage.now()
      await running(stage, 'app')
      assert.ok(stage.now() - since > 3000)
    }),

    scenario('a Pod is deleted without grace', async (stage) => {
      await stage.create(pod('app', shell('trap "" TERM; sleep 3600'), { terminationGracePeriodSeconds: 600 }))
      await running(stage, 'app')
      await stage.delete('Pod', 'app', { gracePeriodSeconds: 0 })
      assert.equal(await stage.until('it is gone', () => stage.get('Pod', 'app') === undefined, 5), true)
    }),

    scenario('a Pod on its way out leaves its Service', async (stage) => {
      await stage.create(
        deployment('web', {
          replicas: 1,
          container: podinfo({ readinessProbe: ready, lifecycle: { preStop: { sleep: { seconds: 4 } } } }),
          pods: { terminationGracePeriodSeconds: 20 },
        }),
        service('web'),
      )
      await rolledOut(stage, 'web')
      await stage.until('it is in the Service', () => stage.list('EndpointSlice')[0]?.endpoints?.[0]?.conditions.ready)
      await stage.scale('Deployment', 'web', 0)
      await stage.until('it serves to its end', () => {
        const [one] = stage.list('EndpointSlice')[0]?.endpoints ?? []
        return one?.conditions.terminating && one.conditions.serving && !one.conditions.ready
      })
      await readyPods(stage, labels('web'), 0)
      await stage.until('the Service has none', () => (stage.list('EndpointSlice')[0]?.endpoints ?? []).length === 0)
    }),
  ],
}
