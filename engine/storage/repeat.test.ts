import { expect, it } from 'vitest'
import { sleep } from '../clock/clock.ts'
import { idsFrom } from '../clock/ids.ts'
import { Random } from '../clock/random.ts'
import { VirtualClock } from '../clock/virtual-clock.ts'
import { Registry } from './registry.ts'
import { Store } from './store.ts'

/** Writers on timers and promises, one that answers to events, and what a watcher sees of them all. */
async function run(seed: number): Promise<string> {
  const clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) })
  const random = new Random(seed)
  const store = new Store({ clock })
  const collection = store.add({ resource: { group: '', resource: 'pods' }, namespaced: true })
  const strategy = { kind: 'Pod', gracePeriod: () => 30 }
  const pods = new Registry(collection, strategy, { clock, ids: idsFrom(random.split('ids')) })
  collection.subscribe(
    {},
    {
      event({ type, object: { metadata } }) {
        if (type !== 'MODIFIED' || metadata.deletionTimestamp === undefined) return
        const grace = metadata.deletionGracePeriodSeconds ?? 0
        clock.after(random.split(metadata.uid).below(grace * 1000), () => {
          collection.remove(`${metadata.namespace}/${metadata.name}`)
        })
      },
    },
  )
  const events: string[] = []
  const watch = collection.watch({ allowBookmarks: true })
  watch.listen(() => {
    for (const event of watch.take()) events.push(`${clock.now()} ${JSON.stringify(event)}`)
  })
  const writer = async (name: string) => {
    const mine = random.split(name)
    for (let round = 0; round < 10; round++) {
      await sleep(clock, mine.below(20_000))
      const { metadata } = pods.create(
        { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: `${name}-` } },
        { namespace: 'default' },
      )
      if (mine.chance(0.5)) pods.delete('default', metadata.name)
    }
  }
  for (const name of ['a', 'b', 'c']) void writer(name)
  await clock.step(300_000)
  watch.close()
  return `${events.join('\n')}\n${JSON.stringify(store.snapshot())}`
}

it('repeats a run exactly: names, uids, times, versions and the order of events', async () => {
  const first = await run(7)
  expect(first.match(/"type":"ADDED"/g)).toHaveLength(30)
  expect(first).toContain('"type":"DELETED"')
  expect(first).toContain('"type":"BOOKMARK"')
  expect(await run(7)).toBe(first)
  expect(await run(8)).not.toBe(first)
})
