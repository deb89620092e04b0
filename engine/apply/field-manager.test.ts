import { describe, expect, it } from 'vitest'
import { getIn, removeIn, setIn } from '../objects/paths.ts'
import { StatusError } from '../objects/status-error.ts'
import type { ManagedFieldsEntry } from '../objects/types.ts'
import { deploymentSchema } from '../patch/schema.testing.ts'
import { applyStrategicMergePatch } from '../patch/strategic-merge.ts'
import { FieldManager, type Managed, withTimesKept } from './field-manager.ts'
import { FieldSet } from './field-set.ts'
import { FieldsPool } from './fields-pool.ts'

let second = 0
const now = (): string => `2026-01-01T00:00:${String(second++ % 60).padStart(2, '0')}Z`
const manager = new FieldManager({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  schema: deploymentSchema,
  ignored: () => FieldSet.of(['f:status']),
  now,
})
const statusManager = new FieldManager({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  subresource: 'status',
  schema: deploymentSchema,
  ignored: () => FieldSet.of(['f:spec'], ['f:metadata', 'f:labels']),
  now,
})

const deployment = (fields: object = {}): Managed => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  ...fields,
})
const container = (fields: object = {}): object => ({ name: 'web', image: 'nginx:1', ...fields })
const withContainers = (...containers: object[]): Managed =>
  deployment({ spec: { template: { spec: { containers } } } })
const entries = (object: Managed): ManagedFieldsEntry[] =>
  (getIn(object, ['metadata', 'managedFields']) ?? []) as ManagedFieldsEntry[]
const fieldsOf = (object: Managed, name: string): unknown =>
  entries(object).find((one) => one.manager === name)?.fieldsV1
const bare = (object: Managed): Managed => removeIn(object, ['metadata', 'managedFields'])
const stored = (object: Managed): Managed => setIn(object, ['metadata', 'uid'], 'u')

