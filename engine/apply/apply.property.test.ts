import { describe, expect, it } from 'vitest'
import { getIn, removeIn, setIn } from '../objects/paths.ts'
import { forSeeds, type Seeded } from '../objects/seeded.testing.ts'
import { StatusError } from '../objects/status-error.ts'
import { deploymentSchema } from '../patch/schema.testing.ts'
import { compareObjects, fieldSetOf, removeFields } from './compare.ts'
import { FieldManager, type Managed } from './field-manager.ts'
import { FieldSet } from './field-set.ts'
import { mergeObjects } from './merge.ts'

const newManager = (): FieldManager =>
  new FieldManager({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    schema: deploymentSchema,
    now: () => '2026-01-01T00:00:00Z',
  })

type Part = 'labels' | 'replicas' | 'paused' | 'selector' | 'containers' | 'volumes' | 'finalizers'
const parts: readonly Part[] = ['labels', 'replicas', 'paused', 'selector', 'containers', 'volumes', 'finalizers']

/** A configuration with some of the parts; `owned` tells apart the names of map keys and items that two managers choose. */
function config(seeded: Seeded, chosen: readonly Part[], owned = ''): Managed {
  const name = (text: string): string => `${text}${owned}`
  const value = (): string => seeded.pick(['1', '2'])
  let object: Managed = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' } }
  const set = (path: readonly string[], to: unknown): void => {
    object = setIn(object, path, to)
  }
  for (const part of chosen) {
    // An empty map is owned as such: two managers that state one have not chosen different fields.
    if (part === 'labels') {
      const keys = [seeded.pick(['a', 'b']), ...seeded.some(['a', 'b', 'c'])]
      set(['metadata', 'labels'], Object.fromEntries(keys.map((key) => [name(key), value()])))
    }
    if (part === 'finalizers') set(['metadata', 'finalizers'], seeded.some(seeded.shuffled(['x', 'y', 'z'])).map(name))
    if (part === 'replicas') set(['spec', 'replicas'], seeded.int(3))
    if (part === 'paused') set(['spec', 'paused'], seeded.chance(50))
    if (part === 'selector') set(['spec', 'selector'], { matchLabels: { app: value() } })
    if (part === 'volumes') {
      set(
        ['spec', 'template', 'spec', 'volumes'],
        seeded.some(['v', 'w']).map((one) => ({ name: name(one), emptyDir: {} })),
      )
    }
    if (part === 'containers') {
      const containers = seeded.some(seeded.shuffled(['a', 'b', 'c'])).map((one) => ({
        name: name(one),
        ...(seeded.chance(70) ? { image: value() } : {}),
        ...(seeded.chance(40) ? { args: seeded.some(['-x', '-y']) } : {}),
        ...(seeded.chance(40)
          ? { ports: seeded.some([{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }]) }
          : {}),
      }))
      set(['spec', 'template', 'spec', 'containers'], containers)
    }
  }
  return object
}

const bare = (object: Managed): Managed => removeIn(object, ['metadata', 'managedFields'])
const stored = (object: Managed): Managed => setIn(object, ['metadata', 'uid'], 'u')
const ownedBy = (object: Managed, name: string): FieldSet => {
  const entries = (getIn(object, ['metadata', 'managedFields']) ?? []) as { manager: string; fieldsV1: unknown }[]
  return FieldSet.fromJson(entries.find(({ manager }) => manager === name)?.fieldsV1 ?? {})
}

