/** What an author of labs does while a session is open: the server reads the labs again, and the session goes on. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, expect, it } from 'vitest'
import { Reader, removeData, startServer } from '../server.ts'

const labs = mkdtempSync(join(tmpdir(), 'quayside-labs-'))
const SOON = { timeout: 30_000, interval: 200 }

const lab = (check: string, kind = 'ConfigMap') => `
id: demo
title: Demo
summary: A lab that is being written.
minutes: 10
steps:
  - id: one
    title: One
    checks:
      - title: ${check}
        resource: { apiVersion: v1, kind: ${kind}, name: mine }
        expect: object.metadata.name == "mine"
    solution: kubectl create configmap mine
`

function write(text: string): void {
  mkdirSync(join(labs, 'demo'), { recursive: true })
  writeFileSync(join(labs, 'demo', 'lab.yaml'), text)
}

afterAll(() => rmSync(labs, { recursive: true }))

it('sessions go on with what their lab says after a SIGHUP, and keep the old one if the new cannot be read', async () => {
  write(lab('There is a ConfigMap mine'))
  const server = await startServer({ settings: { PROVIDER: 'embedded', LABS: labs, POOL: '0' } })
  try {
    const reader = new Reader(server.url)
    const { id } = await reader.start('demo')
    const titles = async () => (await reader.session(id)).steps.map(({ checks }) => checks.map(({ title }) => title))
    await expect.poll(async () => (await reader.session(id)).status.state, SOON).toBe('ready')
    expect(await titles()).toEqual([['There is a ConfigMap mine']])

    write(lab('There is a Secret mine', 'Secret'))
    process.kill(server.pid, 'SIGHUP')
    await expect.poll(titles, SOON).toEqual([['There is a Secret mine']])

    write('id: demo\n')
    process.kill(server.pid, 'SIGHUP')
    await expect.poll(() => server.output(), SOON).toContain('those from before are kept')
    expect(await titles()).toEqual([['There is a Secret mine']])
    expect((await reader.session(id)).status.state).toBe('ready')
  } finally {
    await server.stop()
    removeData(server.data)
  }
})
