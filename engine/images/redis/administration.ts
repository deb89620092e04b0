/** Commands on the connection and the server, not on data. */
import type { Client } from './client.ts'
import { CommandError, globbed, integer, SYNTAX } from './command.ts'
import { ConfigFault } from './config.ts'
import { infoText } from './info.ts'
import { side } from './lists.ts'
import { fromUtf8, OK, type Reply } from './resp.ts'
import type { RedisServer } from './server.ts'
import { REDIS_VERSION } from './version.ts'

export interface ServerCommand {
  readonly arity: number
  run(server: RedisServer, client: Client, args: readonly string[]): Reply | undefined | Promise<Reply | undefined>
}

function authenticate(server: RedisServer, client: Client, user: string, password: string): void {
  const wanted = fromUtf8(server.config.get('requirepass'))
  if (user !== 'default' || (wanted !== '' && password !== wanted)) {
    throw new CommandError('WRONGPASS invalid username-password pair or user is disabled.')
  }
  client.authenticated = true
}

function auth(server: RedisServer, client: Client, args: readonly string[]): Reply {
  if (args.length > 2) throw SYNTAX()
  const [user, password] = args.length === 2 ? args : ['default', args[0]]
  if (args.length === 1 && server.config.get('requirepass') === '') {
    throw new CommandError(
      'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
    )
  }
  authenticate(server, client, user ?? '', password ?? '')
  return OK
}

function hello(server: RedisServer, client: Client, [version, ...options]: readonly string[]): Reply {
  if (version !== undefined && version !== '2' && version !== '3')
    throw new CommandError('NOPROTO unsupported protocol version')
  for (let index = 0; index < options.length; index++) {
    const word = options[index]?.toUpperCase()
    if (word === 'AUTH') authenticate(server, client, options[++index] ?? '', options[++index] ?? '')
    else if (word === 'SETNAME') client.name = options[++index] ?? ''
    else throw SYNTAX()
  }
  if (!client.authenticated) {
    throw new CommandError(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
    )
  }
  if (version !== undefined) client.version = version === '3' ? 3 : 2
  return {
    map: [
      ['server', 'redis'],
      ['version', REDIS_VERSION],
      ['proto', client.version],
      ['id', client.id],
      ['mode', 'standalone'],
      ['role', 'master'],
      ['modules', []],
    ],
  }
}

async function subscribe(client: Client, names: readonly string[], to: Set<string>, kind: string): Promise<undefined> {
  for (const name of names) {
    to.add(name)
    await client.send({ push: [kind, name, client.channels.size + client.patterns.size] })
  }
  return undefined
}

async function unsubscribe(
  client: Client,
  names: readonly string[],
  from: Set<string>,
  kind: string,
): Promise<undefined> {
  const left = names.length === 0 ? [...from] : names
  for (const name of left) {
    from.delete(name)
    await client.send({ push: [kind, name, client.channels.size + client.patterns.size] })
  }
  if (left.length === 0) await client.send({ push: [kind, null, client.channels.size + client.patterns.size] })
  return undefined
}

function config(server: RedisServer, [sub = '', ...args]: readonly string[]): Reply {
  switch (sub.toUpperCase()) {
    case 'GET':
      return { map: server.config.matching(args).map(([name, value]) => [name, fromUtf8(value)]) }
    case 'SET':
      if (args.length === 0 || args.length % 2 !== 0)
        throw new CommandError("ERR wrong number of arguments for 'config|set' command")
      for (let index = 0; index < args.length; index += 2)
        setOne(server, args[index] as string, args[index + 1] as string)
      return OK
    case 'RESETSTAT':
      server.commands = 0
      return OK
    case 'REWRITE':
      throw new CommandError('ERR The server is running without a config file')
    default:
      throw new CommandError(`ERR unknown subcommand '${sub}'. Try CONFIG HELP.`)
  }
}

function setOne(server: RedisServer, name: string, value: string): void {
  if (['port', 'databases', 'bind'].includes(name.toLowerCase())) {
    throw new CommandError(
      `ERR CONFIG SET failed (possibly related to argument '${name}') - can't set immutable config`,
    )
  }
  try {
    server.config.set(name, [value])
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error
    const unknown = error.message.startsWith('Bad directive')
    throw new CommandError(
      unknown
        ? `ERR Unknown option or number of arguments for CONFIG SET - '${name}'`
        : `ERR CONFIG SET failed (possibly related to argument '${name}') - ${error.message}`,
    )
  }
  if (name.toLowerCase() === 'appendonly') {
    if (value === 'yes' && server.appendOnly === undefined) server.startLog()
    if (value === 'no') server.appendOnly = undefined
  }
  if (name.toLowerCase() === 'save') server.planSave()
}

