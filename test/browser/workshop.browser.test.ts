/**
 * A workshop from its making to its export, in browsers, on the real server with simulated clusters: one host, three participants,
 * each with a browser of their own.
 */
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../chromium.ts'
import { removeData, startServer, type TestServer } from '../server.ts'
import { findings } from './axe.ts'
import { DESKTOP, newReader, PHONE, type Reader, seen, typeLine } from './reader.ts'

const SECRET = 'the-harbour-master-s-word'
const MINUTE = 60_000
/** kubectl may have to be fetched first, and three clusters are made at once. */
const START_MS = 3 * MINUTE

let server: TestServer
let browser: Browser
const readers: Reader[] = []

beforeAll(async () => {
  server = await startServer({ settings: { PROVIDER: 'embedded', POOL: '0', HOST_SECRET: SECRET } })
  browser = await launchChromium()
})
/** A wrong secret, a wrong code, a full room: answers of the server that the browser notes. */
const noted = /status of (403|409)/
afterEach(async () => {
  const all = readers.splice(0)
  for (const { close } of all) await close()
  expect(all.flatMap(({ errors }) => errors).filter((text) => !noted.test(text))).toEqual([])
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  if (server) removeData(server.data)
})

async function arrive(path: string): Promise<Page> {
  const reader = await newReader(browser, { acceptDownloads: true })
  readers.push(reader)
  reader.page.setDefaultTimeout(60_000)
  await reader.page.goto(server.url + path)
  return reader.page
}

/** For an input of the type datetime-local, in the browser's time zone, which is this machine's. */
function localTime(time: number): string {
  const date = new Date(time - new Date(time).getTimezoneOffset() * MINUTE)
  return date.toISOString().slice(0, 16)
}

async function signIn(): Promise<Page> {
  const host = await arrive('/room/')
  await host.fill('#secret', 'not the secret at all')
  await host.click('[data-sign-in] button')
  await host.getByText('This is not the secret').waitFor()
  await host.fill('#secret', SECRET)
  await host.click('[data-sign-in] button')
  await host.waitForSelector('[data-part="list"]:not([hidden])')
  return host
}

/** @returns the code of the room, if it has one */
async function create(
  host: Page,
  title: string,
  { seats = 3, startsIn = -MINUTE, codes = 'one' } = {},
): Promise<string> {
  await host.click('[data-new]')
  await host.fill('#title', title)
  for (const lab of ['scaling', 'self-healing']) {
    await host.selectOption('[data-lab-choice]', lab)
    await host.click('[data-add-lab]')
  }
  await host.fill('#starts', localTime(Date.now() + startsIn))
  await host.fill('#seats', String(seats))
  await host.check(`[name=codes][value="${codes}"]`)
  await host.click('[data-save]')
  await host.waitForSelector('[data-part="room"]:not([hidden])')
  expect(await host.textContent('[data-title]')).toBe(title)
  return (await host.textContent('.room-code-text')) ?? ''
}

async function enter(page: Page, code: string, name: string): Promise<void> {
  await page.fill('#code', code)
  await page.fill('#name', name)
  await page.click('[data-join] button')
}

async function startLab(page: Page): Promise<void> {
  await page.click('[data-lab="scaling"] a')
  await page.waitForSelector('quay-lab[data-phase="idle"]')
  await page.waitForSelector('.seat-bar')
  await page.locator('[data-panel="start"] [data-start]').first().click()
}

const rowOf = (host: Page, name: string) => host.locator('tr[data-seat]').filter({ hasText: name })

