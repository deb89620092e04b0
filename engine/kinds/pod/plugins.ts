import type { AdmissionPlugin } from '../../admission/plugin.ts'
import type { NewObject } from '../../objects/types.ts'
import type { PodSpec } from './types.ts'
import { appArmorWarnings } from './warnings.ts'

/**
 * Warns of AppArmor profiles in annotations. A strategy makes fields of them before its own warnings are asked for, so this looks at Pods as they come:
 * it must be among the last before the object is validated.
 */
export const appArmorNotice: AdmissionPlugin = {
  name: 'AppArmorNotice',
  mutate({ object, operation, resource, subresource, warn }): NewObject {
    if (object === undefined) throw new Error('There is nothing to change in a deletion.')
    if (operation !== 'CREATE' || resource.group !== '' || resource.resource !== 'pods' || subresource !== '')
      return object
    for (const text of appArmorWarnings((object.spec ?? {}) as PodSpec, object.metadata.annotations ?? {})) warn(text)
    return object
  },
}
