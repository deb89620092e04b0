import { expect, it } from 'vitest'
import { pictures } from '../strings/pictures.ts'
import { sceneAt } from './scene.ts'
import { type StoryName, tell } from './words.ts'

const names = ['seven-machines', 'app', ...Object.keys(pictures.all)] as StoryName[]

it('tells each change of each story, and nothing that does not happen', async () => {
  for (const name of names) {
    const { story, presses, beats } = await tell(name)
    for (const [side, { presses: changes }] of Object.entries(story.sides)) {
      expect(Object.keys(changes), `${name}, ${side}`).toEqual(Object.keys(presses))
      for (const press of Object.keys(presses))
        expect(beats[side]?.[press]?.length, `${name}, ${side}, ${press}: beats`).toBe(changes[press]?.length)
    }
  }
})

it('names no place in the middle of a story that was not there at the start', async () => {
  for (const name of names) {
    const { story } = await tell(name)
    for (const { start, presses } of Object.values(story.sides))
      for (const [press, changes] of Object.entries(presses))
        expect(Object.keys(sceneAt(start, changes, changes.length).places), `${name}, ${press}`).toEqual(
          Object.keys(sceneAt(start, [], 0).places),
        )
  }
})

it('shows the cluster release with at least five that answer and at most eight copies, as a Deployment does it', async () => {
  const { story } = await tell('seven-machines')
  for (const press of ['release', 'bad']) {
    const { start, presses } = story.sides.cluster ?? { start: {}, presses: {} }
    const changes = presses[press] ?? []
    for (let at = 0; at <= changes.length; at++) {
      const copies = Object.values(sceneAt(start, changes, at).places)
        .flatMap((place) => place.units)
        .filter(({ label }) => label.startsWith('v'))
      expect(copies.filter(({ state }) => state === 'ok').length, `${press}, beat ${at}: ready`).toBeGreaterThanOrEqual(
        5,
      )
      expect(copies.length, `${press}, beat ${at}: copies`).toBeLessThanOrEqual(8)
    }
  }
})

it('ends each story of the cluster with six copies that answer', async () => {
  const { story } = await tell('seven-machines')
  const { start, presses } = story.sides.cluster ?? { start: {}, presses: {} }
  for (const [press, changes] of Object.entries(presses)) {
    const end = sceneAt(start, changes, changes.length)
    const ready = Object.values(end.places).flatMap(({ units }) =>
      units.filter(({ label, state }) => label.startsWith('v') && state === 'ok'),
    )
    expect(ready.length, press).toBe(6)
    expect(end.gauges.served, press).toBe(100)
  }
})

it('needs a person for each trouble by hand, and on the cluster only to say what is wished for', async () => {
  const { story } = await tell('seven-machines')
  const work = (side: string) =>
    Object.entries(story.sides[side]?.presses ?? {}).map(([press, changes]) => [
      press,
      sceneAt(story.sides[side]?.start ?? {}, changes, changes.length).gauges.work ?? 0,
    ])
  for (const [press, minutes] of work('hand')) expect(minutes, `${press}`).toBeGreaterThanOrEqual(30)
  for (const [press, minutes] of work('cluster')) expect(minutes, `${press}`).toBeLessThanOrEqual(5)
})
