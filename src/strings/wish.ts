import type { Turn } from '../story/wish.ts'

export const wish = {
  label: 'A wish, and three machines that keep it',
  wish: 'Your wish',
  wanted: (copies: number) => (copies === 1 ? '1 copy' : `${copies} copies`),
  fewer: 'One fewer',
  more: 'One more',
  node: (name: string) => `Machine ${name.toUpperCase()}`,
  crash: 'Crash a copy',
  power: (name: string, on: boolean) => `Switch machine ${name.toUpperCase()} ${on ? 'off' : 'on'}`,
  running: 'Running',
  idle: 'Press something, or press a copy in the picture. The wish stays true.',
  note: 'Time is shortened here: a real cluster waits about six minutes before it gives up a lost machine.',
  turns: {
    tidied: 'Something is missing.',
    made: 'Compared: too few. New ones are made.',
    ready: 'They are ready.',
    removed: 'Compared: too many. Some are ended.',
    full: 'Too few, but no machine has room. It waits.',
    nothing: 'What is, is what you want.',
  } satisfies Record<Turn, string>,
}
