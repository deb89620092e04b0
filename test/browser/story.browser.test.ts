/** What the reading pages let a reader do: the story, the pictures, the wish, the six questions and the cards of terms. By keyboard alone. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sevenMachines } from '../../src/strings/seven-machines.ts'
import { launchChromium } from '../chromium.ts'
import { DESKTOP, newReader, PHONE } from './reader.ts'
import { serveStatic } from './static-site.ts'

let site: Awaited<ReturnType<typeof serveStatic>>
let browser: Browser

beforeAll(async () => {
  site = await serveStatic()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  site?.close()
})

const still = { reducedMotion: 'reduce' } as const

async function open(path: string, options: BrowserContextOptions = still) {
  const reader = await newReader(browser, options)
  await reader.page.goto(site.url + path)
  // What a page fetches once it is idle has come: a page that is left earlier reports it as an error.
  await reader.page.waitForLoadState('networkidle')
  return reader
}

/** The words of what has the focus, or the name that it is given. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement
    return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? ''
  })

/** Presses Tab until that has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const way: string[] = []
  for (let left = 150; left > 0; left--) {
    await page.keyboard.press('Tab')
    const now = await focused(page)
    if (now === name) return
    way.push(now)
  }
  throw new Error(`Tab never came to ${name}: ${way.join(' · ')}`)
}

const gauge = (page: Page, id: string) => page.locator(`[data-gauge="${id}"]`).textContent()

it('tells the story of the seven machines by hand, then on a cluster, with the keyboard alone', async () => {
  const { page, errors, close } = await open('/why/seven-machines/')
  const told = page.locator('[data-log] li')
  const { hand, cluster } = sevenMachines.beats
  await tabTo(page, 'Crash')
  await page.keyboard.press('Enter')
  await told.first().waitFor()
  expect(await told.count(), 'without motion, one step at a time').toBe(1)
  expect(await gauge(page, 'served')).toBe('83 %')

  await tabTo(page, 'Next step')
  for (let left = hand.crash.length - 1; left > 0; left--) await page.keyboard.press('Enter')
  expect(await told.count()).toBe(hand.crash.length)
  expect(await gauge(page, 'work')).toBe('40 min')
  expect(await page.locator('[data-place="5"] [data-place-state]').textContent()).toBe('out of reach')

  expect(await focused(page), 'the focus goes to what comes next').toBe('Now “Crash” with: A cluster')
  await page.keyboard.press('Enter')
  expect(await focused(page)).toBe('Crash')
  expect(await page.getByRole('button', { name: 'A cluster', exact: true }).getAttribute('aria-pressed')).toBe('true')
  await tabTo(page, 'Next step')
  for (let left = cluster.crash.length - 1; left > 0; left--) await page.keyboard.press('Enter')
  expect(await told.count()).toBe(cluster.crash.length)
  expect(await gauge(page, 'work')).toBe('0 min')
  expect(await page.locator('[data-place="4"] [data-units] li').count(), 'made anew elsewhere').toBe(2)
  expect(errors).toEqual([])
  await close()
})

it('plays by itself where motion is allowed, and can be paused', async () => {
  const { page, errors, close } = await newReader(browser, { reducedMotion: 'no-preference' })
  await page.clock.install()
  await page.goto(`${site.url}/why/seven-machines/`)
  const told = page.locator('[data-log] li')
  await page.getByRole('button', { name: 'Bad release' }).click()
  await told.first().waitFor()
  await page.clock.runFor(4000)
  expect(await told.count()).toBe(2)
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.clock.runFor(20_000)
  expect(await told.count(), 'while paused').toBe(2)
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.clock.runFor(60_000)
  expect(await told.count(), 'to the end').toBe(sevenMachines.beats.hand.bad.length)
  expect(errors).toEqual([])
  await close()
})

it('fetches the player of a story only when a reader presses something', async () => {
  const { page, close } = await newReader(browser, still)
  const fetched: string[] = []
  page.on('request', (request) => fetched.push(request.url()))
  await page.goto(`${site.url}/why/seven-machines/`)
  await page.waitForLoadState('networkidle')
  const isStory = (url: string) => /player|seven-machines\.|words\./.test(url) && url.endsWith('.js')
  expect(fetched.filter(isStory)).toEqual([])
  await page.getByRole('button', { name: 'Release', exact: true }).click()
  await page.locator('[data-log] li').first().waitFor()
  expect(fetched.filter(isStory).length).toBeGreaterThan(0)
  await close()
})

it('says a picture in its own words or in those of Kubernetes, and shows what a press does', async () => {
  const { page, errors, close } = await open('/why/pictures/')
  const restaurant = page.locator('[data-story="restaurant"]')
  expect(await restaurant.getByText('Kitchen A').isVisible()).toBe(true)
  await restaurant.getByLabel('In the picture').focus()
  await page.keyboard.press('ArrowRight')
  expect(await restaurant.getByText('Kitchen A').isVisible()).toBe(false)
  expect(await restaurant.getByText('Node A', { exact: true }).isVisible()).toBe(true)
  await tabTo(page, 'A chef falls ill')
  await page.keyboard.press('Enter')
  await restaurant.getByText('A container crashes', { exact: false }).waitFor()
  expect(await restaurant.locator('[data-place="b"] [data-state="down"]').count()).toBe(1)
  await tabTo(page, 'Next step')
  for (let left = 3; left > 0; left--) await page.keyboard.press('Enter')
  expect(await restaurant.locator('[data-place="a"] li').count()).toBe(3)
  expect(errors).toEqual([])
  await close()
})

it('weighs six answers given with the keyboard, and always says what speaks for either side', async () => {
  const { page, errors, close } = await open('/why/who-needs-it/')
  const verdict = page.locator('[data-verdict]')
  expect(await verdict.textContent()).toBe('6 questions left.')
  const groups = page.locator('[data-question]')
  await groups.first().locator('input').first().focus()
  await page.keyboard.press('Space')
  for (let left = 5; left > 0; left--) {
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
  }
  expect(await verdict.textContent()).toContain('Docker alone is enough.')
  expect(await page.locator('[data-speaks="docker"] li').count()).toBe(6)
  expect(await page.locator('[data-speaks="kubernetes"]').textContent()).toBe('None of your answers.')

  for (let at = 0; at < 5; at++) {
    await groups.nth(at).locator('input:checked').focus()
    await page.keyboard.press('ArrowLeft')
  }
  expect(await verdict.textContent(), 'and nobody to run it').toContain('Kubernetes, run by others.')
  expect(await page.locator('[data-speaks="kubernetes"] li').count()).toBe(5)
  expect(await page.locator('[data-result]').getByText('Costs').count()).toBe(2)
  expect(errors).toEqual([])
  await close()
})

it('keeps a wish true, whatever is done to it with the keyboard', async () => {
  const { page, errors, close } = await newReader(browser, still)
  await page.clock.install()
  await page.goto(site.url)
  const copies = page.locator('[data-units] li')
  expect(await copies.count()).toBe(3)
  await tabTo(page, 'One more')
  await page.keyboard.press('Enter')
  await page.clock.runFor(10_000)
  expect(await gauge(page, 'wanted')).toBe('4 copies')
  expect(await gauge(page, 'running')).toBe('4')
  await tabTo(page, 'Switch machine A off')
  await page.keyboard.press('Enter')
  expect(await gauge(page, 'running'), 'at once').toBe('2')
  await page.clock.runFor(10_000)
  expect(await gauge(page, 'running'), 'after a while').toBe('4')
  expect(await page.locator('[data-place="a"] li').count()).toBe(0)
  expect(await focused(page)).toBe('Switch machine A on')
  expect(await page.getByText('What is, is what you want.').isVisible()).toBe(true)

  await page.locator('[data-place="b"] li').first().click()
  await page.clock.runFor(10_000)
  expect(await gauge(page, 'running'), 'a copy pressed in the picture').toBe('4')
  expect(errors).toEqual([])
  await close()
})

it('explains a term to whoever comes to it, and takes the card away with Escape', async () => {
  const { page, errors, close } = await open('/why/what-docker-does/')
  const card = page.locator('#term-registry')
  expect(await card.isVisible()).toBe(false)
  await tabTo(page, 'registry')
  expect(await card.isVisible(), 'with the focus').toBe(true)
  const button = page.getByRole('button', { name: 'registry' })
  expect(await button.getAttribute('aria-describedby')).toBe('term-registry-text')
  await page.keyboard.press('Escape')
  expect(await card.isVisible(), 'after Escape').toBe(false)
  expect(await focused(page)).toBe('registry')

  await page.keyboard.press('Enter')
  expect(await card.isVisible(), 'pressed').toBe(true)
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('registry: In the glossary')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/reference/glossary/#registry')
  expect(await page.locator('#registry').isVisible()).toBe(true)
  expect(errors).toEqual([])
  await close()
})

it('keeps the card of a term within the window, wide and narrow', async () => {
  for (const width of [360, 800, 1280]) {
    const { page, close } = await open('/why/what-it-is-not/', { ...still, viewport: { width, height: 700 } })
    for (const term of await page.locator('.term').all()) {
      await term.locator('button').focus()
      await page.keyboard.press('Shift')
      await term.locator('button').hover()
      const box = await term.locator('[popover]').boundingBox()
      expect(box, `${width} px`).not.toBeNull()
      if (box === null) continue
      expect(box.x, `${width} px: left`).toBeGreaterThanOrEqual(0)
      expect(box.x + box.width, `${width} px: right`).toBeLessThanOrEqual(width)
      expect(box.y + box.height, `${width} px: bottom`).toBeLessThanOrEqual(700)
    }
    await close()
  }
})

it('says the same without JavaScript, with nothing that does nothing', async () => {
  const { page, errors, close } = await open('/why/seven-machines/', { javaScriptEnabled: false })
  expect(await page.locator('quay-story button:visible').count()).toBe(0)
  expect(await page.getByRole('cell', { name: 'Nobody gets in' }).isVisible()).toBe(true)
  await page.getByRole('button', { name: 'image' }).press('Enter')
  expect(await page.locator('#term-image').isVisible(), 'a card needs no script').toBe(true)
  await page.goto(`${site.url}/why/who-needs-it/`)
  expect(await page.locator('[data-result]').isVisible()).toBe(false)
  expect(await page.locator('quay-decision noscript p').isVisible()).toBe(true)
  await page.goto(site.url)
  expect(await page.locator('quay-wish button:visible').count()).toBe(0)
  expect(errors).toEqual([])
  await close()
})

it.each([DESKTOP, PHONE])(
  'leaves nothing for axe to find in what a press has changed, light and dark, $width px wide',
  async (viewport) => {
    const { page, close } = await newReader(browser, { ...still, viewport })
    const look = async (path: string, part: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await page.waitForSelector(`html[data-theme="${colorScheme}"]`)
        const axe = new AxeBuilder({ page }).setLegacyMode().include(part)
        // A theme changes colours, and nothing else.
        const { violations } = await (colorScheme === 'light' ? axe : axe.withRules('color-contrast')).analyze()
        expect(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
          `${path}, ${viewport.width} px, ${colorScheme}`,
        ).toEqual([])
      }
    }
    await page.goto(`${site.url}/why/seven-machines/`)
    await page.getByRole('button', { name: 'Bad release' }).click()
    await page.getByRole('button', { name: 'Next step' }).click()
    await look('/why/seven-machines/', 'quay-story')
    await page.locator('.term button').first().press('Enter')
    await look('/why/seven-machines/', '.term')
    await page.goto(`${site.url}/why/pictures/`)
    await page.getByRole('button', { name: 'A kitchen closes' }).click()
    await page.locator('[data-story="restaurant"] [data-log] li').first().waitFor()
    await look('/why/pictures/', '[data-story="restaurant"]')
    await page.goto(`${site.url}/why/who-needs-it/`)
    for (const group of await page.locator('[data-question]').all()) await group.locator('input').last().check()
    await look('/why/who-needs-it/', 'quay-decision')
    await page.goto(site.url)
    await page.getByRole('button', { name: 'Switch machine A off' }).click()
    await page.getByText('What is, is what you want.').waitFor()
    await look('/', 'quay-wish')
    await close()
  },
)
