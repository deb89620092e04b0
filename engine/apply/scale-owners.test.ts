import { describe, expect, it } from 'vitest'
import type { ManagedFieldsEntry } from '../objects/types.ts'
import { FieldsPool } from './fields-pool.ts'
import { ScaleOwners } from './scale-owners.ts'

const entry = (
  manager: string,
  fieldsV1: ManagedFieldsEntry['fieldsV1'],
  more: Partial<ManagedFieldsEntry> = {},
): ManagedFieldsEntry => ({
  manager,
  operation: 'Update',
  apiVersion: 'apps/v1',
  time: '2026-01-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...more,
})
const replicas = { 'f:spec': { 'f:replicas': {} } }
const owners = new ScaleOwners(
  'apps/v1',
  (version) => (version === 'apps/v1' ? '/spec/replicas' : undefined),
  new FieldsPool(),
)

describe('ScaleOwners', () => {
  it('shows a scale who owns the replicas', () => {
    const entries = [
      entry('a', { 'f:spec': { 'f:replicas': {}, 'f:paused': {} } }),
      entry('b', { 'f:spec': { 'f:paused': {} } }),
    ]
    expect(owners.toScale(entries)).toEqual([entry('a', replicas, { apiVersion: 'autoscaling/v1' })])
  })

  it('takes the replicas from their owner when another scaled', () => {
    const entries = [entry('a', { 'f:spec': { 'f:replicas': {}, 'f:paused': {} } })]
    const ofScale = [entry('b', replicas, { apiVersion: 'autoscaling/v1', subresource: 'scale' })]
    const { time: _, ...timeless } = entry('b', replicas, { subresource: 'scale' })
    expect(owners.toObject(entries, ofScale)).toEqual([timeless, entry('a', { 'f:spec': { 'f:paused': {} } })])
  })

  it('leaves everything where the owner stays, and forgets an owner of nothing else and of unknown versions', () => {
    const entries = [entry('a', replicas)]
    expect(owners.toObject(entries, owners.toScale(entries))).toEqual(entries)
    expect(owners.toObject(entries, [])).toBeUndefined()
    expect(owners.toObject([entry('old', replicas, { apiVersion: 'apps/v1beta1' })], [])).toBeUndefined()
  })
})
