/**
 * Of a facet's values, those that every run has. A controller that writes a status twice within a moment may as well write it once:
 * what was in between is then not seen. Such values are left out by the rules here, whether they were seen or not.
 */
export function passing(facet: string, values: readonly (string | number)[]): (string | number)[] {
  // Tried again and again, each time with the same words
  if (/ state$/.test(facet)) return onceEach(values).filter((_, index, all) => !isPassing(facet, all, index))
  if (!values.every((value) => typeof value === 'number'))
    return values.filter((_, index) => !isPassing(facet, values, index))
  return decided.test(facet) ? extremes(values) : [values[0] ?? 0, values.at(-1) ?? 0]
}

/**
 * Figures that somebody has decided on, or that only go up. All others count what is under way, and are seen or not as it happens: only
 * their beginning and end are compared, and scenarios assert their bounds.
 */
const decided = /^(?:wanted|desiredReplicas|disruptionsAllowed|desiredHealthy|restarts|.* restarts)$/

/** Of the two states of an image that cannot be had, each once. */
function onceEach(values: readonly (string | number)[]): (string | number)[] {
  return values.filter(
    (value, index) =>
      !/^waiting: (?:ErrImagePull|ImagePullBackOff)/.test(String(value)) || values.indexOf(value) === index,
  )
}

/** On a way up or down, only where it begins and ends: 0 1 2 3 2 3 is 0 3 2 3. */
function extremes(values: readonly number[]): number[] {
  return values.filter((value, index) => {
    const before = values[index - 1]
    const after = values[index + 1]
    return before === undefined || after === undefined || before < value !== value < after
  })
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
  // Whether a measurement falls before or after a change decides what the autoscaler says in between
  { facet: /^condition AbleToScale$/, value: /^True (?:ScaleDownStabilized|ReadyForNewScale) / },
  // A controller that has made a ReplicaSet says at once how far it is
  { facet: /^condition Progressing$/, value: /^True NewReplicaSetCreated /, after: /^True / },
  // A probe may see a container on its way out, or come too late for it
  {
    facet: /^condition (?:Containers)?Ready$/,
    value: /^False ContainersNotReady /,
    after: /^False Pod(?:Failed|Completed)/,
  },
]

function isPassing(facet: string, values: readonly (string | number)[], index: number): boolean {
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
    event: /Unhealthy: Readiness probe failed: .*connect: connection refused/,
    reason: 'The first question may come before the program listens.',
  },
  {
    event: /Unhealthy: /,
    after: /Killing: Stopping container/,
    reason: 'Whether a probe falls into the end of a container is a matter of milliseconds.',
  },
]

/** Whether an event is left out wherever it was told; `told`: what the same component told of the object before. */
export const isChance = (event: string, told: readonly string[]): boolean =>
  chance.some((one) => one.event.test(event) && (one.after === undefined || told.some((text) => one.after?.test(text))))

/** An image that was pulled as one that was there. */
export const asHeld = (event: string): string =>
  event.replace(
    /Pulled: Successfully pulled image ("[^"]*").*\.(?= \(|$)/,
    'Pulled: Container image $1 already present on machine',
  )
