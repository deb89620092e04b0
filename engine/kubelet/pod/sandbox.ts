import type { Pod } from '../../kinds/pod/status.ts'
import { hostnameOf, resolverOf } from '../env/dns.ts'
import { matches } from '../profiles/profile.ts'
import { spanOf } from '../spans.ts'
import { pause, type Task } from '../task.ts'
import type { NodeContext } from './context.ts'
import type { PodState } from './state.ts'

/** Makes what the Pod's containers share; false if that could not be done. */
export function* createSandbox(node: NodeContext, state: PodState): Task<boolean> {
  const { pod } = state
  const { profile, random, clock } = node
  const id = node.newId()
  yield* pause(clock, spanOf(profile.delays.sandbox, random))
  const fail = (why: string): false => {
    const message = `Failed to create pod sandbox: rpc error: code = Unknown desc = ${why}`
    node.tell(pod)('Warning', 'FailedCreatePodSandBox', message)
    return false
  }
  const fault = profile.faults.find((one) => one.at === 'sandbox' && matches(one, { pod, node: node.name }))
  if (fault?.at === 'sandbox' && random.chance(fault.chance ?? 1)) return fail(fault.message)
  const attempt = state.sandbox === undefined ? 0 : state.sandbox.attempt + 1
  if (node.machine === undefined || node.network === undefined) {
    const ip = pod.spec.hostNetwork === true ? node.hostIp : node.takeAddress()
    state.sandbox = { id, attempt, ready: true, ip }
    state.ip = ip
    return true
  }
  try {
    state.sandbox = { id, attempt, ready: true, ip: join(node, state) }
  } catch (error) {
    return fail(`failed to setup network for sandbox "${id}": ${(error as Error).message}`)
  }
  state.ip = state.sandbox.ip
  return true
}

/** The sandbox of a Pod that ran before a restore, at the address that it had. Throws where that cannot be. */
export function resumeSandbox(node: NodeContext, state: PodState): void {
  const { pod, sandbox } = state
  if (sandbox === undefined || !sandbox.ready) return
  if (node.machine !== undefined && node.network !== undefined) join(node, state, sandbox.ip)
  else if (pod.spec.hostNetwork !== true) node.claimAddress(sandbox.ip)
}

/** Attaches the Pod to the network and makes what is behind its sandbox; its address. Throws where there is none. */
function join(node: NodeContext, state: PodState, address?: string): string {
  const { pod } = state
  if (node.machine === undefined || node.network === undefined) throw new Error('nothing runs here')
  const { metadata, spec } = pod
  const hostname = hostnameOf(pod, node.name, node.dns.clusterDomain).name
  const network = node.network.attach({
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid,
    labels: () => state.pod.metadata.labels ?? {},
    node: node.name,
    hostname,
    hostNetwork: spec.hostNetwork === true,
    resolver: resolverOf(pod, node.dns),
    hostAliases: (spec.hostAliases ?? []).map(({ ip, hostnames = [] }) => ({ ip, hostnames })),
    hostPorts: hostPortsOf(pod),
    address,
  })
  const sandbox = node.machine.sandbox({
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid,
    hostname,
    network,
    shareProcesses: spec.shareProcessNamespace === true,
  })
  state.live = { sandbox, detach: () => network.detach() }
  return network.address
}

function hostPortsOf({ spec }: Pod) {
  if (spec.hostNetwork === true) return []
  return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort = 0, containerPort: port, hostIP }) =>
      hostPort === 0 ? [] : [{ hostPort, port, ...(hostIP === undefined ? {} : { hostIP }) }],
    ),
  )
}

/** Ends what is left of it, and gives its address back. */
export function removeSandbox(node: NodeContext, state: PodState): void {
  const { sandbox, live, pod } = state
  if (sandbox === undefined || !sandbox.ready) return
  sandbox.ready = false
  state.etc = undefined
  if (live === undefined) {
    if (pod.spec.hostNetwork !== true) node.freeAddress(sandbox.ip)
    return
  }
  state.live = undefined
  live.sandbox.remove()
  live.detach()
}
