import { formatIp, parseIp } from '../../../objects/ip.ts'
import type { ApiObject } from '../../../objects/types.ts'
import type { IndexFunctions } from '../../../storage/indexes.ts'
import { HEADLESS, nodePortsOf, specOf } from './types.ts'

export const CLUSTER_IP_INDEX = 'clusterIP'
export const NODE_PORT_INDEX = 'nodePort'

/** What Services have taken from the pools. */
export const serviceIndexes: IndexFunctions = {
  [CLUSTER_IP_INDEX]: (service) => clusterIpsOf(service),
  [NODE_PORT_INDEX](service) {
    const spec = specOf(service)
    const { healthCheckNodePort = 0 } = spec
    return [...nodePortsOf(spec), ...(healthCheckNodePort === 0 ? [] : [healthCheckNodePort])].map(String)
  },
}

/** In canonical form. */
export function clusterIpsOf(service: ApiObject): string[] {
  const { clusterIPs = [] } = specOf(service)
  return clusterIPs.flatMap((ip) => {
    const address = ip === HEADLESS ? undefined : parseIp(ip)
    return address === undefined ? [] : [formatIp(address)]
  })
}
