import type { Question, Verdict } from '../decision/decide.ts'

export const decision = {
  /** The three answers of each question, from the one that speaks for Docker to the one that speaks for Kubernetes. */
  questions: {
    outage: {
      topic: 'Outages',
      ask: 'The machine dies at night. How long may your app be away?',
      answers: ['Until morning', 'An hour or so', 'Minutes at most'],
      docker: 'one machine can be 99.5 % there: 3.6 hours a month away',
      kubernetes: 'copies on other nodes go on answering; it takes 2 nodes at least',
    },
    size: {
      topic: 'Size',
      ask: 'Does it fit on one machine, at the busiest hour?',
      answers: ['Easily', 'Just about', 'No'],
      docker: 'a larger machine is the simplest growth; they go up to hundreds of cores',
      kubernetes: 'any number of nodes; each gives up about 0.5 to 1 GiB to the cluster',
    },
    services: {
      topic: 'Services',
      ask: 'How many parts do you release on their own?',
      answers: ['1 to 3', '4 to 10', 'More than 10'],
      docker: 'one compose.yaml shows all of it on a page',
      kubernetes: 'names, rights and limits per part; some 3 manifests for each',
    },
    releases: {
      topic: 'Releases',
      ask: 'How often do you release?',
      answers: ['Once a month', 'Once a week', 'Every day'],
      docker: 'a gap of seconds each time, and you watch',
      kubernetes: 'no gap and a stop when the new one is bad, with readiness probes',
    },
    traffic: {
      topic: 'Traffic',
      ask: 'How does traffic change?',
      answers: ['Hardly', 'Between day and night', 'Ten times more in minutes'],
      docker: 'pay for the busiest hour, all day',
      kubernetes: 'more copies in about a minute, more machines in a few',
    },
    people: {
      topic: 'People',
      ask: 'Who looks after it?',
      answers: ['One, beside other work', 'A few who would learn it', 'People who know Kubernetes'],
      docker: 'an hour or so a month',
      kubernetes: 'weeks to learn, an upgrade a year at least, and someone on call',
    },
  } satisfies Record<
    Question,
    { topic: string; ask: string; answers: [string, string, string]; docker: string; kubernetes: string }
  >,
  sides: { docker: 'Docker on one machine', kubernetes: 'Kubernetes' },
  heading: 'Your answer',
  open: (left: number) => (left === 1 ? 'One question left.' : `${left} questions left.`),
  verdicts: {
    docker: {
      title: 'Docker alone is enough.',
      text: 'Compose on one machine, a restart policy, and a backup that you have tried. Come back when an answer changes.',
    },
    between: {
      title: 'It could go either way.',
      text: 'A platform that runs images, Swarm mode, or a small managed cluster. Take what your people know.',
    },
    managed: {
      title: 'Kubernetes, run by others.',
      text: 'You need what it does and have nobody to run it. Take a managed cluster, about 70 dollars a month for the control plane, and plan time to learn.',
    },
    kubernetes: {
      title: 'Kubernetes pays.',
      text: 'Several answers speak for it, and you have people for it. A managed cluster still saves you the control plane.',
    },
  } satisfies Record<Verdict, { title: string; text: string }>,
  speaksFor: 'Speaks for it',
  costs: {
    label: 'Costs',
    docker: 'one machine; 3.6 hours a month that it may be away; someone who gets up at night.',
    kubernetes:
      '2 nodes or more; about 70 dollars a month for a managed control plane; weeks to learn; an upgrade a year.',
  },
  nothing: 'None of your answers.',
  noScript:
    'Without JavaScript nobody counts your answers for you: below each question stands what speaks for either side.',
}
