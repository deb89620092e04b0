import { describe, expect, it } from 'vitest'
import { checkId, clusterLabels, nodeNames, readMark } from './names.ts'

const mark = { instance: 'here', id: 'k7x2m', createdAt: 1_700_000_000_000, workers: 3 }

describe('names', () => {
  it('names nodes as kind does', () => {
    expect(nodeNames('k7x2m', 0)).toEqual(['lab-k7x2m-control-plane'])
    expect(nodeNames('k7x2m', 3)).toEqual([
      'lab-k7x2m-control-plane',
      'lab-k7x2m-worker',
      'lab-k7x2m-worker2',
      'lab-k7x2m-worker3',
    ])
  })

  it('reads back the mark that it has written', () => {
    expect(readMark(clusterLabels(mark, 'nodes'))).toEqual(mark)
  })

  it.each([
    ['no labels', undefined],
    ['labels of others', { 'com.docker.compose.project': 'shop' }],
    ['an id that could not be ours', { ...clusterLabels(mark, 'nodes'), 'dev.quayside.cluster': '../etc' }],
    ['a time that is none', { ...clusterLabels(mark, 'nodes'), 'dev.quayside.created': 'yesterday' }],
  ])('takes nothing for ours that has %s', (_, labels) => {
    expect(readMark(labels)).toBeUndefined()
  })

  it.each(['', 'Upper', 'a-b', 'a/b', 'x'.repeat(41)])('refuses the id %j', (id) => {
    expect(() => checkId(id)).toThrow(/cluster id/)
  })
})
