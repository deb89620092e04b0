/**
 * The engine beside a real API server: the same command lines of kubectl and Helm, and the same manifests, on both. Both run the
 * same controllers and no scheduler; what other controllers would write, the themes write.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Clients, clientIds, fetchClients } from './clients.ts'
import { differences } from './differences.ts'
import { embeddedLeftovers, startEmbedded } from './embedded.ts'
import { Judge } from './judge.ts'
import { objectCases } from './objects/index.ts'
import { postAll } from './objects.ts'
import { inParallel, type Outcome, play } from './play.ts'
import type { Answer } from './post.ts'
import { REAL_NODE, realLeftovers, startReal } from './real.ts'
import type { Side } from './side.ts'
import { type Theme, title } from './theme.ts'
import { themes } from './themes/index.ts'
import { sendAll, wireCases, wireTitle } from './wire.ts'

/** Four minutes on two idle cores, more where others work beside it; in ms. */
const PLAYED_WITHIN = 20 * 60_000

/** Commands run beside each other on a side; most of their time is kubectl's own. */
const WIDTH = 3

interface Results {
  readonly commands: ReadonlyMap<string, readonly Outcome[] | Error>
  readonly objects: ReadonlyMap<string, readonly Answer[]>
  readonly wire: readonly Answer[]
}

const judge = new Judge(differences)
const failures: unknown[] = []
const results = new Map<string, Results>()

const keyOf = (theme: Theme, client: string) => `${theme.name} ${client}`
const playedBy = (theme: Theme, id: string) => theme.client === undefined || theme.client === id

async function playAll(side: Side, clients: readonly Clients[]): Promise<Results> {
  const jobs = clients.flatMap((client) =>
    themes.filter((theme) => playedBy(theme, client.id)).map((theme) => ({ theme, client })),
  )
  // First, as long as nothing else stands in the cluster
  const wire = await sendAll(side)
  const objects = await postAll(side)
  const outcomes = await inParallel(jobs, WIDTH, ({ theme, client }) =>
    play(theme, side, client).catch((error: Error) => error),
  )
  return {
    commands: new Map(jobs.map(({ theme, client }, index) => [keyOf(theme, client.id), outcomes[index] as Outcome[]])),
    objects,
    wire,
  }
}

beforeAll(async () => {
  const clients = await fetchClients()
  const sides = await Promise.all([
    startReal(`${clients[0]?.bin}/kubectl`),
    startEmbedded(REAL_NODE, (error) => failures.push(error)),
  ])
  try {
    const played = await Promise.all(sides.map((side) => playAll(side, clients)))
    for (const [index, side] of sides.entries()) results.set(side.name, played[index] as Results)
  } finally {
    await Promise.all(sides.map((side) => side.close()))
  }
}, PLAYED_WITHIN)

const outcomeOf = (side: string, key: string, index: number): Outcome => {
  const outcomes = results.get(side)?.commands.get(key)
  if (outcomes instanceof Error) throw outcomes
  return outcomes?.[index] as Outcome
}

describe.each(clientIds)('$title', ({ id }) => {
  describe.each(themes.filter((theme) => playedBy(theme, id)))('$name', (theme) => {
    it.each(theme.steps.map((step, index) => [title(step), index] as const))('%s', (command, index) => {
      const real = outcomeOf('real', keyOf(theme, id), index)
      const embedded = outcomeOf('embedded', keyOf(theme, id), index)
      const sides = judge.excuse(`${theme.name}: ${command}`, real, embedded)
      expect(sides.embedded).toEqual(sides.real)
    })
  })
})

describe('objects', () => {
  it.each(objectCases.map(({ name }) => name))('%s', (name) => {
    const sides = judge.excuse(name, results.get('real')?.objects.get(name), results.get('embedded')?.objects.get(name))
    expect(sides.real).toBeDefined()
    expect(sides.embedded).toEqual(sides.real)
  })
})

describe('single requests', () => {
  it.each(wireCases.map((one, index) => [wireTitle(one, index), index] as const))('%s', (name, index) => {
    const [real, embedded] = ['real', 'embedded'].map((side) => results.get(side)?.wire[index])
    const sides = judge.excuse(`wire: ${name}`, real, embedded)
    expect(sides.real).toBeDefined()
    expect(sides.embedded).toEqual(sides.real)
  })
})

describe('afterwards', () => {
  it('was every listed difference needed', () => {
    expect(judge.unused()).toEqual([])
  })

  it('has the engine reported no failure of its own', () => {
    expect(failures).toEqual([])
  })

  it('is nothing left in Docker', async () => {
    expect(await realLeftovers()).toEqual([])
    expect(await embeddedLeftovers()).toEqual([])
  })
})
