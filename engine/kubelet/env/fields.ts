import { aggregate } from '../../kinds/pod/resources.ts'
import type { Pod } from '../../kinds/pod/status.ts'
import type { Container, FieldRef, ResourceFieldRef } from '../../kinds/pod/types.ts'
import { goQuote } from '../../objects/go-quote.ts'
import { Quantity } from '../../objects/quantity.ts'

/** What the downward API has to tell besides what the Pod says. */
export interface Facts {
  readonly podIp: string
  readonly hostIp: string
  /** What limits are where a container has none. */
  readonly allocatable: Readonly<Record<string, string>>
}

/** Throws Error with the kubelet's sentence for a path that there is not. */
export function fieldValue({ fieldPath }: FieldRef, pod: Pod, { podIp, hostIp }: Facts): string {
  const { metadata, spec } = pod
  switch (fieldPath) {
    case 'spec.nodeName':
      return spec.nodeName ?? ''
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? ''
    case 'status.hostIP':
    case 'status.hostIPs':
      return hostIp
    case 'status.podIP':
    case 'status.podIPs':
      return podIp
    case 'metadata.name':
      return metadata.name
    case 'metadata.namespace':
      return metadata.namespace ?? ''
    case 'metadata.uid':
      return metadata.uid
    case 'metadata.labels':
      return formatMap(metadata.labels)
    case 'metadata.annotations':
      return formatMap(metadata.annotations)
  }
  const match = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath)
  if (match === null) throw new Error(`unsupported fieldPath: ${fieldPath}`)
  return metadata[match[1] as 'labels' | 'annotations']?.[match[2] ?? ''] ?? ''
}

function formatMap(map: Readonly<Record<string, string>> = {}): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${goQuote(map[key] ?? '')}`)
    .join('\n')
}

/** In units of the divisor, rounded up. Throws Error for what there is not. */
export function resourceValue(ref: ResourceFieldRef, pod: Pod, own: Container | undefined, facts: Facts): string {
  const { containerName = '', resource } = ref
  const all = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])]
  const container = containerName === '' ? own : all.find(({ name }) => name === containerName)
  if (container === undefined) throw new Error(`container ${containerName} not found`)
  const [which, name = ''] = [resource.slice(0, resource.indexOf('.')), resource.slice(resource.indexOf('.') + 1)]
  if (which !== 'limits' && which !== 'requests') throw new Error(`Unsupported container resource : ${resource}`)
  const limit = container.resources?.limits?.[name] ?? podLimit(pod, name) ?? facts.allocatable[name]
  const amount = which === 'limits' ? limit : container.resources?.requests?.[name]
  const divisor = Quantity.fromJson(ref.divisor ?? '1')
  const unit = divisor.isZero() ? Quantity.of(1) : divisor
  const quantity = Quantity.fromJson(amount ?? '0')
  if (name === 'cpu') return String(Math.ceil(quantity.milliValue() / unit.milliValue()))
  return String(Math.ceil(quantity.value() / unit.value()))
}

function podLimit({ spec }: Pod, name: string): string | undefined {
  return spec.resources?.limits === undefined ? undefined : aggregate(spec, 'limits').get(name)?.toString()
}
