import type { Container, Probe } from '../../kinds/pod/types.ts'
import type { NodeNetwork } from '../../network/contract.ts'
import { request } from '../../network/http/client.ts'
import { runCommand } from '../pod/command.ts'
import type { NodeContext } from '../pod/context.ts'
import { address, dialError, portOf, requestError } from '../pod/dialing.ts'
import { aborting } from '../pod/hooks.ts'
import type { ContainerRecord } from '../pod/record.ts'
import { type Task, until, within } from '../task.ts'

export type Probed =
  | { readonly result: 'success'; readonly warning?: string }
  | { readonly result: 'failure'; readonly output: string }
  /** It could not be run: no result at all. */
  | { readonly result: 'error'; readonly why: string }

/** Hosts that a redirect may lead to before a probe is content: Go's client follows so many. */
const MOST_REDIRECTS = 10
const USER_AGENT = 'kube-probe/1.34'

/** Runs a probe once (`prober.runProbe`, 1.34). */
export function* runProbe(
  node: NodeContext,
  record: ContainerRecord,
  container: Container,
  probe: Probe,
  ip: string,
): Task<Probed> {
  const timeout = (probe.timeoutSeconds ?? 1) * 1000
  const { exec, httpGet, tcpSocket, grpc } = probe
  if (exec !== undefined) return yield* execProbe(node, record, exec.command ?? [], timeout)
  if (httpGet !== undefined) return yield* httpProbe(node, container, httpGet, ip, timeout)
  if (tcpSocket !== undefined) {
    const { host = ip, port: wanted } = tcpSocket as { readonly host?: string; readonly port: number | string }
    const port = portOf(wanted, container)
    if (port === undefined)
      return { result: 'error', why: `strconv.Atoi: parsing ${JSON.stringify(wanted)}: invalid syntax` }
    return yield* tcpProbe(node, host, port, timeout)
  }
  if (grpc !== undefined) return yield* grpcProbe(node, ip, grpc.port, timeout)
  return { result: 'error', why: `missing probe handler for ${container.name}` }
}

function* execProbe(
  node: NodeContext,
  record: ContainerRecord,
  command: readonly string[],
  timeout: number,
): Task<Probed> {
  const running = record.container
  if (running === undefined) return { result: 'success' }
  const got = yield* until(
    within(
      node.clock,
      timeout,
      aborting((signal) => runCommand(running, command, signal)),
    ),
  )
  if (got === undefined) {
    const seconds = timeout / 1000
    return {
      result: 'failure',
      output: `command timed out: ${JSON.stringify(command.join(' '))} timed out after ${seconds}s`,
    }
  }
  if ('error' in got) return { result: 'error', why: (got.error as Error).message }
  const { result, output } = got.value
  if ('failure' in result) {
    return { result: 'error', why: `rpc error: code = Unknown desc = ${result.failure}` }
  }
  return result.exitCode === 0 ? { result: 'success' } : { result: 'failure', output }
}

type HttpGet = NonNullable<Probe['httpGet']>

function* httpProbe(
  node: NodeContext,
  container: Container,
  httpGet: HttpGet,
  ip: string,
  timeout: number,
): Task<Probed> {
  const { network } = node
  const port = portOf(httpGet.port, container)
  if (port === undefined)
    return { result: 'error', why: `strconv.Atoi: parsing ${JSON.stringify(httpGet.port)}: invalid syntax` }
  if (network === undefined) return { result: 'success' }
  const { scheme = 'HTTP', path = '/', httpHeaders = [] } = httpGet
  const { host = ip } = httpGet as { readonly host?: string }
  const url = `${scheme.toLowerCase()}://${address(host, port)}${path.startsWith('/') ? path : `/${path}`}`
  const given = (httpHeaders as readonly { readonly name: string; readonly value?: string }[]).map(
    ({ name, value = '' }): [string, string] => [name, value],
  )
  const has = (name: string): boolean => given.some(([one]) => one.toLowerCase() === name)
  const seen = given.length > 0 ? undefined : glanceAt(network, url, host, port)
  if (seen !== undefined) return seen
  const headers: [string, string][] = [
    ...(has('user-agent') ? [] : [['User-Agent', USER_AGENT] as [string, string]]),
    ...(has('accept') ? [] : [['Accept', '*/*'] as [string, string]]),
    ...given,
  ]
  const work = async (signal: AbortSignal): Promise<Probed> => {
    let at = url
    for (let hop = 0; ; hop++) {
      const { status, headers: answered, body } = await request(network, { url: at, headers, signal })
      const location = answered.get('location')
      if (status >= 300 && status < 400) {
        const next = location === undefined ? undefined : new URL(location, at)
        const isLocal = next !== undefined && next.hostname === new URL(at).hostname
        if (isLocal && hop < MOST_REDIRECTS) {
          body.cancel()
          at = next.href
          continue
        }
        const text = new TextDecoder().decode(await body.bytes())
        return { result: 'success', warning: `Probe terminated redirects, Response body: ${text}` }
      }
      body.cancel()
      if (status >= 200 && status < 300) return { result: 'success' }
      return { result: 'failure', output: `HTTP probe failed with statuscode: ${status}` }
    }
  }
  const got = yield* until(within(node.clock, timeout, aborting(work)))
  if (got === undefined) {
    const why = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    return { result: 'failure', output: `Get ${JSON.stringify(url)}: ${why}` }
  }
  if ('error' in got) return { result: 'failure', output: requestError(url, host, port, got.error) }
  return got.value
}

/** What can be told without a connection; an answer that would have to be read cannot. */
function glanceAt(network: NodeNetwork, url: string, host: string, port: number): Probed | undefined {
  if (network.glance === undefined) return undefined
  const { protocol, pathname } = new URL(url)
  const status = network.glance(host, port, { tls: protocol === 'https:', path: pathname })
  if (status === undefined || (status >= 300 && status < 400)) return undefined
  if (status >= 200 && status < 300) return { result: 'success' }
  return { result: 'failure', output: `HTTP probe failed with statuscode: ${status}` }
}

function* tcpProbe(node: NodeContext, host: string, port: number, timeout: number): Task<Probed> {
  const { network } = node
  if (network === undefined) return { result: 'success' }
  const work = async (signal: AbortSignal): Promise<void> =>
    (await network.connect(host, port, { signal, timeout })).destroy()
  const got = yield* until(within(node.clock, timeout, aborting(work)))
  if (got === undefined) return { result: 'failure', output: `dial tcp ${address(host, port)}: i/o timeout` }
  if ('error' in got) return { result: 'failure', output: dialError(host, port, got.error) }
  return { result: 'success' }
}

/** Programs of the images here speak no HTTP/2: one that takes the connection is taken to serve. */
function* grpcProbe(node: NodeContext, host: string, port: number, timeout: number): Task<Probed> {
  const { network } = node
  if (network === undefined) return { result: 'success' }
  const at = JSON.stringify(address(host, port))
  const work = async (signal: AbortSignal): Promise<void> => (await network.connect(host, port, { signal })).destroy()
  const got = yield* until(within(node.clock, timeout, aborting(work)))
  if (got === undefined) {
    const why = `failed to connect service ${at} within ${timeout / 1000}s: context deadline exceeded`
    return { result: 'failure', output: `timeout: ${why}` }
  }
  if (!('error' in got)) return { result: 'success' }
  const why = `connection error: desc = "transport: Error while dialing: ${dialError(host, port, got.error)}"`
  return { result: 'failure', output: `error: failed to connect service at ${at}: ${why}` }
}
