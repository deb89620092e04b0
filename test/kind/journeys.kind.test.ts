/** Back to the start of a step and on to a later one on a real cluster: without snapshots, by a reset and the solutions of what lies before. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SessionView } from '../../protocol/session.ts'
import { Reader, removeData, startServer, type TestServer } from '../server.ts'
import { openTerminal, type TerminalClient } from '../terminal-client.ts'

/** The node image may have to be made first. */
const START_MS = 5 * 60_000
/** What a reset deletes may take a minute to go, and each solution waits for its Pods. */
const JOURNEY_MS = 4 * 60_000

let server: TestServer
let reader: Reader
let id: string
let shell: TerminalClient

beforeAll(async () => {
  server = await startServer({ settings: { POOL: '0', PROVIDER: 'kind' } })
  reader = new Reader(server.url)
  ;({ id } = await reader.start('scaling'))
  await reader.until(id, ({ status }) => status.state === 'ready', START_MS)
  shell = await openTerminal(server.url, id, 1, reader.cookie)
}, START_MS)

afterAll(async () => {
  shell?.close()
  if (id !== undefined) await reader.ask('DELETE', `/api/sessions/${id}`)
  await server?.stop()
  if (server) removeData(server.data)
})

const statuses = ({ steps }: SessionView) => steps.slice(0, 4).map(({ status }) => status)

async function run(command: string): Promise<string> {
  const answer = shell.expect(/begin-([\s\S]*)-end/, 120_000)
  shell.type(`echo be""gin-"$(${command})"-e""nd\n`)
  return (/begin-([\s\S]*)-end/.exec(await answer)?.[1] ?? '').replaceAll('\r', '').trim()
}

async function go(step: string, how: 'restart' | 'catch-up'): Promise<SessionView> {
  const begun = performance.now()
  await reader.ask('POST', `/api/sessions/${id}/steps/${step}/${how}`)
  const view = await reader.until(id, ({ status }) => status.state === 'ready', JOURNEY_MS)
  console.log(`${how} of ${step} on kind: ${((performance.now() - begun) / 1000).toFixed(0)} s`)
  expect(view.status).toEqual({ state: 'ready' })
  return view
}

it('catches up, and goes back to the start of a step', { timeout: 2 * JOURNEY_MS }, async () => {
  await run('kubectl scale deployment/web --replicas=2')
  await reader.until(id, (view) => statuses(view)[0] === 'passed', 60_000)
  expect(statuses(await go('five-in-yaml', 'catch-up'))).toEqual(['passed', 'skipped', 'open', 'locked'])
  expect(await run("kubectl get deployment/web -o jsonpath='{.status.readyReplicas}'")).toBe('3')

  await run('kubectl create namespace mess; kubectl delete service web; sed -i s/1/9/ web.yaml; touch mine')
  expect(statuses(await go('three-by-hand', 'restart'))).toEqual(['passed', 'open', 'locked', 'locked'])
  expect(await run("kubectl get deployment/web -o jsonpath='{.status.readyReplicas}'")).toBe('2')
  expect(await run('kubectl get service web -o name; kubectl get namespace mess 2>&1')).toMatch(
    /^service\/web\n.*not found$/,
  )
  expect(await run('ls; grep replicas web.yaml')).toBe('autoscale.yaml\nload.yaml\nweb.yaml\n  replicas: 1')
  // Its checks go on, in the same shell
  await run('kubectl scale deployment/web --replicas=3')
  await reader.until(id, (view) => statuses(view)[1] === 'passed', 60_000)
})
