import type { Input, Output } from '../contract.ts'
import { EMPTY_INPUT, NULL_OUTPUT } from '../streams/pipe.ts'
import { FileFault } from './errors.ts'
import { type Device, DeviceNode, DirectoryNode, LinkNode } from './inode.ts'
import { Layer } from './layer.ts'

/** Bytes that one read of an endless device gives: one block for all readers, which nobody writes to. */
const ZEROS = new Uint8Array(65_536)

const zero: Device = {
  openInput: () => ({ read: async () => ZEROS, close() {} }),
  openOutput: () => NULL_OUTPUT,
}

const full: Device = {
  openInput: zero.openInput,
  openOutput: (): Output => ({ write: () => Promise.reject(new FileFault('ENOSPC')), close() {} }),
}

const nothing: Device = { openInput: () => EMPTY_INPUT, openOutput: () => NULL_OUTPUT }

function randomDevice(random: () => number): Device {
  const input: Input = {
    async read() {
      const bytes = new Uint8Array(4096)
      for (let at = 0; at < bytes.length; at++) bytes[at] = Math.floor(random() * 256)
      return bytes
    },
    close() {},
  }
  return { openInput: () => input, openOutput: () => NULL_OUTPUT }
}

/** What runc puts into /dev: one tree for all containers of a machine, over which each has a layer of its own. */
export function deviceTree(random: () => number, now: () => number): DirectoryNode {
  const layer = new Layer({ now })
  const meta = { mode: 0o666, uid: 0, gid: 0, modified: now() }
  const root = new DirectoryNode(layer, { ...meta, mode: 0o755 })
  const devices: Readonly<Record<string, Device>> = {
    null: nothing,
    zero,
    full,
    random: randomDevice(random),
    urandom: randomDevice(random),
  }
  for (const [name, device] of Object.entries(devices)) root.set(name, new DeviceNode(layer, meta, device))
  const links = {
    fd: '/proc/self/fd',
    stdin: '/proc/self/fd/0',
    stdout: '/proc/self/fd/1',
    stderr: '/proc/self/fd/2',
    tty: '/proc/self/tty',
  }
  for (const [name, target] of Object.entries(links)) root.set(name, new LinkNode(layer, meta, target))
  for (const name of ['shm', 'mqueue', 'pts']) {
    root.set(name, new DirectoryNode(layer, { ...meta, mode: 0o1777 }))
  }
  return root
}
