import { expect, it } from 'vitest'
import { ManualClock } from '../clock.ts'
import { type EventSink, newestOf, streamFeed } from './feed.ts'

/** A page that reads when it is told to. */
function slowPage() {
  const listeners = new Map<string, () => void>()
  const page = {
    text: '',
    reads: true,
    over: '',
    write(text: string) {
      page.text += text
      return page.reads
    },
    end() {
      page.over = 'ended'
    },
    destroy() {
      page.over = 'destroyed'
    },
    on: (event: string, listener: () => void) => listeners.set(event, listener),
    emit: (event: 'drain' | 'close') => listeners.get(event)?.(),
  }
  return page satisfies EventSink
}

function setUp() {
  const page = slowPage()
  const clock = new ManualClock()
  const told = new Set<() => void>()
  const source: { value: unknown } = { value: 1 }
  const open = newestOf(
    'number',
    () => source.value,
    (changed) => {
      told.add(changed)
      return () => told.delete(changed)
    },
  )
  const end = streamFeed({ open, sink: page, clock })
  const change = (value: unknown) => {
    source.value = value
    for (const changed of told) changed()
  }
  return { page, clock, told, end, change }
}

it('sends what there is at once, then what changes', () => {
  const { page, change } = setUp()
  change(2)
  expect(page.text).toBe('retry: 1000\n\nevent: number\ndata: 1\n\nevent: number\ndata: 2\n\n')
})

it('keeps only the newest for a page that does not read, and gives it up after a minute', async () => {
  const { page, change, clock, told } = setUp()
  page.reads = false
  for (let n = 2; n < 1_000; n++) change(n)
  expect(page.text).toContain('data: 2\n')
  expect(page.text).not.toContain('data: 3\n')
  page.reads = true
  page.emit('drain')
  expect(page.text).toMatch(/data: 999\n\n$/)
  page.reads = false
  change(1_000)
  await clock.advance(60_000)
  expect([page.over, told.size, clock.pending]).toEqual(['destroyed', 0, 0])
})

it('ends when what it tells of is gone, and when it is ended', () => {
  const gone = setUp()
  gone.change(undefined)
  expect(gone.page.text).toMatch(/event: gone\ndata: {}\n\n$/)
  const ended = setUp()
  ended.end()
  for (const { page, told, clock } of [gone, ended])
    expect([page.over, told.size, clock.pending]).toEqual(['ended', 0, 0])
})
