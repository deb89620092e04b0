import { describe, expect, it, onTestFinished } from 'vitest'
import { Random } from '../../clock/random.ts'
import { VirtualClock } from '../../clock/virtual-clock.ts'
import type { Image, Terminal } from '../../containers/contract.ts'
import { ByteReader } from '../../network/http/byte-reader.ts'
import { TestMachine } from '../process.testing.ts'
import { globbed } from './command.ts'
import { formatted } from './format.ts'
import { redisCli } from './redis-cli.ts'
import { redisServer } from './redis-server.ts'
import {
  bytesOf,
  encodeReply,
  inlineWords,
  ProtocolError,
  RedisConnection,
  type Reply,
  readCommand,
  readReply,
} from './resp.ts'
import { dataCommands } from './server.ts'

const image: Image = {
  repository: 'redis',
  tags: ['8'],
  size: 1,
  memory: 1,
  files: { '/usr/local/bin/redis-server': { program: redisServer }, '/usr/local/bin/redis-cli': { program: redisCli } },
}

async function started(args: readonly string[] = [], machine?: TestMachine) {
  const clock = (machine?.clock as VirtualClock) ?? new VirtualClock({ start: Date.UTC(2026, 0, 1) })
  const box = machine ?? new TestMachine([image], { clock })
  const server = box.start(['redis-server', ...args])
  onTestFinished(() => server.deliver('SIGKILL'))
  await server.says(/Ready to accept|aborting|Bad file/)
  const connect = async () => new RedisConnection(await box.network.connect('127.0.0.1', 6379))
  const connection = await connect().catch(() => undefined)
  const ask = async (line: string) => (connection as RedisConnection).ask(inlineWords(line))
  const cli = async (...words: string[]) => box.run(['redis-cli', ...words])
  return { clock, machine: box, server, ask, cli, connect }
}

const error = (message: string): Reply => ({ error: message })
const OK: Reply = { simple: 'OK' }
const WRONG_TYPE = error('WRONGTYPE Operation against a key holding the wrong kind of value')

