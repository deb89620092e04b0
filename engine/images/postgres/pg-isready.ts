import type { Program } from '../../containers/contract.ts'
import { ConnectFault, Connection } from './connection.ts'
import { parsePsql } from './psql-options.ts'

/** 0 where a server takes connections, 1 where it refuses them for now, 2 where there is none. */
export const pgIsready: Program = async (process) => {
  const args = process.argv.slice(1)
  const timed = args.findIndex((arg) => arg === '-t' || arg.startsWith('--timeout'))
  const kept =
    timed < 0
      ? process.argv
      : process.argv.filter((_, index) => index !== timed + 1 && !(args[timed] === '-t' && index === timed + 2))
  const quiet = args.includes('-q') || args.includes('--quiet')
  const options = parsePsql({ argv: kept, env: process.env, uid: process.uid } as typeof process)
  if (typeof options === 'string') {
    await process.stderr.write(options.replaceAll('psql', 'pg_isready'))
    return 3
  }
  const host = options.host
  const say = async (text: string, code: number) => {
    if (!quiet) await process.stdout.write(`${host ?? '/var/run/postgresql'}:${options.port} - ${text}\n`)
    return code
  }
  try {
    const connection = await Connection.open(process, {
      host: host?.startsWith('/') ? undefined : host,
      port: options.port,
      user: options.user,
      database: options.database,
      password: options.password,
    })
    connection.close()
    return say('accepting connections', 0)
  } catch (error) {
    if (!(error instanceof ConnectFault)) throw error
    if (/starting up|shutting down/.test(error.message)) return say('rejecting connections', 1)
    // A server that refuses this user or asks for a password is there.
    return /FATAL:|no password supplied/.test(error.message) ? say('accepting connections', 0) : say('no response', 2)
  }
}
