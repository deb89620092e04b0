import { afterEach, describe, expect, it } from 'vitest'
import type { PodSpec } from '../../kinds/pod/types.ts'
import { NodeWorld, type Script } from '../kubelet.testing.ts'

let world: NodeWorld
afterEach(() => {
  expect(world.world.errors).toEqual([])
  world.close()
})

interface Case {
  readonly does: string
  readonly scripts: Record<string, Script | readonly Script[]>
  readonly spec: Partial<PodSpec> & Pick<PodSpec, 'containers'>
  /** Seconds. */
  readonly until: number
  readonly told: readonly string[]
  readonly events: readonly string[]
}

const web = { name: 'web', image: 'nginx:1.26', resources: {} }
const pulled = (image: string) => [
  `Pulling Pulling image "${image}"`,
  expect.stringMatching(
    /^Pulled Successfully pulled image ".*" in [\d.]+m?s \([\d.]+m?s including waiting\). Image size: 25165824 bytes.$/,
  ),
]
const begun = (name: string) => [`Created Created container: ${name}`, `Started Started container ${name}`]

const cases: readonly Case[] = [
  {
    does: 'runs a container',
    scripts: { nginx: {} },
    spec: { containers: [web] },
    until: 5,
    told: ['Pending', 'Pending, web ContainerCreating', 'Running, web runs, ready'],
    events: [...pulled('nginx:1.26'), ...begun('web')],
  },
  {
    does: 'ends where nothing restarts',
    scripts: { job: { after: 3000, exitCode: 0 } },
    spec: { restartPolicy: 'Never', containers: [{ ...web, image: 'job' }] },
    until: 10,
    told: [
      'Pending',
      'Pending, web ContainerCreating',
      'Running, web runs, ready',
      'Running, web Completed 0',
      'Succeeded, web Completed 0',
    ],
    events: [...pulled('job'), ...begun('web')],
  },
  {
    does: 'fails where nothing restarts',
    scripts: { job: { after: 1000, exitCode: 3 } },
    spec: { restartPolicy: 'Never', containers: [{ ...web, image: 'job' }] },
    until: 10,
    told: [
      'Pending',
      'Pending, web ContainerCreating',
      'Running, web runs, ready',
      'Running, web Error 3',
      'Failed, web Error 3',
    ],
    events: [...pulled('job'), ...begun('web')],
  },
  {
    does: 'is killed for its memory',
    scripts: { job: { after: 1000, exitCode: 137, outOfMemory: true } },
    spec: { restartPolicy: 'Never', containers: [{ ...web, image: 'job' }] },
    until: 10,
    told: [
      'Pending',
      'Pending, web ContainerCreating',
      'Running, web runs, ready',
      'Running, web OOMKilled 137',
      'Failed, web OOMKilled 137',
    ],
    events: [...pulled('job'), ...begun('web')],
  },
  {
    does: 'has init containers before, one after the other',
    scripts: { nginx: {}, init: { after: 1000 } },
    spec: {
      initContainers: [
        { name: 'first', image: 'init', imagePullPolicy: 'IfNotPresent', resources: {} },
        { name: 'second', image: 'init', imagePullPolicy: 'IfNotPresent', resources: {} },
      ],
      containers: [web],
    },
    until: 20,
    told: [
      'Pending',
      'Pending, first PodInitializing, second PodInitializing, web PodInitializing',
      'Pending, first runs, second PodInitializing, web PodInitializing',
      'Pending, first Completed 0, second PodInitializing, web PodInitializing',
      'Pending, first Completed 0, second runs, web PodInitializing',
      'Pending, first Completed 0, second Completed 0, web PodInitializing',
      'Running, first Completed 0, second Completed 0, web runs, ready',
    ],
    events: [
      ...pulled('init'),
      ...begun('first'),
      'Pulled Container image "init" already present on machine',
      ...begun('second'),
      ...pulled('nginx:1.26'),
      ...begun('web'),
    ],
  },
  {
    does: 'has a sidecar beside',
    scripts: { nginx: {}, side: {} },
    spec: {
      initContainers: [{ name: 'side', image: 'side', restartPolicy: 'Always', resources: {} }],
      containers: [web],
    },
    until: 10,
    told: [
      'Pending',
      'Pending, side PodInitializing, web PodInitializing',
      'Pending, side runs, web PodInitializing',
      'Running, side runs, web runs, ready',
    ],
    events: [...pulled('side'), ...begun('side'), ...pulled('nginx:1.26'), ...begun('web')],
  },
  {
    does: 'fails with its init container',
    scripts: { nginx: {}, init: { after: 500, exitCode: 1 } },
    spec: {
      restartPolicy: 'Never',
      initContainers: [{ name: 'init', image: 'init', resources: {} }],
      containers: [web],
    },
    until: 10,
    told: [
      'Pending',
      'Pending, init PodInitializing, web PodInitializing',
      'Pending, init runs, web PodInitializing',
      'Pending, init Error 1, web PodInitializing',
      'Failed, init Error 1, web PodInitializing',
    ],
    events: [...pulled('init'), ...begun('init')],
  },
  {
    does: 'does not know its ConfigMap',
    scripts: { nginx: {} },
    spec: {
      containers: [{ ...web, env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }] }],
    },
    until: 5,
    told: ['Pending', 'Pending, web ContainerCreating', 'Pending, web CreateContainerConfigError'],
    events: [
      ...pulled('nginx:1.26'),
      'Pulled Container image "nginx:1.26" already present on machine',
      'Failed Error: configmap "settings" not found',
    ],
  },
  {
    does: 'is to be run by root and must not',
    scripts: { nginx: {} },
    spec: { containers: [{ ...web, securityContext: { runAsNonRoot: true } }] },
    until: 5,
    told: ['Pending', 'Pending, web ContainerCreating', 'Pending, web CreateContainerConfigError'],
    events: [
      ...pulled('nginx:1.26'),
      'Pulled Container image "nginx:1.26" already present on machine',
      expect.stringMatching(
        /^Failed Error: container has runAsNonRoot and image will run as root \(pod: "web_default\(.*\)", container: web\)$/,
      ),
    ],
  },
  {
    does: 'has a name that no image has',
    scripts: {},
    spec: { containers: [{ ...web, image: 'Nginx:1.26' }] },
    until: 5,
    told: ['Pending', 'Pending, web ContainerCreating', 'Pending, web InvalidImageName'],
    events: [
      `InspectFailed Failed to apply default image tag "Nginx:1.26": couldn't parse image name "Nginx:1.26": invalid reference format: repository name (library/Nginx) must be lowercase`,
      'Failed Error: InvalidImageName',
    ],
  },
  {
    does: 'must not be pulled',
    scripts: { nginx: {} },
    spec: { containers: [{ ...web, imagePullPolicy: 'Never' }] },
    until: 5,
    told: ['Pending', 'Pending, web ContainerCreating', 'Pending, web ErrImageNeverPull'],
    events: [
      'ErrImageNeverPull Container image "nginx:1.26" is not present with pull policy of Never',
      'Failed Error: ErrImageNeverPull',
    ],
  },
  {
    does: 'cannot be pulled',
    scripts: { nginx: {} },
    spec: { containers: [{ ...web, image: 'nginx:missing' }] },
    until: 16,
    told: ['Pending', 'Pending, web ContainerCreating', 'Pending, web ErrImagePull', 'Pending, web ImagePullBackOff'],
    events: [
      'BackOff Back-off pulling image "nginx:missing"',
      'Failed Error: ImagePullBackOff',
      'Pulling Pulling image "nginx:missing"',
      'Failed Failed to pull image "nginx:missing": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:missing": failed to resolve reference "docker.io/library/nginx:missing": docker.io/library/nginx:missing: not found',
      'Failed Error: ErrImagePull',
    ],
  },
  {
    does: 'cannot be started',
    scripts: { nginx: { cannotStart: 'exec: "foo": executable file not found in $PATH' } },
    spec: { containers: [web] },
    until: 4,
    told: [
      'Pending',
      'Pending, web ContainerCreating',
      'Running, web RunContainerError after StartError 128',
      'Running, web RunContainerError after StartError 128 #1',
      'Running, web CrashLoopBackOff after StartError 128 #1',
    ],
    events: [
      ...pulled('nginx:1.26'),
      'Pulled Container image "nginx:1.26" already present on machine',
      'Created Created container: web',
      'Failed Error: exec: "foo": executable file not found in $PATH',
      expect.stringMatching(/^BackOff Back-off restarting failed container web in pod web_default\(.*\)$/),
    ],
  },
]

