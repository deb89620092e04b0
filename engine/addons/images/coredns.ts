import type { Process, Program } from '../../containers/contract.ts'
import { daemon } from './daemon.ts'

const COREFILE = '/etc/coredns/Corefile'

/** Answers names with the Corefile that it is given, and with a new one when that has changed and CoreDNS would take it. */
export const coredns: Program = async (process) => {
  const path = process.argv[process.argv.indexOf('-conf') + 1] ?? COREFILE
  const read = () => (process.files.exists(path) ? process.files.readText(path) : '.:53 {\n  whoami\n}\n')
  const text = read()
  try {
    return await daemon({
      endpoints: [
        { port: 53, answers: {} },
        { port: 8080, answers: { '/health': 'OK' } },
        { port: 8181, answers: { '/ready': 'OK' } },
        { port: 9153, answers: { '/metrics': METRICS } },
      ],
      begin: () => begin(process, text, read),
      says: () => [
        '.:53',
        '[INFO] plugin/reload: Running configuration SHA512 = 1b226df79860026c6a52e67daa10d7f0d57ec5b023288ec00c5e05f93523c894564e15b91770d3a07ae1cfbe861d15b37d4a0027e69c546ab112970993a3b03b',
        'CoreDNS-1.12.1',
        'linux/amd64, go1.24.1, 707c7c1',
      ],
    })(process)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    await process.stderr.write(`${error.message}\n`)
    return 1
  }
}

class Refused extends Error {}

/** The plugin `reload` looks at the file each 30 s, and a while later the longer its own jitter is: at most 15 s. Milliseconds. */
const RELOAD = 30_000
const JITTER = 15_000

function begin(process: Process, text: string, read: () => string): void {
  let current = text
  let refused = ''
  let answering = serveNames(process, text)
  const look = () => {
    const next = read()
    if (next === current || next === refused) return
    answering?.close()
    try {
      answering = serveNames(process, next)
      current = next
      say(process, '[INFO] Reloading complete')
    } catch (error) {
      refused = next
      answering = serveNames(process, current)
      say(process, `[ERROR] Restart failed: ${(error as Error).message}`)
    }
  }
  const reloads = /^\s*reload\b/m.test(text)
  const end = reloads ? process.clock.every(RELOAD + Math.floor(process.random() * JITTER), look) : () => {}
  process.signal.addEventListener(
    'abort',
    () => {
      end()
      answering?.close()
    },
    { once: true },
  )
}

function serveNames({ network }: Process, corefile: string) {
  try {
    return network.serveNames?.(corefile)
  } catch (error) {
    throw new Refused((error as Error).message)
  }
}

function say({ stderr }: Process, line: string): void {
  stderr.write(`${line}\n`).catch(() => {})
}

const METRICS = `# HELP coredns_build_info A metric with a constant '1' value labeled by version, revision, and goversion from which CoreDNS was built.
# TYPE coredns_build_info gauge
coredns_build_info{goversion="go1.24.1",revision="707c7c1",version="1.12.1"} 1
`