/** Commands that follow each other, with what each answers. */
const sessions: Readonly<Record<string, readonly (readonly [string, Reply])[]>> = {
  strings: [
    ['SET a 1', OK],
    ['GET a', '1'],
    ['GET none', null],
    ['INCR a', 2],
    ['INCRBY a 40', 42],
    ['DECR a', 41],
    ['INCRBYFLOAT a 0.5', '41.5'],
    ['INCR a', error('ERR value is not an integer or out of range')],
    ['SET a x NX', null],
    ['SET b y XX', null],
    ['SET a new GET', '41.5'],
    ['SET a b c', error('ERR syntax error')],
    ['APPEND a er', 5],
    ['GETRANGE a -2 -1', 'er'],
    ['SETRANGE a 3 !', 5],
    ['GET a', 'new!r'],
    ['STRLEN a', 5],
    ['MSET x 1 y 2', OK],
    ['MGET x none y', ['1', null, '2']],
    ['GETDEL x', '1'],
    ['EXISTS x y y', 2],
    ['set', error("ERR wrong number of arguments for 'set' command")],
    ['nonsense a b', error("ERR unknown command 'nonsense', with args beginning with: 'a' 'b' ")],
    ['LPUSH a x', WRONG_TYPE],
    ['TYPE a', { simple: 'string' }],
    ['TYPE none', { simple: 'none' }],
  ],
  lists: [
    ['RPUSH l a b c', 3],
    ['LPUSH l x y', 5],
    ['LRANGE l 0 -1', ['y', 'x', 'a', 'b', 'c']],
    ['LRANGE l 5 9', []],
    ['LPOP l', 'y'],
    ['RPOP l 2', ['c', 'b']],
    ['LLEN l', 2],
    ['LINDEX l -1', 'a'],
    ['LSET l 0 z', OK],
    ['LINSERT l BEFORE a q', 3],
    ['RPUSH l z z', 5],
    ['LREM l -2 z', 2],
    ['LRANGE l 0 -1', ['z', 'q', 'a']],
    ['LTRIM l 1 1', OK],
    ['LMOVE l m LEFT RIGHT', 'q'],
    ['EXISTS l', 0],
    ['LPOP l', null],
    ['LPOP l 2', { nothing: true }],
  ],
  hashes: [
    ['HSET h a 1 b 2', 2],
    ['HSET h a 3', 0],
    ['HGET h a', '3'],
    ['HGETALL h', ['a', '3', 'b', '2']],
    ['HMGET h a none', ['3', null]],
    ['HINCRBY h a 4', 7],
    ['HDEL h a b none', 2],
    ['EXISTS h', 0],
    ['HGETALL h', []],
    ['HSET h a', error("ERR wrong number of arguments for 'hset' command")],
  ],
  sets: [
    ['SADD s a b a', 2],
    ['SISMEMBER s a', 1],
    ['SADD t b c', 2],
    ['SINTER s t', ['b']],
    ['SDIFF s t', ['a']],
    ['SUNIONSTORE u s t', 3],
    ['SCARD u', 3],
    ['SMOVE s t a', 1],
    ['SREM s b', 1],
    ['EXISTS s', 0],
  ],
  'sorted sets': [
    ['ZADD z 2 b 1 a 3 c', 3],
    ['ZADD z XX CH 5 a 9 none', 1],
    ['ZRANGE z 0 -1', ['b', 'c', 'a']],
    ['ZRANGE z 0 0 REV WITHSCORES', ['a', '5']],
    ['ZRANGEBYSCORE z (2 +inf', ['c', 'a']],
    ['ZINCRBY z 0.5 b', '2.5'],
    ['ZSCORE z b', '2.5'],
    ['ZRANK z none', null],
    ['ZREVRANK z b', 2],
    ['ZPOPMIN z', ['b', '2.5']],
    ['ZCOUNT z -inf 4', 1],
    ['ZREM z a c', 2],
    ['EXISTS z', 0],
    ['ZADD z x a', error('ERR value is not a valid float')],
  ],
  transactions: [
    ['MULTI', OK],
    ['INCR n', { simple: 'QUEUED' }],
    ['LPUSH n x', { simple: 'QUEUED' }],
    ['EXEC', [1, WRONG_TYPE]],
    ['MULTI', OK],
    ['nonsense', error("ERR unknown command 'nonsense', with args beginning with: ")],
    ['EXEC', error('EXECABORT Transaction discarded because of previous errors.')],
    ['EXEC', error('ERR EXEC without MULTI')],
    ['MULTI', OK],
    ['DISCARD', OK],
    ['GET n', '1'],
  ],
  databases: [
    ['SET a 1', OK],
    ['SELECT 3', OK],
    ['GET a', null],
    ['SELECT 99', error('ERR DB index is out of range')],
    ['DBSIZE', 0],
    ['SELECT 0', OK],
    ['KEYS a*', ['a']],
    ['RENAME a b', OK],
    ['SCAN 0 MATCH b COUNT 10', ['0', ['b']]],
    ['FLUSHALL', OK],
    ['DBSIZE', 0],
  ],
}

