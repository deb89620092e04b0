import type { RedisServer } from './server.ts'
import { MEMORY_AT_REST } from './server.ts'
import { REDIS_VERSION } from './version.ts'

type Fields = readonly (readonly [string, string | number])[]

/** What INFO says, of the sections that are asked for. */
export function infoText(server: RedisServer, wanted: readonly string[]): string {
  const names = wanted.map((name) => name.toLowerCase())
  const all = names.length === 0 || names.some((name) => ['all', 'default', 'everything'].includes(name))
  return sectionsOf(server)
    .filter(([name]) => all || names.includes(name.toLowerCase()))
    .map(([name, fields]) => `# ${name}\r\n${fields.map(([field, value]) => `${field}:${value}\r\n`).join('')}`)
    .join('\r\n')
}

function sectionsOf(server: RedisServer): readonly (readonly [string, Fields])[] {
  const { process, config, databases } = server
  const now = process.clock.now()
  const uptime = Math.floor((now - server.started) / 1000)
  const used = server.dataBytes() + MEMORY_AT_REST / 8
  const limit = Number(config.get('maxmemory'))
  const sum = (of: (db: (typeof databases)[number]) => number) => databases.reduce((total, db) => total + of(db), 0)
  return [
    [
      'Server',
      [
        ['redis_version', REDIS_VERSION],
        ['redis_mode', 'standalone'],
        ['os', 'Linux 6.8.0 x86_64'],
        ['arch_bits', 64],
        ['process_id', process.pid],
        ['tcp_port', config.get('port')],
        ['uptime_in_seconds', uptime],
        ['uptime_in_days', Math.floor(uptime / 86_400)],
        ['hz', config.get('hz')],
        ['executable', '/usr/local/bin/redis-server'],
        ['config_file', ''],
      ],
    ],
    [
      'Clients',
      [
        ['connected_clients', server.clients.size],
        ['maxclients', config.get('maxclients')],
        ['blocked_clients', 0],
        ['pubsub_clients', [...server.clients].filter((client) => client.subscribed).length],
      ],
    ],
    [
      'Memory',
      [
        ['used_memory', used],
        ['used_memory_human', human(used)],
        ['used_memory_rss', used + (MEMORY_AT_REST * 7) / 8],
        ['used_memory_dataset', server.dataBytes()],
        ['maxmemory', limit],
        ['maxmemory_human', limit === 0 ? '0B' : human(limit)],
        ['maxmemory_policy', config.get('maxmemory-policy')],
      ],
    ],
    [
      'Persistence',
      [
        ['loading', 0],
        ['rdb_changes_since_last_save', server.dirty],
        ['rdb_bgsave_in_progress', 0],
        ['rdb_last_save_time', Math.floor(server.lastSave / 1000)],
        ['rdb_last_bgsave_status', 'ok'],
        ['aof_enabled', server.appendOnly === undefined ? 0 : 1],
        ['aof_last_write_status', 'ok'],
      ],
    ],
    [
      'Stats',
      [
        ['total_connections_received', server.connections],
        ['total_commands_processed', server.commands],
        ['expired_keys', sum((db) => db.expired)],
        ['evicted_keys', 0],
        ['keyspace_hits', sum((db) => db.hits)],
        ['keyspace_misses', sum((db) => db.misses)],
        ['pubsub_channels', new Set([...server.clients].flatMap((client) => [...client.channels])).size],
      ],
    ],
    [
      'Replication',
      [
        ['role', 'master'],
        ['connected_slaves', 0],
      ],
    ],
    [
      'CPU',
      [
        ['used_cpu_sys', (server.commands * 0.00001).toFixed(6)],
        ['used_cpu_user', (server.commands * 0.00001).toFixed(6)],
      ],
    ],
    [
      'Keyspace',
      databases.flatMap((db, index): [string, string][] => {
        const keys = [...db.keys()].length
        return keys === 0 ? [] : [[`db${index}`, `keys=${keys},expires=${db.volatile},avg_ttl=0`]]
      }),
    ],
  ]
}

function human(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`
  const units = ['K', 'M', 'G']
  let value = bytes
  let unit = ''
  while (value >= 1024 && units.length > 0) {
    value /= 1024
    unit = units.shift() as string
  }
  return `${value.toFixed(2)}${unit}`
}
