import type { ClaimSpec } from './claim-types.ts'

/** What a claim's data come from, in its two fields: `pvcutil`'s backward compatibility (1.34). */
export function normalizeDataSource(given: ClaimSpec, old: ClaimSpec | undefined): ClaimSpec {
  const spec = withoutForeign(withoutOtherNamespace(given, old), old)
  const { dataSource, dataSourceRef } = spec
  if (dataSource !== undefined && dataSourceRef === undefined) return { ...spec, dataSourceRef: dataSource }
  if (dataSource !== undefined || dataSourceRef === undefined || (dataSourceRef.namespace ?? '') !== '') return spec
  const { namespace: _, ...local } = dataSourceRef
  return { ...spec, dataSource: local }
}

/** Data of other namespaces are behind a gate that is closed (CrossNamespaceVolumeDataSource). */
function withoutOtherNamespace(spec: ClaimSpec, old: ClaimSpec | undefined): ClaimSpec {
  if ((spec.dataSourceRef?.namespace ?? '') === '' || old?.dataSourceRef !== undefined) return spec
  const { dataSourceRef: _, ...rest } = spec
  return rest
}

/** The older field knows claims and snapshots; what else stands there was always ignored. */
function withoutForeign(spec: ClaimSpec, old: ClaimSpec | undefined): ClaimSpec {
  const { dataSource, ...rest } = spec
  if (dataSource === undefined || spec.dataSourceRef !== undefined) return spec
  if (old?.dataSource !== undefined || old?.dataSourceRef !== undefined) return spec
  const { apiGroup, kind } = dataSource
  const group = apiGroup ?? ''
  const known =
    (kind === 'PersistentVolumeClaim' && group === '') ||
    (kind === 'VolumeSnapshot' && group === 'snapshot.storage.k8s.io')
  return known ? spec : rest
}
