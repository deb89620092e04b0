/** The server goes and comes again in the middle of a simulated lab: killed, stopped, and with nothing left that could be read. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SessionView } from '../../protocol/session.ts'
import { Reader, removeData, startServer, type TestServer } from '../server.ts'
import { openTerminal, type TerminalClient } from '../terminal-client.ts'

/** kubectl may have to be fetched first. */
const START_MS = 3 * 60_000
const DO_MS = 60_000

/** Of one replica with a disk. */
const statefulSet = (name: string, app: string, container: object) =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name },
    spec: {
      serviceName: name,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { terminationGracePeriodSeconds: 1, containers: [{ name: app, ...container }] },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  })

const REDIS = statefulSet('cache', 'redis', {
  image: 'redis:8.0',
  args: ['--appendonly', 'yes'],
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
})

const POSTGRES = statefulSet('db', 'postgres', {
  image: 'postgres:17',
  env: [{ name: 'POSTGRES_PASSWORD', value: 'secret' }],
  readinessProbe: { exec: { command: ['pg_isready', '-U', 'postgres'] }, periodSeconds: 2 },
  volumeMounts: [{ name: 'data', mountPath: '/var/lib/postgresql/data' }],
})

let server: TestServer
let reader: Reader
let id: string
let terminal: TerminalClient

const start = (data?: string) =>
  startServer({ settings: { PROVIDER: 'embedded', POOL: '0' }, ...(data === undefined ? {} : { data }) })

beforeAll(async () => {
  server = await start()
  reader = new Reader(server.url)
  ;({ id } = await reader.start('scaling'))
  await reader.until(id, ({ status }) => status.state === 'ready', START_MS)
  terminal = await openTerminal(server.url, id, 1, reader.cookie)
}, START_MS)

