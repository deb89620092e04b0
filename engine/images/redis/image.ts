import type { Image, Program } from '../../containers/contract.ts'
import type { Bases } from '../bases/bases.ts'
import { redisCli } from './redis-cli.ts'
import { redisServer } from './redis-server.ts'
import { MEMORY_AT_REST } from './server.ts'
import { REDIS_VERSION } from './version.ts'

/** Options are redis-server's, as the real image's script has it. */
const entrypoint: Program = (process) => {
  const args = process.argv.slice(1)
  const [first = ''] = args
  return process.exec(first.startsWith('-') || first.endsWith('.conf') ? ['redis-server', ...args] : args)
}

export function redisImages(bases: Bases): readonly Image[] {
  const account = { name: 'redis', uid: 999, gid: 999, home: '/home/redis' }
  const common = {
    repository: 'redis',
    entrypoint: ['docker-entrypoint.sh'],
    command: ['redis-server'],
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', REDIS_VERSION },
    workingDir: '/data',
    ports: [6379],
    volumes: ['/data'],
    memory: MEMORY_AT_REST,
  }
  const files = {
    '/data': { directory: true, uid: 999 },
    '/usr/local/bin/redis-server': { program: redisServer },
    '/usr/local/bin/redis-cli': { program: redisCli },
    '/usr/local/bin/docker-entrypoint.sh': { program: entrypoint },
  } as const
  return [
    {
      ...common,
      tags: ['8.0', '8', REDIS_VERSION, '8.0-bookworm', 'bookworm', 'latest'],
      size: 49_800_000,
      files: { ...bases.debian('12.11', 'bookworm', [account]), ...files },
    },
    {
      ...common,
      tags: ['8.0-alpine', '8-alpine', 'alpine', `${REDIS_VERSION}-alpine`],
      size: 26_700_000,
      files: { ...bases.alpine('3.21.3', [account]), ...files },
    },
  ]
}
