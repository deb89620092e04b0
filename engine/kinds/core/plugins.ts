import type { AdmissionPlugin } from '../../admission/plugin.ts'
import type { Random } from '../../clock/random.ts'
import { eventRules } from '../events/event.ts'
import { appArmorNotice } from '../pod/plugins.ts'
import { ServiceAllocator } from './service/allocator.ts'
import { volumePhases } from './volume/volume.ts'

/**
 * What strategies cannot do by themselves, for want of a clock, of the store or of the version that a request speaks. They come after all other plug-ins:
 * what these refuse must not have taken an address.
 */
export function corePlugins(random: Random): readonly AdmissionPlugin[] {
  return [volumePhases, appArmorNotice, eventRules, new ServiceAllocator({ random })]
}
