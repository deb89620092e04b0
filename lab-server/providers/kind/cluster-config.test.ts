import { load } from 'js-yaml'
import { expect, it } from 'vitest'
import { clusterConfig } from './cluster-config.ts'

it('asks for a control plane and as many workers, with the API on the loopback only', () => {
  expect(load(clusterConfig(2))).toMatchObject({
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    networking: { apiServerAddress: '127.0.0.1', ipFamily: 'ipv4' },
    nodes: [{ role: 'control-plane' }, { role: 'worker' }, { role: 'worker' }],
  })
})
