/** A picture of places with something in them, and how it changes beat by beat. Nothing here draws, waits or speaks. */

export type PlaceState = 'ok' | 'dark' | 'full'
export type UnitState = 'ok' | 'starting' | 'unready' | 'busy' | 'bad' | 'down'

export interface Unit {
  label: string
  state: UnitState
}

export interface Place {
  state: PlaceState
  units: Unit[]
}

export interface Scene {
  places: Record<string, Place>
  /** Figures beside the picture, such as the share of requests that is answered. */
  gauges: Record<string, number>
}

/** `v1`, or `v1:down` for one that is not well. */
export type UnitText = string | `${string}:${UnitState}`

export interface PlaceText {
  state?: PlaceState
  /** All that is in the place afterwards; left out, it stays as it is. */
  units?: UnitText[]
}

/** What one beat changes; what it does not name stays. A list is short for the units of a place. */
export interface Change {
  places?: Record<string, PlaceText | UnitText[]>
  gauges?: Record<string, number>
}

const states: readonly string[] = ['ok', 'starting', 'unready', 'busy', 'bad', 'down'] satisfies UnitState[]

function readUnit(text: UnitText): Unit {
  const [label = '', state = 'ok'] = text.split(':')
  if (!states.includes(state))
    throw new Error(`${text}: found the state "${state}"; expected one of ${states.join(', ')}`)
  return { label, state: state as UnitState }
}

const none: Place = { state: 'ok', units: [] }

/** @returns the scene afterwards; the given one stays as it is. */
export function applyChange(scene: Scene, change: Change): Scene {
  const places = { ...scene.places }
  for (const [id, text] of Object.entries(change.places ?? {})) {
    const { state, units } = Array.isArray(text) ? { state: undefined, units: text } : text
    const before = places[id] ?? none
    places[id] = { state: state ?? before.state, units: units?.map(readUnit) ?? before.units }
  }
  return { places, gauges: { ...scene.gauges, ...change.gauges } }
}

export const makeScene = (start: Change): Scene => applyChange({ places: {}, gauges: {} }, start)

/** The scene after so many beats. */
export const sceneAt = (start: Change, beats: readonly Change[], count: number): Scene =>
  beats.slice(0, count).reduce(applyChange, makeScene(start))

/** A story: how each of its sides begins, and what each press leads to there. */
export interface Story {
  sides: Record<string, { start: Change; presses: Record<string, Change[]> }>
}

/** The words of a story, beat by beat; their lists are as long as those of the changes. */
export interface Beat {
  /** When it happens, as it is written; empty where time plays no part. */
  when: string
  who: string
  says: string
}
