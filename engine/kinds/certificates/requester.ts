import type { AdmissionAttributes, AdmissionPlugin } from '../../admission/plugin.ts'
import { formatTime } from '../../objects/time.ts'
import type { NewObject } from '../../objects/types.ts'
import type { RequestCondition, RequestSpec, RequestStatus } from './validation.ts'

/**
 * What the server itself writes into certificate requests: who asks, and when a condition came. Upstream's strategy does it (1.34); strategies
 * here know neither users nor time, so it is a plug-in, and must come before all others.
 */
export const certificateRequester: AdmissionPlugin = {
  name: 'CertificateRequester',
  mutate(attributes, { clock }) {
    const { object, resource, operation, subresource } = attributes
    const { group } = resource
    if (object === undefined || group !== 'certificates.k8s.io' || resource.resource !== 'certificatesigningrequests') {
      return object as NewObject
    }
    if (operation === 'CREATE' && subresource === '') return withRequester(object, attributes)
    const dated = operation === 'UPDATE' && (subresource === 'approval' || subresource === 'status')
    return dated ? withTimes(object, attributes.oldObject, formatTime(clock.now())) : object
  },
}

function withRequester(object: NewObject, { user }: AdmissionAttributes): NewObject {
  const { username: _u, uid: _i, groups: _g, extra: _e, ...spec } = object.spec as RequestSpec
  return {
    ...object,
    spec: {
      ...spec,
      ...(user.username === '' ? {} : { username: user.username }),
      ...(user.uid === undefined || user.uid === '' ? {} : { uid: user.uid }),
      ...(user.groups.length === 0 ? {} : { groups: user.groups }),
      ...(Object.keys(user.extra ?? {}).length === 0 ? {} : { extra: user.extra }),
    },
  }
}

const isSet = (time: string | null | undefined): boolean => time !== undefined && time !== null && time !== ''

function withTimes(object: NewObject, old: NewObject | undefined, now: string): NewObject {
  const status = (object.status ?? {}) as RequestStatus
  const { conditions } = status
  if (conditions === undefined) return object
  const before = ((old?.status ?? {}) as RequestStatus).conditions ?? []
  const dated = conditions.map((condition): RequestCondition => {
    const same = before.find(
      ({ type, status: was, lastTransitionTime }) =>
        type === condition.type && was === condition.status && isSet(lastTransitionTime),
    )
    return {
      ...condition,
      lastUpdateTime: isSet(condition.lastUpdateTime) ? condition.lastUpdateTime : now,
      lastTransitionTime: isSet(condition.lastTransitionTime)
        ? condition.lastTransitionTime
        : (same?.lastTransitionTime ?? now),
    } as RequestCondition
  })
  return { ...object, status: { ...status, conditions: dated } }
}
