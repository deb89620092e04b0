import { strict as assert } from 'node:assert'
import { failing, images, missingImage, pause, pod, shell, tally } from '../objects.ts'
import { event, gone, isTrue, phase, restarted, running, statusOf, waits } from '../outcomes.ts'
import { scenario, type Theme } from '../scenario.ts'
import type { Json } from '../side.ts'

const begun = (pod: Json) => statusOf(pod).state?.running ?? statusOf(pod).state?.terminated

/** How often, and after what, containers are started again, and why some never start. */
export const restarts: Theme = {
  name: 'restarts of containers',
  scenarios: [
    scenario('a container that crashes is started again, later each time', async (stage) => {
      await stage.create(pod('app', failing(3, 3), { volumes: tally }))
      await event(stage, 'Pod', 'app', 'BackOff')
      await restarted(stage, 'app', 3)
      const app = await running(stage, 'app')
      assert.equal(statusOf(app).lastState.terminated.exitCode, 3)
    }),

    scenario(
      'the delay of a crash loop doubles up to five minutes',
      async (stage) => {
        await stage.create(pod('app', shell('sleep 2; exit 1')))
        const starts: number[] = []
        const said = new Set<string>()
        for (let times = 0; times < 9; times++) {
          await stage.until(
            `start ${times}`,
            () => {
              const status = statusOf(stage.get('Pod', 'app'))
              if (status.state?.waiting?.reason === 'CrashLoopBackOff')
                said.add(status.state.waiting.message.split(' ')[1])
              return begun(stage.get('Pod', 'app')) && status.restartCount >= times
            },
            400,
          )
          const { state, lastState } = statusOf(stage.the('Pod', 'app'))
          starts.push(Date.parse((state.running ?? state.terminated ?? lastState.terminated).startedAt))
        }
        const delays = starts.slice(1).map((start, index) => (start - (starts[index] ?? 0)) / 1000 - 2)
        const expected = [0, 10, 20, 40, 80, 160, 300, 300]
        for (const [index, delay] of delays.entries())
          assert.ok(Math.abs(delay - (expected[index] ?? 0)) <= 15, `${delays}`)
        assert.deepEqual([...said], ['10s', '20s', '40s', '1m20s', '2m40s', '5m0s'])
      },
      { engineOnly: true },
    ),

    scenario(
      'a container that ran for ten minutes is started again at once',
      async (stage) => {
        await stage.create(pod('app', shell('[ -f /dev/shm/x ] || true; sleep 650; exit 1')))
        await stage.until('it was restarted twice', () => statusOf(stage.get('Pod', 'app')).restartCount >= 2, 1500)
        const { restartCount, state } = statusOf(stage.the('Pod', 'app'))
        assert.equal(restartCount, 2)
        assert.ok(state.running)
      },
      { engineOnly: true },
    ),

    scenario('a container that ends well is started again too', async (stage) => {
      await stage.create(pod('app', failing(2, 0), { volumes: tally }))
      await event(stage, 'Pod', 'app', 'BackOff')
      await restarted(stage, 'app', 2)
      const app = await running(stage, 'app')
      assert.equal(statusOf(app).lastState.terminated.reason, 'Completed')
    }),

    scenario('a Pod that is restarted on failure ends when it succeeds', async (stage) => {
      await stage.create(pod('app', shell('sleep 2'), { restartPolicy: 'OnFailure' }))
      await phase(stage, 'app', 'Succeeded')
    }),

    scenario('a Pod that is restarted on failure is, when it fails', async (stage) => {
      await stage.create(pod('app', failing(2, 1), { restartPolicy: 'OnFailure', volumes: tally }))
      await restarted(stage, 'app', 2)
      await running(stage, 'app')
    }),

    scenario('a Pod that is never restarted fails with its container', async (stage) => {
      await stage.create(pod('app', shell('sleep 2; exit 7'), { restartPolicy: 'Never' }))
      const app = await phase(stage, 'app', 'Failed')
      assert.equal(statusOf(app).state.terminated.exitCode, 7)
    }),

    scenario('a Pod that is never restarted succeeds when all its containers have', async (stage) => {
      await stage.create(
        pod('app', [shell('sleep 2'), shell('sleep 5', { name: 'other' })], { restartPolicy: 'Never' }),
      )
      await stage.until('the first has ended', () => statusOf(stage.get('Pod', 'app')).state?.terminated)
      assert.equal(stage.the('Pod', 'app').status.phase, 'Running')
      await phase(stage, 'app', 'Succeeded')
    }),

    scenario('a Pod that is never restarted fails if one of its containers does', async (stage) => {
      await stage.create(
        pod('app', [shell('sleep 2; exit 1'), shell('sleep 5', { name: 'other' })], { restartPolicy: 'Never' }),
      )
      await phase(stage, 'app', 'Failed')
    }),

    scenario('one of two containers crashes, and the other goes on', async (stage) => {
      await stage.create(pod('app', [failing(2, 1), pause({ name: 'other' })], { volumes: tally }))
      await event(stage, 'Pod', 'app', 'BackOff')
      await stage.until('only the other is ready', () => {
        const app = stage.the('Pod', 'app')
        return statusOf(app, 'other').ready && !statusOf(app).ready && !isTrue(app, 'Ready')
      })
      await restarted(stage, 'app', 2)
      await running(stage, 'app')
    }),

    scenario('a container’s log before its restart is kept', async (stage) => {
      await stage.create(pod('app', failing(1, 1), { volumes: tally }))
      await restarted(stage, 'app', 1)
      await running(stage, 'app')
      assert.equal(await stage.logs('app', 'previous=true'), 'run\n')
    }),

    scenario('an image that cannot be had is tried again and again', async (stage) => {
      await stage.create(pod('app', shell('exec sleep 3600', { image: missingImage })))
      await waits(stage, 'app', 'ErrImagePull')
      await waits(stage, 'app', 'ImagePullBackOff')
      await event(stage, 'Pod', 'app', 'Failed', 'ImagePullBackOff')
      await stage.merge('Pod', 'app', { spec: { containers: [{ name: 'main', image: images.busybox }] } })
      await running(stage, 'app')
    }),

    scenario('an image that may not be pulled must be there', async (stage) => {
      await stage.create(pod('app', pause({ image: missingImage, imagePullPolicy: 'Never' })))
      await waits(stage, 'app', 'ErrImageNeverPull')
      await event(stage, 'Pod', 'app', 'ErrImageNeverPull')
    }),

    scenario('an image’s name that is none', async (stage) => {
      await stage.create(pod('app', pause({ image: 'UPPER/Case:1' })))
      await waits(stage, 'app', 'InvalidImageName')
      await event(stage, 'Pod', 'app', 'InspectFailed')
    }),

    scenario('a command that does not exist', async (stage) => {
      await stage.create(pod('app', { name: 'main', image: images.busybox, command: ['/no/such/program'] }))
      await stage.until('it could not be started', () => statusOf(stage.get('Pod', 'app')).lastState?.terminated)
      await event(stage, 'Pod', 'app', 'BackOff')
      await stage.delete('Pod', 'app')
      await gone(stage, 'Pod', 'app')
    }),

    scenario('a command that does not exist, in a Pod that is never restarted', async (stage) => {
      await stage.create(
        pod('app', { name: 'main', image: images.busybox, command: ['nosuch'] }, { restartPolicy: 'Never' }),
      )
      const app = await phase(stage, 'app', 'Failed')
      assert.equal(statusOf(app).state.terminated.exitCode, 128)
    }),

    scenario('a container that takes too much memory is killed', async (stage) => {
      await stage.create(
        pod(
          'app',
          {
            name: 'main',
            image: images.busybox,
            command: ['sh', '-c', 'sleep 2; tail /dev/zero; sleep 1; exit 137'],
            resources: { limits: { memory: '32Mi' } },
          },
          { restartPolicy: 'Never' },
        ),
      )
      const { state } = statusOf(await phase(stage, 'app', 'Failed'))
      assert.equal(state.terminated.reason, 'OOMKilled')
      assert.equal(state.terminated.exitCode, 137)
    }),

    scenario('a Pod’s time is over', async (stage) => {
      await stage.create(pod('app', shell('exec sleep 3600'), { activeDeadlineSeconds: 4 }))
      const app = await phase(stage, 'app', 'Failed')
      assert.equal(app.status.reason, 'DeadlineExceeded')
    }),

    scenario('what a container wrote at its end is its message', async (stage) => {
      await stage.create(
        pod('app', shell('sleep 2; echo last words > /dev/termination-log; exit 1'), { restartPolicy: 'Never' }),
      )
      const app = await phase(stage, 'app', 'Failed')
      assert.equal(statusOf(app).state.terminated.message, 'last words\n')
    }),

    scenario('the end of a container’s log is its message, where it asks for that', async (stage) => {
      await stage.create(
        pod('app', shell('sleep 2; echo said; exit 1', { terminationMessagePolicy: 'FallbackToLogsOnError' }), {
          restartPolicy: 'Never',
        }),
      )
      const app = await phase(stage, 'app', 'Failed')
      assert.equal(statusOf(app).state.terminated.message, 'said\n')
    }),

    scenario('a container that may not be root must not be', async (stage) => {
      await stage.create(pod('app', shell('sleep 3600', { securityContext: { runAsNonRoot: true } })))
      await waits(stage, 'app', 'CreateContainerConfigError')
      await event(stage, 'Pod', 'app', 'Failed')
    }),

    scenario('a restart of its container leaves a Pod’s scratch files', async (stage) => {
      const container = shell('[ -f /scratch/x ] && exec sleep 3600; touch /scratch/x /root-x; sleep 2; exit 1', {
        volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
      })
      await stage.create(pod('app', container, { volumes: [{ name: 'scratch', emptyDir: {} }] }))
      await restarted(stage, 'app', 1)
      await stage.until('it runs', () => statusOf(stage.the('Pod', 'app')).state.running)
      const { stdout } = await stage.exec('app', 'ls /scratch; ls /root-x 2>&1 || true')
      stage.note('files', stdout)
      assert.match(stdout, /^x\n/)
    }),

    scenario('a rule of a container’s own decides about its restart', async (stage) => {
      // A gate that is off by default: the field is dropped and the Pod's policy holds
      const container = shell('sleep 2; exit 9', {
        restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [9] } }],
      })
      const { status } = await stage.post(pod('app', container, { restartPolicy: 'Never' }))
      assert.equal(status, 201)
      await phase(stage, 'app', 'Failed')
    }),

    scenario('a Pod that runs is told so once', async (stage) => {
      await stage.create(pod('app', pause()))
      await running(stage, 'app')
      await stage.sleep(3)
      assert.equal(statusOf(stage.the('Pod', 'app')).restartCount, 0)
    }),
  ],
}
