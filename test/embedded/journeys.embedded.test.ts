/** Back to the start of a step and on to a later one, as a reader asks for it of the real server, on a simulated cluster. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SessionView } from '../../protocol/session.ts'
import { Reader, removeData, startServer, type TestServer } from '../server.ts'
import { openTerminal, type TerminalClient } from '../terminal-client.ts'

/** kubectl may have to be fetched first. */
const START_MS = 2 * 60_000
/** The autoscaler's first measurements come after up to a minute, and the load's end is seen after two. */
const ALL_STEPS_MS = 8 * 60_000

let server: TestServer
let reader: Reader
let id: string
let shell: TerminalClient

beforeAll(async () => {
  server = await startServer({ settings: { PROVIDER: 'embedded' } })
  reader = new Reader(server.url)
  ;({ id } = await reader.start('scaling'))
  await ready()
  shell = await openTerminal(server.url, id, 1, reader.cookie)
}, START_MS)

afterAll(async () => {
  shell?.close()
  await server?.stop()
  if (server) removeData(server.data)
})

const ready = (timeout = START_MS) => reader.until(id, ({ status }) => status.state === 'ready', timeout)
const statuses = ({ steps }: SessionView) => steps.map(({ status }) => status)
const passed = (count: number) =>
  reader.until(id, (view) => statuses(view).filter((status) => status === 'passed').length === count, 60_000)

/** What a command prints, once its prompt is back. */
async function run(command: string): Promise<string> {
  const answer = shell.expect(/begin-([\s\S]*)-end/)
  shell.type(`echo be""gin-"$(${command})"-e""nd\n`)
  return (/begin-([\s\S]*)-end/.exec(await answer)?.[1] ?? '').replaceAll('\r', '').trim()
}

const look = () =>
  run(
    `kubectl get pods,rs,deploy,svc -o jsonpath='{range .items[*]}{.metadata.uid} {.metadata.name} {.status.podIP}{"\\n"}{end}'; kubectl get pods --no-headers | grep -vc 1/1; ls; cat web.yaml`,
  )

it('takes the reader back to the start of a step at once', { timeout: 3 * 60_000 }, async () => {
  await run('kubectl scale deployment/web --replicas=2 && kubectl rollout status deployment/web')
  await passed(1)
  await run('kubectl wait --for=condition=Ready pods --all')
  const start = await look()
  await run('kubectl scale deployment/web --replicas=3 && kubectl rollout status deployment/web')
  await passed(2)
  await run('kubectl delete deployment,service --all; kubectl create namespace mess; rm web.yaml; echo x > mess')

  const begun = performance.now()
  const setOut = await reader.ask<SessionView>('POST', `/api/sessions/${id}/steps/three-by-hand/restart`)
  expect(setOut.status).toMatchObject({ state: 'preparing', journey: { kind: 'restart', to: 'three-by-hand' } })
  const view = await ready()
  const took = performance.now() - begun
  console.log(`back at the start of the second step after ${took.toFixed(0)} ms`)
  expect(took).toBeLessThan(5000)
  expect(view.status).toEqual({ state: 'ready' })
  expect(statuses(view).slice(0, 3)).toEqual(['passed', 'open', 'locked'])
  expect(await look()).toBe(start)
  await expect(reader.ask('POST', `/api/sessions/${id}/steps/survives/restart`)).rejects.toThrow('not been open yet')

  // Its checks go on
  await run('kubectl scale deployment/web --replicas=3')
  await passed(2)
})

it('does what lies before a later step, and says which step it is at', { timeout: ALL_STEPS_MS }, async () => {
  const last = (await reader.session(id)).steps.at(-1)?.id ?? ''
  const begun = performance.now()
  await reader.ask('POST', `/api/sessions/${id}/steps/${last}/catch-up`)
  await expect(reader.ask('POST', `/api/sessions/${id}/steps/${last}/catch-up`)).rejects.toThrow('not running')
  const at = new Set<string>()
  const view = await reader.until(
    id,
    ({ status }) => {
      if (status.state === 'preparing' && status.journey?.step !== undefined) at.add(status.journey.step)
      return status.state === 'ready'
    },
    ALL_STEPS_MS,
  )
  console.log(`at the last step after ${((performance.now() - begun) / 1000).toFixed(0)} s`)
  expect(view.status).toEqual({ state: 'ready' })
  expect(statuses(view)).toEqual(['passed', 'passed', 'skipped', 'skipped', 'skipped', 'open'])
  expect([...at]).toEqual(['five-in-yaml', 'survives', 'autoscale'])

  // The starts of the steps on the way are known now: back at once
  const back = performance.now()
  await reader.ask('POST', `/api/sessions/${id}/steps/survives/restart`)
  const there = await ready()
  expect(performance.now() - back).toBeLessThan(5000)
  expect(statuses(there)).toEqual(['passed', 'passed', 'skipped', 'open', 'locked', 'locked'])
  expect(await run('kubectl get hpa -o name')).toBe('')
})

it('puts the whole lab back at once', { timeout: 60_000 }, async () => {
  const begun = performance.now()
  const view = await reader.ask<SessionView>('POST', `/api/sessions/${id}/reset`)
  expect(performance.now() - begun).toBeLessThan(5000)
  expect(statuses(view)).toEqual(['open', 'locked', 'locked', 'locked', 'locked', 'locked'])
  // The first command came before the lab's Pods were ready: so they start as they did then
  await run('kubectl rollout status deployment/web')
  expect(await run('kubectl get pods -l app=web --no-headers | wc -l')).toBe('1')
  expect(await run('grep replicas web.yaml')).toBe('replicas: 1')
})
