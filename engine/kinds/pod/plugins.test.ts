import { describe, expect, it } from 'vitest'
import type { AdmissionAttributes, Backend } from '../../admission/plugin.ts'
import type { ApiObject } from '../../objects/types.ts'
import { statusWithoutDisabled } from './disabled.ts'
import { appArmorNotice } from './plugins.ts'

const KEY = 'container.apparmor.security.beta.kubernetes.io/c'

function warnings(securityContext: object | undefined, ofPod?: object, profile = 'runtime/default'): string[] {
  const texts: string[] = []
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', annotations: { [KEY]: profile } },
    spec: { containers: [{ name: 'c', securityContext }], securityContext: ofPod ?? {} },
  }
  const resource = { group: '', resource: 'pods' }
  const attributes = {
    operation: 'CREATE',
    resource,
    subresource: '',
    object,
    warn: (text: string) => texts.push(text),
  }
  expect(appArmorNotice.mutate?.(attributes as unknown as AdmissionAttributes, {} as Backend)).toBe(object)
  return texts
}

describe('AppArmor profiles in annotations', () => {
  const notice = `metadata.annotations[${KEY}]: deprecated since v1.30; use the "appArmorProfile" field instead`

  it('are warned of where no field says the same', () => {
    expect(warnings(undefined)).toEqual([notice])
    expect(warnings(undefined, undefined, 'bad')).toEqual([notice])
  })

  it('are not where the container has the field, or the Pod has the same profile', () => {
    expect(warnings({ appArmorProfile: { type: 'RuntimeDefault' } })).toEqual([])
    expect(warnings(undefined, { appArmorProfile: { type: 'RuntimeDefault' } })).toEqual([])
  })
})

it('drops of a status what belongs to features that are off', () => {
  const plain = { name: 'c', ready: true }
  const pod = {
    status: {
      extendedResourceClaimStatus: { resourceClaimName: 'x' },
      containerStatuses: [{ ...plain, allocatedResourcesStatus: [] }],
    },
  }
  expect(statusWithoutDisabled(pod as unknown as ApiObject)).toEqual({ status: { containerStatuses: [plain] } })
})