describe('commands', () => {
  it.each(Object.entries(sessions))('on %s', async (_, steps) => {
    const { ask } = await started()
    for (const [line, reply] of steps) expect([line, await ask(line)]).toEqual([line, reply])
  })

  it('let keys run out', async () => {
    const { ask, clock } = await started()
    await ask('SET a 1 EX 10')
    await ask('SET b 1')
    expect([await ask('TTL a'), await ask('TTL b'), await ask('TTL c')]).toEqual([10, -1, -2])
    await ask('EXPIRE b 100')
    await ask('PERSIST b')
    await clock.step(9999)
    expect(await ask('GET a')).toBe('1')
    await clock.step(2)
    expect([await ask('GET a'), await ask('TTL b')]).toEqual([null, -1])
  })

  it('see with WATCH what another has changed', async () => {
    const { ask, connect } = await started()
    const other = await connect()
    await ask('SET a 1')
    await ask('WATCH a')
    await ask('MULTI')
    await ask('INCR a')
    await other.ask(['SET', 'a', '5'])
    expect(await ask('EXEC')).toEqual({ nothing: true })
    expect(await ask('GET a')).toBe('5')
  })

  it('wait with BLPOP for what another pushes', async () => {
    const { ask, connect, clock } = await started()
    const waiting = (await connect()).ask(['BLPOP', 'q', '0'])
    await ask('RPUSH q job')
    await clock.step(100)
    expect(await waiting).toEqual(['q', 'job'])
    const nothing = (await connect()).ask(['BLPOP', 'q', '1'])
    await new Promise((resolve) => setImmediate(resolve))
    await clock.step(1100)
    expect(await nothing).toEqual({ nothing: true })
  })

  it('publish to who has subscribed', async () => {
    const { ask, connect } = await started()
    const listener = await connect()
    expect(await listener.ask(['SUBSCRIBE', 'news'])).toEqual(['subscribe', 'news', 1])
    expect(await listener.ask(['PSUBSCRIBE', 'n*'])).toEqual(['psubscribe', 'n*', 2])
    expect(await ask('PUBLISH news hi')).toBe(2)
    expect(await listener.next()).toEqual(['message', 'news', 'hi'])
    expect(await listener.next()).toEqual(['pmessage', 'n*', 'news', 'hi'])
    expect(await listener.ask(['GET', 'a'])).toMatchObject({ error: expect.stringContaining("Can't execute 'get'") })
  })

  it('speak RESP3 to who greets with it', async () => {
    const { connect } = await started()
    const connection = await connect()
    expect(await connection.ask(['HELLO', '3'])).toMatchObject({ map: expect.arrayContaining([['proto', 3]]) })
    await connection.ask(['HSET', 'h', 'a', '1'])
    expect(await connection.ask(['HGETALL', 'h'])).toEqual({ map: [['a', '1']] })
    expect(await connection.ask(['GET', 'none'])).toBeNull()
  })

  it('keep the memory that they take within maxmemory', async () => {
    const { ask, machine, server } = await started(['--maxmemory', '2000kb'])
    expect(await ask(`SET a ${'x'.repeat(900_000)}`)).toEqual(OK)
    expect(machine.memory.get(server.pid)).toBeGreaterThan(900_000)
    expect(await ask('SET b 1')).toEqual(error("OOM command not allowed when used memory > 'maxmemory'."))
    await ask('CONFIG SET maxmemory-policy allkeys-lru')
    expect(await ask('SET b 1')).toEqual(OK)
    expect(await ask('EXISTS a')).toBe(0)
  })
})

describe('a password', () => {
  it('is asked for', async () => {
    const { ask, cli } = await started(['--requirepass', 'secret'])
    expect(await ask('GET a')).toEqual(error('NOAUTH Authentication required.'))
    expect(await ask('AUTH wrong')).toEqual(error('WRONGPASS invalid username-password pair or user is disabled.'))
    expect(await ask('AUTH secret')).toEqual(OK)
    expect(await ask('GET a')).toBeNull()
    expect((await cli('GET', 'a')).stdout).toBe('NOAUTH Authentication required.\n\n')
    expect(await cli('-a', 'secret', 'PING')).toMatchObject({
      code: 0,
      stdout: 'PONG\n',
      stderr: expect.stringContaining('Warning'),
    })
  })
})

