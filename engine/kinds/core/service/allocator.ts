import type { AdmissionAttributes, AdmissionPlugin, Backend } from '../../../admission/plugin.ts'
import type { Random } from '../../../clock/random.ts'
import { invalidValue } from '../../../objects/field-error.ts'
import { internalError } from '../../../objects/status-error.ts'
import type { ApiObject, NewObject } from '../../../objects/types.ts'
import { fitFamilies } from './families.ts'
import { CLUSTER_IP_INDEX, NODE_PORT_INDEX } from './indexes.ts'
import { attempt, createNodePorts, refused, updateNodePorts } from './node-ports.ts'
import { normalizeClusterIps, patchAllocated } from './patch-allocated.ts'
import { AddressPool, type IsTaken, PortOperation, PortPool, type PortRange } from './pools.ts'
import { HEADLESS, type ServiceSpec, specOf } from './types.ts'

export interface AllocatorOptions {
  readonly random: Random
  /** kind's if not said. */
  readonly network?: string
  readonly nodePorts?: PortRange
}

const SERVICES = { group: '', resource: 'services' }

/**
 * Gives Services their addresses and ports, and says which cannot be had: upstream's `beginCreate` and `beginUpdate` (1.34). It must be the last
 * to change a Service. It keeps nothing: what is taken is read from the Services, so that a snapshot restored is all that there is to restore.
 */
export class ServiceAllocator implements AdmissionPlugin {
  readonly name = 'ServiceAllocator'
  readonly #addresses: AddressPool
  readonly #ports: PortPool

  constructor({ random, network = '10.96.0.0/16', nodePorts = { first: 30_000, last: 32_767 } }: AllocatorOptions) {
    this.#addresses = new AddressPool(network, random.split('service addresses'))
    this.#ports = new PortPool(nodePorts, random.split('node ports'))
  }

  mutate(attributes: AdmissionAttributes, backend: Backend): NewObject {
    const { object, oldObject, operation, resource, subresource } = attributes
    if (object === undefined) throw new Error('There is nothing to change in a deletion.')
    if (resource.group !== '' || resource.resource !== 'services' || subresource !== '') return object
    if (operation === 'CREATE') return this.#create(object, attributes, backend)
    return oldObject === undefined ? object : this.#update(object, oldObject, attributes, backend)
  }

  #create(service: NewObject, { name, dryRun }: AdmissionAttributes, backend: Backend): NewObject {
    const spec = fitted(name, normalizeClusterIps(specOf(service), undefined), undefined)
    const placed = this.#withAddresses(name, spec, dryRun, backend)
    return { ...service, spec: createNodePorts(name, placed, this.#operation(dryRun, backend)) }
  }

  #update(service: NewObject, old: ApiObject, { name, dryRun }: AdmissionAttributes, backend: Backend): NewObject {
    const before = specOf(old)
    const patched = normalizeClusterIps(patchAllocated(specOf(service), before), before)
    const spec = fitted(name, patched, before)
    const arrives = before.type === 'ExternalName' && spec.type !== 'ExternalName'
    const placed = arrives ? this.#withAddresses(name, spec, dryRun, backend) : spec
    return { ...service, spec: updateNodePorts(name, placed, before, this.#operation(dryRun, backend)) }
  }

  #operation(dryRun: boolean, backend: Backend): PortOperation {
    return new PortOperation(this.#ports, taken(backend, NODE_PORT_INDEX), dryRun)
  }

  #withAddresses(name: string, spec: ServiceSpec, dryRun: boolean, backend: Backend): ServiceSpec {
    if (spec.type === 'ExternalName' || spec.clusterIPs?.[0] === HEADLESS) return spec
    const isTaken = taken(backend, CLUSTER_IP_INDEX)
    const wanted = spec.clusterIPs?.[0]
    if (wanted !== undefined && wanted !== '') {
      attempt(
        () => (dryRun ? this.#addresses.dry.claim(wanted) : this.#addresses.claim(wanted, isTaken)),
        (why) =>
          refused(name, [invalidValue('spec.clusterIPs', spec.clusterIPs, `failed to allocate IP ${wanted}: ${why}`)]),
      )
      return { ...spec, clusterIP: wanted }
    }
    const ip = attempt(
      () => (dryRun ? this.#addresses.dry.next() : this.#addresses.next(isTaken)),
      (why) => internalError(`failed to allocate a serviceIP: ${why}`),
    )
    return { ...spec, clusterIP: ip, clusterIPs: [ip] }
  }
}

function fitted(name: string, spec: ServiceSpec, old: ServiceSpec | undefined): ServiceSpec {
  const result = fitFamilies(spec, old)
  if ('errors' in result) throw refused(name, result.errors)
  return result.spec
}

function taken(backend: Backend, index: string): IsTaken {
  const services = backend.store.collection(SERVICES)
  return (value) => services !== undefined && services.byIndex(index, value).length > 0
}
