/**
 * Draws public/cards/ anew, with the Chromium that the browser tests use: `node src/social/draw.ts`. The pictures are kept in the
 * repository, so that a build needs neither a browser nor fonts.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { cards } from './cards.ts'

const root = join(import.meta.dirname, '../..')
const logo = readFileSync(join(root, 'src/assets/logo.svg'), 'utf8')
const quay = readFileSync(join(root, 'src/assets/quay.svg'), 'utf8')

const page = ({ title, text }: { title: string; text: string }) => `<!doctype html><meta charset="utf-8"><style>
  * { margin: 0; box-sizing: border-box }
  body { width: 1200px; height: 630px; padding: 72px 80px; background: hsl(209 30% 9%); color: hsl(200 25% 97%);
    font-family: system-ui, sans-serif; display: grid; grid-template: auto 1fr auto / 1fr 420px; column-gap: 48px; overflow: hidden }
  .name { grid-column: 1 / 3; display: flex; align-items: center; gap: 20px; font-size: 36px; font-weight: 650 }
  .name svg { width: 56px; height: 56px }
  .words { align-self: center }
  h1 { font-size: 72px; line-height: 1.08; letter-spacing: -0.03em; text-wrap: balance }
  p { margin-top: 28px; font-size: 34px; line-height: 1.35; color: hsl(204 14% 78%); text-wrap: pretty }
  .quay { align-self: center } .quay svg { width: 100%; height: auto }
  .line { grid-column: 1 / 3; height: 8px; border-radius: 4px; background: linear-gradient(90deg, hsl(195 72% 42%), hsl(33 88% 64%)) }
</style><div class="name">${logo}Quayside</div><div class="words"><h1>${title}</h1><p>${text}</p></div><div class="quay">${quay}</div><div class="line"></div>`

const folder = join(root, 'public/cards')
mkdirSync(folder, { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
const tab = await browser.newPage({ viewport: { width: 1200, height: 630 }, colorScheme: 'dark' })
for (const [name, card] of Object.entries(cards)) {
  await tab.setContent(page(card))
  await tab.screenshot({ path: join(folder, `${name}.png`) })
}
await browser.close()
