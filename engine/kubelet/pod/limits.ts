import type { ContainerLimits } from '../../containers/contract.ts'
import type { Resources } from '../../kinds/pod/types.ts'
import { Quantity } from '../../objects/quantity.ts'

/** What a container may use of its node, by its Pod's words. */
export function limitsOf({ limits = {}, requests = {} }: Resources): ContainerLimits {
  return {
    ...(limits.cpu === undefined ? {} : { cpuLimit: Quantity.fromJson(limits.cpu).toNumber() }),
    ...(requests.cpu === undefined ? {} : { cpuRequest: Quantity.fromJson(requests.cpu).toNumber() }),
    ...(limits.memory === undefined ? {} : { memoryLimit: Quantity.fromJson(limits.memory).value() }),
  }
}
