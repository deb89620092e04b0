import { expect, it } from 'vitest'
import { Random } from '../../../clock/random.ts'
import type { NewObject } from '../../../objects/types.ts'
import { resources as networking } from '../../networking/index.ts'
import { endpoints } from '../endpoints.ts'
import { World } from '../world.testing.ts'
import { keepServiceAddresses } from './addresses.ts'
import { ServiceAllocator } from './allocator.ts'
import { services } from './definition.ts'

it('each address of a Service has its object as long as the Service has the address', () => {
  const ipAddresses = (schemas: Parameters<typeof networking>[0]) => {
    const found = networking(schemas).find(({ resource }) => resource.resource === 'ipaddresses')
    if (found === undefined) throw new Error('There are no addresses.')
    return found
  }
  const world = new World([services, endpoints, ipAddresses], [new ServiceAllocator({ random: new Random(1) })])
  const stop = keepServiceAddresses(world.backend)
  const service = (spec: object): NewObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { ports: [{ port: 80 }], ...spec },
  })
  const addresses = () => [...(world.store.collection({ group: 'networking.k8s.io', resource: 'ipaddresses' }) ?? [])]
  world.create(service({ clusterIP: '10.96.0.10' }))
  world.create({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'web', namespace: 'default' } })
  expect(addresses()).toMatchObject([
    {
      metadata: {
        name: '10.96.0.10',
        labels: {
          'ipaddress.kubernetes.io/ip-family': 'IPv4',
          'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
        },
      },
      spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } },
    },
  ])
  world.update(
    service({
      type: 'ExternalName',
      externalName: 'a.b',
      clusterIP: '10.96.0.10',
      clusterIPs: ['10.96.0.10'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    }),
  )
  expect(addresses()).toEqual([])
  world.delete('Service', 'web')
  expect(world.store.collection({ group: '', resource: 'endpoints' })?.size).toBe(0)
  stop()
  world.create(service({ clusterIP: '10.96.0.10' }))
  expect(addresses()).toEqual([])
})
