import { describe, expect, it } from 'vitest'
import type { LogOptions } from '../../api/runtime.ts'
import { ContainerLog, KEPT_BYTES } from './container-log.ts'
import { readLog } from './read.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (chunk: Uint8Array) => new TextDecoder().decode(chunk)

const asked: LogOptions = { container: 'web', follow: false, previous: false, timestamps: false }
const START = Date.UTC(2026, 0, 1)

function logAt() {
  const time = { now: START }
  return { time, log: new ContainerLog(() => time.now) }
}

async function read(log: ContainerLog, options: Partial<LogOptions> = {}, now = START): Promise<string> {
  let all = ''
  for await (const chunk of readLog(log, { ...asked, ...options }, new AbortController().signal, now))
    all += text(chunk)
  return all
}

describe('a log', () => {
  it('is kept by lines, and the rest of one once the container is over', async () => {
    const { log } = logAt()
    log.write('stdout', bytes('one\ntw'))
    log.write('stderr', bytes('oops\n'))
    log.write('stdout', bytes('o\nthree'))
    expect(await read(log)).toBe('one\noops\ntwo\n')
    log.close()
    expect(await read(log)).toBe('one\noops\ntwo\nthree')
  })

  it.each<[string, Partial<LogOptions>, string]>([
    ['the last lines', { tailLines: 2 }, 'three\nfour\n'],
    ['no lines', { tailLines: 0 }, ''],
    ['more lines than there are', { tailLines: 9 }, 'one\ntwo\nthree\nfour\n'],
    ['what is newer', { sinceSeconds: 15 }, 'three\nfour\n'],
    ['what is newer than a time', { sinceTime: '2026-01-01T00:00:30Z' }, 'four\n'],
    ['so many bytes', { limitBytes: 6 }, 'one\ntw'],
    ['times', { timestamps: true, tailLines: 1 }, '2026-01-01T00:00:30.000000000Z four\n'],
  ])('gives %s', async (_, options, expected) => {
    const { log, time } = logAt()
    for (const word of ['one', 'two', 'three', 'four']) {
      log.write('stdout', bytes(`${word}\n`))
      time.now += 10_000
    }
    expect(await read(log, options, START + 35_000)).toBe(expected)
  })

  it('counts a long line in parts as one', async () => {
    const { log } = logAt()
    const long = `${'x'.repeat(40_000)}\n`
    log.write('stdout', bytes(`first\n${long}last\n`))
    expect(log.end).toBe(5)
    expect(await read(log, { tailLines: 2 })).toBe(`${long}last\n`)
  })

  it('forgets its oldest lines when it is full', async () => {
    const { log } = logAt()
    for (let line = 0; line < 20_000; line++) log.write('stdout', bytes(`line ${line} of many that are written\n`))
    expect(log.size).toBeLessThanOrEqual(KEPT_BYTES)
    const all = (await read(log)).split('\n')
    expect(all.at(-2)).toBe('line 19999 of many that are written')
    expect(all.length).toBeGreaterThan(1000)
  })

  it('is followed until the container is over', async () => {
    const { log } = logAt()
    log.write('stdout', bytes('one\n'))
    const all = read(log, { follow: true })
    await Promise.resolve()
    log.write('stdout', bytes('two\n'))
    await new Promise((resolve) => setTimeout(resolve))
    log.write('stdout', bytes('three'))
    log.close()
    expect(await all).toBe('one\ntwo\nthree')
  })

  it('is left by who goes away', async () => {
    const { log } = logAt()
    const gone = new AbortController()
    const chunks = readLog(log, { ...asked, follow: true }, gone.signal, START)
    const next = chunks.next()
    gone.abort()
    expect((await next).done).toBe(true)
  })
})
