import { describe, expect, it, onTestFinished } from 'vitest'
import type { Image, Terminal, VolumeTree } from '../../containers/contract.ts'
import { emptyTree } from '../../containers/files/volume.ts'
import { loopback } from '../../network/http/loopback.testing.ts'
import { TestMachine, type TestOptions } from '../process.testing.ts'
import { pgIsready } from './pg-isready.ts'
import { entrypoint } from './postgres.ts'
import { psql } from './psql.ts'

const image: Image = {
  repository: 'postgres',
  tags: ['17'],
  size: 1,
  memory: 1,
  files: {
    '/usr/local/bin/docker-entrypoint.sh': { program: entrypoint },
    '/usr/bin/psql': { program: psql },
    '/usr/bin/pg_isready': { program: pgIsready },
  },
}
const DATA = '/data/pg'
const env = { POSTGRES_PASSWORD: 'secret', PGDATA: DATA }

function machine(tree?: VolumeTree) {
  return new TestMachine([image], tree === undefined ? {} : { tree })
}

async function started(options: TestOptions = {}, box = machine()) {
  const server = box.start(['docker-entrypoint.sh', 'postgres'], { env, ...options })
  onTestFinished(() => server.deliver('SIGKILL'))
  await server.says(/ready to accept connections|FATAL/, 'err')
  const sql = (statement: string, ...args: string[]) => box.run(['psql', '-U', 'postgres', ...args, '-c', statement])
  return { box, server, sql }
}

/** The first database makes the template. */
const SLOW = 60_000

describe('a new database', () => {
  it('asks for a password, and for an empty directory', async () => {
    const box = machine()
    const without = await box.run(['docker-entrypoint.sh', 'postgres'], { env: { PGDATA: DATA } })
    expect(without.code).toBe(1)
    expect(without.stderr).toMatch(/^Error: Database is uninitialized and superuser password is not specified\.\n/)
    box.files.makeDirectory(`${DATA}/lost+found`, { parents: true })
    const full = await box.run(['docker-entrypoint.sh', 'postgres'], { env })
    expect(full.stderr).toMatch(
      /^initdb: error: directory "\/data\/pg" exists but is not empty\ninitdb: detail: It contains a lost\+found/,
    )
  })

  it(
    'answers psql, is ready, and tells what is wrong',
    async () => {
      const { sql, box, server } = await started()
      expect(server.out).toContain('PostgreSQL init process complete; ready for start up.')
      expect(await sql('create table t (id int primary key, name text)')).toEqual({
        code: 0,
        stdout: 'CREATE TABLE\n',
        stderr: '',
      })
      expect((await sql("insert into t values (1, 'ada'), (2, null)")).stdout).toBe('INSERT 0 2\n')
      expect((await sql('select * from t order by id')).stdout).toBe(
        ' id | name \n----+------\n  1 | ada\n  2 | \n(2 rows)\n\n',
      )
      expect((await sql('select count(*) from t', '-tA')).stdout).toBe('2\n')
      expect(await sql('select * from none')).toEqual({
        code: 1,
        stdout: '',
        stderr: 'ERROR:  relation "none" does not exist\nLINE 1: select * from none\n                      ^\n',
      })
      await server.says(
        /ERROR: {2}relation "none" does not exist at character 15\n[\s\S]*STATEMENT: {2}select \* from none/,
        'err',
      )
      expect((await box.run(['pg_isready', '-U', 'postgres'])).stdout).toBe(
        '/var/run/postgresql:5432 - accepting connections\n',
      )
      expect((await box.run(['pg_isready', '-p', '5433'])).code).toBe(2)
      expect((await sql('\\dt')).stdout).toBe(
        '          List of tables\n Schema | Name | Type  |  Owner   \n--------+------+-------+----------\n public | t    | table | postgres\n(1 row)\n\n',
      )
      expect((await sql('\\d t')).stdout).toContain('Indexes:\n    "t_pkey" PRIMARY KEY, btree (id)\n')
      expect((await sql('\\l')).stdout).toMatch(/ postgres\s+\| postgres \| UTF8/)
      expect((await sql('select 1; select 2', '-tA')).stdout).toBe('1\n2\n')
    },
    SLOW,
  )

  it(
    'reads files and its input, and stops at an error when told to',
    async () => {
      const { box } = await started()
      const script = 'create table s (a int);\ninsert into s\n  values (1);\nselect nope;\nselect a from s;\n'
      box.files.write('/tmp/s.sql', script)
      const run = await box.run(['psql', '-U', 'postgres', '-f', '/tmp/s.sql'])
      expect(run.stdout).toBe('CREATE TABLE\nINSERT 0 1\n a \n---\n 1\n(1 row)\n\n')
      expect(run.stderr).toContain('psql:/tmp/s.sql:4: ERROR:  column "nope" does not exist\n')
      expect(run.code).toBe(0)
      const strict = await box.run(['psql', '-U', 'postgres', '-v', 'ON_ERROR_STOP=1'], {
        input: 'select nope;\nselect 1;\n',
      })
      expect(strict).toMatchObject({ code: 3, stdout: '' })
      expect(
        (await box.run(['psql', '-U', 'postgres', '-tA', '-v', 'x=5'], { input: "select :x, :'x' || 'y';" })).stdout,
      ).toBe('5|5y\n')
    },
    SLOW,
  )

  it(
    'has the user and the database of its environment, and runs its scripts',
    async () => {
      const box = machine()
      box.files.makeDirectory('/docker-entrypoint-initdb.d')
      box.files.write(
        '/docker-entrypoint-initdb.d/1.sql',
        'create table visits (n int);\ninsert into visits values (41);\n',
      )
      const { server } = await started({ env: { ...env, POSTGRES_USER: 'shop', POSTGRES_DB: 'orders' } }, box)
      expect(server.out).toContain('running /docker-entrypoint-initdb.d/1.sql')
      const run = (...args: string[]) => box.run(['psql', ...args])
      expect(
        (await run('-U', 'shop', 'orders', '-tAc', 'select n, current_user, current_database() from visits')).stdout,
      ).toBe('41|shop|orders\n')
      expect((await run('-U', 'postgres')).stderr).toBe(
        'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: FATAL:  role "postgres" does not exist\n',
      )
      expect((await run('-U', 'shop', 'none')).stderr).toContain('FATAL:  database "none" does not exist')
    },
    SLOW,
  )
})

