import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../chromium.ts'

let browser: Browser
let server: Server
let page: Page
const errors: string[] = []

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'engine-worker.ts')],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    logLevel: 'error',
  })
  const script = outputFiles[0]?.text ?? ''
  server = createServer((request, response) => {
    const worker = request.url === '/worker.js'
    response.setHeader('content-type', worker ? 'text/javascript' : 'text/html')
    response.end(worker ? script : '<!doctype html><title>A cluster in a worker</title>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  browser = await launchChromium()
  page = await browser.newPage()
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await page.evaluate(() => {
    const worker = new Worker('/worker.js', { type: 'module' })
    const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
    worker.onmessage = ({ data }) => {
      const { id, answer, error } = data as { id: number; answer?: unknown; error?: string }
      const asked = waiting.get(id)
      if (error === undefined) asked?.resolve(answer)
      else asked?.reject(new Error(error))
    }
    Object.assign(globalThis, {
      ask: (question: object) =>
        new Promise((resolve, reject) => {
          const id = waiting.size
          waiting.set(id, { resolve, reject })
          worker.postMessage({ ...question, id })
        }),
    })
  })
})

afterAll(async () => {
  await browser?.close()
  await new Promise((resolve) => server?.close(resolve))
})

// biome-ignore lint/suspicious/noExplicitAny: answers of any kind are looked into.
const send = (question: object): Promise<any> =>
  page.evaluate(
    (asked) => (globalThis as unknown as { ask(question: object): Promise<unknown> }).ask(asked),
    question as { [key: string]: unknown },
  )

const PODS = '/api/v1/namespaces/default/pods'
const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'web', image: 'nginx' }] },
})

it('lists, creates and watches in a worker of a browser', async () => {
  const nodes = await send({ ask: ['GET', '/api/v1/nodes'] })
  expect(nodes.json.items.map((node: { metadata: { name: string } }) => node.metadata.name)).toEqual([
    'control-plane',
    'worker',
  ])

  const first = await send({ ask: ['POST', PODS, pod('first')] })
  expect(first.status).toBe(201)
  expect(first.json.spec.restartPolicy).toBe('Always')
  const { resourceVersion } = first.json.metadata

  const watched = send({ watch: `${PODS}?watch=true&resourceVersion=${resourceVersion}`, events: 3 })
  const second = await send({ ask: ['POST', PODS, pod('second')] })
  await send({ ask: ['DELETE', `${PODS}/first?gracePeriodSeconds=0`] })
  const events = await watched
  expect(
    events.map((event: { type: string; object: typeof second.json }) => [event.type, event.object.metadata.name]),
  ).toEqual([
    ['ADDED', 'second'],
    ['MODIFIED', 'first'],
    ['DELETED', 'first'],
  ])

  const listed = await send({ ask: ['GET', PODS] })
  expect(listed.json.items).toEqual([{ ...second.json, apiVersion: undefined, kind: undefined }].map(withoutNothing))
  expect(errors).toEqual([])
})

it('refuses there in the words of a real API server', async () => {
  const refused = await send({ ask: ['POST', PODS, pod('Not_a_name')] })
  expect(refused.status).toBe(422)
  expect(refused.json.message).toMatch(
    /^Pod "Not_a_name" is invalid: metadata\.name: Invalid value: "Not_a_name": a lowercase RFC 1123 subdomain/,
  )
})

function withoutNothing(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}
