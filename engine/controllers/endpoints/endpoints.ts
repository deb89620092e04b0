import { isReady } from '../../kinds/pod/status.ts'
import { semanticallyEqual } from '../../objects/equal.ts'
import { formatIp, isV4, parseIp } from '../../objects/ip.ts'
import { formatTime } from '../../objects/time.ts'
import type { NewObject } from '../../objects/types.ts'
import { keyOfObject, placeOf } from '../../storage/key.ts'
import { withMetadata } from '../../storage/metadata.ts'
import type { Cluster } from '../cluster.ts'
import { orElse } from '../namespaces.ts'
import type { Followed } from '../queue-controller.ts'
import { ServiceController } from './service-controller.ts'
import { CAPACITY, countOf, repacked, truncated } from './subsets.ts'
import {
  type Address,
  ENDPOINTS,
  type Endpoints as EndpointsObject,
  HEADLESS_LABEL,
  hasSelector,
  hostnameFor,
  isHeadless,
  LAST_CHANGE,
  maySend,
  type Pod,
  portIn,
  type Service,
  type Subset,
  targetOf,
} from './types.ts'

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by'
const CONTROLLER = 'endpoint-controller'
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'

/** Keeps the Endpoints of Services that select Pods: upstream's endpoints controller (1.34). */
export class Endpoints extends ServiceController {
  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report })
  }

  protected override follows(): readonly Followed[] {
    return [
      ...super.follows(),
      {
        resource: ENDPOINTS,
        told: ({ type, object }) => {
          if (type === 'DELETED') this.queue.add(keyOfObject(object))
        },
      },
    ]
  }

  protected sync(key: string): void {
    const { namespace, name } = placeOf(key)
    const service = this.service(namespace, name)
    if (service === undefined) {
      this.times.forget(key)
      orElse(() => this.cluster.backend.registry(ENDPOINTS)?.delete(namespace, name), 'NotFound')
      return
    }
    if (!hasSelector(service)) return
    const pods = this.podsOf(service)
    const time = this.times.changed(key, service, pods)
    const subsets = subsetsOf(service, pods)
    const current = this.cluster.backend.store.collection(ENDPOINTS)?.get(namespace, name) as
      | EndpointsObject
      | undefined
    if (current !== undefined && isRight(current, subsets, service)) return
    const annotations = annotationsFor(current, subsets, time)
    const kept = truncated(subsets)
    const rest = kept.length === 0 ? { subsets: undefined } : { subsets: kept }
    const labels = labelsFor(service)
    if (current !== undefined) {
      this.writer.update({ resource: ENDPOINTS, namespace, name }, (now) => ({
        ...withMetadata(now, { labels, annotations }),
        ...rest,
      }))
      return
    }
    if (!this.takesNew(namespace)) return
    const made: NewObject = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name, namespace, labels, annotations },
      ...(kept.length === 0 ? {} : rest),
    }
    this.writer.create(ENDPOINTS, made, { namespace })
  }
}

function subsetsOf(service: Service, pods: readonly Pod[]): readonly Subset[] {
  const { ports = [], publishNotReadyAddresses: all = false } = service.spec
  const subsets: Subset[] = []
  for (const pod of pods) {
    if (!maySend(pod) || (pod.metadata.deletionTimestamp !== undefined && !all)) continue
    const address = addressOf(pod, service)
    if (address === undefined) continue
    const place = all || isReady(pod) ? { addresses: [address] } : { notReadyAddresses: [address] }
    if (ports.length === 0 && service.spec.clusterIP === 'None') subsets.push(place)
    for (const servicePort of ports) {
      const port = portIn(pod, servicePort)
      if (port === undefined) continue
      const { name = '', protocol = 'TCP', appProtocol } = servicePort
      const own = { port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }
      subsets.push({ ...place, ports: [name === '' ? own : { name, ...own }] })
    }
  }
  return repacked(subsets)
}

function addressOf(pod: Pod, service: Service): Address | undefined {
  for (const { ip: text } of pod.status?.podIPs ?? []) {
    const ip = parseIp(text)
    if (ip === undefined || !isV4(ip)) continue
    const hostname = hostnameFor(pod, service)
    return {
      ip: formatIp(ip),
      ...(hostname === undefined ? {} : { hostname }),
      nodeName: pod.spec.nodeName ?? '',
      targetRef: targetOf(pod),
    }
  }
  return undefined
}

function labelsFor(service: Service): Readonly<Record<string, string>> {
  const { [HEADLESS_LABEL]: _, ...labels } = service.metadata.labels ?? {}
  return { ...labels, ...(isHeadless(service) ? { [HEADLESS_LABEL]: '' } : {}), [MANAGED_BY]: CONTROLLER }
}

function isRight(current: EndpointsObject, subsets: readonly Subset[], service: Service): boolean {
  const { labels, annotations } = current.metadata
  return (
    semanticallyEqual(current.subsets ?? [], subsets) &&
    semanticallyEqual(labels, labelsFor(service)) &&
    annotations?.[OVER_CAPACITY] === undefined
  )
}

function annotationsFor(current: EndpointsObject | undefined, subsets: readonly Subset[], time: number | undefined) {
  const { [LAST_CHANGE]: _, [OVER_CAPACITY]: __, ...rest } = current?.metadata.annotations ?? {}
  return {
    ...rest,
    ...(time === undefined ? {} : { [LAST_CHANGE]: formatTime(time) }),
    ...(countOf(subsets) > CAPACITY ? { [OVER_CAPACITY]: 'truncated' } : {}),
  }
}
