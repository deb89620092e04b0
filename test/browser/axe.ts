import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe finds in the light theme, and in the dark one of what a theme can change: its colours. */
export async function findings(page: Page, part = 'html'): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // The page hears of it with its next frame, which a busy machine may draw late.
    await page.waitForSelector(`html[data-theme="${colorScheme}"]`, { timeout: 60_000 })
    // Legacy mode is the one without a page of its own for each run; it leaves out other sites' frames, of which there are none.
    const axe = new AxeBuilder({ page }).setLegacyMode().include(part)
    const { violations } = await (colorScheme === 'light'
      ? axe.withTags(rules)
      : axe.withRules('color-contrast')
    ).analyze()
    for (const { id, nodes } of violations)
      for (const { target, failureSummary } of nodes)
        found.push(`${colorScheme}: ${id}: ${target.join(' ')}: ${failureSummary?.split('\n').at(1)?.trim()}`)
  }
  return found
}
