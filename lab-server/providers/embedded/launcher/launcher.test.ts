import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import type { Command } from '../sandbox/home.ts'
import { Launcher } from './launcher.ts'

let launcher = new Launcher()
afterEach(() => {
  launcher.close()
  launcher = new Launcher()
})

const bash = (script: string): Command => ({
  file: '/bin/bash',
  args: ['--norc', '-c', script],
  env: { PATH: process.env.PATH ?? '' },
})

async function textOf(socket: Socket | undefined): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of socket ?? []) parts.push(part)
  return Buffer.concat(parts).toString()
}

it('gives the ends of all streams that were asked for, and the code', async () => {
  const { streams, exited } = await launcher.spawn(bash('cat; echo wrong >&2; echo more >&3; exit 3'), [
    true,
    true,
    true,
    true,
  ])
  streams[0]?.end('given')
  expect(await Promise.all([textOf(streams[1]), textOf(streams[2]), textOf(streams[3])])).toEqual([
    'given',
    'wrong\n',
    'more\n',
  ])
  expect(await exited).toBe(3)
})

it('loses nothing of what ends at once, or says much', async () => {
  const many = Array.from({ length: 30 }, async (_, index) => {
    const { streams } = await launcher.spawn(bash(`echo ${index}`), [false, true, false])
    return textOf(streams[1])
  })
  expect(await Promise.all(many)).toEqual(Array.from({ length: 30 }, (_, index) => `${index}\n`))
  const { streams } = await launcher.spawn(bash('head -c 5000000 /dev/zero'), [false, true, false])
  expect((await textOf(streams[1])).length).toBe(5_000_000)
})

it('keeps nothing open of what is over', async () => {
  const open = () => process.getActiveResourcesInfo().filter((resource) => resource === 'PipeWrap').length
  const once = async () => {
    const { streams, exited } = await launcher.spawn(bash('cat; echo done >&2'), [true, true, true, true])
    streams[0]?.end('some')
    await Promise.all([textOf(streams[1]), textOf(streams[2]), textOf(streams[3]), exited])
    const terminal = await launcher.terminal(bash('echo'), { cols: 80, rows: 24 })
    await Promise.all([textOf(terminal.streams[0]), terminal.exited])
  }
  await once()
  const before = open()
  for (let times = 0; times < 5; times++) await once()
  // What the first one had open may have been counted while it closed
  await expect.poll(open).toBeLessThanOrEqual(before)
})

it('says of what cannot be started what a shell would', async () => {
  const { exited } = await launcher.spawn({ file: '/nowhere', args: [], env: {} }, [false, false, false])
  expect(await exited).toBe(127)
})

it('kills', async () => {
  const { exited, kill } = await launcher.spawn(bash('exec sleep 60'), [false, false, false])
  kill('SIGKILL')
  expect(await exited).toBe(null)
})

it('opens a pseudo-terminal, with its size, and holds up what nobody reads', async () => {
  // What is typed and the new size come by ways of their own, in either order
  const resized = 'for try in {1..100}; do [ "$(stty size)" = "30 100" ] && break; sleep 0.05; done'
  const { streams, exited, resize } = await launcher.terminal(
    bash(`read -r line; ${resized}; stty size; echo "$line"; head -c 3000000 /dev/zero | tr '\\0' x; exit 4`),
    { cols: 90, rows: 20 },
  )
  resize(100, 30)
  const [terminal] = streams
  terminal?.write('typed\r')
  await new Promise((resolve) => setTimeout(resolve, 200))
  const text = await textOf(terminal)
  expect(text).toContain('30 100\r\ntyped\r\n')
  expect(text.length).toBeGreaterThan(3_000_000)
  expect(await exited).toBe(4)
})

it('leaves nothing behind, and can be asked for nothing more', async () => {
  const { streams, exited } = await launcher.spawn(bash('echo "$PPID"; exec sleep 60'), [false, true, false])
  const pid = (await new Promise<Buffer>((resolve) => streams[1]?.once('data', resolve).resume())).toString().trim()
  launcher.close()
  expect(await exited).toBe(null)
  await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false)
  await expect(launcher.spawn(bash('true'), [])).rejects.toThrow('closed')
})
