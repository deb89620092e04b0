import { count } from './count.ts'
import { here } from './here.ts'
import type { Words } from './words.ts'

/** Said to participants of a workshop: on the page where they join, on lab pages, and on the page that they print. */
const english = {
  unreachable: 'The lab server does not answer. Try again in a moment.',
  lost: 'The connection to the workshop is broken. Trying again…',
  opensIn: (time: string) => `You can join in ${time}.`,
  canJoin: 'You can join now.',
  hello: (name: string) => `You are in, ${name}.`,
  startsIn: (time: string) => `It starts in ${time}. The labs open then.`,
  running: (time: string) => `It is running, and ends in ${time}.`,
  left: (time: string) => `${time} left`,
  over: 'It is over. What you have done is kept below.',
  gone: 'Your host has taken your seat away.',
  toStart: (time: string) => `starts in ${time}`,
  span: {
    seconds: (n: number) => `${n} s`,
    minutes: (n: number) => `${n} min`,
    hours: (h: number, m: number) => (m === 0 ? `${h} h` : `${h} h ${m} min`),
    days: (n: number) => count(n, 'day', 'days'),
  },
  copied: 'Copied.',
  notCopied: 'The browser did not allow copying: select the text and copy it.',
  bar: {
    label: 'Workshop',
    raise: 'Raise your hand',
    raised: 'Your hand is up',
    overview: 'Workshop',
    messages: (n: number) => `Messages (${n})`,
    message: 'Your host says:',
    seen: 'OK',
    over: 'The workshop is over.',
  },
  helping: {
    no: 'Your host is looking at your terminal.',
    asked: 'Your host is looking at your terminal and asks to type in it.',
    allowed: 'Your host may type in your terminal.',
    allow: 'Allow typing',
    refuse: 'No',
    stop: 'Stop the typing',
  },
  paced: 'Your host has not opened this step yet.',
  pacedLab: 'Your host has not opened this lab yet.',
  openTo: (step: number) => `open up to step ${step}`,
  done: (done: number, all: number) => `${done} of ${count(all, 'step', 'steps')} done`,
  how: { passed: 'done', skipped: 'skipped', open: 'open' },
  took: (time: string) => `in ${time}`,
  sheet: (title: string, when: string) => `${title}, ${when}`,
  of: (name: string) => `Progress of ${name}`,
}
export type SeatWords = Words<typeof english>

export const seat = await here(english, { de: async () => (await import('./de/seat.ts')).seat })
