import type { Process, Program } from '../../containers/contract.ts'
import { request } from '../../network/http/client.ts'
import { parseDuration } from '../programs/go-duration.ts'
import { goJson } from '../programs/go-json.ts'
import { messageOf } from '../programs/io.ts'

const USAGE = `Usage:
  podcli check http [address] [--method GET] [--body text] [--retry n] [--delay 1s] [--timeout 2s]
  podcli check tcp [address] [--retry n] [--delay 1s] [--timeout 2s]
  podcli version
`

/** podinfo's little tool, whose `check` serves as an exec probe. */
export const podcli =
  (version: string): Program =>
  async (process) => {
    const [, command, ...rest] = process.argv
    if (command === 'version') {
      await process.stdout.write(`${version}\n`)
      return 0
    }
    const { words, flags } = parse(rest)
    const [kind, address] = words
    if (command !== 'check' || (kind !== 'http' && kind !== 'tcp')) {
      await process.stdout.write(USAGE)
      return command === undefined || command === 'help' || command === '--help' ? 0 : 1
    }
    if (address === undefined) {
      await process.stderr.write(
        `Error: address is required! example: check ${kind} ${kind === 'http' ? 'https://httpbin.org' : 'httpbin.org:80'}\n`,
      )
      return 1
    }
    const retries = Number(flags.get('retry') ?? 0)
    for (let left = retries; ; left--) {
      const fault = await (kind === 'http' ? checkHttp(process, address, flags) : checkTcp(process, address, flags))
      await tell(process, fault ?? 'check succeed', address)
      if (fault === undefined) return 0
      if (left <= 0) return 1
      await process.sleep(parseDuration(flags.get('delay') ?? '1s') ?? 1000)
    }
  }

function parse(args: readonly string[]): { words: string[]; flags: Map<string, string> } {
  const words: string[] = []
  const flags = new Map<string, string>()
  for (let index = 0; index < args.length; index++) {
    const match = /^--(\w+)(?:=(.*))?$/.exec(args[index] as string)
    if (match === null) words.push(args[index] as string)
    else flags.set(match[1] as string, match[2] ?? args[++index] ?? '')
  }
  return { words, flags }
}

const timeoutOf = (flags: ReadonlyMap<string, string>): number => parseDuration(flags.get('timeout') ?? '2s') ?? 2000

async function checkHttp(
  process: Process,
  address: string,
  flags: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const url = /^https?:\/\//.test(address) ? address : `http://${address}`
  const body = flags.get('body')
  try {
    const answer = await request(process.network, {
      url,
      method: flags.get('method') ?? 'GET',
      headers: { 'User-Agent': 'podcli/1.0' },
      timeout: timeoutOf(flags),
      clock: process.clock,
      ...(body !== undefined && { body }),
    })
    await answer.body.discard()
    answer.body.cancel()
    return answer.status >= 200 && answer.status < 400 ? undefined : `check failed, status code ${answer.status}`
  } catch (error) {
    return `check failed: ${messageOf(error)}`
  }
}

async function checkTcp(
  process: Process,
  address: string,
  flags: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const colon = address.lastIndexOf(':')
  try {
    const socket = await process.network.connect(address.slice(0, colon), Number(address.slice(colon + 1)), {
      timeout: timeoutOf(flags),
    })
    socket.destroy()
    return undefined
  } catch (error) {
    return `check failed: ${messageOf(error)}`
  }
}

async function tell(process: Process, msg: string, address: string): Promise<void> {
  const ts = new Date(process.clock.now()).toISOString()
  await process.stderr.write(`${goJson({ level: 'info', ts, caller: 'podcli/check.go:137', msg, address })}\n`)
}
