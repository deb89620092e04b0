import type { NetworkError, Socket } from '../../network/contract.ts'
import { request } from '../../network/http/client.ts'
import { HttpError } from '../../network/http/http-error.ts'
import { nameOf } from '../files/paths.ts'
import { Killed } from '../processes/signals.ts'
import { type Applet, durationOf, type Io, optionsOf, usage } from './applet.ts'
import { httpd } from './httpd.ts'

/** Milliseconds that wget waits by default. */
const PATIENCE = 900_000
const MOST_REDIRECTS = 20

const codeOf = (error: unknown): string | undefined => {
  const { code } = error as Partial<NetworkError>
  return typeof code === 'string' ? code : undefined
}

function targetOf(io: Io, text: string): { url: URL; shown: string } {
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//.test(text) ? text : `http://${text}`)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError(text)
    return { url, shown: url.hostname }
  } catch {
    return io.fail(`not an http or ftp url: ${text}`)
  }
}

/** `wget` */
export const wget: Applet = async (io) => {
  const extra = longOptions(io)
  const { has, value, rest } = optionsOf(
    io,
    'qO:ST:P:U:cY:o:',
    { quiet: 'q', 'output-document': 'O', timeout: 'T', 'server-response': 'S', 'user-agent': 'U', continue: 'c' },
    extra.args,
  )
  const [text = usage(io)] = rest
  const headers: Record<string, string> = { 'User-Agent': value('U') ?? 'Wget' }
  for (const line of extra.headers) {
    const at = line.indexOf(':')
    headers[line.slice(0, at)] = line.slice(at + 1).trim()
  }
  const timeout = value('T') === undefined ? PATIENCE : (durationOf(value('T') as string) ?? PATIENCE)
  let { url } = targetOf(io, text)
  for (let hops = 0; ; hops++) {
    if (hops > MOST_REDIRECTS) io.fail('too many redirections')
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const address = await addressOf(io, host)
    const shown = `${host}:${port}`
    if (!has('q')) await io.process.stderr.write(`Connecting to ${shown} (${address}:${port})\n`)
    try {
      const answer = await io.process.wait(
        request(io.process.network, {
          url: url.href,
          method: extra.spider ? 'HEAD' : extra.body === undefined ? 'GET' : 'POST',
          headers: {
            ...headers,
            ...(extra.body === undefined
              ? {}
              : { 'Content-Type': headers['Content-Type'] ?? 'application/x-www-form-urlencoded' }),
          },
          ...(extra.body === undefined ? {} : { body: extra.body }),
          timeout,
          clock: io.process.clock,
          signal: io.process.signal,
          connectTimeout: timeout,
        }),
      )
      if (has('S')) {
        await io.process.stderr.write(
          `  HTTP/1.${answer.minor} ${answer.status} ${answer.reason}\n${[...answer.headers].map(([name, field]) => `  ${name}: ${field}\n`).join('')}  \n`,
        )
      }
      const location = answer.headers.get('location')
      if (answer.status >= 300 && answer.status < 400 && location !== undefined) {
        answer.body.cancel()
        url = new URL(location, url)
        continue
      }
      if (answer.status < 200 || answer.status >= 300) {
        answer.body.cancel()
        io.fail(`server returned error: HTTP/1.${answer.minor} ${answer.status} ${answer.reason}`)
      }
      if (extra.spider) {
        if (!has('q')) await io.process.stderr.write('remote file exists\n')
        answer.body.cancel()
        return 0
      }
      const file = value('O') ?? (nameOf(url.pathname) || 'index.html')
      if (!has('q')) await io.process.stderr.write(file === '-' ? 'writing to stdout\n' : `saving to '${file}'\n`)
      const output = file === '-' ? io.process.stdout : io.process.files.openOutput(io.path(file))
      let size = 0
      for await (const chunk of answer.body) {
        size += chunk.length
        await output.write(chunk)
      }
      if (file !== '-') output.close()
      if (!has('q')) {
        const name = file.padEnd(20).slice(0, 20)
        await io.process.stderr.write(
          `${name} 100% |${'*'.repeat(32)}| ${String(size).padStart(5)}  0:00:00 ETA\n${file === '-' ? 'written to stdout' : `'${file}' saved`}\n`,
        )
      }
      return 0
    } catch (error) {
      if (error instanceof HttpError)
        io.fail(error.fault === 'timeout' ? 'download timed out' : 'error getting response: Connection reset by peer')
      return cannotConnect(io, error, host, address)
    }
  }
}

