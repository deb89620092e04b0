/** All participants, in a process of their own: it is told what to do by its arguments, and tells what came of it over its channel. */
import process from 'node:process'
import { Participant, type Told } from './participant.ts'

export interface ParticipantsOrder {
  url: string
  code: string
  seats: number
  lab: string
  steps: readonly string[]
  idle: readonly string[]
  /** Milliseconds from one who joins to the next. */
  joinEvery: number
  /** Milliseconds that they work once all are in. */
  workFor: number
}

export type FromParticipants =
  | { kind: 'in' /** Since the first has joined, in ms. */; after: number; refused: number }
  | { kind: 'over'; told: Told[] /** Milliseconds of the processors' time. */; cpu: number }

if (process.send === undefined) throw new Error('This program runs as a part of the load test.')
const send = (message: FromParticipants) => new Promise<void>((resolve) => process.send?.(message, () => resolve()))

process.once('message', async (order: ParticipantsOrder) => {
  const { seats, joinEvery, workFor } = order
  const participants = Array.from({ length: seats }, (_, index) => {
    const name = `Participant ${index + 1}`
    return new Participant({ ...order, name, random: randomFrom(index + 1) })
  })
  const begun = performance.now()
  const working: Promise<void>[] = []
  await Promise.all(
    participants.map(async (participant, index) => {
      await pause(index * joinEvery)
      await participant.join()
      // Whoever is in begins, while others still come
      working.push(participant.work())
    }),
  )
  const refused = participants.filter(({ told }) => told.refused.length > 0).length
  await send({ kind: 'in', after: performance.now() - begun, refused })
  await pause(workFor)
  const told = participants.map((participant) => participant.leave())
  const { user, system } = process.cpuUsage()
  await send({ kind: 'over', told, cpu: (user + system) / 1000 })
  process.exit(0)
})

// Whoever measures is gone
process.once('disconnect', () => process.exit(1))

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** mulberry32: the same every time. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