describe('rows', () => {
  it(
    'outlive a server that is stopped, and one that is killed',
    async () => {
      const tree = emptyTree({ now: () => Date.now(), memoryLimit: 64 * 1024 ** 2 })
      const first = await started({}, machine(tree))
      await first.sql('create table t as select generate_series(1, 1000) as n')
      first.server.deliver('SIGINT')
      expect(await first.server.ended).toEqual({ code: 0 })
      expect(first.server.err).toContain('received fast shutdown request')
      expect(first.server.err).toContain('database system is shut down')

      const second = await started({}, machine(tree))
      expect(second.server.out).toContain('Skipping initialization')
      expect((await second.sql('select count(*) from t', '-tA')).stdout).toBe('1000\n')
      await second.sql('insert into t values (-1)')
      second.server.deliver('SIGKILL')

      const third = await started({}, machine(tree))
      expect(third.server.err).toContain('database system was not properly shut down; automatic recovery in progress')
      expect((await third.sql('select min(n), count(*) from t', '-tA')).stdout).toBe('-1|1001\n')
    },
    SLOW,
  )
})

describe('sessions', () => {
  it(
    'wait for a transaction, and take its end back when they leave',
    async () => {
      const { box, sql } = await started()
      await sql('create table t (n int)')
      const terminal: Terminal = {
        size: () => ({ width: 80, height: 24 }),
        setRaw() {},
        onResize: () => () => {},
        foreground: 1,
      }
      const one = box.start(['psql', '-U', 'postgres'], { terminal })
      await one.says(/postgres=# $/)
      await one.type('begin;\ninsert into t\nvalues (1);\n')
      await one.says(/BEGIN\npostgres=\*# postgres-\*# INSERT 0 1\npostgres=\*# $/)
      const other = sql('select count(*) from t', '-tA')
      await one.type('\\q\n')
      expect((await one.ended).code).toBe(0)
      expect((await other).stdout).toBe('0\n')
    },
    SLOW,
  )

  it(
    'have a user, settings and a database each',
    async () => {
      const { box, sql } = await started()
      await sql('create role reader login')
      await sql('create database other')
      const reader = (...args: string[]) => box.run(['psql', '-U', 'reader', ...args])
      expect((await reader('-d', 'postgres', '-tAc', 'select current_user')).stdout).toBe('reader\n')
      expect((await reader('-d', 'postgres', '-c', 'create table x (a int)')).stderr).toContain(
        'ERROR:  permission denied for schema public\n',
      )
      expect((await reader('-d', 'other', '-tAc', 'select current_database()')).stdout).toBe('other\n')
      expect((await sql('select current_user, current_database()', '-tA')).stdout).toBe('postgres|postgres\n')
      const switched = await box.run(['psql', '-U', 'postgres'], {
        input: '\\c other\nselect current_database();\n\\conninfo\n',
      })
      expect(switched.stdout).toMatch(
        /^You are now connected to database "other" as user "postgres"\.\n[\s\S]* other\n/,
      )
    },
    SLOW,
  )

  it(
    'from other Pods need the password',
    async () => {
      const network = loopback()
      const box = new TestMachine([image], { network })
      await started({}, box)
      const run = (password?: string) =>
        box.run(
          ['psql', '-h', 'db', '-U', 'postgres', '-tAc', 'select 1'],
          password === undefined ? {} : { env: { PGPASSWORD: password } },
        )
      // In this network all come from the Pod's own address, which is not its loopback.
      expect(await run('secret')).toMatchObject({ code: 0, stdout: '1\n' })
      expect((await run('wrong')).stderr).toBe(
        'psql: error: connection to server at "db" (10.244.1.2), port 5432 failed: FATAL:  password authentication failed for user "postgres"\n',
      )
      expect((await run()).stderr).toContain('fe_sendauth: no password supplied')
      await box.run(['psql', '-U', 'postgres', '-h', 'db', '-c', "alter role postgres password 'new'"], {
        env: { PGPASSWORD: 'secret' },
      })
      expect((await run('new')).code).toBe(0)
    },
    SLOW,
  )
})
