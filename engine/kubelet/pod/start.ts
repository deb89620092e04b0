import type {
  CannotStart,
  ContainerOptions,
  ExitStatus,
  FoundImage,
  Container as Made,
} from '../../containers/contract.ts'
import type { Blobs } from '../../containers/files/blobs.ts'
import type { Container, EphemeralContainer, PodSecurityContext } from '../../kinds/pod/types.ts'
import { hostnameOf, hostsFile, resolvConf, resolverOf } from '../env/dns.ts'
import { environmentOf } from '../env/environment.ts'
import { expand } from '../env/expansion.ts'
import type { Facts } from '../env/fields.ts'
import { serviceEnvironment } from '../env/services.ts'
import type { KeptRun } from '../kept.ts'
import { ContainerLog } from '../logs/container-log.ts'
import { matches, type Subject } from '../profiles/profile.ts'
import { elapsed, spanOf } from '../spans.ts'
import type { StartFailure } from '../status/types.ts'
import { pause, type Task } from '../task.ts'
import type { NodeContext } from './context.ts'
import { runHook } from './hooks.ts'
import { limitsOf } from './limits.ts'
import { fieldPathOf, podText } from './names.ts'
import { type ContainerRecord, type ContainerUser, latest } from './record.ts'
import { addRecord, endRecord, type PodState } from './state.ts'
import { stopContainer } from './stop.ts'
import { TerminationLog } from './termination-log.ts'

/** What a worker has to know of a container's run. */
export interface RunHearer {
  started(record: ContainerRecord): void
  /** It is over, for whatever reason. */
  ended(record: ContainerRecord): void
}

/**
 * Starts a container from its image on; undefined, or why it could not be (`startContainer`, 1.34). `ended`: runs that were over when the Pod
 * was looked at; one that was ended since, as its probe failed, holds nothing back.
 */
export function* startContainer(
  node: NodeContext,
  state: PodState,
  container: Container,
  hearer: RunHearer,
  ended: readonly ContainerRecord[],
): Task<StartFailure | undefined> {
  const held = backOff(node, state, container, ended)
  if (held !== undefined) return held
  const { pod } = state
  const { clock, random } = node
  const { delays, faults } = node.profile
  const tell = node.tell(pod, fieldPathOf(pod, container.name))
  const subject: Subject = { pod, node: node.name, container: container.name, image: container.image ?? '' }
  const fail = (reason: string, message: string, told = message): StartFailure => {
    tell('Warning', 'Failed', `Error: ${told}`)
    return { reason, message }
  }
  const faultAt = (at: 'create' | 'start') => {
    const fault = faults.find((one) => one.at === at && matches(one, subject))
    return fault !== undefined && random.chance(fault.chance ?? 1) ? fault : undefined
  }
  const policy = container.imagePullPolicy ?? 'IfNotPresent'
  const ensured = yield* node.images.ensure({ ...subject, image: container.image ?? '', policy }, tell)
  if ('failure' in ensured) return fail(ensured.failure.reason, ensured.failure.message, ensured.failure.reason)
  const { found } = ensured
  let env: ReadonlyMap<string, string>
  try {
    env = variables(node, state, container)
    mustNotBeRoot(state, container, found)
  } catch (error) {
    return fail('CreateContainerConfigError', (error as Error).message)
  }
  yield* pause(clock, spanOf(delays.create, random))
  const creating = faultAt('create')
  if (creating !== undefined && 'message' in creating) return fail('CreateContainerError', creating.message)
  let record: ContainerRecord
  try {
    record = create(node, state, container, found, env)
  } catch (error) {
    return fail('CreateContainerError', (error as Error).message)
  }
  addRecord(state, record)
  tell('Normal', 'Created', `Created container: ${container.name}`)
  yield* pause(clock, spanOf(delays.start, random))
  try {
    const starting = faultAt('start')
    if (starting?.at === 'start') throw Object.assign(new Error(starting.message), { code: starting.code ?? 128 })
    record.container?.start()
  } catch (error) {
    const { code = 128, message } = error as CannotStart
    endRecord(record, { exitCode: code, reason: 'StartError', message }, clock.now())
    hearer.ended(record)
    return fail('RunContainerError', message)
  }
  record.state = 'running'
  record.startedAt = clock.now()
  tell('Normal', 'Started', `Started container ${container.name}`)
  hearer.started(record)
  void record.container?.ended.then((status) => over(node, container, record, status, hearer), node.report)
  const postStart = container.lifecycle?.postStart
  if (postStart === undefined) return undefined
  const message = yield* runHook(node, state, record, container, postStart)
  if (message === undefined) return undefined
  tell('Warning', 'FailedPostStartHook', 'PostStartHook failed')
  yield* stopContainer(node, state, record, { message: 'FailedPostStartHook' })
  return { reason: 'PostStartHookError', message }
}