function failure(act: () => unknown): StatusError {
  try {
    act()
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('updates', () => {
  it('give a creator the fields that it set, maps and items as such too', () => {
    const created = manager.update(
      undefined,
      deployment({
        metadata: { name: 'web', namespace: 'default', uid: 'u', labels: { app: 'web' } },
        spec: {
          replicas: 1,
          selector: { matchLabels: { app: 'web' } },
          template: { spec: { containers: [container({ ports: [{ containerPort: 80 }], args: ['a'] })] } },
        },
        status: { replicas: 0 },
      }),
      'kubectl-create',
    )
    expect(entries(created)).toMatchObject([
      { manager: 'kubectl-create', operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1' },
    ])
    expect(fieldsOf(created, 'kubectl-create')).toEqual({
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
      'f:spec': {
        '.': {},
        'f:replicas': {},
        'f:selector': {},
        'f:template': {
          '.': {},
          'f:spec': {
            '.': {},
            'f:containers': {
              '.': {},
              'k:{"name":"web"}': {
                '.': {},
                'f:args': {},
                'f:image': {},
                'f:name': {},
                'f:ports': {
                  '.': {},
                  'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
                },
              },
            },
          },
        },
      },
    })
  })

  it('move a field to who changes it, and forget what is gone', () => {
    const created = manager.update(undefined, deployment({ spec: { replicas: 1, paused: true } }), 'a')
    const scaled = manager.update(stored(created), deployment({ spec: { replicas: 2 } }), 'b')
    expect(fieldsOf(scaled, 'a')).toEqual({ 'f:spec': {} })
    expect(fieldsOf(scaled, 'b')).toEqual({ 'f:spec': { 'f:replicas': {} } })
  })

  it('leave entries and their times alone where nothing changes', () => {
    const created = stored(manager.update(undefined, deployment({ spec: { replicas: 1 } }), 'a'))
    expect(manager.update(created, created, 'b')).toEqual(created)
  })

  it('keep the status apart by subresource', () => {
    const created = stored(manager.update(undefined, deployment({ spec: { replicas: 1 } }), 'a'))
    const running = statusManager.update(created, { ...created, status: { replicas: 1 } }, 'controller')
    expect(entries(running).map(({ manager, subresource }) => [manager, subresource])).toEqual([
      ['a', undefined],
      ['controller', 'status'],
    ])
    expect(fieldsOf(running, 'controller')).toEqual({ 'f:status': { '.': {}, 'f:replicas': {} } })
  })

  it('start over where managedFields are set to nothing, and stay untracked then', () => {
    const created = stored(manager.update(undefined, deployment({ spec: { replicas: 1 } }), 'a'))
    for (const nothing of [[], [{}]]) {
      const reset = manager.update(created, setIn(created, ['metadata', 'managedFields'], nothing), 'a')
      expect(entries(reset)).toEqual([])
      expect(entries(manager.update(reset, setIn(reset, ['spec', 'replicas'], 5), 'a'))).toEqual([])
    }
  })

  it('keep the live entries where what comes cannot be read', () => {
    const created = stored(manager.update(undefined, deployment({ spec: { replicas: 1 } }), 'a'))
    for (const broken of [
      [{ manager: 'x' }],
      [{ manager: 'x', operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:a': 3 } }],
      undefined,
    ]) {
      const next = manager.update(created, setIn(created, ['metadata', 'managedFields'], broken), 'b')
      expect(entries(next)).toEqual(entries(created))
    }
  })

  it('put the oldest of more than ten updaters together', () => {
    let object = manager.update(undefined, deployment({ metadata: { name: 'web', labels: {} } }), 'first')
    for (let index = 0; index < 14; index++) {
      object = manager.update(stored(object), setIn(object, ['metadata', 'labels', `l${index}`], 'x'), `m${index}`)
    }
    const names = entries(object).map((one) => one.manager)
    expect(names).toHaveLength(10)
    expect(names).toContain('ancient-changes')
    expect(names).toContain('m13')
    expect(fieldsOf(object, 'ancient-changes')).toMatchObject({
      'f:metadata': { 'f:labels': { 'f:l0': {}, 'f:l1': {} } },
    })
  })

  it('own nothing where items of a list cannot be told apart', () => {
    const nameless = deployment({ spec: { template: { spec: { containers: [{ image: 'a' }] } } } })
    expect(manager.update(undefined, nameless, 'a')).toEqual(nameless)
  })
})

describe('apply', () => {
  it('creates, owning the fields stated alone', () => {
    const applied = manager.apply(undefined, withContainers(container()), 'helm', false)
    expect(bare(applied)).toEqual(withContainers(container()))
    expect(entries(applied)).toMatchObject([{ manager: 'helm', operation: 'Apply', apiVersion: 'apps/v1' }])
    expect(JSON.stringify(fieldsOf(applied, 'helm'))).toBe(
      '{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\\"name\\":\\"web\\"}":{".":{},"f:image":{},"f:name":{}}}}}}}',
    )
  })

  it('refuses what another owns with upstream’s words, and takes it with force', () => {
    const live = stored(manager.update(undefined, deployment({ spec: { replicas: 1 } }), 'kubectl-client-side-apply'))
    const config = deployment({ spec: { replicas: 3 } })
    const refused = failure(() => manager.apply(live, config, 'helm', false))
    expect(refused.code).toBe(409)
    expect(refused.message).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas',
    )
    expect(refused.details?.causes).toEqual([
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "kubectl-client-side-apply" using apps/v1',
        field: '.spec.replicas',
      },
    ])
    const forced = manager.apply(live, config, 'helm', true)
    expect(getIn(forced, ['spec', 'replicas'])).toBe(3)
    expect(fieldsOf(forced, 'helm')).toEqual({ 'f:spec': { 'f:replicas': {} } })
    expect(fieldsOf(forced, 'kubectl-client-side-apply')).toEqual({ 'f:spec': {} })
  })

  it('lists several conflicts by owner', () => {
    const one = manager.apply(undefined, deployment({ spec: { replicas: 1, paused: true } }), 'a', false)
    const two = stored(statusManager.update(stored(one), { ...one, status: { replicas: 1 } }, 'c'))
    const refused = failure(() =>
      new FieldManager({ apiVersion: 'apps/v1', kind: 'Deployment', schema: deploymentSchema, now }).apply(
        two,
        deployment({ spec: { replicas: 2, paused: false }, status: { replicas: 9 } }),
        'b',
        false,
      ),
    )
    expect(refused.message).toBe(
      'Apply failed with 3 conflicts: conflicts with "a":\n- .spec.paused\n- .spec.replicas\nconflicts with "c" with subresource "status" using apps/v1:\n- .status.replicas',
    )
  })

  it('shares a field between appliers that agree, and removes it when the last lets go', () => {
    const first = stored(manager.apply(undefined, deployment({ spec: { replicas: 2, paused: true } }), 'a', false))
    const both = manager.apply(first, deployment({ spec: { replicas: 2 } }), 'b', false)
    const one = manager.apply(both, deployment({ spec: {} }), 'a', false)
    expect(getIn(one, ['spec'])).toEqual({ replicas: 2 })
    const none = manager.apply(one, deployment(), 'b', false)
    expect(getIn(none, ['spec', 'replicas'])).toBeUndefined()
  })

  it('removes items and keys that are no longer applied, and leaves those of others', () => {
    const labels = (of: object): Managed => deployment({ metadata: { name: 'web', namespace: 'default', labels: of } })
    const first = stored(manager.apply(undefined, labels({ a: '1', b: '2' }), 'helm', false))
    const other = manager.update(first, setIn(first, ['metadata', 'labels', 'mine'], 'x'), 'edit')
    const second = manager.apply(other, labels({ a: '1' }), 'helm', false)
    expect(getIn(second, ['metadata', 'labels'])).toEqual({ a: '1', mine: 'x' })
    const third = manager.apply(second, labels({}), 'helm', false)
    expect(getIn(third, ['metadata', 'labels'])).toEqual({ mine: 'x' })

    const two = stored(
      manager.apply(undefined, withContainers(container(), { name: 'side', image: 's' }), 'helm', false),
    )
    const gone = manager.apply(two, withContainers(container()), 'helm', false)
    expect(getIn(gone, ['spec', 'template', 'spec', 'containers'])).toEqual([container()])
  })

  it('merges items by key, with the key’s default, and keeps what only the server has', () => {
    const live = stored(
      manager.update(
        undefined,
        withContainers({ name: 'sidecar', image: 's' }, container({ ports: [{ containerPort: 80, name: 'http' }] })),
        'a',
      ),
    )
    const merged = manager.apply(
      live,
      withContainers({
        name: 'web',
        ports: [
          { containerPort: 80, protocol: 'TCP' },
          { containerPort: 80, protocol: 'UDP' },
        ],
      }),
      'b',
      false,
    )
    expect(getIn(merged, ['spec', 'template', 'spec', 'containers'])).toEqual([
      { name: 'sidecar', image: 's' },
      container({
        ports: [
          { containerPort: 80, name: 'http', protocol: 'TCP' },
          { containerPort: 80, protocol: 'UDP' },
        ],
      }),
    ])
  })

  it('takes atomic maps and lists as a whole', () => {
    const select = (of: object): Managed => deployment({ spec: { template: { spec: { nodeSelector: of } } } })
    const live = stored(manager.apply(undefined, select({ disk: 'ssd' }), 'a', false))
    expect(failure(() => manager.apply(live, select({ zone: 'x' }), 'b', false)).message).toContain(
      '.spec.template.spec.nodeSelector',
    )
    expect(
      getIn(manager.apply(live, select({ zone: 'x' }), 'b', true), ['spec', 'template', 'spec', 'nodeSelector']),
    ).toEqual({ zone: 'x' })
  })

  it('says before-first-apply of what was there unowned', () => {
    const untracked = stored(deployment({ spec: { replicas: 1 } }))
    const refused = failure(() => manager.apply(untracked, deployment({ spec: { replicas: 2 } }), 'a', false))
    expect(refused.message).toContain('conflict with "before-first-apply" using apps/v1: .spec.replicas')
  })

  it('lets kubectl take over from its client-side apply, and keeps the note in step', () => {
    const noted = deployment({ spec: { replicas: 1 } })
    const live = stored(
      manager.update(
        undefined,
        setIn(noted, ['metadata', 'annotations'], {
          'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(noted),
        }),
        'kubectl-client-side-apply',
      ),
    )
    const config = deployment({ spec: { replicas: 4 } })
    expect(failure(() => manager.apply(live, config, 'helm', false)).code).toBe(409)
    const taken = manager.apply(live, config, 'kubectl', false)
    expect(getIn(taken, ['spec', 'replicas'])).toBe(4)
    expect(getIn(taken, ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'])).toBe(
      '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"default"},"spec":{"replicas":4}}\n',
    )
    const scaled = stored(manager.update(live, setIn(live, ['spec', 'replicas'], 9), 'someone'))
    expect(failure(() => manager.apply(scaled, config, 'kubectl', false)).message).toContain('conflict with "someone"')
  })

  it('changes nothing, times included, where nothing changes', () => {
    const config = withContainers(container())
    const first = stored(manager.apply(undefined, config, 'a', false))
    expect(manager.apply(first, config, 'a', false)).toEqual(first)
  })

  it('forgets owners of versions that there are no more, and reads others in theirs', () => {
    const of = (apiVersion: string, options: object = {}): FieldManager =>
      new FieldManager({ apiVersion, kind: 'Deployment', schema: deploymentSchema, now, ...options })
    const old = stored(
      of('apps/v1beta1').update(
        undefined,
        { ...deployment({ spec: { replicas: 1 } }), apiVersion: 'apps/v1beta1' },
        'old',
      ),
    )
    const live = { ...old, apiVersion: 'apps/v1' }
    const config = deployment({ spec: { replicas: 2 } })
    expect(entries(of('apps/v1').apply(live, config, 'a', false)).map((one) => one.manager)).toEqual(['a'])
    const known = {
      otherSchema: () => deploymentSchema,
      convert: (object: Managed, apiVersion: string) => ({ ...object, apiVersion }),
    }
    expect(failure(() => of('apps/v1', known).apply(live, config, 'a', false)).message).toBe(
      'Apply failed with 1 conflict: conflict with "old" using apps/v1beta1: .spec.replicas',
    )
  })

  it('refuses configurations that do not fit', () => {
    const refused = (config: Managed): string => {
      try {
        manager.apply(undefined, config, 'a', false)
      } catch (error) {
        return (error as Error).message
      }
      return ''
    }
    const start = 'failed to create typed patch object (default/web; apps/v1, Kind=Deployment): '
    expect(refused(deployment({ spec: { nope: 1 } }))).toBe(`${start}.spec.nope: field not declared in schema`)
    expect(refused(deployment({ spec: { replicas: 'x' } }))).toBe(
      `${start}.spec.replicas: expected numeric (int or float), got string`,
    )
    expect(refused(withContainers(container(), container()))).toBe(
      `${start}.spec.template.spec.containers: duplicate entries for key [name="web"]`,
    )
    expect(refused(withContainers({ image: 'x' }))).toBe(
      `${start}.spec.template.spec.containers: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn't have default values for any key fields)`,
    )
    expect(refused({ ...deployment(), apiVersion: 'v1', kind: 'Pod' })).toBe('invalid object type: /v1, Kind=Pod')
    expect(refused(setIn(deployment(), ['metadata', 'managedFields'], []))).toBe('metadata.managedFields must be nil')
  })

  it('shows a patch after an apply as the patcher’s', () => {
    const live = stored(manager.apply(undefined, withContainers(container()), 'helm', false))
    const patched = applyStrategicMergePatch(
      live,
      { spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:2' }] } } } },
      deploymentSchema,
    )
    const updated = manager.update(live, patched, 'kubectl-patch')
    expect(failure(() => manager.apply(updated, withContainers(container()), 'helm', false)).message).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl-patch" using apps/v1: .spec.template.spec.containers[name="web"].image',
    )
  })
})

describe('the pool', () => {
  it('stores equal sets of fields once, and gives up the oldest when it is full', () => {
    const pool = new FieldsPool(2)
    const one = pool.write(FieldSet.of(['f:a']))
    expect(pool.write(FieldSet.of(['f:a']))).toBe(one)
    expect(pool.read(one)).toBe(pool.read(JSON.parse(JSON.stringify(one))))
    pool.write(FieldSet.of(['f:b']))
    pool.write(FieldSet.of(['f:c']))
    expect(pool.write(FieldSet.of(['f:a']))).not.toBe(one)
    expect(pool.read(one).paths()).toEqual([['f:a']])
  })

  it('is shared by the objects of one writer', () => {
    const [one, other] = ['a', 'b'].map((name) =>
      manager.update(undefined, deployment({ metadata: { name }, spec: { replicas: 1 } }), 'someone'),
    ) as [Managed, Managed]
    expect(fieldsOf(one, 'someone')).toBe(fieldsOf(other, 'someone'))
  })
})

describe('withTimesKept', () => {
  it('keeps the times of a write that changed nothing else', () => {
    const live = stored(manager.update(undefined, deployment({ spec: { replicas: 1 } }), 'a'))
    const later = setIn(
      live,
      ['metadata', 'managedFields'],
      entries(live).map((one) => ({ ...one, time: '2027-01-01T00:00:00Z' })),
    )
    expect(withTimesKept(live, later)).toEqual(live)
    const changed = setIn(later, ['spec', 'replicas'], 2)
    expect(withTimesKept(live, changed)).toBe(changed)
  })
})
