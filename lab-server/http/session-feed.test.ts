import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { MapEvent } from '../../protocol/map.ts'
import type { SessionView } from '../../protocol/session.ts'
import { ManualClock } from '../clock.ts'
import { randomIds } from '../ids.ts'
import { type EventSink, streamFeed } from './feed.ts'
import { sessionFeed } from './session-feed.ts'
import { FakeSession } from './sessions.fake.ts'

class FakeSink extends EventEmitter implements EventSink {
  takes = true
  text = ''
  state: 'open' | 'ended' | 'destroyed' = 'open'

  write(text: string): boolean {
    this.text += text
    return this.takes
  }
  end(): void {
    this.state = 'ended'
  }
  destroy(): void {
    this.state = 'destroyed'
  }
  get views(): SessionView[] {
    return this.data('session')
  }
  get maps(): MapEvent[] {
    return this.data('map')
  }
  private data<T>(event: string): T[] {
    const lines = this.text.matchAll(new RegExp(`^event: ${event}\ndata: (.*)$`, 'gm'))
    return [...lines].map((match) => JSON.parse(match[1] ?? ''))
  }
}

function setup(map = false) {
  const clock = new ManualClock(5)
  const session = new FakeSession({ id: 'one', reader: 'r', lab: 'scaling', clock, ids: randomIds })
  const sink = new FakeSink()
  const before = clock.pending
  const end = streamFeed({ open: sessionFeed(session, { map }), sink, clock })
  return { clock, session, sink, end, before }
}

describe('event stream', () => {
  it('sends the whole view at once and on each change', () => {
    const { session, sink } = setup()
    session.change({ extensionsLeft: 1 })
    expect(sink.text).toMatch(/^retry: 1000\n\nevent: session\ndata: /)
    expect(sink.views.map((view) => view.extensionsLeft)).toEqual([2, 1])
  })

  it('keeps only the newest view for a page that reads slowly', () => {
    const { session, sink } = setup()
    sink.takes = false
    session.change({ extensionsLeft: 100 })
    for (let left = 1000; left > 0; left--) session.change({ extensionsLeft: left })
    expect(sink.views.map((view) => view.extensionsLeft)).toEqual([2, 100])
    sink.takes = true
    sink.emit('drain')
    expect(sink.views.map((view) => view.extensionsLeft)).toEqual([2, 100, 1])
    session.change({ extensionsLeft: 7 })
    expect(sink.views.at(-1)?.extensionsLeft).toBe(7)
  })

  it('gives a sign of life every 15 seconds', async () => {
    const { clock, sink } = setup()
    await clock.advance(45_000)
    expect(sink.text.match(/^:$/gm)).toHaveLength(3)
  })

  it('gives up a page that reads nothing for a minute', async () => {
    const { clock, session, sink, before } = setup()
    sink.takes = false
    session.change({ extensionsLeft: 1 })
    await clock.advance(59_000)
    expect(sink.state).toBe('open')
    await clock.advance(1_000)
    expect(sink.state).toBe('destroyed')
    expect(session.listeners).toBe(0)
    expect(clock.pending).toBe(before)
  })

  it('ends after the view that tells of the end', () => {
    const { clock, session, sink, before } = setup()
    session.end('reader')
    expect(sink.views.at(-1)?.status).toMatchObject({ state: 'ended', reason: 'reader' })
    expect(sink.state).toBe('ended')
    expect(clock.pending).toBe(before)
  })

  it('tells of the end even to a page that was slow, then ends', () => {
    const { session, sink } = setup()
    sink.takes = false
    session.change({ extensionsLeft: 1 })
    session.end('idle')
    expect(sink.state).toBe('open')
    sink.emit('drain')
    expect(sink.views.at(-1)?.status).toMatchObject({ state: 'ended', reason: 'idle' })
    expect(sink.state).toBe('ended')
  })

  it('leaves nothing behind when the page goes', () => {
    const { clock, session, sink, before } = setup()
    sink.emit('close')
    expect(session.listeners).toBe(0)
    expect(clock.pending).toBe(before)
    const { length } = sink.text
    session.change({ extensionsLeft: 0 })
    expect(sink.text).toHaveLength(length)
  })

  describe('with the cluster’s map', () => {
    const node = (name: string, ready = true) =>
      ({ kind: 'Node', uid: name, name, ready, cordoned: false, controlPlane: false }) as const
    const tell = (session: FakeSession, event: MapEvent) => {
      for (const listener of session.mapListeners) listener(event)
    }

    it('sends none to a page that does not show it', () => {
      const { session, sink } = setup()
      expect(session.mapListeners.size).toBe(0)
      expect(sink.text).not.toContain('event: map')
    })

    it('sends the whole, then what changes', () => {
      const { session, sink } = setup(true)
      tell(session, { whole: false, put: [node('a')], gone: [] })
      expect(sink.maps).toEqual([
        { whole: true, put: [], gone: [] },
        { whole: false, put: [node('a')], gone: [] },
      ])
    })

    it('keeps only the newest of each object for a page that reads slowly', () => {
      const { session, sink } = setup(true)
      sink.takes = false
      tell(session, { whole: false, put: [node('a')], gone: [] })
      for (let time = 0; time < 100; time++)
        tell(session, { whole: false, put: [node('a', time % 2 === 0), node('b')], gone: [] })
      tell(session, { whole: false, put: [], gone: ['b'] })
      sink.takes = true
      sink.emit('drain')
      expect(sink.maps.at(-1)).toEqual({ whole: false, put: [node('a', false)], gone: ['b'] })
      expect(sink.maps).toHaveLength(3)
    })

    it('stops watching when the page goes', () => {
      const { session, sink } = setup(true)
      expect(session.mapListeners.size).toBe(1)
      sink.emit('close')
      expect(session.mapListeners.size).toBe(0)
    })
  })
})
