import type { Pod } from '../../kinds/pod/status.ts'
import type { Container } from '../../kinds/pod/types.ts'

/** `web_default(1b2c…)`: `format.Pod`. */
export const podText = ({ metadata }: Pod): string => `${metadata.name}_${metadata.namespace}(${metadata.uid})`

/** Where a container stands in its Pod, as events name it. */
export function fieldPathOf({ spec }: Pod, name: string): string {
  const isIn = (list: readonly Container[] | null | undefined) => list?.some((one) => one.name === name) === true
  if (isIn(spec.containers)) return `spec.containers{${name}}`
  if (isIn(spec.initContainers)) return `spec.initContainers{${name}}`
  return `spec.ephemeralContainers{${name}}`
}

export function containerOf({ spec }: Pod, name: string): Container | undefined {
  const is = (one: Container): boolean => one.name === name
  return spec.containers?.find(is) ?? spec.initContainers?.find(is) ?? spec.ephemeralContainers?.find(is)
}
