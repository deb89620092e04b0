/** A host signs in by OpenID Connect, in a browser, at a real provider under another name than ours. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../../lab-server/port.ts'
import { launchChromium } from '../chromium.ts'
import { removeData, startServer, type TestServer } from '../server.ts'

let server: TestServer
let provider: ChildProcess
let browser: Browser
let us: string

beforeAll(async () => {
  const port = await freePort()
  server = await startServer({
    settings: {
      PROVIDER: 'embedded',
      POOL: '0',
      HOST_SECRET: 'the-harbour-master-s-word',
      OPENID_ISSUER: `http://127.0.0.1:${port}`,
      OPENID_CLIENT_ID: 'quayside',
      OPENID_CLIENT_SECRET: 'a-secret-of-this-client',
      OPENID_EMAILS: 'ada@example.org',
    },
  })
  // Another site than the provider's, so that the way back is one from elsewhere.
  us = `http://localhost:${new URL(server.url).port}`
  provider = fork(join(import.meta.dirname, '../openid/provider.ts'), [String(port), `${us}/room/`], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  await new Promise((resolve, reject) => {
    provider.once('message', resolve)
    provider.once('exit', reject)
  })
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  provider?.kill()
  await server?.stop()
  if (server) removeData(server.data)
})

async function signInAs(login: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(60_000)
  await page.goto(`${us}/room/`)
  await page.getByRole('link', { name: 'Sign in with your organisation' }).click()
  await page.fill('input[name=login]', login)
  await page.fill('input[name=password]', 'any')
  await page.click('button[type=submit]')
  await page.click('button[autofocus]')
  return page
}

it('a host comes back from the provider and is signed in, with no code left in the address', async () => {
  const page = await signInAs('ada')
  await page.waitForSelector('[data-part="list"]:not([hidden])')
  expect(page.url()).toBe(`${us}/room/`)
  expect(await page.locator('[data-sign-out]').getAttribute('title')).toBe('Signed in as Ada Lovelace.')
  await page.reload()
  await page.waitForSelector('[data-part="list"]:not([hidden])')
})

it('somebody who may not host is told so, and can sign in otherwise', async () => {
  const page = await signInAs('bob')
  await page.getByText('you are not among those who may host here').waitFor()
  expect(await page.locator('[data-part="sign-in"]').isVisible()).toBe(true)
  expect(page.url()).toBe(`${us}/room/`)
})