describe('data', () => {
  it('outlives the server by its snapshot, of all kinds and with times', async () => {
    const first = await started()
    for (const line of [
      'SET s "a\\xffb"',
      'RPUSH l 1 2',
      'HSET h a 1',
      'SADD m x y',
      'ZADD z 1.5 q',
      'SET t 1 EX 100',
      'SELECT 2',
      'SET other 1',
    ]) {
      expect(await first.ask(line)).not.toHaveProperty('error')
    }
    first.server.deliver('SIGTERM')
    expect(await first.server.ended).toEqual({ code: 0 })
    expect(first.clock.pending).toBe(0)
    const { ask, clock } = await started([], first.machine)
    expect(await ask('GET s')).toBe('a\xffb')
    expect(await ask('LRANGE l 0 -1')).toEqual(['1', '2'])
    expect(await ask('HGETALL h')).toEqual(['a', '1'])
    expect(await ask('SCARD m')).toBe(2)
    expect(await ask('ZSCORE z q')).toBe('1.5')
    await clock.step(101_000)
    expect(await ask('GET t')).toBeNull()
    await ask('SELECT 2')
    expect(await ask('GET other')).toBe('1')
  })

  it('outlives a killed server with appendonly, and without it only what was saved', async () => {
    const first = await started(['--appendonly', 'yes'])
    await first.ask('SET a 1 EX 100')
    await first.ask('INCR a')
    await first.ask('SADD s x y z')
    await first.ask('SPOP s 2')
    first.server.deliver('SIGKILL')
    await first.server.ended
    const second = await started(['--appendonly', 'yes'], first.machine)
    expect(await second.ask('GET a')).toBe('2')
    expect(await second.ask('TTL a')).toBe(100)
    expect(await second.ask('SCARD s')).toBe(1)
    const plain = await started([], new TestMachine([image], { clock: new VirtualClock({ start: 0 }) }))
    await plain.ask('SET a 1')
    expect(await plain.ask('SAVE')).toEqual(OK)
    await plain.ask('SET b 1')
    plain.server.deliver('SIGKILL')
    await plain.server.ended
    const again = await started([], plain.machine)
    expect(await again.ask('MGET a b')).toEqual(['1', null])
  })

  it('is saved after enough changes in enough time', async () => {
    const { ask, clock, machine, server } = await started(['--save', '60 2'])
    await ask('SET a 1')
    await clock.step(61_000)
    expect(machine.files.exists('/data/dump.rdb')).toBe(false)
    await ask('SET b 1')
    await clock.step(1000)
    expect(machine.files.exists('/data/dump.rdb')).toBe(true)
    expect(server.out).toContain('Background saving terminated with success')
  })
})

