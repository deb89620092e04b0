/**
 * What is chance, and not behaviour. A controller that writes a status twice within a moment may as well write it once: what was in
 * between is then not seen, on either side. Such values and events are left out by the rules here, whether they were seen or not.
 */

type Value = string | number

/** Of a facet's values, those that every run has. */
export function passing(facet: string, values: readonly Value[]): readonly Value[] {
  if (values.every((value) => typeof value === 'number')) {
    return decided.test(facet) ? extremes(values) : [values[0] ?? 0, values.at(-1) ?? 0]
  }
  const left = lasting(facet, asOne(values))
  return repeated.test(facet) ? onceEach(left) : left.filter((value, index) => value !== left[index - 1])
}

/** A controller that has made a ReplicaSet may say at once how far it is; an image that cannot be had is tried again and again. */
function asOne(values: readonly Value[]): readonly Value[] {
  return values
    .map((value) =>
      typeof value === 'string'
        ? value.replace(
            /^True NewReplicaSetCreated Created new replica set (\S+)$/,
            'True ReplicaSetUpdated ReplicaSet $1 is progressing.',
          )
        : value,
    )
    .filter(
      (value, index, all) =>
        !/^waiting: (?:ErrImagePull|ImagePullBackOff)/.test(String(value)) || all.indexOf(value) === index,
    )
}

/** What is left out brings others together that are left out in turn. */
function lasting(facet: string, values: readonly Value[]): readonly Value[] {
  const left = values.filter((_, index) => !isPassing(facet, values, index))
  return left.length === values.length ? left : lasting(facet, left)
}

/**
 * Figures that somebody has decided on, or that only go up. All others count what is under way, and are seen or not as it happens: only
 * their beginning and end are compared, and scenarios assert their bounds.
 */
const decided = /^(?:wanted|desiredReplicas|disruptionsAllowed|desiredHealthy|restarts|.* restarts)$/

/** On a way up or down, only where it begins and ends: 0 1 2 3 2 3 is 0 3 2 3. */
function extremes(values: readonly number[]): number[] {
  return values.filter((value, index) => {
    const before = values[index - 1]
    const after = values[index + 1]
    return before === undefined || after === undefined || before < value !== value < after
  })
}

/** What goes to and fro while something is tried again and again. */
const repeated = /^condition | (?:ready|state)$/

/** Each value when it was first seen, and the one that it ends with. */
function onceEach(values: readonly Value[]): Value[] {
  const kept = [...new Set(values)]
  const last = values.at(-1)
  return last === undefined || kept.at(-1) === last ? kept : [...kept, last]
}

interface Rule {
  readonly facet: RegExp
  readonly value: RegExp
  /** What comes before it or after it, where that matters. */
  readonly before?: RegExp
  readonly after?: RegExp
}

const rules: readonly Rule[] = [
  // What a kubelet first says of a Pod may come late enough to say more
  { facet: /^condition (?:Containers)?Ready$/, before: /^$/, value: /^False ContainersNotReady /, after: /./ },
  { facet: /^condition PodReadyToStartContainers$/, before: /^$/, value: /^False$/, after: /./ },
  { facet: / ready$/, before: /^$/, value: /^false$/, after: /./ },
  { facet: / state$/, before: /^$/, value: /^waiting: (?:ContainerCreating|PodInitializing)$/, after: /./ },
  // So that a container which runs for seconds may be over when it is told of
  { facet: / state$/, value: /^running$/, after: /^terminated/ },
  { facet: / state$/, value: /^terminated/, after: /^running$/ },
  { facet: / ready$/, value: /^true$/, after: /^false$/ },
  { facet: /^phase$/, before: /^Pending$/, value: /^Running$/, after: /^(?:Succeeded|Failed)$/ },
  { facet: /^condition (?:Containers)?Ready$/, value: /^True/, after: /^False/ },
  // It waits until its time has come, and is told of as waiting when it no longer is
  { facet: / state$/, value: /^waiting: CrashLoopBackOff/, after: /^(?:running|terminated)/ },
  // A probe may see a container on its way out, or come too late for it
  {
    facet: /^condition (?:Containers)?Ready$/,
    value: /^False ContainersNotReady /,
    after: /^False Pod(?:Failed|Completed)/,
  },
  // A container that has ended is cleared away at some time, and with it what is known of it
  { facet: / before$/, value: /^–$/ },
  // Whether a measurement falls before or after a change decides what the autoscaler says in between
  { facet: /^condition AbleToScale$/, value: /^True (?:SucceededGetScale|ScaleDownStabilized|ReadyForNewScale) / },
  { facet: /^condition ScalingActive$/, value: /(?:no metrics returned|did not receive metrics)/, after: /./ },
  // Those that end together are counted together, or one after the other
  { facet: /^(?:completed|failed indexes)$/, value: /./, after: /./ },
  { facet: /^condition Progressing$/, value: /^True ReplicaSetUpdated /, after: /^True NewReplicaSetAvailable / },
  // Two controllers mark a node that is not heard of, whichever comes first
  { facet: /^taints$/, value: /^node\.kubernetes\.io\/unreachable=:\w+$/ },
  // On a fast machine it is done when it would be told of
  { facet: /^condition PodResizeInProgress$/, value: /./, after: /^–$/ },
  // Whatever happens to other Pods meanwhile has the scheduler try again
  {
    facet: /^condition PodScheduled$/,
    value: /not eligible due to a terminating pod on the nominated node/,
    after: /./,
  },
  // The scheduler met somebody else's write, and tries again
  { facet: /^condition PodScheduled$/, value: /^False SchedulerError /, after: /./ },
  // Of several init containers, how many were ready when it was told
  { facet: /^condition Initialized$/, value: /^False ContainersNotInitialized /, after: /./ },
]