it('is created, joined by three, worked in, helped in, spoken to, extended, ended and exported', {
  timeout: 15 * MINUTE,
}, async () => {
  const host = await signIn()
  const code = await create(host, 'From Docker to Kubernetes')

  // Joining: each refusal is one sentence, and the same browser comes back to the same seat.
  const [ada, bob, cid] = [await arrive('/join/'), await arrive('/join/'), await arrive('/join/')]
  await enter(ada, 'XXXX-9999', 'Ada')
  await ada.getByText('There is no workshop with this code').waitFor()
  for (const [page, name] of [
    [ada, 'Ada'],
    [bob, 'Bob'],
    [cid, '<b>Cid</b>'],
  ] as const) {
    await enter(page, code.toLowerCase().replace('-', ''), name)
    await page.getByText(`You are in, ${name}.`).waitFor()
  }
  const late = await arrive('/join/')
  await enter(late, code, 'Late')
  await late.getByText('All 3 seats').waitFor()
  await cid.reload()
  await cid.getByText('You are in, <b>Cid</b>.').waitFor()
  expect(await cid.locator('[data-labs] li:visible h4').allTextContents()).toHaveLength(2)
  await expect.poll(() => host.locator('tr[data-seat]').count()).toBe(3)

  // Working.
  const people = [ada, bob, cid]
  for (const page of people) await startLab(page)
  await Promise.all(people.map((page) => seen(page, /\$\s*$/, START_MS)))
  await typeLine(bob, 'kubectl scale deployment/web --replicas=2')
  await bob.waitForSelector('[data-step="spread"][data-state="passed"]', { timeout: START_MS })
  await expect.poll(() => rowOf(host, 'Bob').locator('[data-step] b').textContent()).toBe('2 of 6')
  expect(await rowOf(host, 'Ada').locator('[data-step] b').textContent()).toBe('1 of 6')
  await expect.poll(() => host.locator('.heat li').first().textContent()).toContain('2 here, 1 done')
  expect(await rowOf(host, 'Ada').locator('[data-failing] span').first().textContent()).toMatch(/\S/)

  // A hand: who asks comes first, and the host hears of it.
  await cid.click('[data-hand]')
  await host.waitForSelector('tr[data-hand]')
  await expect.poll(() => host.textContent('[data-spoken]')).toBe('<b>Cid</b> raises a hand.')
  await host.click('[data-filter="hand"]')
  expect(await host.locator('tr[data-seat]:visible').count()).toBe(1)
  await host.click('[data-filter="all"]')
  expect(await host.locator('tr[data-seat]').first().textContent()).toContain('Cid')

  // Helping, by keyboard: the participant sees it, and nothing is typed before they allow it.
  await host.locator('tr[data-hand] [data-name]').focus()
  await host.keyboard.press('l')
  await host.waitForSelector('.seat-screen .xterm-rows')
  await cid.getByText('Your host is looking at your terminal.').waitFor()
  await host.getByText('They see a banner').waitFor()
  await host.locator('.seat-screen .xterm-screen').click()
  await host.keyboard.type('echo too-early')
  await host.click('[data-ask]')
  await cid.click('[data-allow]')
  await host.waitForSelector('[data-typing][data-allowed]')
  await host.locator('.seat-screen .xterm-screen').click()
  await host.keyboard.type('echo hello-$((6*7))')
  await host.keyboard.press('Enter')
  await seen(cid, 'hello-42')
  expect(await cid.locator('.xterm-rows').first().textContent()).not.toContain('too-early')
  await cid.click('[data-stop]')
  await host.getByText('You look on').waitFor()
  await host.click('[data-lower]')
  await cid.waitForSelector('[data-hand][aria-pressed="false"]')
  await host.click('[data-seat-dialog] [data-close]')
  await cid.waitForSelector('[data-helping]', { state: 'hidden' })

  // For everyone: a message on each lab page, a pace, more time.
  await host.click('.room-everyone [data-message]')
  await host.fill('#message', 'A break at <i>eleven</i>.')
  await host.click('[data-message-dialog] [value="confirm"]')
  for (const page of people) await page.locator('.seat-strip').getByText('A break at <i>eleven</i>.').waitFor()
  await host.click('.room-everyone [data-pace]')
  await host.selectOption('#pace', 'scaling 2')
  await host.click('[data-pace-dialog] [value="confirm"]')
  await ada.waitForSelector('[data-step="five-in-yaml"][data-paced]')
  expect(await ada.locator('[data-step][data-paced]').count()).toBe(4)
  await host.click('.room-everyone [data-extend]')
  await host.fill('#extend', '90')
  await host.click('[data-extend-dialog] [value="confirm"]')
  await expect.poll(() => ada.textContent('.seat-line [data-time]')).toMatch(/^3 h \d+ min left$/)

  // The projector sees no names.
  await host.click('[data-hide]')
  expect(await host.locator('[data-rows]').textContent()).not.toMatch(/Ada|Bob|Cid/)
  await host.click('[data-hide]')

  // The end, for all of them.
  await host.click('.room-everyone [data-end]')
  await host.click('dialog[open] [data-dialog-confirm]')
  for (const page of people) await page.waitForSelector('[data-panel="ended"]:not([hidden])')
  await expect.poll(() => host.textContent('[data-room-state]')).toBe('Over')
  await enter(late, code, 'Late')
  await late.getByText('“From Docker to Kubernetes” is over.').waitFor()

  // What is left: results, what the host did, and a sheet for each participant.
  const [download] = await Promise.all([host.waitForEvent('download'), host.click('[data-export="csv"]')])
  const csv = readFileSync(await download.path(), 'utf8')
  expect(csv).toContain('Bob')
  expect(csv).toContain('passed')
  await host.click('[data-audit] summary')
  const did = host.locator('[data-audit-lines]')
  await expect.poll(() => did.textContent()).toContain('ended the workshop')
  for (const action of ['looked at a terminal', 'was allowed to type', 'sent a message', 'gave more time'])
    expect(await did.textContent()).toContain(action)
  await bob.goto(`${server.url}/join/progress/`)
  await bob.getByText('Progress of Bob').waitFor()
  expect(await bob.locator('[data-how="passed"]').count()).toBe(1)
})

