import { playEngine } from './play-engine.ts'
import { scenarios } from './themes/index.ts'

const s = scenarios.find((one) => one.name === process.argv[2])!
const { tape, failures } = await playEngine(s)
console.log(tape.failure, failures, tape.took)
const from = Number(process.argv[3] ?? 0)
for (const e of tape.events)
  if (e.at >= from && ['Pod', 'Event'].includes(e.object.kind))
    console.log(
      e.at,
      e.type,
      e.object.kind,
      e.object.metadata.name,
      e.object.reason ?? '',
      (e.object.message ?? '').slice(0, 100),
      e.object.count ?? '',
      JSON.stringify(e.object.status?.containerStatuses?.[0]?.state ?? ''),
      e.object.status?.phase,
    )
