import type { Stage } from '../../protocol/session.ts'

/** Said by the lab page before and while a session is made. */
export const start = {
  absent:
    'There is no lab server here, so the shell beside this page cannot start. Everything on the page can be read, and run on a cluster of your own.',
  unreachable: 'The lab server does not answer. Try again in a moment.',
  provider: (title: string) => `${title}.`,
  /** On the buttons, where there is more than one kind of cluster. */
  choice: (simulated: boolean, seconds: number) =>
    `Start: ${simulated ? 'simulated' : 'real'}, ${seconds <= 2 ? 'at once' : `in about ${seconds} s`}`,
  full: 'All its places are taken.',
  differs: 'This cluster is simulated. What differs?',
  starting: 'Asking for a cluster…',
  retryIn: (time: string) => `You can try again in ${time}.`,
  otherLab: 'You have another lab running:',
  endOther: 'End it',
  queued: (position: number) => (position <= 1 ? 'You are next.' : `${position - 1} before you.`),
  stages: {
    queued: 'Waiting for a free place',
    image: 'Fetching what the nodes run',
    cluster: 'Starting the nodes',
    addons: 'Starting the cluster’s own services',
    shell: 'Opening your shell',
    objects: 'Laying out the lab',
  } satisfies Record<Stage, string>,
  stageDone: 'done',
  stageNow: 'now',
  elapsed: (time: string) => `${time} so far`,
  tick: 'done',
  skipped: 'skipped',
}
