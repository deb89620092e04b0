import { restartsAlways } from '../../kinds/pod/resources.ts'
import type { PodCondition, PodSpec } from '../../kinds/pod/types.ts'
import { goQuote } from '../../objects/go-quote.ts'
import type { Phase } from './phase.ts'
import type { FullContainerStatus } from './types.ts'

export interface ConditionsView {
  readonly spec: PodSpec
  readonly phase: Phase
  readonly initStatuses: readonly FullContainerStatus[]
  readonly statuses: readonly FullContainerStatus[]
  /** What others have set, for readiness gates. */
  readonly others: readonly PodCondition[]
  /** A sandbox with an address is there. */
  readonly hasSandbox: boolean
}

type Condition = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>

const OWN: ReadonlySet<string> = new Set([
  'PodScheduled',
  'Ready',
  'Initialized',
  'ContainersReady',
  'PodReadyToStartContainers',
  'PodResizePending',
  'PodResizeInProgress',
])

/** Whether the kubelet alone writes it. */
export const isOwnCondition = (type: string): boolean => OWN.has(type)

/** The conditions that a kubelet sets, in its order (status/generate.go, 1.34). */
export function conditionsOf(view: ConditionsView): Condition[] {
  const containersReady = containersReadyOf(view)
  return [
    { type: 'PodReadyToStartContainers', status: view.hasSandbox ? 'True' : 'False' },
    initializedOf(view),
    readyOf(view, containersReady),
    containersReady,
    { type: 'PodScheduled', status: 'True' },
  ]
}

/** Containers are ready no more where a Pod has ended. */
export function endedReady(type: 'Ready' | 'ContainersReady', phase: Phase): Condition {
  return { type, status: 'False', reason: phase === 'Failed' ? 'PodFailed' : 'PodCompleted' }
}

function containersReadyOf({ spec, phase, initStatuses, statuses }: ConditionsView): Condition {
  const type = 'ContainersReady'
  const names = [...(spec.initContainers ?? []).filter(restartsAlways), ...(spec.containers ?? [])]
  const known = [...initStatuses, ...statuses]
  const [unknown, unready] = [[] as string[], [] as string[]]
  for (const { name } of names) {
    const status = known.find((one) => one.name === name)
    if (status === undefined) unknown.push(name)
    else if (!status.ready) unready.push(name)
  }
  if ((phase === 'Succeeded' && unknown.length === 0) || phase === 'Failed') return endedReady(type, phase)
  const message = sentence([unknown, 'unknown'], [unready, 'unready'])
  if (message !== '') return { type, status: 'False', reason: 'ContainersNotReady', message }
  return { type, status: 'True' }
}

function readyOf({ spec, others }: ConditionsView, containersReady: Condition): Condition {
  if (containersReady.status !== 'True') return { ...containersReady, type: 'Ready' }
  const missing = (spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = others.find(({ type }) => type === conditionType)
    if (condition === undefined) {
      return [`corresponding condition of pod readiness gate ${goQuote(conditionType)} does not exist.`]
    }
    if (condition.status === 'True') return []
    return [`the status of pod readiness gate ${goQuote(conditionType)} is not "True", but ${condition.status}`]
  })
  if (missing.length === 0) return { type: 'Ready', status: 'True' }
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: missing.join(', ') }
}

function initializedOf({ spec, phase, initStatuses, statuses }: ConditionsView): Condition {
  const type = 'Initialized'
  const [unknown, incomplete] = [[] as string[], [] as string[]]
  for (const container of spec.initContainers ?? []) {
    const status = initStatuses.find(({ name }) => name === container.name)
    if (status === undefined) unknown.push(container.name)
    else if (!(restartsAlways(container) ? status.started === true : status.ready)) incomplete.push(container.name)
  }
  if (phase === 'Succeeded' && unknown.length === 0) return { type, status: 'True', reason: 'PodCompleted' }
  if (statuses.some(hasStarted)) return { type, status: 'True' }
  const message = sentence([unknown, 'unknown'], [incomplete, 'incomplete'])
  if (message !== '') return { type, status: 'False', reason: 'ContainersNotInitialized', message }
  return { type, status: 'True' }
}

const hasStarted = ({ state }: FullContainerStatus): boolean =>
  state.running !== undefined || state.terminated !== undefined

function sentence(...parts: readonly (readonly [readonly string[], string])[]): string {
  return parts
    .filter(([names]) => names.length > 0)
    .map(([names, what]) => `containers with ${what} status: [${names.join(' ')}]`)
    .join(', ')
}
