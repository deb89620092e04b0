import { ipWarnings } from '../../objects/ip-errors.ts'
import { dns1123LabelErrors } from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'
import { byLackOfController } from '../../storage/indexes.ts'
import type { KindRules } from '../define.ts'
import { metadataUpdateErrors } from '../metadata.ts'
import { defaultPod } from './defaults.ts'
import { statusWithoutDisabled } from './disabled.ts'
import { podGrace, prepareChangedPod, prepareEphemeral, prepareNewPod, prepareResize } from './prepare.ts'
import { podPrinter } from './printer.ts'
import type { PodSpec, PodStatus } from './types.ts'
import { resizeErrors } from './validation/resize.ts'
import { keepObserved, podStatusErrors } from './validation/status.ts'
import { ephemeralUpdateErrors, podErrors, podUpdateErrors } from './validation/update.ts'
import { podWarnings } from './warnings.ts'

const specOf = (pod: ApiObject): PodSpec => (pod.spec ?? {}) as PodSpec
const statusOf = (pod: ApiObject): PodStatus => (pod.status ?? {}) as PodStatus

/** core/v1 Pod (1.34). */
export const pods: KindRules = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  resource: 'pods',
  metadataChecks: { again: 1 },
  default: defaultPod,
  prepareForCreate: prepareNewPod,
  prepareForUpdate: prepareChangedPod,
  validate: podErrors,
  validateUpdate: podUpdateErrors,
  changesGeneration: true,
  gracePeriod: podGrace,
  status: {
    keeps: ['spec', 'metadata.deletionTimestamp', 'metadata.ownerReferences'],
    prepareForUpdate: (pod, old) => keepObserved(statusWithoutDisabled(pod), old),
    validateUpdate: podStatusErrors,
    warnings: (pod) => [
      ...(statusOf(pod).podIPs ?? []).flatMap(({ ip }, index) => ipWarnings(`status.podIPs[${index}].ip`, ip)),
      ...(statusOf(pod).hostIPs ?? []).flatMap(({ ip }, index) => ipWarnings(`status.hostIPs[${index}].ip`, ip)),
    ],
  },
  subresources: {
    ephemeralcontainers: {
      verbs: ['get', 'patch', 'update'],
      strategy: {
        prepareForUpdate: prepareEphemeral,
        validateUpdate: (pod, old) => [...metadataUpdateErrors(pod, old), ...ephemeralUpdateErrors(pod, old)],
      },
    },
    resize: {
      verbs: ['get', 'patch', 'update'],
      strategy: {
        prepareForUpdate: prepareResize,
        validateUpdate: (pod, old) => [...metadataUpdateErrors(pod, old), ...resizeErrors(pod, old)],
      },
    },
  },
  warnings(pod, old) {
    if (old !== undefined) return []
    const wrong = dns1123LabelErrors(pod.metadata.name)
    const start = "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior;"
    const annotations = pod.metadata.annotations ?? {}
    return [
      ...(wrong.length === 0 ? [] : [`${start} a DNS label is recommended: [${wrong.join(' ')}]`]),
      ...podWarnings(specOf(pod), annotations, ''),
    ]
  },
  printer: podPrinter,
  selectableFields: {
    'spec.nodeName': (pod) => specOf(pod).nodeName ?? '',
    'spec.restartPolicy': (pod) => specOf(pod).restartPolicy ?? '',
    'spec.schedulerName': (pod) => specOf(pod).schedulerName ?? '',
    'spec.serviceAccountName': (pod) => specOf(pod).serviceAccountName ?? '',
    'spec.hostNetwork': (pod) => String(specOf(pod).hostNetwork ?? false),
    'status.phase': (pod) => statusOf(pod).phase ?? '',
    'status.podIP': (pod) => statusOf(pod).podIPs?.[0]?.ip ?? '',
    // Known, and never anything but empty.
    'status.podIPs': () => '',
    'status.nominatedNodeName': (pod) => statusOf(pod).nominatedNodeName ?? '',
  },
  indexes: { 'spec.nodeName': (pod) => specOf(pod).nodeName ?? '', uncontrolled: byLackOfController },
}
