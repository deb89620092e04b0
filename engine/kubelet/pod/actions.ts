import { restartsAlways } from '../../kinds/pod/resources.ts'
import type { Pod } from '../../kinds/pod/status.ts'
import type { Container } from '../../kinds/pod/types.ts'
import { type ContainerRecord, latest, type Records, type SandboxRecord, shouldRun } from './record.ts'
import { restartsToResize } from './resize.ts'

export type KillReason = 'startup' | 'liveness' | undefined

export interface Kill {
  readonly record: ContainerRecord
  /** Of the event. */
  readonly message: string
  readonly reason: KillReason
}

/** What is to be done so that a Pod runs as it should. */
export interface Actions {
  /** All that runs of it ends, with its sandbox. */
  readonly killAll: boolean
  readonly createSandbox: boolean
  readonly kills: readonly Kill[]
  readonly ephemerals: readonly Container[]
  readonly inits: readonly Container[]
  readonly containers: readonly Container[]
}

const NOTHING = { kills: [], ephemerals: [], inits: [], containers: [] } as const

/** `computePodActions` (1.34). */
export function actionsFor(pod: Pod, records: Records, sandbox: SandboxRecord | undefined): Actions {
  if (sandbox?.ready !== true) return inNewSandbox(pod, records, sandbox)
  const { spec } = pod
  const restart = { restartPolicy: spec.restartPolicy, ending: pod.metadata.deletionTimestamp !== undefined }
  const ephemerals = (spec.ephemeralContainers ?? []).filter(({ name }) => latest(records, name) === undefined)
  const init = initActions(pod, records)
  if (init.failed || !init.initialized) {
    return { ...NOTHING, killAll: init.failed, createSandbox: false, ephemerals, inits: init.starts, kills: init.kills }
  }
  const kills: Kill[] = [...init.kills]
  const starts: Container[] = []
  let kept = 0
  for (const container of spec.containers ?? []) {
    const record = latest(records, container.name)
    if (record?.state !== 'running') {
      if (shouldRun(records, container.name, restart)) starts.push(container)
      continue
    }
    if (restartsToResize(container, record)) {
      starts.push(container)
      kills.push({ record, message: `Container ${container.name} resize requires restart`, reason: undefined })
      continue
    }
    const failed = failedProbe(record, ['liveness', 'startup'])
    const changed = record.spec.image !== container.image
    if (!changed && failed === undefined) {
      kept++
      continue
    }
    const again = changed || spec.restartPolicy !== 'Never'
    const why = changed
      ? `Container ${container.name} definition changed`
      : `Container ${container.name} failed ${failed} probe`
    if (again) starts.push(container)
    kills.push({ record, message: again ? `${why}, will be restarted` : why, reason: changed ? undefined : failed })
  }
  const over = kept === 0 && starts.length === 0
  return { killAll: over, createSandbox: false, kills, ephemerals, inits: over ? [] : init.starts, containers: starts }
}

function inNewSandbox({ spec }: Pod, records: Records, sandbox: SandboxRecord | undefined): Actions {
  const none: Actions = { ...NOTHING, killAll: true, createSandbox: false }
  if (spec.restartPolicy === 'Never' && sandbox !== undefined && records.length > 0) return none
  const containers = (spec.containers ?? []).filter(({ name }) => {
    const record = latest(records, name)
    return !(spec.restartPolicy === 'OnFailure' && record?.state === 'exited' && record.exitCode === 0)
  })
  const names = new Set(spec.containers?.map(({ name }) => name))
  if (containers.length === 0 && records.some(({ name }) => names.has(name))) return none
  const [first] = spec.initContainers ?? []
  return {
    ...NOTHING,
    killAll: true,
    createSandbox: true,
    ...(first === undefined ? { containers } : { inits: [first] }),
  }
}

interface InitActions {
  readonly initialized: boolean
  /** One has failed for good. */
  readonly failed: boolean
  readonly starts: readonly Container[]
  readonly kills: readonly Kill[]
}

/** `computeInitContainerActions` (1.34): from the last that has run back to the first, what is next and which sidecars have to run again. */
function initActions({ spec }: Pod, records: Records): InitActions {
  const inits = spec.initContainers ?? []
  if (inits.length === 0) return { initialized: true, failed: false, starts: [], kills: [] }
  let initialized = (spec.containers ?? []).some(({ name }) => {
    const state = latest(records, name)?.state
    return state === 'created' || state === 'running'
  })
  const starts: number[] = []
  const kills: Kill[] = []
  let previously = initialized
  for (let index = inits.length - 1; index >= 0; index--) {
    const container = inits[index] as Container
    const isSidecar = restartsAlways(container)
    const record = latest(records, container.name)
    if (record === undefined) {
      if (previously && isSidecar) starts.push(index)
      continue
    }
    if (previously && !isSidecar) continue
    const isDone = (): void => {
      if (index === inits.length - 1) initialized = true
      else if (!previously) starts.push(index + 1)
    }
    switch (record.state) {
      case 'created':
        starts.push(index)
        break
      case 'running':
        if (isSidecar) runningSidecar(container, record, index, { isDone, starts, kills })
        break
      case 'exited':
        if (isSidecar) starts.push(index)
        else if (record.exitCode === 0) isDone()
        else if (spec.restartPolicy === 'Never') return { initialized: false, failed: true, starts: [], kills }
        else starts.push(index)
        break
    }
    previously = true
  }
  if (!previously) starts.push(0)
  return { initialized, failed: false, starts: starts.reverse().map((index) => inits[index] as Container), kills }
}

function runningSidecar(
  container: Container,
  record: ContainerRecord,
  index: number,
  { isDone, starts, kills }: { isDone: () => void; starts: number[]; kills: Kill[] },
): void {
  const kill = (what: string, reason: KillReason): void => {
    kills.push({ record, message: `Init container ${container.name} ${what}`, reason })
    starts.push(index)
  }
  if (container.startupProbe !== undefined && record.results?.startup !== 'success') {
    if (record.results?.startup === 'failure') kill('failed startup probe', 'startup')
    return
  }
  isDone()
  if (record.spec.image !== container.image) kill('definition changed', undefined)
  else if (record.results?.liveness === 'failure') kill('failed liveness probe', 'liveness')
  else if (restartsToResize(container, record)) kill('resize requires restart', undefined)
}

function failedProbe<K extends 'liveness' | 'startup'>(record: ContainerRecord, kinds: readonly K[]): K | undefined {
  return kinds.find((kind) => record.results?.[kind] === 'failure')
}