function clientCommand(server: RedisServer, client: Client, [sub = '', ...args]: readonly string[]): Reply {
  switch (sub.toUpperCase()) {
    case 'ID':
      return client.id
    case 'GETNAME':
      return client.name
    case 'SETNAME':
      client.name = args[0] ?? ''
      return OK
    case 'SETINFO':
    case 'NO-EVICT':
    case 'NO-TOUCH':
      return OK
    case 'INFO':
      return `${server.describe(client)}\n`
    case 'LIST':
      return [...server.clients].map((other) => `${server.describe(other)}\n`).join('')
    case 'KILL': {
      const target = [...server.clients].find((other) =>
        args[0]?.toUpperCase() === 'ID'
          ? String(other.id) === args[1]
          : `${other.socket.remote.address}:${other.socket.remote.port}` === (args[1] ?? args[0]),
      )
      if (target === undefined) throw new CommandError('ERR No such client')
      target.socket.destroy()
      return OK
    }
    default:
      throw new CommandError(`ERR unknown subcommand '${sub}'. Try CLIENT HELP.`)
  }
}

/** Milliseconds between looks at a list that someone waits for: a wait ends within it. */
const LOOK = 50

/** Waits for an element of the first list that has one; 0 seconds: for ever. */
function blocking(
  seconds: string | undefined,
  take: (server: RedisServer, client: Client) => Reply,
): (server: RedisServer, client: Client) => Promise<Reply> {
  const given = Number(seconds)
  if (!Number.isFinite(given) || seconds === undefined)
    throw new CommandError('ERR timeout is not a float or out of range')
  if (given < 0) throw new CommandError('ERR timeout is negative')
  return async (server, client) => {
    const { clock } = server.process
    const until = given === 0 ? Number.POSITIVE_INFINITY : clock.now() + given * 1000
    for (;;) {
      const taken = take(server, client)
      if (taken !== null) return taken
      if (clock.now() >= until || !server.clients.has(client)) return { nothing: true }
      await server.process.sleep(Math.min(LOOK, until - clock.now()))
    }
  }
}

const blockingPop = (end: 'left' | 'right'): ServerCommand => ({
  arity: -3,
  run: (server, client, args) =>
    blocking(args.at(-1), () => {
      const db = server.database(client.database)
      for (const key of args.slice(0, -1)) {
        if ((db.get(key)?.type ?? 'none') === 'none') continue
        const [reply] = server.change(client.database, [[end === 'left' ? 'LPOP' : 'RPOP', key]])
        if (typeof reply === 'string') return [key, reply]
        if (reply !== null && typeof reply === 'object' && 'error' in reply) throw new CommandError(reply.error)
      }
      return null
    })(server, client),
})

function shutDown(server: RedisServer, args: readonly string[]): undefined {
  const word = args[0]?.toUpperCase()
  if (word !== 'NOSAVE' && (word === 'SAVE' || server.config.savePoints.length > 0)) server.save()
  server.stop(0)
  return undefined
}

