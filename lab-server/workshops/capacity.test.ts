import { describe, expect, it } from 'vitest'
import { capacityOf, costOf, type Machine, mostClusters, type Offered } from './capacity.ts'
import { reportOf } from './doctor-report.ts'
import { readMachine, type Sources } from './machine.ts'

const GiB = 1024 ** 3

const machine = (change: Partial<Machine> = {}): Machine => ({
  memoryBytes: { total: 32 * GiB, available: 30 * GiB },
  cpus: 16,
  inotify: { instances: 8192, watches: 1_048_576 },
  ...change,
})
const kind = (value = 100, change: Partial<Offered> = {}): Offered => ({
  name: 'kind',
  title: 'kind, a real Kubernetes',
  cost: costOf({ simulated: false }, 3),
  running: 0,
  setting: { variable: 'QUAYSIDE_MAX_SESSIONS', value },
  ...change,
})
const embedded = (value = 500): Offered => ({
  ...kind(value),
  name: 'embedded',
  title: 'Simulated',
  cost: costOf({ simulated: true }, 3),
  setting: { variable: 'QUAYSIDE_MAX_SIMULATED', value },
})
const told = (facts: Machine, offered: Offered) => {
  const [found] = capacityOf(facts, [offered]).providers
  return `${found?.seats}: ${found?.limit}`
}

describe('what a machine can host', () => {
  it('is limited by the setting where the machine bears more', () => {
    expect(told(machine(), kind(3))).toBe('3: QUAYSIDE_MAX_SESSIONS is 3; the machine would bear 28.')
  })

  it('by memory that is free, and what runs already has its own', () => {
    const small = machine({ memoryBytes: { total: 8 * GiB, available: 4 * GiB } })
    const sentence =
      'Memory: 4.0 GiB are free, and each seat takes 1.0 GiB. More memory, or fewer other programs, would raise it.'
    expect(told(small, kind())).toBe(`3: ${sentence}`)
    expect(told(small, kind(100, { running: 2 }))).toBe(`5: ${sentence}`)
  })

  it('by processors, which make it slow and do not make it fail', () => {
    const slow = machine({ cpus: 2 })
    expect(told(slow, kind())).toBe(
      '5: Processors: there are 2, and each seat takes 0.4 of one. More processors would raise it.',
    )
    expect(mostClusters(slow, kind())).toBe(28)
    expect(told(machine({ cpus: 1 }), embedded())).toMatch('100: Processors: there is 1,')
  })

  it('by inotify as Linux comes, and says which number would do', () => {
    const fresh = machine({ inotify: { instances: 128, watches: 1_048_576 } })
    expect(told(fresh, kind(20))).toBe(
      '1: inotify: this machine allows 128 instances, and each seat takes 71. “sysctl fs.inotify.max_user_instances=2048” would raise it.',
    )
    expect(told(machine({ inotify: { instances: 8192, watches: 8192 } }), kind(20))).toBe(
      '8: inotify: this machine allows 8192 watches, and each seat takes 920. “sysctl fs.inotify.max_user_watches=32768” would raise it.',
    )
    expect(told(fresh, embedded(40))).toMatch(/^40: /)
  })

  it('does not count inotify where there is none', () => {
    expect(told(machine({ inotify: null }), kind(3))).toMatch(/^3: QUAYSIDE_MAX_SESSIONS/)
  })

  it('is nothing where it cannot run, with the reason', () => {
    expect(told(machine(), kind(3, { unavailable: 'Docker does not answer.' }))).toBe('0: Docker does not answer.')
  })

  it('is one cluster at least, so that whoever wants to may try', () => {
    expect(mostClusters(machine({ memoryBytes: { total: GiB, available: 0 } }), kind())).toBe(1)
  })

  it('is printed by npm run doctor', () => {
    const capacity = capacityOf(machine(), [kind(3, { unavailable: 'Docker does not answer.' }), embedded(1)])
    expect(reportOf(capacity, { node: 'v24' })).toBe(
      [
        'This machine',
        '  Memory       32.0 GiB, 30.0 GiB of it free',
        '  Processors   16',
        '  inotify      8192 instances, 1048576 watches for each user',
        '  Node.js      v24',
        '',
        'It can host',
        '  kind         no seats: kind, a real Kubernetes',
        '               Docker does not answer.',
        '  embedded     1 seat: Simulated',
        '               QUAYSIDE_MAX_SIMULATED is 1; the machine would bear 1208.',
      ].join('\n'),
    )
  })
})

describe('what a machine has', () => {
  const files: Record<string, string> = {
    '/proc/meminfo': 'MemTotal:       16384 kB\nMemFree:         1024 kB\nMemAvailable:    8192 kB\n',
    '/proc/sys/fs/inotify/max_user_instances': '128\n',
    '/proc/sys/fs/inotify/max_user_watches': '65536\n',
  }
  const read = (more: Record<string, string> = {}, less = files) => {
    const all = { ...less, ...more }
    const sources: Sources = { file: (path) => all[path], memory: { total: 7, free: 5 }, cpus: 2 }
    return readMachine(sources)
  }

  it('is read from the kernel', () => {
    expect(read()).toEqual({
      memoryBytes: { total: 16384 * 1024, available: 8192 * 1024 },
      cpus: 2,
      inotify: { instances: 128, watches: 65536 },
    })
  })

  it('is what a container may use, where it runs in one', () => {
    const group = { '/sys/fs/cgroup/memory.max': '4194304\n', '/sys/fs/cgroup/memory.current': '1048576\n' }
    expect(read(group).memoryBytes).toEqual({ total: 4194304, available: 3145728 })
    expect(read({ ...group, '/sys/fs/cgroup/memory.max': 'max\n' }).memoryBytes.total).toBe(16384 * 1024)
    const older = {
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': '1048576\n',
    }
    expect(read(older).memoryBytes.total).toBe(16384 * 1024)
  })

  it('is what the system says elsewhere', () => {
    expect(read({}, {})).toEqual({ memoryBytes: { total: 7, available: 5 }, cpus: 2, inotify: null })
    expect(readMachine().memoryBytes.total).toBeGreaterThan(0)
  })
})
