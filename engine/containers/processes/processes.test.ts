import { describe, expect, it } from 'vitest'
import type { ContainerLimits, Image, Program } from '../contract.ts'
import { TestBench } from '../machine.testing.ts'
import { fair } from './cores.ts'

const MIB = 1024 ** 2

const copy: Program = async ({ stdin, stdout }) => {
  for (let chunk = await stdin.read(); chunk !== null; chunk = await stdin.read()) await stdout.write(chunk)
  return 0
}

function imageOf(programs: Readonly<Record<string, Program>>, more: Partial<Image> = {}): Image {
  const files = Object.fromEntries(Object.entries(programs).map(([name, program]) => [`/bin/${name}`, { program }]))
  return {
    repository: 'test',
    tags: ['1'],
    size: 1,
    memory: MIB,
    entrypoint: ['main'],
    files: { '/etc/passwd': { text: 'root:x:0:0::/root:/bin/sh\nweb:x:101:102::/home/web:/bin/sh\n' }, ...files },
    ...more,
  }
}

const forever: Program = async (process) => {
  await process.sleep(1e9)
  return 0
}

describe('a container', () => {
  it('runs its first process with arguments, environment and working directory, and ends with its code', async () => {
    const bench = new TestBench()
    const image = imageOf(
      {
        main: async ({ argv, env, cwd, uid, stdout, pid }) => {
          await stdout.write(
            [argv.join(' '), env.get('A'), env.get('HOME'), env.get('HOSTNAME'), cwd, uid, pid].join('|'),
          )
          return 3
        },
      },
      { env: { A: 'image' }, workingDir: '/work/here', user: 'web', command: ['x'] },
    )
    const { container, written } = bench.container(image, { args: ['a', 'b'], env: new Map([['A', 'given']]) })
    container.start()
    expect(await bench.until(container.ended)).toEqual({ code: 3 })
    expect(written.stdout).toBe('main a b|given|/home/web|web|/work/here|101|1')
    container.remove()
    expect(bench.clock.pending).toBe(0)
  })

  it('says in the words of containerd and runc why it cannot start', () => {
    const bench = new TestBench()
    const image = imageOf({ main: forever })
    const start = (command: string[]) => () => bench.container(image, { command }).container.start()
    const before =
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: '
    expect(start(['foo'])).toThrow(`${before}exec: "foo": executable file not found in $PATH`)
    expect(start(['/no/foo'])).toThrow(`${before}exec: "/no/foo": stat /no/foo: no such file or directory`)
    expect(start(['/etc/passwd'])).toThrow(`${before}exec: "/etc/passwd": permission denied`)
  })

  it('ignores signals that its first process does not handle, but not SIGKILL', async () => {
    const bench = new TestBench()
    const { container } = bench.container(imageOf({ main: forever }))
    container.start()
    container.kill('SIGTERM')
    await bench.clock.step(1000)
    container.kill('SIGKILL')
    expect(await bench.until(container.ended)).toEqual({ code: 137, signal: 'SIGKILL' })
    expect(bench.clock.pending).toBe(0)
  })

  it('lets a first process end by its handler, and one that shares its Pod by the default', async () => {
    const bench = new TestBench()
    const handles: Program = (process) => new Promise((resolve) => process.on('SIGTERM', () => resolve(0)))
    const { container } = bench.container(imageOf({ main: handles }))
    container.start()
    await bench.clock.step(0)
    container.kill('SIGTERM')
    expect(await bench.until(container.ended)).toEqual({ code: 0 })
    const sharing = bench.container(imageOf({ main: forever }), {}, bench.sandbox(true)).container
    sharing.start()
    sharing.kill('SIGTERM')
    expect(await bench.until(sharing.ended)).toEqual({ code: 143, signal: 'SIGTERM' })
  })

  it('is killed as a whole when it has more memory than its limit', async () => {
    const bench = new TestBench()
    const image = imageOf({
      main: async (process) => (await process.spawn(['eater']).ended).code,
      eater: async (process) => {
        process.setMemory(40 * MIB)
        await process.sleep(1e6)
        return 0
      },
    })
    const { container } = bench.container(image, { memoryLimit: 32 * MIB })
    container.start()
    expect(await bench.until(container.ended)).toEqual({ code: 137, signal: 'SIGKILL', outOfMemory: true })
    expect(container.usage().memory).toBe(0)
  })

  it('computes as fast as its limit and the cores of the machine let it', async () => {
    const bench = new TestBench({ cores: 2 })
    const burn = imageOf({ main: (process) => process.compute(1000).then(() => 0) })
    const took = async (options: { cpuLimit?: number }[]) => {
      const before = bench.clock.now()
      const all = options.map((each) => bench.container(burn, each).container)
      for (const container of all) container.start()
      await bench.until(Promise.all(all.map(({ ended }) => ended)))
      return Math.round((bench.clock.now() - before) / 100) * 100
    }
    expect(await took([{}])).toBe(1000)
    expect(await took([{}, {}, {}, {}])).toBe(2000)
    expect(await took([{ cpuLimit: 0.5 }])).toBe(1900)
    bench.machine.setSlowness(4)
    expect(await took([{}])).toBe(4000)
    expect(bench.machine.usage().cpu).toBeGreaterThan(9_900)
    expect(bench.clock.pending).toBe(0)
  })

  it('computes faster or slower from when it has another limit', async () => {
    const bench = new TestBench({ cores: 1 })
    const burn = imageOf({ main: (process) => process.compute(1000).then(() => 0) })
    const took = async (first: ContainerLimits, then: ContainerLimits) => {
      const before = bench.clock.now()
      const { container } = bench.container(burn, first)
      container.start()
      await bench.clock.step(450)
      container.setLimits(then)
      await bench.until(container.ended)
      return Math.round((bench.clock.now() - before) / 50) * 50
    }
    // 250 ms of CPU in the first 450 ms: 50 ms were saved
    expect(await took({ cpuLimit: 0.5 }, {})).toBe(1200)
    expect(await took({}, { cpuLimit: 0.5 })).toBe(1450)
    expect(bench.clock.pending).toBe(0)
  })

  it('has another part of cores that are short, and less memory, from when that is said', async () => {
    const bench = new TestBench({ cores: 1 })
    const hungry = imageOf({ main: (process) => process.compute(10_000).then(() => 0) })
    const { container: one } = bench.container(hungry, { cpuRequest: 0.1 })
    const { container: other } = bench.container(hungry, { cpuRequest: 0.1 })
    one.start()
    other.start()
    await bench.clock.step(1000)
    expect([one, other].map((each) => Math.round(each.usage().cpu))).toEqual([500, 500])
    one.setLimits({ cpuRequest: 0.3 })
    await bench.clock.step(1000)
    expect([one, other].map((each) => Math.round(each.usage().cpu))).toEqual([1250, 750])
    other.setLimits({ memoryLimit: 1 })
    expect(await bench.until(other.ended)).toMatchObject({ code: 137, outOfMemory: true })
    one.remove()
    await bench.clock.step(0)
    expect(bench.clock.pending).toBe(0)
  })

  it('runs a command beside it, with streams both ways, and says why one cannot run', async () => {
    const bench = new TestBench()
    const { container } = bench.container(imageOf({ main: forever, copy }))
    container.start()
    const client = bench.exec(container, ['copy'], { stdin: true })
    client.type('hello ')
    client.type('there')
    client.endInput()
    expect(await bench.until(client.result)).toEqual({ exitCode: 0 })
    expect(client.out).toBe('hello there')
    const failed = bench.exec(container, ['foo'])
    const { failure = '' } = (await bench.until(failed.result)) as { failure?: string }
    expect(failure).toMatch(
      /^failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: exec failed: unable to start container process: exec: "foo": executable file not found in \$PATH: unknown$/,
    )
    container.remove()
    await bench.clock.step(0)
    expect(bench.clock.pending).toBe(0)
  })

  it('edits lines, echoes and interrupts on a terminal, and ends what runs when the person goes', async () => {
    const bench = new TestBench()
    const { container } = bench.container(imageOf({ main: forever, copy }))
    container.start()
    const client = bench.exec(container, ['copy'], { stdin: true, tty: true })
    client.resize(100, 30)
    client.type('helpo\x7f\x7flo\r')
    await bench.clock.step(10)
    expect(client.out).toBe('helpo\b \b\b \blo\r\nhello\r\n')
    client.type('\x03')
    expect(await bench.until(client.result)).toEqual({ exitCode: 130 })
    const other = bench.exec(container, ['copy'], { stdin: true, tty: true })
    await bench.clock.step(10)
    other.leave()
    expect(await bench.until(other.result)).toEqual({ exitCode: 129 })
    container.remove()
  })

  it('gives what it writes and reads to whoever is attached', async () => {
    const bench = new TestBench()
    const { container, written } = bench.container(imageOf({ main: copy }), { stdin: true, stdinOnce: true })
    container.start()
    const { Client } = await import('../machine.testing.ts')
    const client = new Client()
    client.result = container.attach({ tty: false, stdin: true }, client)
    client.type('in')
    await bench.clock.step(10)
    expect([client.out, written.stdout]).toEqual(['in', 'in'])
    client.endInput()
    expect(await bench.until(container.ended)).toEqual({ code: 0 })
    expect(await bench.until(client.result)).toEqual({ exitCode: 0 })
  })

  it('with a terminal goes on when whoever sat at it has gone', async () => {
    const bench = new TestBench()
    const { container, written } = bench.container(imageOf({ main: copy }), { stdin: true, stdinOnce: true, tty: true })
    container.start()
    const { Client } = await import('../machine.testing.ts')
    const [first, second] = [new Client(), new Client()]
    first.result = container.attach({ tty: true, stdin: true }, first)
    first.type('one\r')
    await bench.clock.step(10)
    first.leave()
    expect(await bench.until(first.result)).toEqual({ exitCode: 0 })
    second.result = container.attach({ tty: true, stdin: true }, second)
    second.type('two\r')
    await bench.clock.step(10)
    expect(second.out).toBe('two\r\ntwo\r\n')
    expect(written.stdout).toBe('one\r\none\r\ntwo\r\ntwo\r\n')
    container.remove()
  })

  it('with a target sees its processes and files, and ends with it', async () => {
    const bench = new TestBench()
    const sandbox = bench.sandbox()
    const web = bench.container(imageOf({ main: forever }), { name: 'web', env: new Map([['SECRET', 'x']]) }, sandbox)
    web.container.start()
    const look: Program = async (process) => {
      const { files, stdout } = process
      const seen = process.processes().map(({ pid, argv }) => `${pid} ${argv[0]}`)
      await stdout.write(`${seen}\n${files.readText('/proc/1/environ').includes('SECRET=x')}\n`)
      await stdout.write(`${files.list('/proc/1/root/bin')}, ${files.list('/bin')}\n`)
      await stdout.write(files.readText('/proc/1/root/etc/hostname'))
      await process.sleep(1e9)
      return 0
    }
    const { container, written } = bench.container(imageOf({ look }), { target: 'web', command: ['look'] }, sandbox)
    container.start()
    await bench.clock.step(100)
    expect(written).toEqual({ stdout: '1 main,2 look\ntrue\nmain, look\nweb\n', stderr: '' })
    web.container.kill('SIGKILL')
    expect(await bench.until(container.ended)).toMatchObject({ code: 137 })
    expect(bench.clock.pending).toBe(0)
  })

  it('takes a terminal that does not know its size for one of 80 by 24', async () => {
    const bench = new TestBench()
    const sizes: object[] = []
    const main: Program = async (process) => {
      const { terminal } = process
      terminal?.onResize(() => sizes.push(terminal.size()))
      await process.sleep(1000)
      return 0
    }
    const { container } = bench.container(imageOf({ main: forever, look: main }))
    container.start()
    const client = bench.exec(container, ['look'], { tty: true, stdin: true })
    await bench.clock.step(10)
    client.resize(100, 30)
    await bench.clock.step(10)
    client.resize(0, 0)
    await bench.until(client.result)
    expect(sizes).toEqual([
      { width: 100, height: 30 },
      { width: 80, height: 24 },
    ])
    container.remove()
  })
})

