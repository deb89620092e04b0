import { describe, expect, it } from 'vitest'
import { toMarkup } from '../map/shapes.ts'
import { scenarioNames } from './scenarios.ts'
import { Simulation, stillOf } from './simulation.ts'
import { dotsOf, drawSide, drawTable, objectsOf, sides, summaryOf, viewOf } from './view.ts'

const markup = (simulation: Simulation) =>
  sides.map((side) => drawSide(simulation, side, viewOf(simulation, side)).map(toMarkup).join('')).join('')

describe.each(scenarioNames)('the picture of the simulation %s', (name) => {
  it('is the same each time the pages are built, and shows another moment than the beginning', () => {
    expect(markup(stillOf(name))).toBe(markup(stillOf(name)))
    expect(markup(stillOf(name))).not.toBe(markup(new Simulation(name)))
  })

  it('has each copy of both sides in the table and in the drawing', () => {
    const simulation = stillOf(name)
    const drawing = markup(simulation)
    const table = drawTable(simulation).map(toMarkup).join('')
    for (const side of sides)
      for (const object of objectsOf(simulation, side))
        if (object.kind === 'Pod') {
          expect(drawing).toContain(`data-uid="${object.uid}"`)
          expect(table).toContain(object.name)
        }
  })

  it('is as high after half an hour of presses as in the beginning, as far as its place reaches', () => {
    const simulation = new Simulation(name)
    const [left, right] = sides.map((side) => viewOf(simulation, side).height) as [number, number]
    for (const press of simulation.scenario.presses) {
      simulation.press(press)
      simulation.forward(60_000)
      expect(viewOf(simulation, 'docker').height).toBe(left)
      // A fourth Pod on a node, while another ends, takes a row of its own for a moment.
      expect(viewOf(simulation, 'cluster').height - right).toBeLessThanOrEqual(100)
    }
  })

  it('shows only a few of many requests, and the same ones from one frame to the next', () => {
    const simulation = new Simulation(name)
    simulation.traffic = 80
    simulation.forward(5000)
    for (const side of sides) {
      const view = viewOf(simulation, side)
      const now = dotsOf(simulation, side, view)
      expect(now.length).toBeLessThan(40)
      expect(dotsOf(simulation, side, view, 50).map(({ key }) => key)).toEqual(now.map(({ key }) => key))
    }
  })
})

it('says in words how many answer, and never that all did when one was lost', () => {
  const simulation = new Simulation('crash')
  expect(summaryOf(simulation, 'docker')).toBe(
    'Docker, one machine: 3 of 3 copies answer. 100% of the last requests were answered.',
  )
  simulation.press('unplug')
  simulation.forward(1000)
  expect(summaryOf(simulation, 'docker')).toContain('0 of 3 copies answer.')
  expect(summaryOf(simulation, 'docker')).not.toContain('100%')
})
