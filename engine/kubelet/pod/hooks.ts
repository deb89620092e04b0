import type { Container, Handler } from '../../kinds/pod/types.ts'
import { request } from '../../network/http/client.ts'
import { pause, settled, type Task, until, type Wait } from '../task.ts'
import { runCommand } from './command.ts'
import type { NodeContext } from './context.ts'
import { portOf, requestError } from './dialing.ts'
import { podText } from './names.ts'
import type { ContainerRecord } from './record.ts'
import type { PodState } from './state.ts'

/** Runs a hook to its end; undefined, or what was wrong with it (`lifecycle/handlers.go`, 1.34). */
export function* runHook(
  node: NodeContext,
  state: PodState,
  record: ContainerRecord,
  container: Container,
  handler: Handler,
): Task<string | undefined> {
  const where = `for Container "${container.name}" in Pod "${podText(state.pod)}" failed - error: `
  const { exec, httpGet, sleep } = handler
  if (sleep !== undefined) {
    yield* pause(node.clock, sleep.seconds * 1000)
    return undefined
  }
  if (exec !== undefined) {
    const { command = [] } = exec
    const running = record.container
    if (running === undefined) return undefined
    const got = yield* until(aborting((signal) => runCommand(running, command, signal)))
    const start = `Exec lifecycle hook ([${command.join(' ')}]) ${where}`
    if ('error' in got) return `${start}${(got.error as Error).message}, message: ""`
    const { result, output, stderr } = got.value
    if ('failure' in result) return `${start}rpc error: code = Unknown desc = ${result.failure}, message: ""`
    if (result.exitCode === 0) return undefined
    const why = `command '${command.join(' ')}' exited with ${result.exitCode}: ${stderr}`
    return `${start}${why}, message: ${JSON.stringify(output)}`
  }
  const network = node.network
  if (httpGet === undefined || network === undefined || record.container === undefined) return undefined
  const port = portOf(httpGet.port, container)
  const { path = '/', scheme = 'HTTP' } = httpGet
  const start = `HTTP lifecycle hook (${path}) ${where}`
  if (port === undefined) return `${start}couldn't find port: ${httpGet.port} in ${container.name}`
  const host = (httpGet as { readonly host?: string }).host ?? state.ip ?? ''
  const url = `${scheme.toLowerCase()}://${host}:${port}${path}`
  const headers = (httpGet.httpHeaders ?? []) as readonly { readonly name: string; readonly value?: string }[]
  const got = yield* until(
    aborting(async (signal) => {
      const list = headers.map(({ name, value = '' }): [string, string] => [name, value])
      const { body } = await request(network, { url, signal, headers: list })
      body.cancel()
    }),
  )
  return 'error' in got ? start + requestError(url, host, port, got.error) : undefined
}

/** A promise's work, aborted when nobody waits for it any more. */
export function aborting<T>(work: (signal: AbortSignal) => Promise<T>): Wait<{ value: T } | { error: unknown }> {
  return (resume) => {
    const gone = new AbortController()
    const cancel = settled(work(gone.signal))(resume)
    return () => {
      cancel()
      gone.abort()
    }
  }
}