describe('a Pod', () => {
  it.each(cases)('$does', async ({ scripts, spec, until, told, events }) => {
    world = await NodeWorld.make(scripts)
    world.create(spec)
    await world.step(until)
    expect(world.told).toEqual(told)
    expect(world.events()).toEqual(events)
  })

  it('is crashing: at once, after 10 s, after 20 s, up to 5 minutes', async () => {
    world = await NodeWorld.make({ job: { after: 100, exitCode: 1 } })
    world.create({ containers: [{ ...web, image: 'job', imagePullPolicy: 'IfNotPresent' }] })
    const starts: number[] = []
    const waits = new Set<string>()
    for (let second = 0; second < 1800; second++) {
      const made = world.nodes.containers.length
      await world.step(1)
      if (world.nodes.containers.length > made) starts.push(second)
      const { waiting } = world.container('web').state
      if (waiting?.message !== undefined) waits.add(waiting.message.replace(/ restarting.*/, ''))
    }
    const apart = starts.slice(1).map((at, index) => at - (starts[index] as number))
    const least = [0, 10, 20, 40, 80, 160, 300, 300]
    expect(apart.length).toBeGreaterThanOrEqual(least.length)
    for (const [index, ms] of least.entries()) {
      expect(apart[index]).toBeGreaterThanOrEqual(ms)
      expect(apart[index]).toBeLessThanOrEqual(ms + 17)
    }
    expect([...waits]).toEqual([
      'back-off 10s',
      'back-off 20s',
      'back-off 40s',
      'back-off 1m20s',
      'back-off 2m40s',
      'back-off 5m0s',
    ])
    expect(world.told.slice(0, 7)).toEqual([
      'Pending',
      'Pending, web ContainerCreating',
      'Running, web runs, ready',
      'Running, web Error 1',
      'Running, web Error 1 after Error 1 #1',
      'Running, web CrashLoopBackOff after Error 1 #1',
      'Running, web Error 1 after Error 1 #2',
    ])
    expect(world.container('web').restartCount).toBe(starts.length - 1)
  })

  it('says why it waits, in the words of the kubelet', async () => {
    world = await NodeWorld.make({ job: { after: 100, exitCode: 1 } })
    const { metadata } = world.create({ containers: [{ ...web, image: 'job' }] })
    await world.step(10)
    expect(world.container('web').state).toEqual({
      waiting: {
        reason: 'CrashLoopBackOff',
        message: `back-off 10s restarting failed container=web pod=web_default(${metadata.uid})`,
      },
    })
    world.create({ containers: [{ ...web, image: 'job:missing' }] }, { name: 'other' })
    await world.step(16)
    const { waiting } = world.container('web', 'other').state
    expect(waiting?.message).toMatch(
      /^Back-off pulling image "job:missing": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image/,
    )
  })

  it('begins its delays anew after ten minutes without a crash', async () => {
    world = await NodeWorld.make({
      job: [
        { after: 100, exitCode: 1 },
        { after: 100, exitCode: 1 },
        { after: 700_000, exitCode: 1 },
        { after: 100, exitCode: 1 },
        {},
      ],
    })
    world.create({ containers: [{ ...web, image: 'job', imagePullPolicy: 'IfNotPresent' }] })
    await world.step(725)
    expect(world.container('web').restartCount).toBe(3)
    await world.step(20)
    expect(world.container('web').restartCount).toBe(4)
    expect(world.told.at(-1)).toBe('Running, web runs after Error 1 #4, ready')
  })

  it('has conditions with times and generations', async () => {
    world = await NodeWorld.make({ nginx: {} })
    world.create({ containers: [web], readinessGates: [{ conditionType: 'example.com/load' }] })
    await world.step(5)
    const short = () =>
      world
        .status()
        .conditions?.map(({ type, status, reason, message, observedGeneration }) =>
          [type, status, reason, message, observedGeneration].filter((part) => part !== undefined).join(' '),
        )
    expect(short()).toEqual([
      'PodReadyToStartContainers True 1',
      'Initialized True 1',
      'Ready False ReadinessGatesNotReady corresponding condition of pod readiness gate "example.com/load" does not exist. 1',
      'ContainersReady True 1',
      'PodScheduled True 1',
    ])
    world.world.update(
      { group: '', resource: 'pods' },
      'web',
      (pod) => ({
        ...pod,
        status: {
          ...(pod.status as object),
          conditions: [
            ...(world.status().conditions ?? []),
            { type: 'example.com/load', status: 'True', lastProbeTime: null, lastTransitionTime: null },
          ],
        },
      }),
      { subresource: 'status' },
    )
    await world.step(1)
    expect(short()?.[0]).toBe('example.com/load True')
    expect(short()?.[3]).toBe('Ready True 1')
  })

  it('ends within its grace: signal, patience, and then none', async () => {
    world = await NodeWorld.make({ nginx: { onTerm: { exitCode: 0, after: 1000 } }, deaf: {} })
    world.create({
      containers: [web, { name: 'deaf', image: 'deaf', resources: {} }],
      terminationGracePeriodSeconds: 5,
    })
    await world.step(5)
    world.told.length = 0
    world.delete()
    await world.step(10)
    expect(world.told).toEqual([
      'Running, deaf runs, web runs, ready',
      'Failed, deaf Error 137, web Completed 0',
      'gone',
    ])
    expect(world.events().slice(-2).sort()).toEqual([
      'Killing Stopping container deaf',
      'Killing Stopping container web',
    ])
    expect(world.world.clock.pending).toBeLessThan(8)
  })

  it('ends sidecars after all else', async () => {
    world = await NodeWorld.make({ nginx: { onTerm: { exitCode: 0, after: 3000 } }, side: { onTerm: { exitCode: 0 } } })
    world.create({
      initContainers: [
        { name: 'one', image: 'side', restartPolicy: 'Always', resources: {} },
        { name: 'two', image: 'side', restartPolicy: 'Always', resources: {} },
      ],
      containers: [web],
    })
    await world.step(10)
    const ends: string[] = []
    for (const name of ['one', 'two', 'web']) void world.nodes.container(name).ended.then(() => ends.push(name))
    world.delete()
    await world.step(2)
    expect(ends).toEqual([])
    await world.step(10)
    expect(ends).toEqual(['web', 'two', 'one'])
    expect(world.told.at(-1)).toBe('gone')
  })

  it('is told what it left as its last words', async () => {
    world = await NodeWorld.make({
      job: { after: 100, exitCode: 1, message: 'no disk' },
      loud: { after: 100, exitCode: 1, says: 'panic: no\n' },
    })
    world.create({
      restartPolicy: 'Never',
      containers: [
        { ...web, image: 'job' },
        { name: 'loud', image: 'loud', terminationMessagePolicy: 'FallbackToLogsOnError', resources: {} },
      ],
    })
    await world.step(10)
    expect(world.container('web').state.terminated?.message).toBe('no disk')
    expect(world.container('loud').state.terminated?.message).toBe('panic: no\n')
  })

  it('knows nothing of a run before the last once another has ended', async () => {
    const failed = { after: 1000, exitCode: 1 }
    world = await NodeWorld.make({ setup: [failed, failed, { after: 1000, exitCode: 0 }], nginx: {} })
    world.create({ initContainers: [{ ...web, name: 'first', image: 'setup' }], containers: [web] })
    await world.step(30)
    expect(world.status().phase).toBe('Running')
    const [first] = world.status().initContainerStatuses ?? []
    expect(first).toMatchObject({ restartCount: 2, state: { terminated: { exitCode: 0 } }, lastState: {} })
    expect(first?.lastState).toEqual({})
  })

  it('knows of no run but the last once it is over', async () => {
    world = await NodeWorld.make({
      nginx: [
        { after: 1000, exitCode: 1 },
        { after: 1000, exitCode: 0 },
      ],
    })
    world.create({ restartPolicy: 'OnFailure', containers: [web] })
    await world.step(30)
    expect(world.status().phase).toBe('Succeeded')
    const [one] = world.status().containerStatuses ?? []
    expect(one).toMatchObject({ restartCount: 1, state: { terminated: { exitCode: 0 } } })
    expect(one?.lastState).toEqual({})
  })

  it('has no more time than it was given', async () => {
    world = await NodeWorld.make({ nginx: { onTerm: { exitCode: 0 } } })
    world.create({ containers: [web], activeDeadlineSeconds: 10 })
    await world.step(15)
    expect(world.told.at(-1)).toBe('Failed, DeadlineExceeded, web Completed 0')
    expect(world.status().message).toBe('Pod was active on the node longer than the specified deadline')
    expect(world.events()).toContain('DeadlineExceeded Pod was active on the node longer than the specified deadline')
  })

  it('gets a container to look into it', async () => {
    world = await NodeWorld.make({ nginx: {}, tools: { after: 1000 } })
    world.create({ containers: [web] })
    await world.step(5)
    world.world.update(
      { group: '', resource: 'pods' },
      'web',
      (pod) => ({
        ...pod,
        spec: {
          ...(pod.spec as object),
          ephemeralContainers: [
            {
              name: 'debugger',
              image: 'tools',
              imagePullPolicy: 'IfNotPresent',
              resources: {},
              terminationMessagePolicy: 'File',
            },
          ],
        },
      }),
      { subresource: 'ephemeralcontainers' },
    )
    await world.step(5)
    expect(world.container('debugger').state.terminated?.reason).toBe('Completed')
    expect(world.nodes.containers.filter(({ name }) => name === 'debugger')).toHaveLength(1)
  })
})
