import { describe, expect, it } from 'vitest'
import { idsFrom } from '../clock/ids.ts'
import { Random } from '../clock/random.ts'
import { VirtualClock } from '../clock/virtual-clock.ts'
import { deepEqual } from '../objects/equal.ts'
import { invalidValue } from '../objects/field-error.ts'
import { StatusError } from '../objects/status-error.ts'
import type { ApiObject, NewObject, ObjectMeta } from '../objects/types.ts'
import { Registry } from './registry.ts'
import { Store } from './store.ts'
import type { Strategy } from './strategy.ts'

/** As Deployments: a generation, no grace. */
const deployments: Strategy = {
  kind: 'Deployment',
  changesGeneration: (object, old) => !deepEqual(object.spec, old.spec),
  validate: (object) =>
    (object.spec as { replicas?: number } | undefined)?.replicas === -1
      ? [invalidValue('spec.replicas', -1, 'must be greater than or equal to 0')]
      : [],
}
/** As Pods: 30 seconds of grace unless something else is asked. */
const pods: Strategy = { kind: 'Pod', gracePeriod: (_, requested) => requested ?? 30 }

function registry(strategy: Strategy, resource = { group: 'apps', resource: 'deployments' }) {
  const clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) })
  const store = new Store({ clock })
  const collection = store.add({ resource, namespaced: true })
  const log: string[] = []
  collection.subscribe({}, { event: ({ type, object }) => log.push(`${type} ${object.metadata.resourceVersion}`) })
  return { clock, store, log, registry: new Registry(collection, strategy, { clock, ids: idsFrom(new Random(1)) }) }
}

const manifest = (metadata: Partial<ObjectMeta>, spec: Record<string, unknown> = { replicas: 1 }): NewObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec,
})

const inDefault = { namespace: 'default' }

function failure(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (error instanceof StatusError) return `${error.code} ${error.reason}: ${error.message}`
    throw error
  }
  return 'no failure'
}