afterAll(async () => {
  terminal?.close()
  await server?.stop()
  if (server) removeData(server.data)
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: what bash says to the terminal, and ends of lines
const SEQUENCES = /\x1b\[[?0-9;]*[a-zA-Z]|\r/g

/** What a command prints, once it has ended well. */
async function type(command: string): Promise<string> {
  if (!/\$ $/.test(terminal.text().replaceAll(SEQUENCES, ''))) await terminal.expect(/\$ /, DO_MS)
  const ended = terminal.expect(/ended-(\d+)\r?\n/, DO_MS)
  terminal.type(`${command}; echo ended""-$?\n`)
  const seen = await ended
  if (!seen.includes('ended-0')) throw new Error(`${command}: ${seen}`)
  const from = seen.indexOf('\n') + 1
  return seen.slice(from, seen.lastIndexOf('ended-')).replaceAll(SEQUENCES, '')
}

const kept = (...path: string[]) => join(server.data, 'instance-1', 'embedded', 'kept', ...path)
const note = () => JSON.parse(readFileSync(kept('note.json'), 'utf8')) as { changed: string[]; stopped: boolean }

/** Until all that has been done is on disk. */
async function written(): Promise<void> {
  // A look at least
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  await expect.poll(() => note().changed, { timeout: DO_MS, interval: 50 }).toEqual([])
  // What shells say is written on its own, as often
  await new Promise((resolve) => setTimeout(resolve, 5_000))
}

/** Pods, and how often what runs in them was begun. */
const pods = () =>
  type(
    "kubectl get pods -A --no-headers -o custom-columns='A:.metadata.namespace,B:.metadata.name,C:.metadata.uid,D:.spec.nodeName,E:.status.podIP,F:.status.startTime,G:.status.containerStatuses[*].restartCount,H:.status.containerStatuses[*].containerID'",
  )

async function again(): Promise<SessionView> {
  const begun = performance.now()
  server = await start(server.data)
  reader = new Reader(server.url, reader.cookie)
  const view = await reader
    .until(id, ({ status }) => status.state === 'ready', START_MS)
    .catch((error: Error) => {
      throw new Error(`${error.message}\n${server.output()}`)
    })
  const took = /"ms":(\d+),[^\n]*cluster put back/.exec(server.output())?.[1]
  const ms = Math.round(performance.now() - begun)
  console.log(`the lab is ready ${ms} ms after the server was started again; its cluster was put back in ${took} ms`)
  return view
}

it('gives everyone back their step, cluster, files and shells after kill -9', { timeout: 10 * 60_000 }, async () => {
  await type('kubectl scale deployment/web --replicas=2 && kubectl rollout status deployment/web')
  await reader.until(id, ({ steps }) => steps[0]?.status === 'passed', DO_MS)
  await type('kubectl scale deployment/web --replicas=4 && kubectl rollout status deployment/web')
  await type(`echo ${Buffer.from(REDIS).toString('base64')} | base64 -d > cache.yaml && kubectl apply -f cache.yaml`)
  await type('kubectl rollout status statefulset/cache')
  await type('kubectl exec cache-0 -- redis-cli SET greeting hello')
  await type(
    'kubectl exec cache-0 -- redis-cli SHUTDOWN; kubectl wait pod/cache-0 --for=jsonpath={.status.containerStatuses[0].restartCount}=1 --timeout=60s && kubectl wait pod/cache-0 --for=condition=Ready --timeout=60s',
  )
  await type('kubectl config set-context --current --namespace=kube-public')
  await type('mkdir -p notes && echo precious > notes/one.txt')
  await reader.ask('POST', `/api/sessions/${id}/shells`, { cols: 80, rows: 24 })
  const before = await pods()
  expect(before).toContain('cache-0')
  const steps = (await reader.session(id)).steps.map(({ status }) => status)
  await written()
  const files = readdirSync(kept('clusters'), { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
  for (const file of files) expect(statSync(join(file.parentPath, file.name)).mode & 0o777).toBe(0o600)

  await server.kill()
  const view = await again()
  expect(view.steps.map(({ status }) => status)).toEqual(steps)
  expect(steps.slice(0, 2)).toEqual(['passed', 'open'])
  expect(view.shells).toEqual([
    { id: 1, state: 'running' },
    { id: 2, state: 'running' },
  ])
  expect(view.status).toEqual({ state: 'ready', restored: { at: expect.any(Number), seconds: 1 } })
  terminal = await openTerminal(server.url, id, 1, reader.cookie)
  await expect
    .poll(() => terminal.text())
    .toMatch(
      /The server was restarted at \d\d:\d\d\. Your cluster is as it was 1 s before; programs in this shell were ended\./,
    )
  expect(terminal.text()).toContain('notes/one.txt')
  expect(await pods()).toBe(before)
  expect(await type('cat notes/one.txt')).toBe('precious\n')
  expect(await type('kubectl config view --minify -o jsonpath={..namespace}')).toContain('kube-public')
  expect(await type('kubectl -n default exec cache-0 -- redis-cli GET greeting')).toBe('hello\n')
  // Its checks and controllers go on
  await type('kubectl -n default scale deployment/web --replicas=3')
  await reader.until(id, ({ steps }) => steps[1]?.status === 'passed', DO_MS)
})

it('says after a stop in order that nothing is lost', { timeout: 5 * 60_000 }, async () => {
  await type('echo last > last.txt; kubectl -n default create configmap last')
  await server.stop()
  expect(note()).toMatchObject({ stopped: true, changed: [] })
  const view = await again()
  expect(view.status).toEqual({ state: 'ready', restored: { at: expect.any(Number), seconds: 0 } })
  terminal = await openTerminal(server.url, id, 1, reader.cookie)
  await expect.poll(() => terminal.text()).toContain('Your cluster is as it was; programs in this shell were ended.')
  expect(terminal.text().match(/The server was restarted/g)).toHaveLength(2)
  expect(await type('cat last.txt; kubectl -n default get configmap last -o name')).toBe('last\nconfigmap/last\n')
})

it('keeps the rows of a PostgreSQL that runs meanwhile', { timeout: 10 * 60_000 }, async () => {
  const sql = (text: string) => type(`kubectl -n default exec db-0 -- psql -U postgres -tAc "${text}"`)
  await type(
    `echo ${Buffer.from(POSTGRES).toString('base64')} | base64 -d > db.yaml && kubectl -n default apply -f db.yaml && kubectl -n default rollout status statefulset/db`,
  )
  await sql('CREATE TABLE guests (name text)')
  await sql("INSERT INTO guests VALUES ('Ada'), ('Grace')")
  await written()
  await server.kill()
  await again()
  terminal = await openTerminal(server.url, id, 1, reader.cookie)
  await type('kubectl -n default rollout status statefulset/db')
  await expect
    .poll(() => sql('SELECT name FROM guests ORDER BY name').catch(String), { timeout: DO_MS })
    .toBe('Ada\nGrace\n')
  // It goes on with them
  await sql("INSERT INTO guests VALUES ('Linus')")
  expect(await sql('SELECT count(*) FROM guests')).toBe('3\n')
})

it('ends the session with a sentence if its cluster cannot be read, and leaves nothing of it', {
  timeout: 5 * 60_000,
}, async () => {
  await server.stop()
  const [cluster = ''] = readdirSync(kept('clusters'))
  for (const slot of [0, 1]) writeFileSync(kept('clusters', cluster, `cluster.${slot}`), 'torn')
  server = await start(server.data)
  reader = new Reader(server.url, reader.cookie)
  await expect
    .poll(async () => (await reader.session(id)).status, { timeout: DO_MS })
    .toEqual({
      state: 'ended',
      reason: 'vanished',
      message: 'The server was restarted, and what it had kept of this lab could not be read: start the lab again.',
    })
  await expect.poll(() => existsSync(kept('clusters', cluster)), { timeout: DO_MS }).toBe(false)
})
