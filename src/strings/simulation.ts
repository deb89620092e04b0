import type { Happening } from '../simulation/happenings.ts'
import type { Press, ScenarioName, Switch } from '../simulation/scenarios.ts'
import { count } from './count.ts'

const seconds = (n: number) => count(n, 'second', 'seconds')

/** A sentence for each thing that happens. */
const sentences: { [H in Happening as H['what']]: (happening: H) => string } = {
  'docker-restarts': ({ name, seconds: s }) =>
    s < 1
      ? `${name} ends. Docker starts it again, on the same machine.`
      : `${name} ends again. Docker waits ${seconds(s)}, then starts it on the same machine.`,
  'docker-answers': ({ name }) => `${name} answers.`,
  'docker-unhealthy': ({ name }) => `${name} fails its health check. Docker marks it unhealthy, and leaves it there.`,
  'docker-hangs': ({ name }) => `${name} hangs. Its process lives, so nothing restarts it.`,
  'docker-port-taken': ({ name }) => `${name} cannot start: port 8080 is already allocated.`,
  'docker-scaled': ({ copies }) => `Someone types --scale web=${copies}.`,
  'docker-removed': ({ name }) => `${name} is deleted. Nobody misses it.`,
  'docker-recreates': ({ release }) => `docker compose up -d recreates all containers with ${release}.`,
  'docker-keeps-volume': ({ name }) => `${name} is recreated. Its volume is on this machine, and stays.`,
  'docker-host-lost': () => 'The machine is gone, and every container with it. There is no other.',
  'docker-host-back': () => 'The machine is back. Docker starts what ran there.',
  'docker-moved': ({ host, left }) =>
    `Someone starts it on ${host}. The volume there is another one: ${count(left, 'entry', 'entries')} stayed behind.`,
  'docker-nothing-to-do': () => 'Docker has nobody to tell: there is no other machine.',
  'container-restarts': ({ pod, node, seconds: s }) =>
    s < 1
      ? `A container of ${pod} ends. The kubelet restarts it on ${node}.`
      : `It ends again: CrashLoopBackOff. The kubelet waits ${seconds(s)}, then restarts ${pod} on ${node}.`,
  'pod-hangs': ({ pod }) => `${pod} hangs. Its probes notice in a moment.`,
  'probe-restarts': ({ pod }) => `The liveness probe of ${pod} failed. The kubelet restarts its container.`,
  'pod-deleted': ({ pod }) => `${pod} is deleted.`,
  'pod-created': ({ pod }) => `One is missing: ${pod} is made.`,
  'pod-placed': ({ pod, node }) => `The scheduler places ${pod} on ${node}.`,
  'pod-unplaced': ({ pod, why }) =>
    why === 'volume'
      ? `${pod} is Pending: its volume can be reached from one node alone.`
      : `${pod} is Pending: no node has that much CPU left.`,
  'pod-ready': ({ pod }) => `${pod} is ready: it gets requests.`,
  'pod-unready': ({ pod }) => `${pod} is not ready: it gets no more requests.`,
  'node-silent': ({ node }) => `${node} falls silent. The cluster does not know it yet.`,
  'node-lost': ({ node, seconds: s }) =>
    `Nothing heard of ${node} for ${seconds(s)}: it is NotReady, and its Pods get no more requests.`,
  'node-evicted': ({ node, seconds: s }) => `${seconds(s)} later the Pods of ${node} are given up.`,
  'node-back': ({ node }) => `${node} is back.`,
  'node-drained': ({ node }) => `${node} is drained: nothing new is placed there, and its Pods must go.`,
  'node-uncordoned': ({ node }) => `${node} may be used again.`,
  'node-out-of-service': ({ node }) => `Someone swears that ${node} is off: its Pods and volumes are let go.`,
  'pod-stuck': ({ pod, node }) => `${pod} stays Terminating: only ${node} could say that it has really stopped.`,
  scaled: ({ from, to }) => `The wish changes from ${from} to ${to}.`,
  autoscaled: ({ from, to, busy }) => `The autoscaler sees ${busy}% CPU and wishes for ${to} in place of ${from}.`,
  'rollout-begins': ({ release }) => `${release} is rolled out, one Pod more and none less at a time.`,
  'rollout-done': ({ release }) => `${release} is rolled out.`,
  'rollout-stuck': ({ release }) => `${release} does not get ready. The rollout waits, and the old Pods answer.`,
  'volume-follows': ({ node }) => `The volume is attached to ${node}: the data is there.`,
}

export const sentence = <H extends Happening>(happening: H): string =>
  (sentences[happening.what] as (happening: Happening) => string)(happening)