interface LongOptions {
  readonly headers: readonly string[]
  readonly body: string | undefined
  readonly spider: boolean
  /** The arguments without them. */
  readonly args: readonly string[]
}

/** Those that have no letter. */
function longOptions(io: Io): LongOptions {
  const headers: string[] = []
  const args: string[] = []
  let body: string | undefined
  let spider = false
  for (let at = 0; at < io.args.length; at++) {
    const arg = io.args[at] as string
    const [name = '', ...parts] = arg.split('=')
    const value = () => (parts.length > 0 ? parts.join('=') : (io.args[++at] ?? ''))
    if (name === '--header') headers.push(value())
    else if (name === '--post-data') body = value()
    else if (name === '--post-file') body = io.process.files.readText(io.path(value()))
    else if (name === '--tries') value()
    else if (arg === '--spider' || arg === '-s') spider = true
    else if (arg !== '--no-check-certificate') args.push(arg)
  }
  return { headers, body, spider, args }
}

async function addressOf(io: Io, host: string): Promise<string> {
  try {
    const [address = host] = await io.process.network.lookup(host)
    return address
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return io.fail(`bad address '${host}'`)
  }
}

function cannotConnect(io: Io, error: unknown, host: string, address: string): never {
  const code = codeOf(error)
  if (code === undefined || error instanceof Killed) throw error
  if (code === 'ETIMEDOUT' && io.name === 'wget') return io.fail('download timed out')
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return io.fail(`bad address '${host}'`)
  return io.fail(`can't connect to remote host (${address}): ${(error as Error).message}`)
}

/** Both ways between a connection and the process, until the other side ends. */
async function join(io: Io, socket: Socket, quitAtEnd: boolean): Promise<void> {
  const sends = (async () => {
    for await (const chunk of io.chunks(io.process.stdin)) await socket.write(chunk)
    socket.end()
    if (quitAtEnd) socket.destroy()
  })()
  sends.catch(() => {})
  for (let chunk = await socket.read(); chunk !== null; chunk = await socket.read())
    await io.process.stdout.write(chunk)
}

/** `nc` */
export const nc: Applet = async (io) => {
  const end = io.args.indexOf('-e')
  const program = end < 0 ? undefined : io.args.slice(end + 1)
  const { has, value, values, rest } = optionsOf(io, 'lp:w:s:vznkui:q:', {}, end < 0 ? io.args : io.args.slice(0, end))
  const { process } = io
  if (has('l')) {
    const port = Number(value('p') ?? rest.at(-1) ?? usage(io))
    do {
      const socket = await accept(io, port)
      if (program === undefined) await join(io, socket, false)
      else await runOn(io, socket, program)
      socket.destroy()
    } while (has('k') || values('l').length > 1)
    return 0
  }
  const [host = usage(io), text = usage(io)] = rest
  const [from = 0, to = from] = text.split('-').map(Number)
  const wait = value('w')
  let reached = 0
  for (let port = from; port <= to; port++) {
    try {
      const socket = await process.network.connect(
        host,
        port,
        wait === undefined ? {} : { timeout: Number(wait) * 1000 },
      )
      reached++
      if (has('v')) await process.stderr.write(`${host} (${socket.remote.address}:${port}) open\n`)
      if (has('z')) socket.destroy()
      else if (program === undefined) await join(io, socket, false)
      else await runOn(io, socket, program)
    } catch (error) {
      const code = codeOf(error)
      if (code === undefined) throw error
      if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') io.fail(`bad address '${host}'`)
      if (code === 'ECONNRESET' && reached > 0) return 0
      if (has('v') || !has('z'))
        await io.complain(code === 'ETIMEDOUT' ? 'timed out' : `${host} (${host}:${port}): ${(error as Error).message}`)
    }
  }
  return reached > 0 ? 0 : 1
}

