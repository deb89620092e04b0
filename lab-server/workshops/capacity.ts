/** How many seats a machine bears, what limits them and what would raise it. Pure: facts in, numbers and sentences out. */
import type { Capacity } from '../../protocol/workshop.ts'

/** What a machine has; lab-server/workshops/machine.ts reads it. */
export type Machine = Omit<Capacity, 'providers'>

/** What one seat takes of it while somebody works there. */
export interface Cost {
  memoryBytes: number
  cpus: number
  inotify: { instances: number; watches: number }
}

/** What makes clusters, as it is used on this machine. */
export interface Offered {
  name: string
  title: string
  cost: Cost
  /** Clusters that are there already: what they take is not free any more, and is theirs. */
  running: number
  /** Labs that may run at once, by this setting. */
  setting: { variable: string; value: number }
  /** Why it cannot run here. */
  unavailable?: string | undefined
}

const MiB = 1024 * 1024
const GiB = 1024 * MiB

/** Bytes that stay free for the system, and for what is not counted. */
const RESERVED_BYTES = 512 * MiB
/** inotify instances that the system's own services have. */
const RESERVED_INSTANCES = 20

/**
 * A simulated cluster, its shell and its share of the server while somebody works there: 25 MiB, and a hundredth of a processor, as
 * `npm run load` measures it.
 */
const SIMULATED: Cost = { memoryBytes: 25 * MiB, cpus: 0.01, inotify: { instances: 0, watches: 0 } }

/**
 * A real cluster, measured on kind with Kubernetes 1.34 while labs ran on it: 27 inotify instances, 310 watches and 590 MiB for the
 * control plane and what runs there, 13, 195 and 150 MiB for each worker. Of a processor it takes 0.2 while nobody types; as much
 * again is for what people do.
 */
const REAL = {
  cpus: 0.4,
  first: { memoryBytes: 600 * MiB, instances: 29, watches: 320 },
  worker: { memoryBytes: 150 * MiB, instances: 14, watches: 200 },
}

/** @param workers of the largest cluster that a lab asks for */
export function costOf({ simulated }: { simulated: boolean }, workers: number): Cost {
  if (simulated) return SIMULATED
  const { cpus, first, worker } = REAL
  return {
    cpus,
    memoryBytes: first.memoryBytes + workers * worker.memoryBytes,
    inotify: {
      instances: first.instances + workers * worker.instances,
      watches: first.watches + workers * worker.watches,
    },
  }
}

interface Bound {
  seats: number
  /** Whether more would fail, and not only be slow. */
  hard: boolean
  /** @param next seats up to which raising this one helps */
  sentence(next: number): string
}

function boundsOf(machine: Machine, { cost, running, setting }: Offered): Bound[] {
  const { memoryBytes, cpus, inotify } = machine
  const bounds: Bound[] = [
    {
      seats: setting.value,
      hard: true,
      sentence: (next) =>
        `${setting.variable} is ${setting.value}; ` +
        (next > setting.value ? `the machine would bear ${next}.` : 'the machine bears no more.'),
    },
    {
      seats: running + part(memoryBytes.available - RESERVED_BYTES, cost.memoryBytes),
      hard: true,
      sentence: () =>
        `Memory: ${gibibytes(memoryBytes.available)} are free, and each seat takes ${gibibytes(cost.memoryBytes)}. More memory, or fewer other programs, would raise it.`,
    },
    {
      seats: part(cpus, cost.cpus),
      hard: false,
      sentence: () =>
        `Processors: there ${cpus === 1 ? 'is 1' : `are ${cpus}`}, and each seat takes ${cost.cpus} of one. More processors would raise it.`,
    },
  ]
  if (!inotify) return bounds
  for (const [kind, has, takes, reserved] of [
    ['instances', inotify.instances, cost.inotify.instances, RESERVED_INSTANCES],
    ['watches', inotify.watches, cost.inotify.watches, 0],
  ] as const) {
    if (takes === 0) continue
    bounds.push({
      seats: part(has - reserved, takes),
      hard: true,
      sentence: (next) =>
        `inotify: this machine allows ${has} ${kind}, and each seat takes ${takes}. “sysctl fs.inotify.max_user_${kind}=${powerOfTwo(next * takes + reserved, has)}” would raise it.`,
    })
  }
  return bounds
}

const part = (whole: number, of: number) => Math.max(0, Math.floor(whole / of + 1e-9))

/** The least power of two that is enough, and more than there is. */
function powerOfTwo(enough: number, has: number): number {
  let value = 128
  while (value < enough || value <= has) value *= 2
  return value
}

const gibibytes = (bytes: number) =>
  bytes < GiB / 10 ? `${Math.round(bytes / MiB)} MiB` : `${(Math.max(0, bytes) / GiB).toFixed(1)} GiB`

/** What pages and `npm run doctor` show. */
export function capacityOf(machine: Machine, offered: readonly Offered[]): Capacity {
  return {
    ...machine,
    providers: offered.map((one) => {
      const { name, title, unavailable } = one
      if (unavailable !== undefined) return { name, title, seats: 0, limit: unavailable }
      const [least, next] = boundsOf(machine, one).sort((a, b) => a.seats - b.seats)
      if (!least) throw new Error('nothing limits it')
      return { name, title, seats: least.seats, limit: least.sentence(next?.seats ?? least.seats) }
    }),
  }
}

/** Clusters beyond which more would fail; processors only make them slow. At least one, which whoever tries it may find out. */
export function mostClusters(machine: Machine, offered: Offered): number {
  const hard = boundsOf(machine, offered).filter((bound) => bound.hard)
  return Math.max(1, Math.min(...hard.map(({ seats }) => seats)))
}
