import { expect, it } from 'vitest'
import { currentTrackOnly, linksOf } from './current-track.ts'

const link = (label: string, isCurrent = false) => ({
  type: 'link' as const,
  label,
  href: `/${label}/`,
  isCurrent,
  badge: undefined,
  attrs: {},
})
const track = (label: string, entries: ReturnType<typeof link>[]) => ({
  type: 'group' as const,
  label,
  entries,
  collapsed: false,
  badge: undefined,
})

it('shows the pages of the current track, and of others the name that leads to their first page', () => {
  const sidebar = [track('Why', [link('a'), link('b')]), track('How', [link('c'), link('d', true)])]
  expect(currentTrackOnly(sidebar)).toEqual([{ ...link('a'), label: 'Why' }, sidebar[1]])
})

it('shows names alone on a page of no track', () => {
  const sidebar = [track('Why', [link('a'), link('b')]), track('How', [link('c')])]
  expect(linksOf(currentTrackOnly(sidebar)).map(({ label, href }) => `${label} ${href}`)).toEqual([
    'Why /a/',
    'How /c/',
  ])
})