function isPassing(facet: string, values: readonly Value[], index: number): boolean {
  const [before, value, after] = [values[index - 1], values[index], values[index + 1]].map((one) => String(one ?? ''))
  return rules.some(
    (rule) =>
      rule.facet.test(facet) &&
      rule.value.test(value ?? '') &&
      (rule.before?.test(before ?? '') ?? true) &&
      (rule.after?.test(after ?? '') ?? true),
  )
}

interface Told {
  readonly event: RegExp
  /** Only after one like this. */
  readonly after?: RegExp
  /** Why it is no behaviour. */
  readonly reason: string
}

const chance: readonly Told[] = [
  { event: /Normal Pulling: /, reason: 'Which images a node holds already is where one begins, not what happens.' },
  {
    event: /FailedMount: .*failed to sync (?:configmap|secret) cache: timed out/,
    reason: 'A kubelet that has much to do hears of a namespace’s ConfigMaps later than of its Pods.',
  },
  {
    event: /FailedMount: .*node requested token bound to a pod scheduled on a different node/,
    reason: 'The API server’s own cache of Pods may be behind.',
  },
  {
    event: /(?:no metrics returned from resource metrics API|did not receive metrics for targeted pods)/,
    reason: 'An autoscaler may look before the first measurement.',
  },
  {
    event: /Unhealthy: (?:Readiness probe failed: .*|\w+ probe failed: Get .*)connect: connection refused/,
    reason: 'The first question may come before the program listens.',
  },
  {
    event: /Unhealthy: /,
    after: /Killing: Stopping container/,
    reason: 'Whether a probe falls into the end of a container is a matter of milliseconds.',
  },
  {
    event: /ResizeCompleted: .*"cpu":"100m"/,
    reason: 'A kubelet may tell of what a Pod began with as of a resize that is done.',
  },
  { event: /WaitFor(?:FirstConsumer|PodScheduled): /, reason: 'Whether a claim or its Pod is seen first.' },
  { event: /the object has been modified; please apply/, reason: 'Somebody else wrote at the same time.' },
  { event: /FailedScheduling: running \w+ plugin /, reason: 'The scheduler’s own view of claims may be behind.' },
  {
    event: /Normal Node(?:Not)?Schedulable: /,
    reason: 'A kubelet tells of it when it next reports its node’s status.',
  },
  {
    event: /FailedMount: .*no relationship found between node/,
    reason: 'The API server’s own graph of what a node may read may be behind.',
  },
  {
    event: /FailedScheduling: .*not eligible due to a terminating pod on the nominated node/,
    reason: 'Whatever happens to other Pods meanwhile has the scheduler try again.',
  },
  {
    event: /TaintManagerEviction: Cancelling deletion of Pod/,
    reason: 'Of a Pod that is deleted already: whether its node’s kubelet speaks of it before the taint is gone.',
  },
  { event: /NoPods: No matching pods found/, reason: 'A budget may be seen before the Pods that were made before it.' },
]

/** Whether an event is left out wherever it was told; `told`: what the same component told of the object before. */
export const isChance = (event: string, told: readonly string[]): boolean =>
  chance.some((one) => one.event.test(event) && (one.after === undefined || told.some((text) => one.after?.test(text))))

const alike: readonly (readonly [RegExp, string])[] = [
  // An image that was pulled as one that was there
  [/Pulled: Successfully pulled image ("[^"]*").*\.(?= \(|$)/, 'Pulled: Container image $1 already present on machine'],
]

/** Of events that stand for one another, always the same. */
export function asUsual(event: string): string {
  let result = event
  for (const [pattern, usual] of alike) result = result.replace(pattern, usual)
  return result
}

/** Of each sort, what is done to several at once is told in whichever order. */
const together = [/Killing: Stopping container/, /SuccessfulCreate: Created pod: /, /SuccessfulDelete: Deleted pod: /]

/** A component's events about an object, those that come together in the order of their text. */
export function inUsualOrder(events: readonly string[]): string[] {
  const sorts = together.map((sort) => ({ sort, sorted: events.filter((event) => sort.test(event)).sort() }))
  return events.map((event) => sorts.find(({ sort }) => sort.test(event))?.sorted.shift() ?? event)
}