describe('processes', () => {
  it('pass bytes through a pipe with back-pressure, and end by SIGPIPE when nobody reads', async () => {
    const bench = new TestBench()
    const { Pipe } = await import('../streams/pipe.ts')
    let wrote = 0
    const image = imageOf({
      main: async (process) => {
        const pipe = new Pipe()
        const [writer, reader] = [pipe.openWriter(), pipe.openReader()]
        const child = process.spawn(['yes'], { stdout: writer })
        await reader.read()
        await process.sleep(1000)
        expect(wrote).toBeLessThan(20)
        reader.close()
        return (await child.ended).code
      },
      yes: async ({ stdout }) => {
        for (;;) {
          await stdout.write(new Uint8Array(8192))
          wrote++
        }
      },
    })
    const { container } = bench.container(image)
    container.start()
    expect((await bench.until(container.ended)).code).toBe(141)
  })

  it('stop and go on, keep what came meanwhile, and are listed', async () => {
    const bench = new TestBench()
    const image = imageOf({
      main: async (process) => {
        const child = process.spawn(['copy', 'x'], { background: true })
        await process.sleep(10)
        child.kill('SIGSTOP')
        const states = process.processes().map(({ pid, parent, argv, state }) => `${pid} ${parent} ${argv[0]} ${state}`)
        await process.stdout.write(states.join('\n'))
        child.kill('SIGCONT')
        child.kill('SIGTERM')
        return (await child.ended).code
      },
      copy: forever,
    })
    const { container, written } = bench.container(image)
    container.start()
    expect((await bench.until(container.ended)).code).toBe(143)
    expect(written.stdout).toBe('1 0 main S\n2 1 copy T')
  })

  it('write to another process of the container through /proc', async () => {
    const bench = new TestBench()
    const { container, written } = bench.container(
      imageOf({
        main: forever,
        say: async ({ files }) => {
          const output = files.openOutput('/proc/1/fd/1')
          await output.write('to the log')
          files.openOutput('/dev/null').close()
          return files.readText('/proc/self/cmdline') === 'say\0' ? 0 : 1
        },
      }),
    )
    container.start()
    expect(await bench.until(bench.exec(container, ['say']).result)).toEqual({ exitCode: 0 })
    expect(written.stdout).toBe('to the log')
  })

  it('that never end by themselves leave nothing behind when a hundred containers are removed', async () => {
    const bench = new TestBench()
    const loops: Program = async (process) => {
      for (;;) {
        try {
          await process.sleep(5)
          await process.compute(5)
        } catch {}
      }
    }
    const image = imageOf({ main: loops, copy })
    const all = Array.from({ length: 100 }, () => bench.container(image).container)
    for (const container of all) {
      container.start()
      bench.exec(container, ['copy'], { stdin: true })
    }
    await bench.clock.step(100)
    for (const container of all) container.remove()
    await bench.clock.step(0)
    expect(bench.clock.pending).toBe(0)
  })
})

it('shares what there is by weight, and gives nobody more than it wants', () => {
  expect(fair([{ demand: 1, weight: 1 }], 2)).toEqual([1])
  expect(
    fair(
      [
        { demand: 2, weight: 1 },
        { demand: 2, weight: 3 },
      ],
      2,
    ),
  ).toEqual([0.5, 1.5])
  expect(
    fair(
      [
        { demand: 0.1, weight: 1 },
        { demand: 2, weight: 1 },
      ],
      1,
    ),
  ).toEqual([0.1, 0.9])
})