describe('create', () => {
  it('gives what only the server gives, whatever the client says', () => {
    const { registry: web } = registry(deployments)
    const created = web.create(
      manifest({
        name: 'web',
        uid: 'mine',
        creationTimestamp: '2001-01-01T00:00:00Z',
        deletionTimestamp: '2001-01-01T00:00:00Z',
        generation: 9,
      }),
      inDefault,
    )
    expect(created.metadata).toEqual({
      name: 'web',
      namespace: 'default',
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation: 1,
      resourceVersion: '2',
    })
    expect(created.metadata.uid).not.toBe('mine')
  })

  it('makes names, and tries again when one is taken', () => {
    const { registry: web } = registry(deployments)
    const names = new Set<string>()
    for (let index = 0; index < 500; index++) {
      names.add(web.create(manifest({ generateName: 'web-' }), inDefault).metadata.name)
    }
    expect(names.size).toBe(500)
    for (const name of names) expect(name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    const long = web.create(manifest({ generateName: 'x'.repeat(80) }), inDefault)
    expect(long.metadata.name).toHaveLength(63)
  })

  it('gives up after eight names that are taken', () => {
    const { registry: web } = registry(deployments)
    let asked = 0
    const stuck = new Registry(web.collection, deployments, {
      clock: new VirtualClock({ start: 0 }),
      ids: { uid: () => 'u', suffix: () => `${asked++ < 0}`.slice(0, 5) },
    })
    stuck.create(manifest({ generateName: 'web-' }), inDefault)
    asked = 0
    expect(failure(() => stuck.create(manifest({ generateName: 'web-' }), inDefault))).toBe(
      '409 AlreadyExists: deployments.apps "web-false" already exists, the server was not able to generate a unique name for the object',
    )
    expect(asked).toBe(8)
  })

  it('refuses names that are taken, and says when their object is going', () => {
    const { registry: web } = registry(deployments)
    web.create(manifest({ name: 'web', finalizers: ['a/b'] }), inDefault)
    const again = () => web.create(manifest({ name: 'web' }), inDefault)
    expect(failure(again)).toBe('409 AlreadyExists: deployments.apps "web" already exists')
    web.delete('default', 'web')
    expect(failure(again)).toBe('409 AlreadyExists: object is being deleted: deployments.apps "web" already exists')
  })

  it('refuses what is invalid, has a version, or belongs elsewhere', () => {
    const { registry: web, store } = registry(deployments)
    const create = (metadata: Partial<ObjectMeta>, spec?: Record<string, unknown>) =>
      failure(() => web.create(manifest(metadata, spec), inDefault))
    expect(create({ name: 'web' }, { replicas: -1 })).toBe(
      '422 Invalid: Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    )
    expect(create({})).toBe(
      '422 Invalid: Deployment.apps "" is invalid: metadata.name: Required value: name or generateName is required',
    )
    expect(create({ name: 'web', resourceVersion: '7' })).toBe(
      '500 : resourceVersion should not be set on objects to be created',
    )
    expect(create({ name: 'web', namespace: 'other' })).toBe(
      '400 BadRequest: the namespace of the provided object does not match the namespace sent on the request',
    )
    expect(store.version).toBe(1)
  })

  it('as a dry run stores nothing, and gives no version', () => {
    const { registry: web, store } = registry(deployments)
    const created = web.create(manifest({ name: 'web' }), { ...inDefault, dryRun: true })
    expect(created.metadata).toMatchObject({ name: 'web', generation: 1 })
    expect(created.metadata.resourceVersion).toBeUndefined()
    expect(store.version).toBe(1)
    expect(web.collection.size).toBe(0)
  })
})

describe('get', () => {
  it('gives the newest state, and refuses versions that have not been', () => {
    const { registry: web } = registry(deployments)
    const created = web.create(manifest({ name: 'web' }), inDefault)
    expect(web.get('default', 'web', '1')).toBe(created)
    expect(failure(() => web.get('default', 'web', '9'))).toBe(
      '504 Timeout: Timeout: Too large resource version: 9, current: 2',
    )
    expect(failure(() => web.get('default', 'web', 'x'))).toBe(
      '500 : resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    )
    expect(failure(() => web.get('default', 'none'))).toBe('404 NotFound: deployments.apps "none" not found')
  })
})

describe('update', () => {
  it('refuses what was made from an older version', () => {
    const { registry: web } = registry(deployments)
    const first = web.create(manifest({ name: 'web' }), inDefault)
    web.update('default', 'web', () => ({ ...first, spec: { replicas: 2 } }))
    expect(failure(() => web.update('default', 'web', () => ({ ...first, spec: { replicas: 3 } })))).toBe(
      '409 Conflict: Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
    )
    expect(failure(() => web.update('default', 'none', () => first))).toBe(
      '404 NotFound: deployments.apps "none" not found',
    )
  })

  it('without a version takes the newest, unless the kind demands one', () => {
    const { registry: web } = registry(deployments)
    web.create(manifest({ name: 'web' }), inDefault)
    expect(web.update('default', 'web', () => manifest({ name: 'web' }, { replicas: 5 })).object.spec).toEqual({
      replicas: 5,
    })
    const { registry: strict } = registry({ ...deployments, unconditionalUpdate: false })
    strict.create(manifest({ name: 'web' }), inDefault)
    expect(failure(() => strict.update('default', 'web', () => manifest({ name: 'web' })))).toBe(
      '422 Invalid: deployments.apps "web" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    )
  })

  it('counts a generation only where the kind says that something changed', () => {
    const { registry: web } = registry(deployments)
    const first = web.create(manifest({ name: 'web' }), inDefault)
    const labelled = web.update('default', 'web', () => ({
      ...first,
      metadata: { ...first.metadata, labels: { a: 'b' }, generation: 44 },
    }))
    expect(labelled.object.metadata).toMatchObject({ generation: 1, resourceVersion: '3' })
    const scaled = web.update('default', 'web', (old) => ({ ...(old as ApiObject), spec: { replicas: 2 } }))
    expect(scaled.object.metadata.generation).toBe(2)
  })

  it('that changes nothing keeps the version and tells nobody', () => {
    const { registry: web, log } = registry(deployments)
    const first = web.create(manifest({ name: 'web', labels: { a: 'b', c: 'd' } }), inDefault)
    const copy = JSON.parse(JSON.stringify(first)) as ApiObject
    const same = web.update('default', 'web', () => ({
      ...copy,
      metadata: { ...copy.metadata, labels: { c: 'd', a: 'b' }, creationTimestamp: '' },
    }))
    expect(same.object).toBe(first)
    expect(log).toEqual(['ADDED 2'])
  })

  it('keeps to the uid that is asked for', () => {
    const { registry: web } = registry({ ...deployments })
    const { metadata } = web.create(manifest({ name: 'web' }), inDefault)
    const wrong =
      '409 Conflict: Operation cannot be fulfilled on deployments.apps "web": StorageError: invalid object, Code: 4, ' +
      `Key: /registry/deployments/default/web, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: ${metadata.uid}`
    expect(failure(() => web.update('default', 'web', () => manifest({ name: 'web', uid: 'x' })))).toBe(wrong)
    expect(
      failure(() => web.update('default', 'web', () => manifest({ name: 'web' }), { preconditions: { uid: 'x' } })),
    ).toBe(wrong)
    expect(
      failure(() =>
        web.update('default', 'web', () => manifest({ name: 'web' }), { preconditions: { resourceVersion: '1' } }),
      ),
    ).toContain('ResourceVersion in precondition: 1, ResourceVersion in object meta: 2')
  })

  it('cannot rename, nor add finalizers to what is going', () => {
    const { registry: web } = registry(deployments)
    web.create(manifest({ name: 'web', finalizers: ['a/b'] }), inDefault)
    expect(failure(() => web.update('default', 'web', () => manifest({ name: 'other', finalizers: ['a/b'] })))).toBe(
      '422 Invalid: Deployment.apps "other" is invalid: metadata.name: Invalid value: "other": field is immutable',
    )
    web.delete('default', 'web')
    expect(
      failure(() => web.update('default', 'web', () => manifest({ name: 'web', finalizers: ['a/b', 'z/z', 'c/d'] }))),
    ).toBe(
      '422 Invalid: Deployment.apps "web" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d", "z/z"}',
    )
  })

  it('creates where that is asked', () => {
    const { registry: web } = registry(deployments)
    const made = web.update('default', 'web', () => manifest({ name: 'web' }), { forceCreate: true })
    expect(made).toMatchObject({ created: true, object: { metadata: { namespace: 'default', resourceVersion: '2' } } })
  })

  it('as a dry run changes nothing', () => {
    const { registry: web, store } = registry(deployments)
    web.create(manifest({ name: 'web' }), inDefault)
    const made = web.update('default', 'web', () => manifest({ name: 'web' }, { replicas: 3 }), { dryRun: true })
    expect(made.object.spec).toEqual({ replicas: 3 })
    expect(made.object.metadata).toMatchObject({ resourceVersion: '2', generation: 2 })
    expect(store.version).toBe(2)
  })
})

describe('delete', () => {
  it('removes at once what knows no grace, and tells its last state at a version of its own', () => {
    const { registry: web, log } = registry(deployments)
    web.create(manifest({ name: 'web' }), inDefault)
    const { object, removed } = web.delete('default', 'web', { propagationPolicy: 'Background' })
    expect(removed).toBe(true)
    expect(object.metadata).toMatchObject({ resourceVersion: '3' })
    expect(object.metadata.deletionTimestamp).toBeUndefined()
    expect(log).toEqual(['ADDED 2', 'DELETED 3'])
    expect(failure(() => web.delete('default', 'web'))).toBe('404 NotFound: deployments.apps "web" not found')
  })

  it('gives a Pod its time, which can only become less', () => {
    const { registry: all, clock, log } = registry(pods, { group: '', resource: 'pods' })
    all.create(manifest({ name: 'a' }), inDefault)
    expect(all.delete('default', 'a')).toMatchObject({
      removed: false,
      object: {
        metadata: {
          deletionTimestamp: '2026-01-01T00:00:30Z',
          deletionGracePeriodSeconds: 30,
          resourceVersion: '3',
        },
      },
    })
    clock.stepNow(5_000)
    expect(all.delete('default', 'a', { gracePeriodSeconds: 60 }).object.metadata.resourceVersion).toBe('3')
    expect(all.delete('default', 'a').object.metadata.resourceVersion).toBe('3')
    expect(all.delete('default', 'a', { gracePeriodSeconds: 10 }).object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:10Z',
      deletionGracePeriodSeconds: 10,
    })
    expect(all.delete('default', 'a', { gracePeriodSeconds: 2 }).object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:05Z',
      deletionGracePeriodSeconds: 1,
    })
    expect(all.delete('default', 'a', { gracePeriodSeconds: 0 }).removed).toBe(true)
    expect(log).toEqual(['ADDED 2', 'MODIFIED 3', 'MODIFIED 4', 'MODIFIED 5', 'MODIFIED 6', 'DELETED 7'])
  })

  it('by force tells first that the time is over, as upstream does', () => {
    const { registry: all, log } = registry(pods, { group: '', resource: 'pods' })
    all.create(manifest({ name: 'a' }), inDefault)
    expect(all.delete('default', 'a', { gracePeriodSeconds: 0 })).toMatchObject({
      removed: true,
      object: { metadata: { deletionGracePeriodSeconds: 0 } },
    })
    expect(log).toEqual(['ADDED 2', 'MODIFIED 3', 'DELETED 4'])
  })

  it('waits for finalizers, and ends with the update that takes the last', () => {
    const { registry: web, log, clock } = registry(deployments)
    web.create(manifest({ name: 'web', finalizers: ['a/b', 'c/d'] }), inDefault)
    clock.stepNow(1000)
    const { object, removed } = web.delete('default', 'web')
    expect(removed).toBe(false)
    expect(object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:01Z',
      deletionGracePeriodSeconds: 0,
      generation: 2,
    })
    clock.stepNow(1000)
    expect(web.delete('default', 'web').object).toBe(object)
    const without = (finalizers: string[]) => (old: ApiObject | undefined) => ({
      ...(old as ApiObject),
      metadata: { ...(old as ApiObject).metadata, finalizers },
    })
    expect(web.update('default', 'web', without(['c/d'])).removed).toBe(false)
    expect(web.update('default', 'web', without([])).removed).toBe(true)
    expect(log).toEqual(['ADDED 2', 'MODIFIED 3', 'MODIFIED 4', 'DELETED 5'])
  })

  it('a Pod with finalizers outlives its grace, and its last update', () => {
    const { registry: all } = registry(pods, { group: '', resource: 'pods' })
    all.create(manifest({ name: 'a', finalizers: ['a/b'] }), inDefault)
    all.delete('default', 'a')
    const freed = all.update('default', 'a', (old) => ({
      ...(old as ApiObject),
      metadata: { ...(old as ApiObject).metadata, finalizers: [] },
    }))
    expect(freed.removed).toBe(false)
    expect(all.delete('default', 'a', { gracePeriodSeconds: 0 }).removed).toBe(true)
  })

  it('leaves word for the garbage collector by the policy that is asked', () => {
    const { registry: web } = registry(deployments)
    const finalizersAfter = (finalizers: string[], options: Parameters<Registry['delete']>[2]) => {
      const { name } = web.create(manifest({ generateName: 'web-', finalizers }), inDefault).metadata
      const { object, removed } = web.delete('default', name, options)
      return removed ? 'removed' : object.metadata.finalizers
    }
    expect(finalizersAfter([], { propagationPolicy: 'Background' })).toBe('removed')
    expect(finalizersAfter([], { propagationPolicy: 'Foreground' })).toEqual(['foregroundDeletion'])
    expect(finalizersAfter([], { propagationPolicy: 'Orphan' })).toEqual(['orphan'])
    expect(finalizersAfter([], { orphanDependents: true })).toEqual(['orphan'])
    expect(finalizersAfter([], { orphanDependents: false })).toBe('removed')
    expect(finalizersAfter(['orphan'], {})).toEqual(['orphan'])
    expect(finalizersAfter(['orphan'], { propagationPolicy: 'Background' })).toBe('removed')
    expect(finalizersAfter(['a/b', 'orphan'], { propagationPolicy: 'Foreground' })).toEqual([
      'a/b',
      'foregroundDeletion',
    ])
    const { registry: old } = registry({ ...deployments, garbageCollection: 'orphan' })
    old.create(manifest({ name: 'web' }), inDefault)
    expect(old.delete('default', 'web').object.metadata.finalizers).toEqual(['orphan'])
    const { registry: none } = registry({ ...deployments, garbageCollection: 'unsupported' })
    none.create(manifest({ name: 'web' }), inDefault)
    expect(none.delete('default', 'web', { propagationPolicy: 'Foreground' }).removed).toBe(true)
  })

  it('refuses when its preconditions do not hold, or its options contradict themselves', () => {
    const { registry: web } = registry(deployments)
    const { metadata } = web.create(manifest({ name: 'web' }), inDefault)
    const refused = (options: Parameters<Registry['delete']>[2]) => failure(() => web.delete('default', 'web', options))
    expect(refused({ preconditions: { uid: 'x' } })).toBe(
      `409 Conflict: Operation cannot be fulfilled on Deployment.apps "web": the UID in the precondition (x) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    )
    expect(refused({ preconditions: { resourceVersion: '1' } })).toBe(
      '409 Conflict: Operation cannot be fulfilled on Deployment.apps "web": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (2). The object might have been modified',
    )
    expect(refused({ propagationPolicy: 'Nowhere' })).toBe(
      '422 Invalid: DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Nowhere": supported values: "Foreground", "Background", "Orphan", "nil"',
    )
    expect(refused({ propagationPolicy: 'Orphan', orphanDependents: true })).toContain(
      'orphanDependents and deletionPropagation cannot be both set',
    )
  })

  it('as a dry run removes and marks nothing', () => {
    const { registry: all, store } = registry(pods, { group: '', resource: 'pods' })
    all.create(manifest({ name: 'a' }), inDefault)
    expect(all.delete('default', 'a', { dryRun: true }).object.metadata.deletionGracePeriodSeconds).toBe(30)
    expect(all.delete('default', 'a', { dryRun: true, gracePeriodSeconds: 0 }).removed).toBe(true)
    expect(store.version).toBe(2)
    expect(all.get('default', 'a').metadata.deletionTimestamp).toBeUndefined()
  })

  it('of a collection takes all that is selected', () => {
    const { registry: web } = registry(deployments)
    for (const name of ['a', 'b', 'c']) {
      web.create(manifest({ name, labels: { keep: name === 'b' ? 'yes' : 'no' } }), inDefault)
    }
    const found = web.deleteCollection({
      namespace: 'default',
      selects: ({ metadata }) => metadata.labels?.keep === 'no',
    })
    expect(found.map(({ metadata }) => metadata.name)).toEqual(['a', 'c'])
    expect([...web.collection].map(({ metadata }) => metadata.name)).toEqual(['b'])
  })

  it('does not free a name whose kind holds it back', () => {
    const { registry: spaces } = registry({
      kind: 'Namespace',
      gracePeriod: () => 0,
      mayRemove: (object) => object.spec === undefined,
    })
    spaces.create(manifest({ name: 'a', finalizers: ['a/b'] }), inDefault)
    spaces.delete('default', 'a')
    const freed = (spec: unknown) => (old: ApiObject | undefined) => ({
      ...(old as ApiObject),
      metadata: { ...(old as ApiObject).metadata, finalizers: [] },
      spec,
    })
    expect(spaces.update('default', 'a', freed({ finalizers: ['kubernetes'] })).removed).toBe(false)
    expect(spaces.update('default', 'a', freed(undefined)).removed).toBe(true)
  })
})

describe('a kind that ends in two steps', () => {
  it('is marked by the first deletion, held back while it may not go, and removed by a later one', () => {
    const { registry: spaces } = registry({
      kind: 'Namespace',
      terminate: (object) => ({ ...object, status: { phase: 'Terminating' } }),
      mayRemove: (object) => object.spec === undefined,
    })
    spaces.create(manifest({ name: 'a' }), inDefault)
    const first = spaces.delete('default', 'a')
    expect(first).toMatchObject({
      removed: false,
      object: { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' }, status: { phase: 'Terminating' } },
    })
    expect(spaces.delete('default', 'a')).toEqual({ removed: false, object: first.object })
    const dry = spaces.update('default', 'a', ({ spec: _, ...rest } = first.object) => rest as NewObject, {
      dryRun: true,
    })
    expect(dry.removed).toBe(true)
    expect(spaces.delete('default', 'a').removed).toBe(false)
    spaces.update('default', 'a', ({ spec: _, ...rest } = first.object) => rest as NewObject)
    expect(failure(() => spaces.get('default', 'a'))).toBe('404 NotFound: deployments.apps "a" not found')
  })
})
