import type { EndReason } from '../../protocol/session.ts'
import { count } from './count.ts'

/** Said while a session runs. */
export const session = {
  left: (time: string) => `${time} left`,
  idle: (time: string) => `Nothing typed for a while: the lab ends in ${time} unless you type.`,
  ended: {
    reader: 'You ended this lab.',
    idle: 'The lab ended because nothing was typed for a long time.',
    expired: 'The time of this lab is used up.',
    failed: 'The lab could not be started.',
    vanished: 'The cluster of this lab is gone.',
  } satisfies Record<EndReason, string>,
  endedKeep: 'Your progress is kept. You can start again with a fresh cluster.',
  extended: 'You have more time now.',
  noExtensions: 'The time cannot be extended again.',
  resetDone: 'The lab is back where it began.',
  restored: (time: string, seconds: number) =>
    `The server was restarted at ${time}. Your cluster and your files are as they were${seconds === 0 ? '' : ` ${count(seconds, 'second', 'seconds')} before`}. What ran in your shells has ended.`,
  lost: 'The lab server does not answer. Trying again…',
  gone: 'The lab server does not know this lab any more.',
  ask: {
    reset: {
      title: 'Reset the lab?',
      text: 'The cluster goes back to where the lab began. What you changed in it is lost. Steps that you passed stay ticked.',
      confirm: 'Reset',
    },
    end: {
      title: 'End the lab?',
      text: 'The cluster and everything in it is deleted. Your progress is kept.',
      confirm: 'End the lab',
    },
    extend: {
      title: 'Take more time?',
      text: (left: number) => `The lab then ends later. You can do this ${count(left, 'more time', 'more times')}.`,
      confirm: 'More time',
    },
    skip: {
      title: 'Skip this step?',
      text: 'The next step opens, even if it builds on this one. You can come back with “Start this step again”.',
      confirm: 'Skip it',
    },
    restart: {
      title: 'Start this step again?',
      text: (simulated: boolean) =>
        `The cluster and your files go back to where this step began. What you did since is lost. Your shells stay open, and the steps before stay done.${simulated ? '' : ' The lab is laid out anew for that, and the steps before are done by their solutions: it can take a minute or two.'}`,
      confirm: 'Start it again',
    },
    catchUp: {
      title: 'Catch up to this step?',
      text: (steps: number) =>
        `${count(steps, 'step before it is', 'steps before it are')} done for you. They then count as skipped, not as done. Your shells stay open. It can take some minutes.`,
      confirm: 'Do it for me',
    },
    link: {
      title: 'Open this address?',
      text: (address: string) => `Something in the terminal wrote this link: ${address}`,
      confirm: 'Open in a new tab',
    },
    closeShell: {
      title: 'Close this shell?',
      text: 'What runs in it is stopped.',
      confirm: 'Close it',
    },
  },
  step: {
    locked: 'Waits for the steps before it.',
    open: (passed: number, all: number) => `${passed} of ${count(all, 'check holds', 'checks hold')}.`,
    passed: 'Done.',
    skipped: 'Skipped.',
    solving: 'Is being done for you…',
    lacks: { 'ingress-controller': 'This cluster has no Ingress controller: the step is for reading.' },
  },
  check: { passed: 'holds', open: 'not yet' },
  journey: {
    restart: (number: number) => `Back to the start of step ${number}`,
    'catch-up': (number: number) => `On to step ${number}`,
    back: 'The cluster is put back.',
    solving: (number: number) => `Step ${number} is being done for you.`,
    arrived: (number: number) => `You are at the start of step ${number}.`,
  },
  allDone: 'All steps are done.',
}
