import type { Backend } from '../../admission/plugin.ts'
import { Writer } from '../writer.ts'
import { CLASSES, type StorageClass, storageClass } from './matching.ts'

export const DEFAULT_CLASS = 'standard'
export const LOCAL_PATH = 'rancher.io/local-path'
const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** Writes kind's StorageClass, as kind does with `kubectl apply` in a fresh cluster; nothing where there is one of that name. */
export function addDefaultClass(backend: Backend): void {
  if (storageClass(backend.store, DEFAULT_CLASS) !== undefined) return
  const annotations = { [IS_DEFAULT]: 'true' }
  const spec = { provisioner: LOCAL_PATH, reclaimPolicy: 'Delete', volumeBindingMode: 'WaitForFirstConsumer' }
  const applied = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { annotations, name: DEFAULT_CLASS },
    ...spec,
  }
  new Writer(backend, 'kubectl-client-side-apply').create(CLASSES, {
    ...applied,
    metadata: {
      name: DEFAULT_CLASS,
      annotations: { [LAST_APPLIED]: `${JSON.stringify(applied)}\n`, ...annotations },
    },
  })
}

/** The class that claims get which name none: of several the newest, then the first by name (`GetDefaultClass`, 1.34). */
export function defaultClass({ store }: Pick<Backend, 'store'>): StorageClass | undefined {
  const classes = [...(store.collection(CLASSES) ?? [])].filter(
    ({ metadata }) => metadata.annotations?.[IS_DEFAULT] === 'true',
  )
  classes.sort(
    (a, b) =>
      b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp) ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  )
  return classes[0] as StorageClass | undefined
}
