/** A workshop under load: the real server, and as many participants as there are seats, in a process of their own. */
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { memoryOf, processesOf } from '../embedded/processes.ts'
import { removeData, startServer } from '../server.ts'
import { type Measured, WANTED } from './figures.ts'
import { Host } from './host.ts'
import type { FromParticipants, ParticipantsOrder } from './participants.ts'

const LAB = 'scaling'
const STEPS = [
  'kubectl scale deployment/web --replicas=2',
  'kubectl scale deployment/web --replicas=3',
  "sed -i 's/replicas: 1/replicas: 5/' web.yaml; kubectl apply -f web.yaml",
]
const IDLE = ['ls', 'cat web.yaml', 'kubectl get pods', 'echo what next', 'ls -l']
/** Fifty join in ten seconds. */
const JOIN_EVERY = 200
const SECRET = 'the secret of the load test'.replaceAll(' ', '-')
/** Clock ticks in a second, in which Linux counts processors' time. */
const TICKS = 100

export interface LoadOptions {
  seats: number
  /** Milliseconds that they work once all are in. */
  workFor: number
  /** Whether clusters are made before the start, as hosts of many do. */
  warm?: boolean
  /** More settings of the server, without their prefix. */
  settings?: Record<string, string>
}

export async function load({ seats, workFor, warm = false, settings = {} }: LoadOptions): Promise<Measured> {
  const server = await startServer({
    settings: {
      PROVIDER: 'embedded',
      MAX_SIMULATED: String(seats),
      POOL: '0',
      HOST_SECRET: SECRET,
      LOG_LEVEL: 'warn',
      ...settings,
    },
  })
  // Nothing outlives the one who measures
  const end = () => process.kill(server.pid, 'SIGKILL')
  process.once('exit', end)
  try {
    const host = await Host.signIn(server.url, SECRET)
    const { id, code = '' } = await host.open(LAB, seats, warm)
    host.watch(id)
    const before = cpuOf(server.pid)
    const order = { url: server.url, code, seats, lab: LAB, steps: STEPS, idle: IDLE, joinEvery: JOIN_EVERY, workFor }
    const joined = Promise.withResolvers<{ after: number; cpu: number }>()
    const { told, clients } = await participants(order, ({ after }) =>
      joined.resolve({ after, cpu: cpuOf(server.pid) }),
    )
    // What was done last is told, too
    await new Promise((resolve) => setTimeout(resolve, WANTED.boardLag))
    const { after, cpu } = await joined.promise
    const atEnd = cpuOf(server.pid)
    const { peakRss, rss } = residentOf(server.pid)
    const shells = memoryOf(processesOf(server.pid))
    host.leave()
    return {
      seats,
      allInAfter: after,
      told,
      seen: host.seen,
      hostRefused: host.problems,
      server: { peakRss, rss, shells, cpu: { joining: cpu - before, working: atEnd - cpu } },
      clients,
      workedFor: workFor,
    }
  } finally {
    await server.stop()
    process.off('exit', end)
    const complaints = server
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
    if (complaints.length > 0) console.log(`The server's log: ${complaints.length} lines, the first:\n${complaints[0]}`)
    removeData(server.data)
  }
}

function participants(
  order: ParticipantsOrder,
  onIn: (message: Extract<FromParticipants, { kind: 'in' }>) => void,
): Promise<{ told: Extract<FromParticipants, { kind: 'over' }>['told']; clients: number }> {
  const child = fork(join(import.meta.dirname, 'participants.ts'), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.on('message', (message: FromParticipants) => {
      if (message.kind === 'in') onIn(message)
      else resolve({ told: message.told, clients: message.cpu })
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the participants' process ended with ${code}`)))
    child.send(order)
  })
}

/** Milliseconds that a process and those that descend from it have taken of the processors, with those that have ended. */
function cpuOf(pid: number): number {
  let ticks = 0
  for (const each of [pid, ...processesOf(pid)]) {
    try {
      // After the name: the fields from the third on; utime, stime, cutime and cstime are the 14th to the 17th
      const fields = readFileSync(`/proc/${each}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      for (const field of fields.slice(11, 15)) ticks += Number(field)
    } catch {
      // It has ended meanwhile
    }
  }
  return (ticks / TICKS) * 1000
}

function residentOf(pid: number): { peakRss: number; rss: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0)
  return { peakRss: kilobytes('VmHWM') * 1024, rss: kilobytes('VmRSS') * 1024 }
}
