import { collection, object } from './kinds.ts'
import { namespaceOf, type Scenario } from './scenario.ts'
import type { Side } from './side.ts'
import { Stage } from './stage.ts'
import { Recorder, type Tape } from './tape.ts'
import { isAllTold } from './told.ts'

/** Plays a scenario in a namespace of its own and resolves with what was recorded, however it went. */
export async function play(scenario: Scenario, side: Side): Promise<Tape> {
  const namespace = namespaceOf(scenario)
  const { connection, time } = side
  const begun = time.now()
  const recorder = new Recorder(namespace, scenario.alone === true, () => time.now() - begun)
  const stage = new Stage(side, recorder, namespace)
  const known = await connection.ask('GET', collection('Node'))
  for (const node of known.json.items) recorder.hear({ type: 'ADDED', object: { ...node, kind: 'Node' } })
  const tape = (rest: Partial<Tape>): Tape => ({
    ...{ scenario: scenario.name, namespace, nodes: side.nodes, events: recorder.events, notes: stage.notes },
    took: time.now() - begun,
    ...rest,
  })
  if (scenario.policies && !side.policies) return tape({ skipped: 'the network holds no policies' })
  const stop = side.listen((event) => {
    recorder.hear(event)
    time.changed()
  })
  let failure: string | undefined
  try {
    await stage.create(object('Namespace', namespace))
    await stage.eventually(
      'a ServiceAccount for Pods',
      () => stage.ask('GET', '/api/v1/namespaces/$NS/serviceaccounts/default'),
      ({ status }) => status === 200,
    )
    await scenario.play(stage)
    await quiet(recorder, time)
  } catch (error) {
    failure = (error as Error).stack ?? String(error)
  }
  recorder.end()
  try {
    await stage.clear()
    // Pods need not be let down gently any more
    await stage.ask('DELETE', `${collection('Pod', namespace)}`, { gracePeriodSeconds: 1 })
    await stage.ask('DELETE', `${collection('Namespace')}/${namespace}`)
  } catch (error) {
    failure ??= (error as Error).stack ?? String(error)
  } finally {
    stop()
  }
  return tape(failure === undefined ? {} : { failure })
}

/** What follows from what was done last is done once nothing was told for so long, in ms. Some goes on for ever, and is not waited for. */
const QUIET = 3000
const LONGEST = 12_000

async function quiet(recorder: Recorder, time: Side['time']): Promise<void> {
  const end = time.now() + LONGEST
  for (let known = -1; known !== recorder.events.length && time.now() < end; ) {
    known = recorder.events.length
    await time.until(() => recorder.events.length !== known, QUIET)
  }
  await time.until(() => isAllTold(recorder.events), LONGEST)
}