function accept(io: Io, port: number): Promise<Socket> {
  return io.process.wait(
    new Promise((resolve, reject) => {
      try {
        const listener = io.process.network.listen(port, (socket) => {
          listener.close()
          resolve(socket)
        })
      } catch (error) {
        reject(codeOf(error) === undefined ? error : new Error(`bind: ${(error as Error).message}`))
      }
    }),
  )
}

async function runOn(io: Io, socket: Socket, argv: readonly string[]): Promise<void> {
  const child = io.process.spawn(argv, {
    stdin: { read: () => socket.read(), close() {} },
    stdout: {
      write: (bytes) => socket.write(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes),
      close() {},
    },
  })
  await io.process.wait(child.ended)
  socket.end()
}

/** `nslookup`, which asks without search domains where the name has a dot. */
export const nslookup: Applet = async (io) => {
  const args = io.args.filter((arg) => !arg.startsWith('-'))
  const kind = io.args
    .find((arg) => /^-(?:type|query|q)=/.test(arg))
    ?.replace(/^.*=/, '')
    .toUpperCase()
  const [name = usage(io)] = args
  const { network } = io.process
  const { nameservers, searches } = network.resolver
  await io.out(`Server:\t\t${nameservers[0] ?? ''}\nAddress:\t${nameservers[0] ?? ''}:53\n\n`)
  const reverse = /^\d+\.\d+\.\d+\.\d+$/.test(name) ? `${name.split('.').reverse().join('.')}.in-addr.arpa` : undefined
  const types = (reverse !== undefined ? ['PTR'] : kind === undefined ? ['A', 'AAAA'] : [kind]) as (
    | 'A'
    | 'AAAA'
    | 'PTR'
  )[]
  const full = reverse ?? name
  const names = full.includes('.') || searches.length === 0 ? [full] : searches.map((search) => `${full}.${search}`)
  let found = false
  let failed = ''
  for (const each of names) {
    for (const type of types) {
      const answer = await network.ask({ name: each, type })
      if (answer.code !== 'NOERROR') {
        failed ||= `** server can't find ${each}: ${answer.code}\n\n`
        break
      }
      found ||= answer.records.length > 0
      for (const record of answer.records) {
        if (record.type === 'CNAME')
          await io.line(`${record.name.replace(/\.$/, '')}\tcanonical name = ${record.data.replace(/\.$/, '')}`)
        else if (record.type === 'PTR')
          await io.line(`${record.name.replace(/\.$/, '')}\tname = ${record.data.replace(/\.$/, '')}`)
        else if (record.type === 'SRV') await io.line(`${record.name.replace(/\.$/, '')}\tservice = ${record.data}`)
        else if (record.type === 'A' || record.type === 'AAAA')
          await io.line(`Name:\t${record.name.replace(/\.$/, '')}\nAddress: ${record.data}`)
        else await io.line(`${record.name}\t${record.type.toLowerCase()} = ${record.data}`)
      }
      if (answer.records.length > 0 || types.length === 1) await io.line('')
    }
  }
  if (!found && failed !== '') await io.out(failed)
  return found || failed === '' ? 0 : 1
}

