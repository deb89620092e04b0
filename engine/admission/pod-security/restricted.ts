import { PROFILES } from './baseline.ts'
import {
  type Check,
  containersOf,
  containersText,
  containersWhere,
  isWindows,
  plural,
  quoted,
  settersText,
  sortedSet,
} from './checks.ts'

/** The checks that the level `restricted` adds, by their ids (pod-security-admission 0.34). */
export const restricted: Readonly<Record<string, Check>> = {
  allowPrivilegeEscalation({ spec }, minor) {
    if (minor < 8 || (minor >= 25 && isWindows(spec))) return undefined
    const containers = containersWhere(spec, ({ allowPrivilegeEscalation }) => allowPrivilegeEscalation !== false)
    if (containers.length === 0) return undefined
    return {
      reason: 'allowPrivilegeEscalation != false',
      detail: `${containersText(containers)} must set securityContext.allowPrivilegeEscalation=false`,
    }
  },

  capabilities_restricted({ spec }, minor) {
    if (minor < 22 || (minor >= 25 && isWindows(spec))) return undefined
    const beyond = (added: readonly string[] = []) => added.filter((name) => name !== 'NET_BIND_SERVICE')
    const keeping = containersWhere(spec, ({ capabilities }) => !capabilities?.drop?.includes('ALL'))
    const adding = containersWhere(spec, ({ capabilities }) => beyond(capabilities?.add).length > 0)
    const names = sortedSet(containersOf(spec).flatMap((one) => beyond(one.securityContext?.capabilities?.add)))
    const details = [
      ...(keeping.length > 0 ? [`${containersText(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
      ...(adding.length > 0
        ? [`${containersText(adding)} must not include ${quoted(names)} in securityContext.capabilities.add`]
        : []),
    ]
    return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') }
  },

  restrictedVolumes({ spec }) {
    const bad = (spec.volumes ?? []).filter((volume) => !VOLUMES.some((type) => type in volume))
    if (bad.length === 0) return undefined
    const types = sortedSet(bad.map((volume) => Object.keys(volume).find((key) => key !== 'name') ?? 'unknown'))
    const names = bad.map(({ name }) => name)
    const verb = plural(names.length, 'uses', 'use')
    const what = plural(types.length, 'restricted volume type')
    return {
      reason: 'restricted volume types',
      detail: `${plural(names.length, 'volume')} ${quoted(names)} ${verb} ${what} ${quoted(types)}`,
    }
  },

  runAsNonRoot({ spec }) {
    const reason = 'runAsNonRoot != true'
    const pod = spec.securityContext?.runAsNonRoot
    const roots = containersWhere(spec, ({ runAsNonRoot }) => runAsNonRoot === false)
    const setters = settersText(pod === false, roots)
    if (setters !== '') return { reason, detail: `${setters} must not set securityContext.runAsNonRoot=false` }
    const silent = pod === true ? [] : containersWhere(spec, ({ runAsNonRoot }) => runAsNonRoot === undefined)
    if (silent.length === 0) return undefined
    return { reason, detail: `pod or ${containersText(silent)} must set securityContext.runAsNonRoot=true` }
  },

  runAsUser({ spec }, minor) {
    if (minor < 23) return undefined
    const roots = containersWhere(spec, ({ runAsUser }) => runAsUser === 0)
    const setters = settersText(spec.securityContext?.runAsUser === 0, roots)
    return setters === '' ? undefined : { reason: 'runAsUser=0', detail: `${setters} must not set runAsUser=0` }
  },

  seccompProfile_restricted({ spec }, minor) {
    if (minor < 19 || (minor >= 25 && isWindows(spec))) return undefined
    const reason = 'seccompProfile'
    const bad = (type: string | undefined): type is string => type !== undefined && !PROFILES.includes(type)
    const pod = spec.securityContext?.seccompProfile?.type
    const containers = containersWhere(spec, ({ seccompProfile }) => bad(seccompProfile?.type))
    const setters = settersText(bad(pod), containers)
    if (setters !== '') {
      const types = [pod, ...containersOf(spec).map((one) => one.securityContext?.seccompProfile?.type)].filter(bad)
      const detail = `${setters} must not set securityContext.seccompProfile.type to ${quoted(sortedSet(types))}`
      return { reason, detail }
    }
    const silent = pod === undefined ? containersWhere(spec, ({ seccompProfile }) => seccompProfile === undefined) : []
    if (silent.length === 0) return undefined
    const must = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return { reason, detail: `pod or ${containersText(silent)} ${must}` }
  },
}

/** Checks of `baseline` in whose place one of these stands, and from which minor of 1.x on. */
export const replaced: Readonly<Record<string, number>> = {
  capabilities_baseline: 22,
  hostPathVolumes: 0,
  seccompProfile_baseline: 19,
}

const VOLUMES: readonly string[] = [
  ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected'],
  'secret',
]
