/** Workshops in browsers, on the real server with simulated clusters. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../chromium.ts'
import { removeData, startServer, type TestServer } from '../server.ts'
import {
  create,
  type Doors,
  enter,
  localTime,
  openDoors,
  SECRET,
  signIn,
  startLab,
  walkWorkshop,
} from '../workshop-in-browser.ts'
import { findings } from './axe.ts'
import { DESKTOP, PHONE, seen } from './reader.ts'

const MINUTE = 60_000
/** kubectl may have to be fetched first, and three clusters are made at once. */
const START_MS = 3 * MINUTE

let server: TestServer
let browser: Browser
let doors: Doors

beforeAll(async () => {
  server = await startServer({ settings: { PROVIDER: 'embedded', POOL: '0', HOST_SECRET: SECRET } })
  browser = await launchChromium()
  doors = openDoors(server.url, browser)
})
afterEach(() => doors.close())
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  if (server) removeData(server.data)
})

it(
  'is created, joined by three, worked in, helped in, spoken to, extended, ended and exported',
  {
    timeout: 15 * MINUTE,
  },
  () => walkWorkshop(doors, START_MS),
)

it('tells who is early how long it takes, and lets each of its one-time codes work once', {
  timeout: 5 * MINUTE,
}, async () => {
  const host = await signIn(doors)
  await create(host, 'Tomorrow', { startsIn: 3 * 60 * MINUTE, codes: 'one-time' })
  expect(await host.textContent('[data-room-state]')).toBe('Planned')
  await host.click('[data-all-codes]')
  const codes = await host.locator('[data-codes] li').allTextContents()
  expect(codes).toHaveLength(3)
  await host.keyboard.press('Escape')
  const early = await doors.arrive('/join/')
  await enter(early, codes[0] ?? '', 'Early')
  await early.getByText('You can join “Tomorrow” from fifteen minutes before it starts.').waitFor()
  await early.getByText(/^You can join in 2:4\d:\d\d\.$/).waitFor()

  // The host moves it to now: a workshop can be changed until it starts.
  await host.click('.room-everyone [data-change]')
  await host.fill('#starts', localTime(Date.now() + 5 * MINUTE))
  await host.click('[data-save]')
  await host.getByText('Saved.').waitFor()
  await enter(early, codes[0] ?? '', 'Early')
  await early.getByText('You are in, Early.').waitFor()
  await early.getByText(/^It starts in \d:\d\d\. The labs open then\.$/).waitFor()
  const second = await doors.arrive('/join/')
  await enter(second, codes[0] ?? '', 'Second')
  await second.getByText('This code has been used').waitFor()
  await expect.poll(() => host.locator('tr[data-seat]').count()).toBe(1)
  expect(await host.locator('[data-codes] li').count()).toBe(2)
})

it('comes back to the same seat in another browser, by the personal link alone', { timeout: 5 * MINUTE }, async () => {
  const host = await signIn(doors)
  const code = await create(host, 'Two browsers')
  const first = await doors.arrive('/join/')
  await enter(first, code, 'Dora')
  await first.getByText('You are in, Dora.').waitFor()
  await first.click('.join details summary')
  const link = (await first.textContent('[data-link]')) ?? ''
  const second = await doors.arrive(new URL(link).pathname + new URL(link).hash)
  await second.getByText('You are in, Dora.').waitFor()
  expect(second.url(), 'the token does not stay in the address').not.toContain('seat=')
  const third = await doors.arrive('/join/#seat=wrong')
  await third.getByText('This link leads to no seat').waitFor()
  expect(await host.locator('tr[data-seat]').count()).toBe(1)
})

it('axe finds nothing on its pages, light and dark, wide and narrow, and none is wider than the screen', {
  timeout: 10 * MINUTE,
}, async () => {
  const host = await signIn(doors)
  const found: Record<string, string[]> = {}
  const look = async (page: Page, state: string, part?: string) => {
    for (const viewport of [DESKTOP, PHONE]) {
      await page.setViewportSize(viewport)
      const name = `${state}, ${viewport.width} px`
      found[name] = await findings(page, part)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (wide > 0) found[name].push(`${wide} pixels beyond the screen`)
    }
    await page.setViewportSize(DESKTOP)
  }
  await look(host, 'the list of workshops')
  await host.click('[data-new]')
  await host.selectOption('[data-lab-choice]', 'scaling')
  await host.click('[data-add-lab]')
  await look(host, 'a new workshop')
  await host.click('[data-cancel]')
  const code = await create(host, 'To be looked at')

  const eve = await doors.arrive('/join/')
  await enter(eve, 'XXXX-9999', 'Eve')
  await eve.getByText('There is no workshop with this code').waitFor()
  await look(eve, 'a wrong code')
  await enter(eve, code, 'Eve')
  await eve.getByText('You are in, Eve.').waitFor()
  await look(eve, 'a seat')
  await startLab(eve)
  await seen(eve, /\$\s*$/, START_MS)
  await eve.click('[data-hand]')
  await host.waitForSelector('tr[data-hand]')
  await look(host, 'the board')
  await host.locator('tr[data-hand] [data-name]').focus()
  await host.keyboard.press('?')
  await look(host, 'the keys of the board', '[data-keys-dialog]')
  await host.keyboard.press('Escape')
  await host.locator('tr[data-hand] [data-name]').focus()
  await host.keyboard.press('l')
  await host.waitForSelector('.seat-screen .xterm-rows')
  await host.click('[data-ask]')
  await eve.waitForSelector('[data-allow]:visible')
  await look(host, 'looking on', '[data-seat-dialog]')
  await look(eve, 'being looked at', '.seat-bar')
  await host.click('[data-seat-dialog] [data-close]')
  await host.click('.room-everyone [data-message]')
  await look(host, 'a message', '[data-message-dialog]')
  await host.fill('#message', 'Hello.')
  await host.click('[data-message-dialog] [value="confirm"]')
  await eve.waitForSelector('[data-message]:visible')
  await look(eve, 'a message has come', '.seat-bar')
  await host.click('[data-large]')
  await look(host, 'the code, large', '[data-large-dialog]')
  await host.keyboard.press('Escape')
  await eve.goto(`${server.url}/join/progress/`)
  await eve.getByText('Progress of Eve').waitFor()
  await look(eve, 'the sheet')
  expect(found).toEqual(Object.fromEntries(Object.keys(found).map((state) => [state, []])))
})
