import type { Cancel } from '../../clock/clock.ts'
import type { ContainerOptions } from '../../containers/contract.ts'
import type { Blobs } from '../../containers/files/blobs.ts'
import { restartsAlways } from '../../kinds/pod/resources.ts'
import type { Pod } from '../../kinds/pod/status.ts'
import type { Container } from '../../kinds/pod/types.ts'
import { deepEqual } from '../../objects/equal.ts'
import { formatTime, parseTime } from '../../objects/time.ts'
import type { KeptPod, KeptRun, Launch, Stage } from '../kept.ts'
import { ContainerLog } from '../logs/container-log.ts'
import { PodProbes } from '../probes/pod-probes.ts'
import { matches } from '../profiles/profile.ts'
import { jittered, spanOf } from '../spans.ts'
import { type Ending, generateStatus, rejectedStatus } from '../status/generate.ts'
import type { FullPodStatus } from '../status/types.ts'
import { pause, run, type Task } from '../task.ts'
import { PodVolumes } from '../volumes/pod-volumes.ts'
import { actionsFor } from './actions.ts'
import type { NodeContext } from './context.ts'
import { mountVolumes } from './mounting.ts'
import type { ContainerRecord, ProbeKind } from './record.ts'
import { asksForOther, Resize } from './resize.ts'
import { createSandbox, removeSandbox, resumeSandbox } from './sandbox.ts'
import { factsOf, type RunHearer, resumeContainer, startContainer } from './start.ts'
import { endRecord, forgetOldRuns, type PodState } from './state.ts'
import { stopAll, stopContainer } from './stop.ts'

/** Milliseconds after which what could not be done is tried again, or up to half as much more: the kubelet's `backOffPeriod`. */
const RETRY = 10_000

/** Seconds that a token lives where nothing is said. */
const TOKEN_LIFE = 3600

type Outcome = 'settled' | 'again' | 'retry'

export interface WorkerOptions {
  /** From a manifest of the node, not from the API. */
  readonly isStatic: boolean
}

export interface TerminateOptions {
  /** Seconds, in place of the Pod's own. */
  readonly grace?: number
  readonly ending?: Ending
}

/** Brings one Pod on its node to where it should be, one step after the other: upstream's pod worker and `SyncPod` (1.34). */
export class PodWorker implements RunHearer {
  readonly uid: string
  readonly isStatic: boolean
  readonly state: PodState
  readonly #node: NodeContext
  readonly #probes: PodProbes
  #stage: Stage = 'syncing'
  #ending: Ending | undefined
  /** None until its containers were to get other resources. */
  #resize: Resize | undefined
  #grace: number | undefined
  #busy = false
  #again = false
  #stopped = false
  #echo = false
  /** Ends the waiting for volumes of a Pod that is to end. */
  #mounting: Cancel | undefined
  #cancel: Cancel = () => {}
  #retry: Cancel = () => {}
  #deadline: Cancel | undefined
  #renewal: Cancel | undefined
  /** Of containers that only look as if they ran. */
  #lives = new Set<Cancel>()

  constructor(node: NodeContext, pod: Pod, { isStatic }: WorkerOptions) {
    this.#node = node
    this.uid = pod.metadata.uid
    this.isStatic = isStatic
    this.state = {
      pod,
      records: [],
      sandbox: undefined,
      live: undefined,
      ip: undefined,
      failures: new Map(),
      status: (pod.status ?? {}) as FullPodStatus,
      volumes: undefined,
      etc: undefined,
    }
    this.#probes = new PodProbes(node, this.state, { probed: (kind) => this.#probed(kind) })
  }

  get pod(): Pod {
    return this.state.pod
  }

  /** Containers of it may still run. */
  get mayRun(): boolean {
    return this.#stage === 'syncing' || this.#stage === 'terminating'
  }

  /** Nothing of it is left but its status. */
  get isFinished(): boolean {
    return this.#stage === 'finished'
  }

