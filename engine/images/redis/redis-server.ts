import type { Process, Program } from '../../containers/contract.ts'
import { absolute, messageOf } from '../programs/io.ts'
import { Config, ConfigFault } from './config.ts'
import { RedisServer } from './server.ts'
import { REDIS_VERSION } from './version.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export const redisServer: Program = async (process) => {
  const args = process.argv.slice(1)
  if (args[0] === '--version' || args[0] === '-v') {
    await process.stdout.write(`Redis server v=${REDIS_VERSION} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64\n`)
    return 0
  }
  if (args[0] === '--help' || args[0] === '-h') {
    await process.stdout.write('Usage: ./redis-server [/path/to/redis.conf] [options] [-]\n')
    return 1
  }
  const config = new Config()
  try {
    const file = args[0] !== undefined && !args[0].startsWith('-') ? args[0] : undefined
    if (file !== undefined) {
      const text = readConfig(process, file)
      if (text === undefined) {
        await process.stderr.write(
          `Fatal error, can't open config file '${absolute(process, file)}': No such file or directory\n`,
        )
        return 1
      }
      config.readFile(text)
    }
    config.readFlags(args.slice(file === undefined ? 0 : 1))
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error
    await process.stderr.write(
      `\n*** FATAL CONFIG FILE ERROR (Redis ${REDIS_VERSION}) ***\nReading the configuration file, at line 2\n>>> '${error.line}'\n${error.message}\n`,
    )
    return 1
  }
  return run(process, config)
}

function readConfig(process: Process, path: string): string | undefined {
  try {
    return process.files.readText(absolute(process, path))
  } catch {
    return undefined
  }
}

async function run(process: Process, config: Config): Promise<number> {
  const log = async (mark: string, text: string) => {
    await process.stdout.write(`${process.pid}:M ${stamp(process.clock.now())} ${mark} ${text}\n`)
  }
  let stop = (_: number) => {}
  const stopped = new Promise<number>((resolve) => {
    stop = resolve
  })
  const server = new RedisServer(process, config, log, stop)
  await process.stdout.write(
    `${process.pid}:C ${stamp(process.clock.now())} * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo\n`,
  )
  await process.stdout.write(
    `${process.pid}:C ${stamp(process.clock.now())} * Redis version=${REDIS_VERSION}, bits=64, commit=00000000, modified=0, pid=${process.pid}, just started\n`,
  )
  await log('*', 'monotonic clock: POSIX clock_gettime')
  const port = Number(config.get('port'))
  // As inet's bind: loopback alone where the configuration names nothing else.
  const local = config
    .get('bind')
    .split(/\s+/)
    .every((address) => /^-?(?:127\.|::1|localhost)/.test(address))
  let listener: { close(): void } | undefined
  const end = () => {
    listener?.close()
    server.close()
  }
  process.signal.addEventListener('abort', end, { once: true })
  try {
    if (!(await server.load())) return 1
    try {
      listener = process.network.listen(port, (socket) => server.accept(socket), local ? { host: '127.0.0.1' } : {})
    } catch (error) {
      await log('#', `Warning: Could not create server TCP listening socket *:${port}: bind: ${messageOf(error)}`)
      await log('#', `Failed listening on port ${port} (tcp), aborting.`)
      return 1
    }
    await log('*', `Running mode=standalone, port=${port}.`)
    await log('*', `Server initialized`)
    await log('*', `Ready to accept connections tcp`)
    server.stirred = process.onKeep(() => {
      if (config.savePoints.length > 0 && server.dirty > 0) server.save()
    })
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        void (async () => {
          await log('*', `Received ${signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM'} scheduling shutdown...`)
          await log('*', 'User requested shutdown...')
          if (config.savePoints.length > 0) {
            await log('*', 'Saving the final RDB snapshot before exiting.')
            const fault = server.save()
            await (fault === undefined
              ? log('*', 'DB saved on disk')
              : log('#', `Error trying to save the DB, can't exit: ${fault}`))
            if (fault !== undefined) return
          }
          await log('#', 'Redis is now ready to exit, bye bye...')
          stop(0)
        })().catch(() => {})
      })
    }
    return await stopped
  } finally {
    process.signal.removeEventListener('abort', end)
    end()
  }
}

/** `21 Nov 2026 09:45:13.109` */
function stamp(ms: number): string {
  const date = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()} ${date.toISOString().slice(11, 23)}`
}
