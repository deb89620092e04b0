import type { PlaceState, UnitState } from '../story/scene.ts'

/** What is said around every story. */
export const story = {
  sides: 'Who looks after it',
  presses: 'What happens',
  next: 'Next step',
  pause: 'Pause',
  play: 'Go on',
  again: 'From the start',
  /** Over the list of what has happened so far. */
  log: 'What happens, step by step',
  idle: 'Press one of the buttons.',
  other: (press: string, side: string) => `Now “${press}” with: ${side}`,
  done: 'That was all.',
  loadFailed: 'This could not be loaded. What it shows also stands below.',
  units: {
    ok: '',
    starting: 'starts',
    unready: 'not ready',
    busy: 'busy',
    bad: 'errors',
    down: 'down',
  } satisfies Record<UnitState, string>,
  places: { ok: '', dark: 'out of reach', full: 'disk full' } satisfies Record<PlaceState, string>,
}