function backOff(
  node: NodeContext,
  { pod }: PodState,
  container: Container,
  ended: readonly ContainerRecord[],
): StartFailure | undefined {
  const record = ended.find(({ name }) => name === container.name)
  if (record === undefined) return undefined
  const { crashes, clock } = node
  const text = podText(pod)
  const key = `${pod.metadata.uid}_${container.name}_${container.image}`
  if (!crashes.isOffSince(key, record.finishedAt, clock.now())) {
    crashes.next(key, record.finishedAt, clock.now())
    return undefined
  }
  const tell = node.tell(pod, fieldPathOf(pod, container.name))
  tell('Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${text}`)
  const message = `back-off ${elapsed(crashes.delay(key))} restarting failed container=${container.name} pod=${text}`
  return { reason: 'CrashLoopBackOff', message }
}

export function factsOf(node: NodeContext, state: PodState): Facts {
  const podIp = state.pod.spec.hostNetwork === true ? node.hostIp : (state.ip ?? '')
  return { podIp, hostIp: node.hostIp, allocatable: node.allocatable }
}

const NONE: ReadonlyMap<string, string> = new Map()

/** Where nothing runs, variables are made only to see whether what they come from is there. */
function variables(node: NodeContext, state: PodState, container: Container): ReadonlyMap<string, string> {
  const { pod } = state
  const says = (container.env?.length ?? 0) + (container.envFrom?.length ?? 0) > 0
  if (node.machine === undefined && !says) return NONE
  const links = pod.spec.enableServiceLinks ?? true
  const services =
    node.machine === undefined ? NONE : serviceEnvironment(node.objects, pod.metadata.namespace ?? '', links)
  return environmentOf(pod, container, { objects: node.objects, facts: factsOf(node, state), services })
}

/** Throws Error in the kubelet's words. */
function mustNotBeRoot({ pod }: PodState, container: Container, { image }: FoundImage): void {
  const security = { ...pod.spec.securityContext, ...container.securityContext }
  if (security.runAsNonRoot !== true) return
  const where = `(pod: "${podText(pod)}", container: ${container.name})`
  if (security.runAsUser === 0) throw new Error(`container's runAsUser breaks non-root policy ${where}`)
  if (security.runAsUser !== undefined) return
  const { user = '' } = image
  const [name = ''] = user.split(':')
  if (name === '' || name === '0') {
    throw new Error(`container has runAsNonRoot and image will run as root ${where}`)
  }
  if (!/^\d+$/.test(name)) {
    throw new Error(
      `container has runAsNonRoot and image has non-numeric user (${name}), cannot verify user is non-root ${where}`,
    )
  }
}

function create(
  node: NodeContext,
  state: PodState,
  container: Container,
  found: FoundImage,
  env: ReadonlyMap<string, string>,
): ContainerRecord {
  const before = latest(state.records, container.name)
  const told = [...(state.status.containerStatuses ?? []), ...(state.status.initContainerStatuses ?? [])].find(
    ({ name }) => name === container.name,
  )
  const user = userOf(state.pod.spec.securityContext, container, found)
  const { resources = {} } = container
  const record: ContainerRecord = {
    id: node.newId(),
    name: container.name,
    restartCount: before === undefined ? (told?.restartCount ?? 0) : before.restartCount + 1,
    spec: container,
    attempt: state.sandbox?.attempt ?? 0,
    image: found.name,
    imageId: found.digest,
    user,
    allocated: resources,
    resources,
    state: 'created',
    startedAt: 0,
    finishedAt: 0,
    exitCode: 0,
    reason: '',
    message: '',
  }
  if (state.live === undefined) return record
  const { securityContext = {} } = container
  const { targetContainerName } = container as EphemeralContainer
  const value = (name: string): string | undefined => env.get(name)
  record.log = new ContainerLog(() => node.clock.now(), node.machine?.stirred)
  make(node, state, record, {
    name: container.name,
    id: record.id,
    image: found.image,
    ...(container.command === undefined ? {} : { command: container.command.map((word) => expand(word, value)) }),
    ...(container.args === undefined ? {} : { args: container.args.map((word) => expand(word, value)) }),
    env: withUsual(env, hostnameOf(state.pod, node.name, node.dns.clusterDomain).name),
    ...(container.workingDir === undefined ? {} : { workingDir: container.workingDir }),
    ...ids(state.pod.spec.securityContext, container),
    readOnlyRoot: securityContext.readOnlyRootFilesystem === true,
    tty: container.tty === true,
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    ...(targetContainerName === undefined ? {} : { target: targetContainerName }),
    ...limitsOf(resources),
  })
  return record
}

/** The container itself, with its mounts and its log. */
function make(
  node: NodeContext,
  state: PodState,
  record: ContainerRecord,
  asked: Omit<ContainerOptions, 'mounts' | 'log'>,
): Made | undefined {
  const { log, spec } = record
  const { terminationMessagePath = '/dev/termination-log' } = spec
  const termination = new TerminationLog(node.volumes?.trees)
  const made: ContainerOptions = {
    ...asked,
    mounts: [
      ...ownFiles(node, state),
      ...termination.mounts(terminationMessagePath),
      ...(state.volumes?.mountsFor(spec, asked.env) ?? []),
    ],
    log: (stream, bytes) => log?.write(stream, bytes),
  }
  const container = state.live?.sandbox.create(made)
  if (container === undefined) return undefined
  record.made = made
  record.termination = termination
  record.container = container
  return container
}

/**
 * Runs a container again that ran before a restore, as the same run of it: with its id and count, from the files that it had, as it was
 * asked to be then. What cannot be made any more has ended, and nobody knows how.
 */
export function resumeContainer(
  node: NodeContext,
  state: PodState,
  record: ContainerRecord,
  { launch, files, blobs }: Pick<KeptRun, 'launch' | 'files'> & { readonly blobs: Blobs },
  hearer: RunHearer,
): void {
  record.resumed = true
  if (node.machine !== undefined) {
    const image = node.images.imageOf(record.image)
    if (state.live === undefined || launch === undefined || image === undefined) {
      endRecord(record, { exitCode: 255, reason: 'Unknown' }, node.clock.now())
      return
    }
    const kept = files === undefined ? {} : { kept: { files, blobs } }
    try {
      make(node, state, record, { ...launch, image, env: new Map(launch.env), ...kept })?.start()
    } catch (error) {
      const { code = 128, message } = error as CannotStart
      endRecord(record, { exitCode: code, reason: 'StartError', message }, node.clock.now())
      return
    }
    void record.container?.ended.then((status) => over(node, record.spec, record, status, hearer), node.report)
  }
  hearer.started(record)
}

function withUsual(env: ReadonlyMap<string, string>, hostname: string): ReadonlyMap<string, string> {
  return env.has('HOSTNAME') ? env : new Map([['HOSTNAME', hostname], ...env])
}

function ids(pod: PodSecurityContext | undefined, { securityContext }: Container): { uid?: number; gid?: number } {
  const uid = securityContext?.runAsUser ?? pod?.runAsUser
  const gid = securityContext?.runAsGroup ?? pod?.runAsGroup
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) }
}