it('tells who is early how long it takes, and lets each of its one-time codes work once', {
  timeout: 5 * MINUTE,
}, async () => {
  const host = await signIn()
  await create(host, 'Tomorrow', { startsIn: 3 * 60 * MINUTE, codes: 'one-time' })
  expect(await host.textContent('[data-room-state]')).toBe('Planned')
  await host.click('[data-all-codes]')
  const codes = await host.locator('[data-codes] li').allTextContents()
  expect(codes).toHaveLength(3)
  await host.keyboard.press('Escape')
  const early = await arrive('/join/')
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
  const second = await arrive('/join/')
  await enter(second, codes[0] ?? '', 'Second')
  await second.getByText('This code has been used').waitFor()
  await expect.poll(() => host.locator('tr[data-seat]').count()).toBe(1)
  expect(await host.locator('[data-codes] li').count()).toBe(2)
})

it('comes back to the same seat in another browser, by the personal link alone', { timeout: 5 * MINUTE }, async () => {
  const host = await signIn()
  const code = await create(host, 'Two browsers')
  const first = await arrive('/join/')
  await enter(first, code, 'Dora')
  await first.getByText('You are in, Dora.').waitFor()
  await first.click('.join details summary')
  const link = (await first.textContent('[data-link]')) ?? ''
  const second = await arrive(new URL(link).pathname + new URL(link).hash)
  await second.getByText('You are in, Dora.').waitFor()
  expect(second.url(), 'the token does not stay in the address').not.toContain('seat=')
  const third = await arrive('/join/#seat=wrong')
  await third.getByText('This link leads to no seat').waitFor()
  expect(await host.locator('tr[data-seat]').count()).toBe(1)
})

it('axe finds nothing on its pages, light and dark, wide and narrow, and none is wider than the screen', {
  timeout: 10 * MINUTE,
}, async () => {
  const host = await signIn()
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

  const eve = await arrive('/join/')
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