describe('redis-server', () => {
  it('refuses what it does not know, and a port that is taken', async () => {
    const { machine } = await started()
    expect(await machine.run(['redis-server', '--nonsense', '1'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('>>> \'nonsense "1"\'\nBad directive or wrong number of arguments\n'),
    })
    expect(await machine.run(['redis-server'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('bind: Address already in use'),
    })
    machine.files.write('/tmp/redis.conf', '# mine\nport 7000\nmaxmemory 100mb\n')
    const other = machine.start(['redis-server', '/tmp/redis.conf'])
    onTestFinished(() => other.deliver('SIGKILL'))
    await other.says(/port=7000/)
    expect((await machine.run(['redis-cli', '-p', '7000', 'config', 'get', 'maxmemory'])).stdout).toBe(
      'maxmemory\n104857600\n',
    )
  })

  it('shows itself in INFO', async () => {
    const { ask } = await started()
    await ask('SET a 1')
    const info = (await ask('INFO')) as string
    expect(info).toContain('redis_version:8.0')
    expect(info).toContain('# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n')
    expect(await ask('INFO keyspace')).toBe('# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n')
  })
})

describe('redis-cli', () => {
  it('writes plainly into a pipe, and shows values with --no-raw', async () => {
    const { cli } = await started()
    expect((await cli('set', 'a', 'b c')).stdout).toBe('OK\n')
    expect((await cli('get', 'a')).stdout).toBe('b c\n')
    expect((await cli('--no-raw', 'get', 'a')).stdout).toBe('"b c"\n')
    expect((await cli('--no-raw', 'get', 'none')).stdout).toBe('(nil)\n')
    expect((await cli('--no-raw', 'incr', 'n')).stdout).toBe('(integer) 1\n')
    expect((await cli('set', 'u', 'ü')).stdout).toBe('OK\n')
    expect((await cli('get', 'u')).stdout).toBe('ü\n')
    expect((await cli('--scan')).stdout.split('\n').sort()).toEqual(['', 'a', 'n', 'u'])
    expect((await cli('-h', 'nobody.invalid', 'ping')).stderr).toBe(
      'Could not connect to Redis at nobody.invalid:6379: Name or service not known\n',
    )
  })

  it('runs lines from a pipe', async () => {
    const { machine } = await started()
    const { stdout } = await machine.run(['redis-cli'], { input: 'SET a "x y"\nGET a\n\nLPUSH a 1\n' })
    expect(stdout).toBe('OK\nx y\nWRONGTYPE Operation against a key holding the wrong kind of value\n\n')
  })

  it('talks on a terminal', async () => {
    const { machine } = await started()
    const terminal: Terminal = {
      size: () => ({ width: 80, height: 24 }),
      setRaw() {},
      onResize: () => () => {},
      foreground: 1,
    }
    const cli = machine.start(['redis-cli'], { terminal })
    await cli.says(/127\.0\.0\.1:6379> $/)
    await cli.type('set a 1\n')
    await cli.says(/OK\n127\.0\.0\.1:6379> $/)
    await cli.type('select 1\nmulti\n')
    await cli.says(/127\.0\.0\.1:6379\[1\]\(TX\)> $/)
    await cli.type('quit\n')
    expect(await cli.ended).toEqual({ code: 0 })
  })

  it('shows lists with numbers', () => {
    expect(formatted(['a', ['b', null], 3])).toBe('1) "a"\n2) 1) "b"\n   2) (nil)\n3) (integer) 3')
    expect(formatted([])).toBe('(empty array)')
    expect(formatted('a"\n\xff')).toBe('"a\\"\\n\\xff"')
  })
})

describe('the protocol', () => {
  const random = new Random('resp')
  const pieces = (bytes: Uint8Array) => {
    let at = 0
    return new ByteReader({
      async read() {
        if (at >= bytes.length) return null
        const part = bytes.subarray(at, at + 1 + random.below(20))
        at += part.length
        return part
      },
    })
  }
  const text = () => String.fromCharCode(...Array.from({ length: random.below(20) }, () => random.below(256)))
  const value = (depth: number): Reply => {
    switch (random.below(depth > 0 ? 6 : 4)) {
      case 0:
        return null
      case 1:
        return random.below(1000) - 500
      case 2:
        return text()
      case 3:
        return { simple: 'fine' }
      case 4:
        return Array.from({ length: random.below(4) }, () => value(depth - 1))
      default:
        return { map: Array.from({ length: random.below(3) }, () => [text(), value(depth - 1)] as const) }
    }
  }

  it('reads what it writes, in any pieces', async () => {
    for (let run = 0; run < 500; run++) {
      const reply = value(3)
      expect(await readReply(pieces(bytesOf(encodeReply(reply, 3))))).toEqual(reply)
      const words = Array.from({ length: 1 + random.below(5) }, text)
      expect(await readCommand(pieces(bytesOf(encodeReply(words, 2))))).toEqual(words)
    }
  })

  it('answers random bytes with a command or an error of its own', async () => {
    for (let run = 0; run < 3000; run++) {
      const bytes = bytesOf(`*2\r\n$3\r\nGET\r\n$1\r\na\r\n`)
      for (let change = random.below(6); change > 0; change--) bytes[random.below(bytes.length)] = random.below(256)
      try {
        expect(await readCommand(pieces(bytes))).toBeInstanceOf(Array)
      } catch (thrown) {
        expect(thrown instanceof ProtocolError || (thrown as Error).name === 'HttpError').toBe(true)
      }
    }
  })

  it('lets no command with random words end the server', async () => {
    const { connect, server } = await started()
    const connection = await connect()
    const names = Object.keys(dataCommands)
    const words = [
      'a',
      'b',
      '0',
      '-1',
      '1.5',
      'NX',
      'EX',
      'LIMIT',
      'WITHSCORES',
      '(1',
      'inf',
      '',
      '\xff',
      '*',
      '[',
      'MATCH',
      'COUNT',
    ]
    for (let run = 0; run < 4000; run++) {
      const reply = await connection.ask([
        random.pick(names),
        ...Array.from({ length: random.below(6) }, () => random.pick(words)),
      ])
      expect(reply).toBeDefined()
    }
    expect(server.err).toBe('')
    expect(await connection.ask(['PING'])).toEqual({ simple: 'PONG' })
  })

  it.each([
    ['h?llo', 'hello', true],
    ['h*o', 'heo', true],
    ['h[a-e]llo', 'hello', true],
    ['h[^e]llo', 'hello', false],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['[z-a]', 'b', false],
    ['[', '[', true],
    ['a.c', 'abc', false],
  ])('the pattern %s with %s: %s', (pattern, key, matches) => {
    expect(globbed(pattern).test(key)).toBe(matches)
  })
})
