import type { DnsAnswer, DnsQuestion, ResolverConfig } from '../contract.ts'
import { isNetworkError, networkError } from '../network-error.ts'

/** glibc's defaults: seconds to wait, how often each server is asked, and dots from which on a name is taken as it is first. */
const TIMEOUT = 5
const ATTEMPTS = 2
const NDOTS = 1

/** Sends one question to one server; rejects with ECONNREFUSED, or with ETIMEDOUT after so many milliseconds. */
export type Query = (server: string, question: DnsQuestion, timeout: number, signal?: AbortSignal) => Promise<DnsAnswer>

/** A number from the options of resolv.conf: `ndots:5`. */
function option({ options }: ResolverConfig, name: string, otherwise: number): number {
  const text = options.find((one) => one.startsWith(`${name}:`))?.slice(name.length + 1)
  return text === undefined || Number.isNaN(Number(text)) ? otherwise : Number(text)
}

/** The names that are asked for, in this order, until one has addresses. */
export function candidates(name: string, config: ResolverConfig): readonly string[] {
  if (name.endsWith('.')) return [name]
  const searched = config.searches.filter((domain) => domain !== '.').map((domain) => `${name}.${domain}.`)
  const dots = name.split('.').length - 1
  return dots >= option(config, 'ndots', NDOTS) ? [`${name}.`, ...searched] : [...searched, `${name}.`]
}

/** getaddrinfo's way through search domains and servers. Rejects with ENOTFOUND or EAI_AGAIN. */
export async function resolve(
  name: string,
  config: ResolverConfig,
  query: Query,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  if (config.nameservers.length === 0) throw networkError('EAI_AGAIN')
  let failed = false
  for (const candidate of candidates(name, config)) {
    const answer = await askInTurn({ name: candidate, type: 'A' }, config, query, signal)
    if (answer === undefined) throw networkError('EAI_AGAIN')
    const addresses = answer.records.flatMap(({ type, data }) => (type === 'A' ? [data] : []))
    if (addresses.length > 0) return addresses
    failed ||= answer.code === 'SERVFAIL'
  }
  throw networkError(failed ? 'EAI_AGAIN' : 'ENOTFOUND')
}

/** Undefined where no server has answered at all. */
async function askInTurn(
  question: DnsQuestion,
  config: ResolverConfig,
  query: Query,
  signal: AbortSignal | undefined,
): Promise<DnsAnswer | undefined> {
  const timeout = option(config, 'timeout', TIMEOUT) * 1000
  let last: DnsAnswer | undefined
  for (let attempt = option(config, 'attempts', ATTEMPTS); attempt > 0; attempt--) {
    for (const server of config.nameservers) {
      try {
        const answer = await query(server, question, timeout, signal)
        if (answer.code === 'NOERROR' || answer.code === 'NXDOMAIN') return answer
        last = { ...answer, code: 'SERVFAIL' }
      } catch (error) {
        if (!isNetworkError(error)) throw error
      }
    }
  }
  return last
}

/** One question to the first server that answers at all; rejects with what the last one did. */
export async function askOnce(
  question: DnsQuestion,
  config: ResolverConfig,
  query: Query,
  signal?: AbortSignal,
): Promise<DnsAnswer> {
  const timeout = option(config, 'timeout', TIMEOUT) * 1000
  const servers = question.server === undefined ? config.nameservers : [question.server]
  let why: unknown = networkError('ECONNREFUSED')
  for (let attempt = option(config, 'attempts', ATTEMPTS); attempt > 0; attempt--) {
    for (const server of servers) {
      try {
        return await query(server, question, timeout, signal)
      } catch (error) {
        if (!isNetworkError(error)) throw error
        why = error
      }
    }
  }
  throw why
}