/** Said by the simulations. */
export const simulation = {
  titles: {
    scaling: 'Try it: more people come',
    crash: 'Try it: a copy dies',
    'rolling-update': 'Try it: a new release',
    'node-loss': 'Try it: a machine is lost',
    'load-balancing': 'Try it: who answers?',
    'viral-day': 'Try it: the day it goes viral',
    'data-follows': 'Try it: does the data come along?',
  } satisfies Record<ScenarioName, string>,
  /** What to look at. */
  hints: {
    scaling:
      'One copy answers about 10 requests a second. The Docker machine has 4 CPUs, each node has room for 3 Pods.',
    crash: 'Both sides restart what ends. See what each does about a copy that hangs, and about one that is deleted.',
    'rolling-update':
      'Without a readiness probe a Pod counts as ready as soon as its process runs. Without a graceful stop an app ends while it still gets requests.',
    'node-loss':
      'The cluster waits up to 50 seconds until it counts a silent node as lost, and 300 more until it gives up its Pods. The labs shorten the second wait with tolerationSeconds.',
    'load-balancing': 'Each copy shows how many requests it has answered. Four clients ask.',
    'viral-day':
      'The autoscaler looks every 15 seconds. It adds Pods at once, and takes them away after 5 calm minutes.',
    'data-follows':
      'A local volume is the disk of one node. A network volume can be attached to another node, once it is certain that the first lets go.',
  } satisfies Record<ScenarioName, string>,
  presses: {
    'more-traffic': 'More traffic',
    'less-traffic': 'Less traffic',
    'add-copy': 'One copy more',
    'remove-copy': 'One copy less',
    crash: 'Crash a copy',
    hang: 'Let a copy hang',
    delete: 'Delete a copy',
    release: 'Release a new version',
    'release-bad': 'Release a broken version',
    'roll-back': 'Roll back',
    unplug: 'Unplug a machine',
    plug: 'Plug it in again',
    viral: 'It is on the news',
    night: 'The night comes',
    'scale-docker': 'Someone scales Compose up',
    recreate: 'Recreate the copy',
    move: 'Move to another machine',
    'move-back': 'Allow the drained node again',
    'out-of-service': 'Declare the machine out of service',
  } satisfies Record<Press, string>,
  switches: {
    readiness: 'Readiness probe',
    graceful: 'Graceful stop',
    'short-toleration': 'tolerationSeconds: 10',
    'keeps-address': 'Docker clients keep the address they got',
    'fixed-port': 'Compose publishes one fixed port, 8080:9898',
    'network-volume': 'Network volume',
  } satisfies Record<Switch, string>,
  sides: { docker: 'Docker, one machine', cluster: 'Kubernetes, three nodes' },
  dns: (service: string) => `${service} (DNS)`,
  port: 'port 8080',
  service: (name: string) => `${name} (Service)`,
  start: 'Start',
  pause: 'Pause',
  step: 'Step',
  reset: 'Reset',
  speed: 'Speed',
  times: (n: number) => `${n}×`,
  controls: 'Time',
  pressing: 'What happens',
  clock: (ms: number) => {
    const all = Math.max(0, Math.floor(ms / 1000))
    return `${Math.floor(all / 60)}:${String(all % 60).padStart(2, '0')}`
  },
  clockLabel: 'Time in the simulation',
  noScript: 'This picture moves when JavaScript is on.',
  silent: 'silent',
  unplugged: 'unplugged',
  volume: (entries: number) => `volume: ${count(entries, 'entry', 'entries')}`,
  figures: {
    traffic: (perSecond: number) => `${perSecond} requests/s`,
    share: (part: number | undefined) => (part === undefined ? 'no requests' : `${percent(part)} answered`),
    failed: (requests: number) => `${requests} lost`,
  },
  /** The picture in words. */
  summary: (side: string, up: number, all: number, part: number | undefined) =>
    `${side}: ${up} of ${count(all, 'copy answers', 'copies answer')}. ${
      part === undefined ? 'No requests come.' : `${percent(part)} of the last requests were answered.`
    }`,
  started: 'It runs.',
  paused: 'It stands still.',
  wasReset: 'Back at the beginning.',
  log: 'What has happened',
  nothing: 'Nothing has changed here.',
  table: 'The same as a table',
  columns: { copy: 'Copy', place: 'Where', state: 'State', served: 'Answered' },
  nowhere: 'nowhere yet',
}

/** Never 100 % when something was lost. */
const percent = (part: number) => `${part === 1 ? 100 : Math.min(99, Math.round(part * 100))}%`
