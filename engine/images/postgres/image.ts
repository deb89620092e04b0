import type { Image } from '../../containers/contract.ts'
import type { Bases, Files } from '../bases/bases.ts'
import { pgIsready } from './pg-isready.ts'
import { entrypoint, postgres } from './postgres.ts'
import { psql } from './psql.ts'

/** Bytes: what PostgreSQL has when nothing happens. */
const MEMORY_AT_REST = 30 * 1024 * 1024

export function postgresImages(bases: Bases): readonly Image[] {
  const account = { name: 'postgres', uid: 999, gid: 999, home: '/var/lib/postgresql', shell: '/bin/bash' }
  const image = (major: string, tags: readonly string[], size: number, base: Files, uid: number): Image => {
    const data = Number(major) >= 18 ? `/var/lib/postgresql/${major}/docker` : '/var/lib/postgresql/data'
    const bin = `/usr/lib/postgresql/${major}/bin`
    return {
      repository: 'postgres',
      tags,
      size,
      entrypoint: ['docker-entrypoint.sh'],
      command: ['postgres'],
      env: {
        PATH: `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${bin}`,
        LANG: 'en_US.utf8',
        PG_MAJOR: major,
        PGDATA: data,
      },
      ports: [5432],
      stopSignal: 'SIGINT',
      volumes: [Number(major) >= 18 ? '/var/lib/postgresql' : data],
      memory: MEMORY_AT_REST,
      files: {
        ...base,
        ...(Number(major) >= 18 ? {} : { [data]: { directory: true, uid, mode: 0o1777 } }),
        '/var/run/postgresql': { directory: true, uid, mode: 0o3777 },
        '/docker-entrypoint-initdb.d': { directory: true },
        '/usr/local/bin/docker-entrypoint.sh': { program: entrypoint },
        [`${bin}/postgres`]: { program: postgres },
        [`${bin}/psql`]: { program: psql },
        [`${bin}/pg_isready`]: { program: pgIsready },
        '/usr/bin/psql': { link: `${bin}/psql` },
        '/usr/bin/pg_isready': { link: `${bin}/pg_isready` },
      },
    }
  }
  const debian = bases.debian('12.11', 'bookworm', [account])
  const alpine = bases.alpine('3.22.1', [{ ...account, uid: 70, gid: 70 }])
  return [
    image('17', ['17', '17.5', '17-bookworm'], 157_000_000, debian, 999),
    image('17', ['17-alpine', '17.5-alpine'], 109_000_000, alpine, 70),
    image('18', ['18', '18.0', 'latest', 'bookworm'], 159_000_000, debian, 999),
    image('18', ['18-alpine', 'alpine'], 111_000_000, alpine, 70),
  ]
}