  /** The Pod as the API has it now. */
  update(pod: Pod): void {
    const before = this.state.pod
    this.state.pod = pod
    if (pod.metadata.deletionTimestamp !== undefined && !this.isStatic) {
      if (this.#stage === 'syncing') this.terminate()
      else if (this.#stage === 'finished') this.#node.statusChanged(this)
      return
    }
    if (!deepEqual(named(pod), named(before)) && saysOfItself(pod)) this.refreshVolumes()
    if (pod.spec !== before.spec && !deepEqual(pod.spec, before.spec)) {
      if (asksForOther(pod.spec, before.spec)) this.resize()
      else this.wake()
    } else if (pod.metadata.generation !== before.metadata.generation) this.refresh()
    else if ((pod.spec.readinessGates?.length ?? 0) > 0) this.refresh()
  }

  /** Sees to it that the Pod is looked at, now or once what is going on is done. */
  wake(): void {
    if (this.#stopped || this.#stage === 'finished') return
    this.#again = true
    if (!this.#busy) this.#work()
  }

  terminate({ grace, ending }: TerminateOptions = {}): void {
    if (this.#stage !== 'syncing') return
    this.#stage = 'terminating'
    this.#grace = grace
    this.#ending = ending
    this.#mounting?.()
    this.wake()
  }

  /** It is not taken: it has failed before it began. */
  reject(reason: string, message: string): void {
    this.#node.tell(this.pod)('Warning', reason, message)
    this.#stage = 'finished'
    this.#setStatus(rejectedStatus(this.pod, reason, message, formatTime(this.#node.clock.now())))
  }

  /** Gives its containers the resources that it asks for now, where that can be. */
  resize(): void {
    if (this.#stage !== 'syncing') return
    this.#resize ??= new Resize(this.#node, this)
    this.#resize.ask()
    this.wake()
  }

  /** Its resources are not what it asks for. */
  get isResizePending(): boolean {
    return this.#resize?.pending !== undefined
  }

  /** Tells anew what its containers' probes say. */
  refresh(): void {
    if (this.#stage === 'finished' || this.#stage === 'terminated') return
    this.#setStatus(this.#status(false))
  }

  /** New content for its volumes. */
  refreshVolumes(): void {
    const { volumes, pod } = this.state
    if (volumes === undefined || this.#stage !== 'syncing' || this.#stopped) return
    const { objects, tokens } = this.#node
    const sources = { objects, facts: factsOf(this.#node, this.state), tokens }
    run(volumes.refresh(pod, sources), { failed: this.#node.report })
  }

  /** The node is gone with all that ran on it; what there was of the Pod is known when it comes back. */
  halt(): void {
    this.#stopped = true
    this.#cancel()
    this.#retry()
    this.#endWatches()
    this.#probes.stop()
    this.#endLives()
    this.#busy = false
    this.#again = false
    for (const record of this.state.records) delete record.container
    removeSandbox(this.#node, this.state)
  }

  /** The node is back: what ran has ended, nobody knows how. */
  resume(): void {
    const now = this.#node.clock.now()
    for (const record of this.state.records) {
      if (record.state === 'running') endRecord(record, { exitCode: 255, reason: 'Unknown' }, now)
    }
    this.state.records = this.state.records.filter(({ state }) => state === 'exited')
    if (this.state.sandbox !== undefined) this.state.sandbox.ready = false
    this.#stopped = false
    this.wake()
  }

  /** What of it is to be known after a restore. */
  keep(blobs: Blobs): KeptPod {
    const { pod, records, sandbox, ip, failures, status, volumes } = this.state
    return {
      pod,
      isStatic: this.isStatic,
      stage: this.#stage,
      ...(this.#grace === undefined ? {} : { grace: this.#grace }),
      ...(this.#ending === undefined ? {} : { ending: this.#ending }),
      ...(sandbox === undefined ? {} : { sandbox: { ...sandbox } }),
      ...(ip === undefined ? {} : { ip }),
      failures: [...failures],
      status,
      runs: records.map((record) => keepRun(record, blobs)),
      ...(volumes === undefined ? {} : { volumes: volumes.keep(blobs) }),
    }
  }

  /** As it was, on a node that runs or does not; its containers come with `goOn`, when all Pods have their addresses. */
  putBack(kept: KeptPod, blobs: Blobs, { running }: { readonly running: boolean }): void {
    const { state } = this
    const node = this.#node
    this.#stage = kept.stage
    this.#grace = kept.grace
    this.#ending = kept.ending
    this.#stopped = !running
    state.sandbox = kept.sandbox === undefined ? undefined : { ...kept.sandbox }
    state.ip = kept.ip
    state.failures = new Map(kept.failures)
    state.status = kept.status
    // What was not started yet is made once more
    state.records = kept.runs.filter(({ state: is }) => is !== 'created').map((run) => recordOf(run, node, blobs))
    if (kept.volumes !== undefined && node.volumes !== undefined) {
      state.volumes = new PodVolumes(node.volumes)
      state.volumes.putBack(kept.volumes, kept.pod, node.objects, blobs)
    }
    if (!running || state.sandbox?.ready !== true) return
    try {
      if (this.#stage !== 'syncing') throw new Error('it is to end')
      resumeSandbox(node, state)
    } catch {
      state.sandbox.ready = false
    }
  }

  /** Its containers run again, if they ran, and it is looked at. */
  goOn(kept: KeptPod, blobs: Blobs): void {
    if (this.#stopped || this.#stage === 'finished') return
    const { records, sandbox, pod } = this.state
    const now = this.#node.clock.now()
    // Oldest first: one that debugs needs the other to run
    for (const record of records.toReversed()) {
      if (record.state !== 'running') continue
      const run = kept.runs.find(({ id }) => id === record.id)
      if (sandbox?.ready === true) resumeContainer(this.#node, this.state, record, { ...run, blobs }, this)
      else endRecord(record, { exitCode: 137, reason: 'Error' }, now)
    }
    const asked = new Map((pod.spec.containers ?? []).map(({ name, resources = {} }) => [name, resources]))
    const isResized = ({ name, state: is, allocated }: ContainerRecord) =>
      is === 'running' && asked.has(name) && !deepEqual(asked.get(name), allocated)
    if (records.some(isResized)) this.resize()
    // Tokens may be older than they should be
    this.refreshVolumes()
    // What could not be started waits on, as it did
    if (this.#stage === 'syncing' && this.state.failures.size > 0) this.#retryLater()
    else this.wake()
  }

  started(record: ContainerRecord): void {
    const { clock, profile, random, machine } = this.#node
    this.#probes.started(record)
    this.#node.relist(this)
    if (machine !== undefined) return
    const subject = { pod: this.pod, node: this.#node.name, container: record.name, image: record.spec.image ?? '' }
    const life = profile.lives.find((one) => matches(one, subject))
    if (life === undefined) return
    const cancel = clock.after(spanOf(life.after, random), () => {
      this.#lives.delete(cancel)
      const { exitCode, outOfMemory = false } = life
      const reason = outOfMemory ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error'
      endRecord(record, { exitCode, reason }, clock.now())
      this.ended(record)
    })
    this.#lives.add(cancel)
  }

  ended(record: ContainerRecord): void {
    // Upstream's relist tells of a container that ends at once in two breaths, and its worker looks once more than need be
    if (record.seen !== true && record.restartCount === 1) this.#echo = true
    if (!this.#stopped) this.#node.relist(this)
  }

  #probed(kind: ProbeKind): void {
    if (kind !== 'liveness') this.refresh()
    this.wake()
  }

  #work(): void {
    while (this.#again && !this.#stopped && this.#stage !== 'finished') {
      this.#again = false
      this.#busy = true
      this.#retry()
      let over = false
      let later = false
      const end = (outcome: Outcome): void => {
        over = true
        this.#busy = false
        if (this.#stopped) return
        if (outcome === 'again') this.#again = true
        else if (outcome === 'retry') this.#retryLater()
        if (later) this.#work()
      }
      const cancel = run(this.#round(), {
        done: end,
        failed: (error) => {
          this.#node.report(error)
          end('retry')
        },
      })
      if (!over) {
        later = true
        this.#cancel = cancel
        return
      }
    }
  }

  #retryLater(): void {
    const { clock, random } = this.#node
    this.#retry = clock.after(jittered(RETRY, random), () => this.wake())
  }

  *#round(): Task<Outcome> {
    switch (this.#stage) {
      case 'syncing':
        return yield* this.#sync()
      case 'terminating':
        return yield* this.#terminate()
      case 'terminated':
        return yield* this.#cleanUp()
      case 'finished':
        return 'settled'
    }
  }

  *#sync(): Task<Outcome> {
    this.#resize?.look()
    const status = this.#status(false)
    this.#setStatus(status)
    if (status.phase === 'Succeeded' || status.phase === 'Failed') {
      this.#stage = 'terminating'
      return 'again'
    }
    forgetOldRuns(this.state)
    for (const record of this.state.records) if (record.state === 'running') record.seen = true
    if (this.#echo) this.#node.relist(this)
    this.#echo = false
    this.#probes.triggerReadiness()
    this.#watchDeadline()
    if (!(yield* this.#mount())) return this.#stage === 'syncing' ? 'retry' : 'again'
    if ((this.#stage as Stage) !== 'syncing') return 'again'
    this.#renewTokens()
    this.#probes.begin()
    return (yield* this.#act()) ? 'settled' : 'retry'
  }

  /** Sets volumes up, until that is done or the Pod is to end. */
  *#mount(): Task<boolean> {
    let result: { readonly value: boolean } | { readonly error: unknown } | undefined
    yield (resume) => {
      const end = (value: typeof result): void => {
        result = value
        this.#mounting = undefined
        resume(undefined)
      }
      let over = false
      const cancel = run(mountVolumes(this.#node, this.state), {
        done(value) {
          over = true
          end({ value })
        },
        failed(error) {
          over = true
          end({ error })
        },
      })
      if (!over) {
        this.#mounting = () => {
          cancel()
          end({ value: false })
        }
      }
      return cancel
    }
    if (result === undefined) return false
    if ('error' in result) throw result.error
    return result.value
  }

  /** Does what there is to do with sandbox and containers; false if something could not be done. */
  *#act(): Task<boolean> {
    const [node, state] = [this.#node, this.state]
    const actions = actionsFor(state.pod, state.records, state.sandbox)
    const ended = state.records.filter((record) => record.state === 'exited')
    if (actions.killAll) {
      if (actions.createSandbox && state.sandbox !== undefined) {
        node.tell(state.pod)('Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
      }
      yield* stopAll(node, state, undefined)
      removeSandbox(node, state)
      if (actions.createSandbox) this.#forgetInits()
    } else {
      for (const { record, message, reason } of actions.kills) {
        yield* stopContainer(node, state, record, { message, reason })
      }
    }
    if (actions.createSandbox) {
      if (!(yield* createSandbox(node, state))) return false
      node.relist(this)
    }
    let well = true
    for (const container of actions.ephemerals) if (!(yield* this.#start(container, ended))) well = false
    for (const container of actions.inits) {
      if (yield* this.#start(container, ended)) continue
      well = false
      if (!restartsAlways(container)) return false
    }
    if (this.#resize?.give() === false) well = false
    for (const container of actions.containers) if (!(yield* this.#start(container, ended))) well = false
    return well
  }

  *#start(container: Container, ended: readonly ContainerRecord[]): Task<boolean> {
    const asked = this.#resize?.allocated(container) ?? container
    const failure = yield* startContainer(this.#node, this.state, asked, this, ended)
    if (failure === undefined) {
      this.state.failures.delete(container.name)
      return true
    }
    this.state.failures.set(container.name, failure)
    return false
  }

  *#terminate(): Task<Outcome> {
    const [node, state] = [this.#node, this.state]
    this.#setStatus(this.#status(false))
    this.#retry()
    this.#endWatches()
    this.#probes.stopLiveness()
    yield* stopAll(node, state, this.#grace)
    this.#probes.stop()
    this.#endLives()
    yield* pause(node.clock, spanOf(node.profile.delays.stop, node.random))
    removeSandbox(node, state)
    forgetOldRuns(state)
    this.#setStatus(this.#status(true))
    this.#stage = 'terminated'
    node.terminated(this)
    return 'again'
  }

  *#cleanUp(): Task<Outcome> {
    const [node, state] = [this.#node, this.state]
    yield* pause(node.clock, spanOf(node.profile.delays.cleanup, node.random))
    state.volumes = undefined
    state.etc = undefined
    for (const record of state.records) {
      delete record.container
      delete record.termination
    }
    this.#stage = 'finished'
    this.#setStatus(lastStatus(state.status, this.isStatic))
    node.statusChanged(this)
    node.finished(this)
    return 'settled'
  }

  /** With another sandbox, all is begun from the first init container on. */
  #forgetInits(): void {
    const names = new Set((this.pod.spec.initContainers ?? []).map(({ name }) => name))
    if (names.size > 0) this.state.records = this.state.records.filter(({ name }) => !names.has(name))
  }

  /** Tokens are made anew when four fifths of their life are over. */
  #renewTokens(): void {
    if (this.state.volumes === undefined || this.#renewal !== undefined) return
    const lives = (this.pod.spec.volumes ?? []).flatMap(({ projected }) =>
      (projected?.sources ?? []).flatMap(({ serviceAccountToken: token }) =>
        token === undefined ? [] : [token.expirationSeconds ?? TOKEN_LIFE],
      ),
    )
    if (lives.length === 0) return
    const ms = Math.min(...lives) * 800
    this.#renewal = this.#node.clock.every(ms, () => this.refreshVolumes())
  }

  #endLives(): void {
    for (const cancel of this.#lives) cancel()
    this.#lives.clear()
  }

  #endWatches(): void {
    this.#deadline?.()
    this.#renewal?.()
    this.#deadline = undefined
    this.#renewal = undefined
  }

  #watchDeadline(): void {
    const { activeDeadlineSeconds: seconds } = this.pod.spec
    const start = parseTime(this.state.status.startTime ?? '')
    if (seconds === undefined || start === undefined || this.#deadline !== undefined) return
    const { clock } = this.#node
    this.#deadline = clock.after(start + seconds * 1000 - clock.now(), () => {
      const ending = {
        reason: 'DeadlineExceeded',
        message: 'Pod was active on the node longer than the specified deadline',
      }
      this.#node.tell(this.pod)('Normal', ending.reason, ending.message)
      this.terminate({ ending })
    })
  }

  #status(terminal: boolean): FullPodStatus {
    const { pod, records, sandbox, ip, failures, status } = this.state
    return generateStatus({
      pod,
      old: status,
      records,
      sandbox,
      ip,
      hostIp: this.#node.hostIp,
      failures,
      terminal,
      ending: this.#ending,
      isStatic: this.isStatic,
      pendingResize: this.#resize?.pending,
      runningResize: this.#resize?.running,
      now: formatTime(this.#node.clock.now()),
    })
  }

  #setStatus(status: FullPodStatus): void {
    if (deepEqual(status, this.state.status)) return
    this.state.status = status
    this.#node.statusChanged(this)
  }
}

function keepRun(record: ContainerRecord, blobs: Blobs): KeptRun {
  const { resumed: _, made, container, log, termination: __, waiting: ___, ...run } = record
  const files = record.state === 'running' ? container?.keep(blobs) : undefined
  return {
    ...run,
    ...(log === undefined ? {} : { log: log.keep(blobs) }),
    ...(made === undefined || record.state !== 'running' ? {} : { launch: launchOf(made) }),
    ...(files === undefined ? {} : { files }),
  }
}

function launchOf({ image: _, mounts: __, log: ___, kept: ____, env, ...asked }: ContainerOptions): Launch {
  return { ...asked, env: [...env] }
}

function recordOf(
  { log: lines, launch: _, files: __, ...run }: KeptRun,
  { clock, machine }: NodeContext,
  blobs: Blobs,
) {
  const record: ContainerRecord = { ...run }
  if (lines === undefined) return record
  const log = new ContainerLog(() => clock.now(), machine?.stirred)
  log.putBack(lines, blobs)
  if (record.state === 'exited') log.close()
  record.log = log
  return record
}

const named = ({ metadata: { labels = {}, annotations = {} } }: Pod) => ({ labels, annotations })

/** Files of it show the Pod's own labels or annotations. */
const saysOfItself = ({ spec: { volumes = [] } }: Pod): boolean =>
  volumes
    .flatMap(({ downwardAPI, projected }) => [
      downwardAPI,
      ...(projected?.sources ?? []).map((source) => source.downwardAPI),
    ])
    .some((files) =>
      files?.items?.some(({ fieldRef }) => /^metadata\.(?:labels|annotations)\b/.test(fieldRef?.fieldPath ?? '')),
    )

/** Of a Pod of which nothing is left: what is not known to have ended has ended, badly (`TerminatePod`, 1.34). */
function lastStatus(status: FullPodStatus, isStatic: boolean): FullPodStatus {
  const lost = {
    terminated: {
      exitCode: 137,
      finishedAt: null,
      message: 'The container could not be located when the pod was terminated',
      reason: 'ContainerStatusUnknown',
      startedAt: null,
    },
  }
  const initialized =
    status.conditions?.some(({ type, status: is }) => type === 'Initialized' && is === 'True') === true
  const isOver = status.phase === 'Succeeded' || status.phase === 'Failed'
  return {
    ...status,
    ...(status.containerStatuses === undefined || !initialized
      ? {}
      : {
          containerStatuses: status.containerStatuses.map((one) =>
            one.state.terminated === undefined ? { ...one, state: lost } : one,
          ),
        }),
    ...(isOver || isStatic ? {} : { phase: 'Failed' }),
  }
}
