import { expect, it } from 'vitest'
import { applyChange, makeScene, sceneAt } from './scene.ts'

const start = { places: { a: ['v1', 'v1:down'], b: [] }, gauges: { served: 50, work: 3 } }

it('reads what is in a place, and how it is', () => {
  expect(makeScene(start).places.a?.units).toEqual([
    { label: 'v1', state: 'ok' },
    { label: 'v1', state: 'down' },
  ])
})

it('changes only what a beat names, and leaves the scene before as it was', () => {
  const before = makeScene(start)
  const after = applyChange(before, { places: { b: { state: 'dark' } }, gauges: { served: 0 } })
  expect(after.places.b).toEqual({ state: 'dark', units: [] })
  expect(after.places.a).toEqual(before.places.a)
  expect(after.gauges).toEqual({ served: 0, work: 3 })
  expect(before.gauges.served).toBe(50)
})

it('keeps a place dark when only what is in it changes', () => {
  const beats = [{ places: { b: { state: 'dark' as const } } }, { places: { b: ['v2'] } }]
  expect(sceneAt(start, beats, 2).places.b).toEqual({ state: 'dark', units: [{ label: 'v2', state: 'ok' }] })
})

it('refuses a state that nothing can be in', () => {
  expect(() => makeScene({ places: { a: ['v1:sad'] } })).toThrow(
    'v1:sad: found the state "sad"; expected one of ok, starting, unready, busy, bad, down',
  )
})