function userOf(pod: PodSecurityContext | undefined, container: Container, { image }: FoundImage): ContainerUser {
  const { uid, gid = 0 } = ids(pod, container)
  const [own = '', group = ''] = (image.user ?? '').split(':')
  const number = (text: string): number => (/^\d+$/.test(text) ? Number(text) : 0)
  const main = gid === 0 ? number(group) : gid
  const more = [...(pod?.supplementalGroups ?? []), ...(pod?.fsGroup === undefined ? [] : [pod.fsGroup])]
  return {
    gid: main,
    supplementalGroups: [...new Set([main, ...more])].sort((a, b) => a - b),
    uid: uid ?? number(own),
  }
}

/** /etc/hosts, /etc/hostname and /etc/resolv.conf, one tree for all containers of the Pod. */
function ownFiles(node: NodeContext, state: PodState): ContainerOptions['mounts'] {
  const trees = node.volumes?.trees
  if (trees === undefined) return []
  const tree = state.etc ?? trees()
  if (state.etc === undefined) {
    const hostname = hostnameOf(state.pod, node.name, node.dns.clusterDomain)
    const { podIp } = factsOf(node, state)
    tree.files.write('/hosts', hostsFile(state.pod, podIp, hostname), { mode: 0o644 })
    tree.files.write('/hostname', `${hostname.name}\n`, { mode: 0o644 })
    tree.files.write('/resolv.conf', resolvConf(resolverOf(state.pod, node.dns)), { mode: 0o644 })
    state.etc = tree
  }
  return ['hosts', 'hostname', 'resolv.conf'].map((name) => ({
    tree,
    subPath: name,
    path: `/etc/${name}`,
    readOnly: false,
  }))
}

function over(
  node: NodeContext,
  container: Container,
  record: ContainerRecord,
  { code, outOfMemory = false }: ExitStatus,
  hearer: RunHearer,
): void {
  // Of a node that went away nobody knows how they ended
  if (record.state !== 'running' || record.container === undefined) return
  record.log?.close()
  const reason = outOfMemory || record.outOfMemory === true ? 'OOMKilled' : code === 0 ? 'Completed' : 'Error'
  const toLog = container.terminationMessagePolicy === 'FallbackToLogsOnError' && code !== 0
  const message = record.termination?.read(toLog ? record.log : undefined) ?? ''
  endRecord(record, { exitCode: code, reason, message }, node.clock.now())
  hearer.ended(record)
}