describe('server-side apply', () => {
  it('applied twice is applied once', () => {
    forSeeds(800, (seeded) => {
      const manager = newManager()
      const live = stored(manager.update(undefined, config(seeded, seeded.some(parts)), 'someone'))
      const applied = config(seeded, seeded.some(parts))
      const once = manager.apply(live, applied, 'me', true)
      expect(manager.apply(once, applied, 'me', false)).toEqual(once)
    })
  })

  it('never conflicts between managers of different fields, whatever they do in turn', () => {
    forSeeds(500, (seeded) => {
      const manager = newManager()
      const shared: readonly Part[] = ['labels', 'containers', 'volumes', 'finalizers']
      let live: Managed | undefined
      for (let turn = 0; turn < 4; turn++) {
        const isMine = seeded.chance(50)
        // Each always states something: an object that nobody owns counts as there before the first apply.
        const own: readonly Part[] = isMine ? ['replicas'] : ['paused', 'selector']
        const applied = config(seeded, [...own, ...seeded.some(shared)], isMine ? '1' : '2')
        live = stored(manager.apply(live, applied, isMine ? 'one' : 'two', false))
      }
    })
  })

  it('holds what was applied, and after the last apply of nothing only what others own', () => {
    forSeeds(800, (seeded) => {
      const manager = newManager()
      const before = stored(manager.update(undefined, config(seeded, seeded.some(parts)), 'someone'))
      const applied = config(seeded, seeded.some(parts))
      const live = manager.apply(before, applied, 'me', true)
      expect(mergeObjects(bare(live), applied, deploymentSchema)).toEqual(bare(live))
      const nothing = manager.apply(live, config(seeded, []), 'me', false)
      const left = fieldSetOf(bare(nothing), deploymentSchema)
      const gone = ownedBy(live, 'me').difference(ownedBy(live, 'someone'))
      const leaves = gone.difference(FieldSet.of(...gone.paths().filter((path) => !isLeaf(gone, path))))
      expect(left.intersection(leaves).paths()).toEqual([])
      expect(ownedBy(nothing, 'me').isEmpty()).toBe(true)
    })
  })

  it('leaves what is given as it was, and answers with a status where it refuses', () => {
    forSeeds(800, (seeded) => {
      const manager = newManager()
      const live = stored(manager.apply(undefined, config(seeded, seeded.some(parts)), 'someone', false))
      const applied = config(seeded, seeded.some(parts))
      const given = JSON.stringify([live, applied])
      try {
        manager.apply(live, applied, 'me', false)
      } catch (error) {
        expect(error).toBeInstanceOf(StatusError)
        const causes = (error as StatusError).details?.causes ?? []
        expect(causes.length).toBeGreaterThan(0)
        expect((error as StatusError).message).toMatch(new RegExp(`^Apply failed with ${causes.length} conflicts?: `))
      }
      expect(JSON.stringify([live, applied])).toBe(given)
    })
  })

  it('answers any configuration with an object or a sentence', () => {
    forSeeds(2000, (seeded) => {
      const manager = newManager()
      const live = stored(manager.update(undefined, config(seeded, seeded.some(parts)), 'someone'))
      let applied: Managed = config(seeded, seeded.some(parts))
      const path = seeded.pick([
        ['spec'],
        ['metadata', 'labels'],
        ['spec', 'template', 'spec', 'containers'],
        ['metadata'],
        ['spec', 'replicas'],
      ])
      applied = setIn(applied, path, seeded.json(2, { nulls: true }))
      try {
        manager.apply(live, applied, 'me', true)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
        expect(error).not.toBeInstanceOf(TypeError)
        expect((error as Error).message).not.toBe('')
      }
    })
  })
})

function isLeaf(set: FieldSet, path: readonly string[]): boolean {
  let below: FieldSet | undefined = set
  for (const element of path) below = below?.below(element)
  return below === undefined
}

describe('structured comparison', () => {
  it('says of each field one thing, the same backwards, and nothing of equals', () => {
    forSeeds(1500, (seeded) => {
      const [one, other] = [config(seeded, seeded.some(parts)), config(seeded, seeded.some(parts))]
      const there = compareObjects(one, other, deploymentSchema)
      const back = compareObjects(other, one, deploymentSchema)
      expect(there.added.equals(back.removed)).toBe(true)
      expect(there.modified.equals(back.modified)).toBe(true)
      expect(there.added.intersection(there.removed).isEmpty()).toBe(true)
      const same = compareObjects(one, JSON.parse(JSON.stringify(one)), deploymentSchema)
      expect([same.added, same.removed, same.modified].every((set) => set.isEmpty())).toBe(true)
    })
  })

  it('gives back what a merge added when the added fields are removed', () => {
    forSeeds(1500, (seeded) => {
      const [one, other] = [config(seeded, seeded.some(parts)), config(seeded, seeded.some(parts))]
      const merged = mergeObjects(one, other, deploymentSchema)
      const { added, removed } = compareObjects(one, merged, deploymentSchema)
      expect(removed.isEmpty()).toBe(true)
      const back = removeFields(merged, added, deploymentSchema)
      const left = compareObjects(one, back, deploymentSchema)
      expect([left.added.isEmpty(), left.removed.isEmpty()]).toEqual([true, true])
    })
  })
})