/** `ping`: a host that anything can connect to, or that refuses, is there. */
export const ping: Applet = async (io) => {
  const { has, value, rest } = optionsOf(io, 'c:W:w:i:s:q46AI:t:')
  const [host = usage(io)] = rest
  const { process } = io
  const address = await addressOf(io, host)
  const count = value('c') === undefined ? Number.POSITIVE_INFINITY : Number(value('c'))
  await io.line(`PING ${host} (${address}): 56 data bytes`)
  await io.flush()
  let [sent, received] = [0, 0]
  let stop = false
  process.on('SIGINT', () => {
    stop = true
  })
  const times: number[] = []
  const period = (durationOf(value('i') ?? '1') ?? 1000) || 1000
  const end = value('w') === undefined ? Number.POSITIVE_INFINITY : process.clock.now() + Number(value('w')) * 1000
  while (sent < count && !stop && process.clock.now() < end) {
    const before = process.clock.now()
    const took = await reach(io, address, Number(value('W') ?? 1) * 1000)
    if (took !== undefined) {
      received++
      times.push(took)
      if (!has('q')) await io.line(`64 bytes from ${address}: seq=${sent} ttl=64 time=${took.toFixed(3)} ms`)
      await io.flush()
    }
    sent++
    if (sent < count && !stop) await process.sleep(Math.max(1, period - (process.clock.now() - before)))
  }
  const lost = sent === 0 ? 0 : Math.round(((sent - received) / sent) * 100)
  await io.line(
    `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${received} packets received, ${lost}% packet loss`,
  )
  if (times.length > 0)
    await io.line(
      `round-trip min/avg/max = ${Math.min(...times).toFixed(3)}/${(times.reduce((sum, one) => sum + one, 0) / times.length).toFixed(3)}/${Math.max(...times).toFixed(3)} ms`,
    )
  return received > 0 ? 0 : 1
}

/** A port that nobody listens on: who refuses it is there. */
const ECHO = 7

async function reach(io: Io, address: string, timeout: number): Promise<number | undefined> {
  const before = io.process.clock.now()
  const took = () => io.process.clock.now() - before + 0.05 + io.process.random() * 0.1
  try {
    const socket = await io.process.network.connect(address, ECHO, { timeout })
    socket.destroy()
    return took()
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    return code === 'ECONNREFUSED' ? took() : undefined
  }
}

export const NETWORK: Readonly<Record<string, Applet>> = {
  wget,
  nc,
  netcat: nc,
  httpd,
  nslookup,
  ping,
  telnet: async (io) => {
    const [host = usage(io), port = '23'] = io.args
    try {
      const socket = await io.process.network.connect(host, Number(port))
      await io.process.stdout.write(`Connected to ${host}\n`)
      await join(io, socket, false)
      await io.process.stderr.write('Connection closed by foreign host\n')
      return 1
    } catch (error) {
      const code = codeOf(error)
      if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return io.fail(`bad address '${host}'`)
      return cannotConnect(io, error, host, host)
    }
  },
  ip: async (io) => {
    const words = io.args.filter((arg) => !arg.startsWith('-'))
    const [what = '', verb = 'show'] = words
    const { address } = io.process.network
    if ('address'.startsWith(what) && what !== '' && 'show list'.includes(verb)) {
      await io.out(
        `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue \n    link/ether ${mac(address)} brd ff:ff:ff:ff:ff:ff\n    inet ${address}/24 brd ${gateway(address, 255)} scope global eth0\n       valid_lft forever preferred_lft forever\n`,
      )
    } else if ('route'.startsWith(what) && what !== '')
      await io.out(
        `default via ${gateway(address)} dev eth0 \n${gateway(address, 0)}/24 via ${gateway(address)} dev eth0  src ${address} \n${gateway(address)} dev eth0 scope link  src ${address} \n`,
      )
    else usage(io)
  },
  ifconfig: async (io) => {
    const { address } = io.process.network
    await io.out(
      `eth0      Link encap:Ethernet  HWaddr ${mac(address).toUpperCase()}  \n          inet addr:${address}  Bcast:${gateway(address, 255)}  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n\nlo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n\n`,
    )
  },
}

const mac = (address: string): string =>
  ['02', '42', ...address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':')

const gateway = (address: string, last = 1): string => [...address.split('.').slice(0, 3), last].join('.')