export const connectionCommands: Readonly<Record<string, ServerCommand>> = {
  PING: {
    arity: -1,
    run(_, client, [message]) {
      if (client.subscribed && client.version === 2) return ['pong', message ?? '']
      return message ?? { simple: 'PONG' }
    },
  },
  ECHO: { arity: 2, run: (_, __, [message = '']) => message },
  QUIT: { arity: -1, run: () => OK },
  RESET: {
    arity: 1,
    run(server, client) {
      client.queued = undefined
      client.watched.clear()
      client.channels.clear()
      client.patterns.clear()
      client.version = 2
      client.database = 0
      client.authenticated = server.config.get('requirepass') === ''
      return { simple: 'RESET' }
    },
  },
  AUTH: { arity: -2, run: auth },
  HELLO: { arity: -1, run: hello },
  SELECT: {
    arity: 2,
    run(server, client, [index]) {
      const database = integer(index)
      if (database < 0 || database >= server.databases.length) throw new CommandError('ERR DB index is out of range')
      client.database = database
      return OK
    },
  },
  CLIENT: { arity: -2, run: clientCommand },
  CONFIG: { arity: -2, run: (server, _, args) => config(server, args) },
  INFO: { arity: -1, run: (server, _, sections) => infoText(server, sections) },
  TIME: {
    arity: 1,
    run({ process }) {
      const now = process.clock.now()
      return [String(Math.floor(now / 1000)), String((now % 1000) * 1000)]
    },
  },
  LASTSAVE: { arity: 1, run: (server) => Math.floor(server.lastSave / 1000) },
  SAVE: {
    arity: 1,
    run(server) {
      if (server.save() !== undefined) throw new CommandError('ERR')
      return OK
    },
  },
  BGSAVE: {
    arity: -1,
    run(server) {
      void server.saveInBackground()
      return { simple: 'Background saving started' }
    },
  },
  BGREWRITEAOF: {
    arity: 1,
    run(server) {
      server.appendOnly?.create(server.databases)
      return { simple: 'Background append only file rewriting started' }
    },
  },
  SHUTDOWN: { arity: -1, run: (server, _, args) => shutDown(server, args) },
  ROLE: { arity: 1, run: () => ['master', 0, []] },
  COMMAND: { arity: -1, run: (_, __, [sub]) => (sub?.toUpperCase() === 'COUNT' ? 180 : []) },
  ACL: {
    arity: -2,
    run(_, __, [sub]) {
      if (sub?.toUpperCase() === 'WHOAMI') return 'default'
      throw new CommandError(`ERR unknown subcommand '${sub}'. Try ACL HELP.`)
    },
  },
  MONITOR: {
    arity: 1,
    run(_, client) {
      client.monitoring = true
      return OK
    },
  },
  MULTI: {
    arity: 1,
    run(_, client) {
      if (client.queued !== undefined) throw new CommandError('ERR MULTI calls can not be nested')
      client.queued = []
      return OK
    },
  },
  // Run by the server itself, which knows the queue.
  EXEC: { arity: 1, run: () => OK },
  DISCARD: {
    arity: 1,
    run(_, client) {
      if (client.queued === undefined) throw new CommandError('ERR DISCARD without MULTI')
      client.queued = undefined
      client.spoilt = false
      client.watched.clear()
      return OK
    },
  },
  WATCH: {
    arity: -2,
    run(server, client, keys) {
      if (client.queued !== undefined) throw new CommandError('ERR WATCH inside MULTI is not allowed')
      const db = server.database(client.database)
      for (const key of keys) client.watched.set(key, db.versionOf(key))
      return OK
    },
  },
  UNWATCH: {
    arity: 1,
    run(_, client) {
      client.watched.clear()
      return OK
    },
  },
  SUBSCRIBE: { arity: -2, run: (_, client, names) => subscribe(client, names, client.channels, 'subscribe') },
  PSUBSCRIBE: { arity: -2, run: (_, client, names) => subscribe(client, names, client.patterns, 'psubscribe') },
  UNSUBSCRIBE: { arity: -1, run: (_, client, names) => unsubscribe(client, names, client.channels, 'unsubscribe') },
  PUNSUBSCRIBE: { arity: -1, run: (_, client, names) => unsubscribe(client, names, client.patterns, 'punsubscribe') },
  PUBLISH: {
    arity: 3,
    run: (server, _, [channel = '', message = '']) =>
      server.publish(channel, message, (pattern) => globbed(pattern).test(channel)),
  },
  PUBSUB: {
    arity: -2,
    run(server, _, [sub = '', ...args]) {
      const channels = [...new Set([...server.clients].flatMap((client) => [...client.channels]))]
      switch (sub.toUpperCase()) {
        case 'CHANNELS':
          return channels.filter((name) => args[0] === undefined || globbed(args[0]).test(name))
        case 'NUMSUB':
          return args.flatMap((name): Reply[] => [
            name,
            [...server.clients].filter((client) => client.channels.has(name)).length,
          ])
        case 'NUMPAT':
          return [...server.clients].reduce((sum, client) => sum + client.patterns.size, 0)
        default:
          throw new CommandError(`ERR unknown subcommand '${sub}'. Try PUBSUB HELP.`)
      }
    },
  },
  BLPOP: blockingPop('left'),
  BRPOP: blockingPop('right'),
  BLMOVE: {
    arity: 6,
    run: (server, client, [from = '', to = '', take, put, timeout]) => {
      side(take)
      side(put)
      return blocking(
        timeout,
        () => server.change(client.database, [['LMOVE', from, to, take ?? '', put ?? '']])[0] ?? null,
      )(server, client)
    },
  },
}
