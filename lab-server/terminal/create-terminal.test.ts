import { describe, expect, it } from 'vitest'
import { closeCodes, MAX_CLIENT_FRAME } from '../../protocol/terminal.ts'
import { ManualClock } from '../clock.ts'
import { createTerminal, HELLO_WITHIN } from './create-terminal.ts'
import { HIGH_MARK, LOW_MARK, SCROLLBACK, STALLED_AFTER } from './flow.ts'
import { MOST_WAITING } from './input.ts'
import { FakeShell, FakeSocket } from './shell.fake.ts'

async function setup(options: { slow?: boolean } = {}) {
  const clock = new ManualClock(1_000_000)
  const shell = new FakeShell()
  shell.slow = options.slow ?? false
  const seen = { inputs: 0, exits: [] as (number | null)[], bytes: 0 }
  const terminal = createTerminal({
    shell,
    clock,
    ids: { secret: () => 'epoch-1' },
    onInput: () => seen.inputs++,
    onExit: (code) => seen.exits.push(code),
    onBytes: (count) => {
      seen.bytes += count
    },
  })
  await clock.advance(0)
  const open = (hello?: Parameters<FakeSocket['hello']>[0] | false) => {
    const socket = new FakeSocket()
    terminal.connect(socket)
    if (hello !== false) socket.hello(hello)
    return socket
  }
  /** Prints for as long as the shell is not held back; what came is at most `most` bytes. */
  const flood = async (most: number) => {
    let printed = 0
    while (printed < most && !shell.paused) {
      shell.print('y\n'.repeat(4096))
      printed += 8192
      await clock.advance(4)
    }
    return printed
  }
  return { clock, shell, seen, terminal, open, flood }
}

