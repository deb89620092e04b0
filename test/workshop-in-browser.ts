/**
 * A workshop from its making to its export, in browsers: one host, three participants, each with a browser of their own. The same on
 * simulated clusters and on real ones.
 */
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { newReader, type Reader, seen, typeLine } from './browser/reader.ts'

export const SECRET = 'the-harbour-master-s-word'
const MINUTE = 60_000

/** A wrong secret, a wrong code, a full room: answers of the server that the browser notes. */
const noted = /status of (403|409)/

/** Through which people come, each with a browser of their own. */
export interface Doors {
  arrive(path: string): Promise<Page>
  /** Closes all browsers; none may have reported an error. */
  close(): Promise<void>
}

export function openDoors(url: string, browser: Browser): Doors {
  const readers: Reader[] = []
  return {
    async arrive(path) {
      const reader = await newReader(browser, { acceptDownloads: true })
      readers.push(reader)
      reader.page.setDefaultTimeout(60_000)
      await reader.page.goto(url + path)
      return reader.page
    },
    async close() {
      const all = readers.splice(0)
      for (const { close } of all) await close()
      expect(all.flatMap(({ errors }) => errors).filter((text) => !noted.test(text))).toEqual([])
    },
  }
}

/** For an input of the type datetime-local, in the browser's time zone, which is this machine's. */
export function localTime(time: number): string {
  const date = new Date(time - new Date(time).getTimezoneOffset() * MINUTE)
  return date.toISOString().slice(0, 16)
}

/** A host who has mistaken the secret first. @returns the page `/room/` */
export async function signIn({ arrive }: Doors): Promise<Page> {
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
export async function create(
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

export async function enter(page: Page, code: string, name: string): Promise<void> {
  await page.fill('#code', code)
  await page.fill('#name', name)
  await page.click('[data-join] button')
}

export async function startLab(page: Page): Promise<void> {
  await page.click('[data-lab="scaling"] a')
  await page.waitForSelector('quay-lab[data-phase="idle"]')
  await page.waitForSelector('.seat-bar')
  await page.locator('[data-panel="start"] [data-start]').first().click()
}

const rowOf = (host: Page, name: string) => host.locator('tr[data-seat]').filter({ hasText: name })

/**
 * It is created, joined by three, worked in, helped in, spoken to, extended, ended and exported.
 * @param startMs how long clusters may take, in ms
 */
export async function walkWorkshop(doors: Doors, startMs: number): Promise<void> {
  const { arrive } = doors
  const host = await signIn(doors)
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
  await Promise.all(people.map((page) => seen(page, /\$\s*$/, startMs)))
  await typeLine(bob, 'kubectl scale deployment/web --replicas=2')
  await bob.waitForSelector('[data-step="spread"][data-state="passed"]', { timeout: startMs })
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
  await bob.goto(new URL('/join/progress/', bob.url()).href)
  await bob.getByText('Progress of Bob').waitFor()
  expect(await bob.locator('[data-how="passed"]').count()).toBe(1)
}
