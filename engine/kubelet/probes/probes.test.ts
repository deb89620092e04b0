import { afterEach, describe, expect, it } from 'vitest'
import { NodeWorld } from '../kubelet.testing.ts'

let world: NodeWorld
afterEach(() => {
  expect(world.world.errors).toEqual([])
  world.close()
})

const web = { name: 'web', image: 'nginx', imagePullPolicy: 'IfNotPresent', resources: {} }
const patient = { onTerm: { exitCode: 0 } }

describe('a readiness probe', () => {
  it('keeps a container from being ready until it answers, and after it no longer does', async () => {
    world = await NodeWorld.make({ nginx: patient })
    world.create({
      containers: [{ ...web, readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 2 } }],
    })
    await world.step(6)
    expect(world.told.at(-1)).toBe('Running, web runs')
    expect(world.events().at(-1)).toMatch(
      /^Unhealthy Readiness probe failed: Get "http:\/\/10\.244\.0\.\d+:8080\/readyz": dial tcp 10\.244\.0\.\d+:8080: connect: connection refused$/,
    )
    world.nodes.ports.set(8080, 200)
    await world.step(3)
    expect(world.told.at(-1)).toBe('Running, web runs, ready')
    world.nodes.ports.set(8080, 503)
    await world.step(10)
    expect(world.told.at(-1)).toBe('Running, web runs')
    expect(world.events().at(-1)).toBe('Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 503')
    expect(world.container('web')).toMatchObject({ started: true, ready: false, restartCount: 0 })
  })

  it.each<[string, object, string]>([
    ['a port', { tcpSocket: { port: 5432 } }, 'dial tcp 10.244.0.2:5432: connect: connection refused'],
    [
      'an answer that does not come',
      { httpGet: { path: '/', port: 81 }, timeoutSeconds: 2 },
      'Get "http://10.244.0.2:81/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    ],
    ['a command', { exec: { command: ['test', '-f', '/ready'] } }, 'no such file'],
    [
      'a command that takes too long',
      { exec: { command: ['sleep', '9'] } },
      'command timed out: "sleep 9" timed out after 1s',
    ],
  ])('says what was wrong with %s', async (_, handler, output) => {
    const commands = {
      'test -f /ready': { exitCode: 1, output: 'no such file' },
      'sleep 9': { exitCode: 0, after: 9000 },
    }
    world = await NodeWorld.make({ nginx: { ...patient, commands } })
    world.nodes.ports.set(81, 'silent')
    world.create({ containers: [{ ...web, readinessProbe: { periodSeconds: 10, ...handler } }] })
    await world.step(8)
    expect(world.events().at(-1)).toBe(`Unhealthy Readiness probe failed: ${output}`)
  })

  it('that cannot be run is no answer', async () => {
    world = await NodeWorld.make({ nginx: patient })
    world.create({ containers: [{ ...web, readinessProbe: { exec: { command: ['nothing'] } } }] })
    await world.step(5)
    expect(world.events().at(-1)).toBe(
      'Unhealthy Readiness probe errored and resulted in unknown state: rpc error: code = Unknown desc = failed to exec in container: exec: "nothing": executable file not found in $PATH',
    )
  })
})

describe('a liveness probe', () => {
  it('has a container restarted that fails it three times', async () => {
    world = await NodeWorld.make({ nginx: patient })
    world.nodes.ports.set(8080, 200)
    world.create({
      containers: [{ ...web, livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 } }],
    })
    await world.step(6)
    world.told.length = 0
    world.nodes.ports.set(8080, 500)
    await world.step(4)
    world.nodes.ports.set(8080, 200)
    await world.step(5)
    expect(world.events()).toContain('Killing Container web failed liveness probe, will be restarted')
    expect(world.events()).toContain('Unhealthy Liveness probe failed: HTTP probe failed with statuscode: 500')
    expect(world.told.at(-1)).toBe('Running, web runs after Completed 0 #1, ready')
    expect(world.container('web').restartCount).toBe(1)
  })
})

describe('a startup probe', () => {
  it('holds the others back until it succeeds', async () => {
    world = await NodeWorld.make({ nginx: patient })
    world.create({
      containers: [
        {
          ...web,
          startupProbe: { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 30 },
          livenessProbe: { tcpSocket: { port: 81 }, periodSeconds: 1, failureThreshold: 3 },
        },
      ],
    })
    await world.step(12)
    expect(world.container('web')).toMatchObject({ started: false, ready: false, restartCount: 0 })
    world.nodes.ports.set(80, 200)
    await world.step(2)
    expect(world.container('web')).toMatchObject({ started: true, ready: true, restartCount: 0 })
    await world.step(3)
    expect(world.container('web').restartCount).toBe(1)
  })

  it('that fails has its container started again twice at once, and later from then on', async () => {
    world = await NodeWorld.make({ nginx: patient })
    world.create({
      containers: [{ ...web, startupProbe: { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 2 } }],
    })
    await world.step(3)
    const isHeld = () => world.events().some((event) => event.startsWith('BackOff '))
    for (let seconds = 0; world.container('web').restartCount !== 2 && seconds < 30; seconds++) await world.step(1)
    expect([world.container('web').restartCount, isHeld()]).toEqual([2, false])
    await world.step(6)
    expect([world.container('web').restartCount, isHeld()]).toEqual([2, true])
  })
})

describe('a hook', () => {
  it('after the start that fails ends the container', async () => {
    world = await NodeWorld.make({ nginx: { ...patient, commands: { prepare: { exitCode: 2, output: 'no' } } } })
    world.create({ containers: [{ ...web, lifecycle: { postStart: { exec: { command: ['prepare'] } } } }] })
    await world.step(5)
    expect(world.events()).toEqual(
      expect.arrayContaining(['FailedPostStartHook PostStartHook failed', 'Killing FailedPostStartHook']),
    )
    expect(world.told.some((line) => line.includes('web PostStartHookError after'))).toBe(true)
  })

  it('before the stop delays it, within the grace', async () => {
    world = await NodeWorld.make({ nginx: patient })
    world.create({ containers: [{ ...web, lifecycle: { preStop: { sleep: { seconds: 5 } } } }] })
    await world.step(5)
    world.delete()
    await world.step(4)
    expect(world.told.at(-1)).toContain('web runs')
    await world.step(2)
    expect(world.told.at(-1)).toBe('gone')
  })
})