describe('terminal', () => {
  it('welcomes a page and passes output and input', async () => {
    const { shell, seen, open } = await setup()
    shell.print('$ ')
    const page = open({ cols: 100, rows: 30 })
    page.types('ls\n')
    expect(page.welcome).toEqual({ epoch: 'epoch-1', offset: 0, live: 2 })
    expect(page.text).toBe('$ ')
    expect(shell.typed).toBe('ls\n')
    expect(shell.sizes).toEqual([{ cols: 100, rows: 30 }])
    expect(seen).toEqual({ inputs: 1, exits: [], bytes: 2 })
  })

  it('S-22: tells a page that comes back how much of its input came, and takes no more from its older connection', async () => {
    const { shell, open } = await setup()
    const hello = { page: 'one page', cols: 80, rows: 24 }
    const before = open(hello)
    expect(before.welcome?.taken).toBeUndefined()
    before.types('abc')
    const after = open(hello)
    expect(after.welcome?.taken).toBe(3)
    before.types('late')
    after.types('def')
    expect(shell.typed).toBe('abcdef')
    expect(before.closed).toBeDefined()
    expect(open({ ...hello, page: 'another page' }).welcome?.taken).toBeUndefined()
  })

  it('sends an echo at once and a flood in bundles', async () => {
    const { clock, shell, open } = await setup()
    const page = open()
    await clock.advance(100)
    shell.print('a')
    expect(page.text).toBe('a')
    for (const letter of 'bcdef') shell.print(letter)
    expect(page.text).toBe('a')
    await clock.advance(4)
    expect(page.text).toBe('abcdef')
    expect(page.frames.filter((frame) => frame.kind === 'output')).toHaveLength(2)
  })

  it('goes on where a page was that comes back', async () => {
    const { shell, open } = await setup()
    shell.print('one two ')
    open().vanish()
    shell.print('three')
    const back = open({ epoch: 'epoch-1', offset: 8 })
    expect(back.welcome).toEqual({ epoch: 'epoch-1', offset: 8, live: 13 })
    expect(back.text).toBe('three')
  })

  it('S-21: marks everything before the moment of the welcome as a replay', async () => {
    const { clock, shell, open } = await setup()
    shell.print('\x1b[c\x1b[6n')
    const page = open()
    await clock.advance(10)
    shell.print('\x1b[c')
    expect(page.welcome.live).toBe(7)
    expect(page.offset).toBe(10)
  })

  it('marks what a shell printed before this server ran as a replay, also for a page that is early', async () => {
    const { clock, shell, open } = await setup({ slow: true })
    const page = open()
    page.types('early')
    shell.print('from before')
    await clock.advance(10)
    expect(page.frames).toEqual([])
    shell.finishAttach()
    await clock.advance(0)
    expect(page.welcome).toMatchObject({ offset: 0, live: 11 })
    expect(shell.typed).toBe('early')
  })

  it('starts anew for a page that knows another epoch, or an offset of the future', async () => {
    const { shell, open } = await setup()
    shell.print('text')
    expect(open({ epoch: 'epoch-0', offset: 3 }).text).toBe('text')
    expect(open({ epoch: 'epoch-1', offset: 99 }).text).toBe('text')
  })

  it('lets the shell run on without a page and begins a later page at a whole line', async () => {
    const { shell, open, flood } = await setup()
    expect(await flood(SCROLLBACK * 3)).toBe(SCROLLBACK * 3)
    shell.print('last')
    const page = open()
    expect(page.welcome.offset).toBeGreaterThanOrEqual(SCROLLBACK * 2)
    expect(page.text.startsWith('y\n')).toBe(true)
  })

  it('S-4: refuses anything before the hello, without effect on the shell', async () => {
    const { shell, seen, open } = await setup()
    for (const frame of [
      { kind: 'input', data: new Uint8Array([3]) },
      { kind: 'resize', cols: 10, rows: 10 },
      { kind: 'acknowledge', offset: 0 },
    ] as const) {
      const page = open(false)
      page.says(frame)
      expect(page.closed?.code).toBe(closeCodes.protocol)
      page.hello()
      expect(page.frames).toEqual([])
    }
    expect(shell.typed).toBe('')
    expect(shell.sizes).toEqual([])
    expect(seen.inputs).toBe(0)
  })

  it('S-4: closes a socket that says no hello in time', async () => {
    const { clock, open } = await setup()
    const silent = open(false)
    const greeting = open()
    await clock.advance(HELLO_WITHIN)
    expect(silent.closed?.code).toBe(closeCodes.helloTimeout)
    expect(greeting.closed).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  it.each([
    ['an empty frame', new Uint8Array()],
    ['an unknown kind', new Uint8Array([0x7f, 1])],
    ['a second hello', new TextEncoder().encode('\x01{"offset":0,"cols":80,"rows":24}')],
    ['a hello that is not JSON', new TextEncoder().encode('\x01{')],
    ['a frame that is too large', new Uint8Array(MAX_CLIENT_FRAME + 1).fill(2)],
    ['a resize to nothing', new Uint8Array([3, 0, 0, 0, 24])],
    ['a resize to 65535', new Uint8Array([3, 0xff, 0xff, 0, 24])],
    ['an acknowledgement of NaN', new Uint8Array([4, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0])],
    ['an acknowledgement of what was never sent', new Uint8Array([4, 0x40, 0x59, 0, 0, 0, 0, 0, 0])],
  ])('S-6, S-24: %s closes that socket and harms no other', async (_, frame) => {
    const { shell, open } = await setup()
    const good = open()
    const bad = open()
    bad.says(frame)
    expect(bad.closed?.code).toBe(closeCodes.protocol)
    shell.print('still here')
    good.types('ok')
    expect(good.closed).toBeUndefined()
    expect(good.text).toBe('still here')
    expect(shell.typed).toBe('ok')
  })

  it('S-24: the last of several sizes wins', async () => {
    const { clock, shell, open } = await setup()
    const page = open({ cols: 80, rows: 24 })
    for (let cols = 81; cols <= 120; cols++) page.says({ kind: 'resize', cols, rows: 24 })
    await clock.advance(0)
    expect(shell.sizes).toEqual([
      { cols: 80, rows: 24 },
      { cols: 120, rows: 24 },
    ])
  })

  it('S-22: passes 10,000 pasted keystrokes in order and once, over a blocked shell and a reconnect', async () => {
    const { clock, shell, open } = await setup()
    let page = open()
    const keys = Array.from({ length: 10_000 }, (_, i) => `${i} `)
    for (const [i, key] of keys.entries()) {
      if (i === 2_000) shell.takes = false
      if (i === 5_000) {
        page.vanish()
        page = open({ epoch: 'epoch-1', offset: 0 })
      }
      page.types(key)
      if (i === 8_000) {
        shell.takes = true
        shell.drain()
        await clock.advance(0)
      }
    }
    expect(shell.typed).toBe(keys.join(''))
  })

  it('closes a page that types more than a blocked shell can take', async () => {
    const { shell, open } = await setup()
    const page = open()
    shell.takes = false
    for (let sent = 0; sent <= MOST_WAITING; sent += 32_768) page.types('x'.repeat(32_768))
    expect(page.closed).toBeUndefined()
    page.types('x'.repeat(32_768))
    expect(page.closed?.code).toBe(closeCodes.tooMuch)
  })

  it('S-23: holds the shell for a page that does not read, and no more than the high mark in memory', async () => {
    const { clock, shell, open, flood } = await setup()
    const page = open()
    const printed = await flood(100 * 1024 * 1024)
    expect(printed).toBeLessThanOrEqual(HIGH_MARK + 8192)
    expect(page.offset).toBe(HIGH_MARK)
    await clock.advance(60_000)
    expect(shell.paused).toBe(true)
    page.types('\x03')
    expect(shell.typed).toBe('\x03')
    page.draws()
    expect(shell.paused).toBe(false)
    expect(page.offset).toBe(printed)
  })

  it('S-23: gains a page nothing to acknowledge what it has not read', async () => {
    const { shell, open, flood } = await setup()
    const page = open()
    page.stuck = true
    let printed = 0
    for (let i = 0; i < 200 && !shell.paused; i++) {
      printed += await flood(8192)
      page.draws()
    }
    expect(printed).toBeLessThanOrEqual(HIGH_MARK + 8192)
    expect(page.offset).toBeLessThanOrEqual(HIGH_MARK)
  })

  it('never waits for a page that acknowledges each low mark', async () => {
    const { clock, shell, open } = await setup()
    const page = open()
    let printed = 0
    let drawn = 0
    while (printed < 4 * 1024 * 1024) {
      expect(shell.paused).toBe(false)
      shell.print('y\n'.repeat(4096))
      printed += 8192
      await clock.advance(4)
      if (page.offset - drawn < LOW_MARK) continue
      drawn = page.offset
      page.draws()
    }
    expect(page.offset).toBe(printed)
    expect(page.welcomes).toBe(1)
  })

  it('does not let one stalled page hold another for ever, and picks it up again', async () => {
    const { clock, shell, open, flood } = await setup()
    const quick = open()
    const stalled = open()
    await flood(SCROLLBACK)
    quick.draws()
    expect(shell.paused).toBe(true)
    await clock.advance(STALLED_AFTER + 1_000)
    expect(shell.paused).toBe(false)

    const sent = stalled.offset
    for (let i = 0; i < 100; i++) {
      await flood(16_384)
      quick.draws()
    }
    expect(shell.paused).toBe(false)
    expect(stalled.offset).toBe(sent)

    stalled.draws()
    expect(stalled.welcomes).toBe(2)
    expect(stalled.welcome.offset).toBeGreaterThan(sent)
    expect(stalled.text.startsWith('y\n')).toBe(true)
    while (stalled.offset < quick.offset) stalled.draws()
    expect(stalled.closed).toBeUndefined()
  })

  it('lets the shell run again when the page that held it goes', async () => {
    const { shell, open, flood } = await setup()
    const page = open()
    await flood(SCROLLBACK)
    expect(shell.paused).toBe(true)
    page.vanish()
    expect(shell.paused).toBe(false)
  })

  it('shows the last output and the code of a shell that has exited, also to a page that comes later', async () => {
    const { clock, shell, seen, terminal, open } = await setup()
    const page = open()
    shell.print('logout\n')
    shell.exit(3)
    shell.exit(4)
    await clock.advance(10)
    for (const each of [page, open()]) {
      expect(each.text).toBe('logout\n')
      expect(each.frames.at(-1)).toEqual({ kind: 'exited', exited: { code: 3 } })
      expect(each.closed?.code).toBe(1000)
    }
    expect(terminal.exited).toBe(true)
    expect(seen.exits).toEqual([3])
  })

  it('tells the end only after the last output, however slow the page', async () => {
    const { shell, open } = await setup()
    const page = open()
    shell.print('z'.repeat(SCROLLBACK - 10))
    shell.exit(0)
    expect(page.frames.at(-1)?.kind).toBe('output')
    page.draws()
    page.draws()
    expect(page.offset).toBe(SCROLLBACK - 10)
    expect(page.frames.at(-1)?.kind).toBe('exited')
  })

  it('closes its sockets and leaves nothing waiting when it is closed', async () => {
    const { clock, shell, terminal, open, flood } = await setup()
    const pages = [open(), open(), open(false)]
    await flood(SCROLLBACK)
    terminal.close()
    expect(pages.map((page) => page.closed?.code)).toEqual([4403, 4403, 4403])
    expect(shell.paused).toBe(false)
    expect(clock.pending).toBe(0)
    expect(open().closed?.code).toBe(closeCodes.unknownShell)
  })

  describe('S-16: to somebody who looks over the reader’s shoulder', () => {
    async function looking(mayType = false) {
      const all = await setup()
      const reader = all.open({ cols: 100, rows: 30 })
      const viewer = new FakeSocket()
      const may = { type: mayType }
      all.terminal.connect(viewer, { mayType: () => may.type })
      return { ...all, reader, viewer, may }
    }

    it('shows what the reader sees, at the size that theirs has', async () => {
      const { clock, shell, reader, viewer } = await looking()
      shell.print('$ ls')
      viewer.hello({ cols: 20, rows: 5 })
      viewer.says({ kind: 'resize', cols: 10, rows: 5 })
      reader.says({ kind: 'resize', cols: 120, rows: 40 })
      await clock.advance(10)
      expect(viewer.text).toBe('$ ls')
      expect(viewer.frames.filter(({ kind }) => kind === 'size')).toEqual([
        { kind: 'size', cols: 100, rows: 30 },
        { kind: 'size', cols: 120, rows: 40 },
      ])
      expect(shell.sizes).toEqual([
        { cols: 100, rows: 30 },
        { cols: 120, rows: 40 },
      ])
      expect(reader.frames.some(({ kind }) => kind === 'size')).toBe(false)
    })

    it('takes nothing that they type until they may, and nothing of it later', async () => {
      const { shell, reader, viewer, may, seen, terminal } = await looking()
      viewer.hello({ page: 'host' })
      viewer.types('rm -rf /\n')
      expect([shell.typed, seen.inputs, viewer.closed]).toEqual(['', 0, undefined])
      may.type = true
      viewer.types('ls')
      reader.types(' -l')
      expect(shell.typed).toBe('ls -l')
      may.type = false
      viewer.types('!')
      expect(shell.typed).toBe('ls -l')
      viewer.vanish()
      const again = new FakeSocket()
      terminal.connect(again, { mayType: () => true })
      again.hello({ page: 'host' })
      expect(again.welcome.taken).toBe('rm -rf /\nls!'.length)
    })

    it('never holds the shell for them, however slow they are', async () => {
      const { shell, reader, viewer, flood } = await looking()
      viewer.hello()
      let printed = 0
      for (let i = 0; i < 100; i++) {
        printed += await flood(16_384)
        reader.draws()
        expect(shell.paused).toBe(false)
      }
      expect(printed).toBeGreaterThan(SCROLLBACK * 4)
      expect([viewer.welcomes, viewer.text.length]).toEqual([1, HIGH_MARK])
      viewer.draws()
      expect(viewer.welcomes).toBe(2)
      while (viewer.offset < reader.offset) viewer.draws()
      expect(viewer.text.endsWith('y\n')).toBe(true)
    })
  })

  it('S-26: two terminals used in the same tick a hundred times share nothing', async () => {
    const [one, two] = [await setup(), await setup()]
    const [a, b] = [one.open(), two.open()]
    for (let i = 0; i < 100; i++) {
      a.types('a')
      b.types('b')
      one.shell.print('A')
      two.shell.print('B')
    }
    await one.clock.advance(10)
    await two.clock.advance(10)
    expect([one.shell.typed, two.shell.typed]).toEqual(['a'.repeat(100), 'b'.repeat(100)])
    expect([a.text, b.text]).toEqual(['A'.repeat(100), 'B'.repeat(100)])
  })
})
