import type { Container, PodSpec, Volume } from '../kinds/pod/types.ts'
import type { ApiObject, NewObject } from '../objects/types.ts'
import type { AdmissionAttributes, AdmissionPlugin, Backend } from './plugin.ts'
import { find, refuse } from './refuse.ts'

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
const VOLUME = 'kube-api-access-'
const MIRROR = 'kubernetes.io/config.mirror'
const ENFORCE = 'kubernetes.io/enforce-mountable-secrets'
/** Seconds; the odd one by which the API server knows the tokens of kubelets. */
const EXPIRATION = 3607
/** strconv.ParseBool's. */
const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True']

/** Every Pod runs as a ServiceAccount, whose token and pull secrets it gets. */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  mutate(attributes, backend) {
    const { object: pod } = attributes
    if (pod === undefined) throw new Error('A write comes with its object.')
    if (!isPodWrite(attributes, '') || attributes.operation !== 'CREATE') return pod
    if (pod.metadata.annotations?.[MIRROR] !== undefined) {
      checkMirror(attributes, pod)
      return pod
    }
    const spec = pod.spec as PodSpec
    const name = spec.serviceAccountName || 'default'
    const account = mustFind(attributes, backend, name)
    // The old name of the field follows the new one, as upstream's conversion has it.
    const named = { ...spec, serviceAccountName: name, serviceAccount: name }
    const pulling = named.imagePullSecrets?.length ? named : withPullSecrets(named, account)
    const complete = { ...pod, spec: automounts(spec, account) ? withToken(pulling, backend) : pulling }
    checkSecrets(attributes, account, complete)
    return complete
  },
  validate(attributes, backend) {
    const { object: pod, operation } = attributes
    if (pod === undefined) return
    const spec = pod.spec as PodSpec
    if (isPodWrite(attributes, 'ephemeralcontainers') && operation === 'UPDATE') {
      const account = mustFind(attributes, backend, accountIn(attributes, pod, spec))
      if (enforces(account)) checkEnvironment(attributes, account, spec.ephemeralContainers, 'ephemeral container')
      return
    }
    if (!isPodWrite(attributes, '') || operation !== 'CREATE') return
    if (pod.metadata.annotations?.[MIRROR] !== undefined) return checkMirror(attributes, pod)
    checkSecrets(attributes, mustFind(attributes, backend, accountIn(attributes, pod, spec)), pod)
  },
}

function isPodWrite({ resource, subresource }: AdmissionAttributes, door: string): boolean {
  return resource.group === '' && resource.resource === 'pods' && subresource === door
}

function accountIn(attributes: AdmissionAttributes, pod: NewObject, spec: PodSpec): string {
  if (spec.serviceAccountName) return spec.serviceAccountName
  const where = `${attributes.namespace}/${pod.metadata.name ?? ''}`
  throw refuse(attributes, `no service account specified for pod ${where}`)
}

function mustFind(attributes: AdmissionAttributes, backend: Backend, name: string): ApiObject {
  const { namespace } = attributes
  const account = find(backend, '', 'serviceaccounts', namespace, name)
  if (account !== undefined) return account
  const why = `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`
  throw refuse(attributes, why)
}

/** What the Pod says goes before what the account says. */
function automounts(spec: PodSpec, account: ApiObject): boolean {
  return spec.automountServiceAccountToken ?? (account.automountServiceAccountToken as boolean | undefined) ?? true
}

function withPullSecrets(spec: PodSpec, account: ApiObject): PodSpec {
  const secrets = (account.imagePullSecrets ?? []) as readonly { readonly name?: string }[]
  return secrets.length === 0 ? spec : { ...spec, imagePullSecrets: secrets.map(({ name }) => ({ name: name ?? '' })) }
}

function withToken(spec: PodSpec, backend: Backend): PodSpec {
  const existing = spec.volumes?.find(({ name }) => name.startsWith(VOLUME))
  const name = existing?.name ?? VOLUME + backend.ids.suffix()
  const mount = { name, readOnly: true, mountPath: MOUNT_PATH }
  const mounted = (container: Container): Container =>
    container.volumeMounts?.some(({ mountPath }) => mountPath === MOUNT_PATH)
      ? container
      : { ...container, volumeMounts: [...(container.volumeMounts ?? []), mount] }
  const containers = (spec.containers ?? []).map(mounted)
  const initContainers = spec.initContainers?.map(mounted)
  const needed =
    containers.some((container, index) => container !== spec.containers?.[index]) ||
    initContainers?.some((container, index) => container !== spec.initContainers?.[index])
  if (!needed) return spec
  return {
    ...spec,
    containers,
    ...(initContainers === undefined ? {} : { initContainers }),
    ...(existing === undefined ? { volumes: [...(spec.volumes ?? []), tokenVolume(name)] } : {}),
  }
}

function tokenVolume(name: string): Volume {
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }
  const projected = {
    sources: [
      { serviceAccountToken: { expirationSeconds: EXPIRATION, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [namespace] } },
    ],
    defaultMode: 420,
  }
  return { name, projected } as Volume
}

/** A kubelet's own Pods are only shown: they cannot have what the cluster would have to give them. */
function checkMirror(attributes: AdmissionAttributes, pod: NewObject): void {
  const spec = pod.spec as PodSpec
  if (spec.serviceAccountName) throw refuse(attributes, 'a mirror pod may not reference service accounts')
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]
  const volumes = (spec.volumes ?? []) as readonly VolumeSecrets[]
  const secrets =
    (spec.imagePullSecrets ?? []).length > 0 ||
    containers.some(
      ({ env, envFrom }) =>
        env?.some(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined) ||
        envFrom?.some(({ secretRef }) => secretRef !== undefined),
    ) ||
    volumes.some(({ secret, projected }) => {
      return secret !== undefined || projected?.sources?.some((source) => source.secret !== undefined)
    })
  if (secrets) throw refuse(attributes, 'a mirror pod may not reference secrets')
  if (volumes.some(({ projected }) => projected?.sources?.some((source) => source.serviceAccountToken !== undefined))) {
    throw refuse(attributes, 'a mirror pod may not use ServiceAccountToken volume projections')
  }
}

interface VolumeSecrets {
  readonly name: string
  readonly secret?: { readonly secretName?: string }
  readonly projected?: {
    readonly sources?: readonly { readonly secret?: unknown; readonly serviceAccountToken?: unknown }[] | null
  }
}

function enforces(account: ApiObject): boolean {
  return TRUE.includes(account.metadata.annotations?.[ENFORCE] ?? '')
}

/** Where an account says so, its Pods may only use the secrets that it lists. */
function checkSecrets(attributes: AdmissionAttributes, account: ApiObject, pod: NewObject): void {
  if (!enforces(account)) return
  const spec = pod.spec as PodSpec
  const { name } = account.metadata
  const listed = namesOf(account.secrets)
  for (const { secret } of (spec.volumes ?? []) as readonly VolumeSecrets[]) {
    const used = secret?.secretName ?? ''
    if (secret === undefined || listed.includes(used)) continue
    const start = `volume with secret.secretName="${used}" is not allowed`
    throw refuse(attributes, `${start} because service account ${name} does not reference that secret`)
  }
  checkEnvironment(attributes, account, spec.initContainers, 'init container')
  checkEnvironment(attributes, account, spec.containers ?? [], 'container')
  const pulling = namesOf(account.imagePullSecrets)
  for (const [index, used] of (spec.imagePullSecrets ?? []).entries()) {
    if (pulling.includes(used.name ?? '')) continue
    const start = `imagePullSecrets[${index}].name="${used.name}" is not allowed`
    throw refuse(attributes, `${start} because service account ${name} does not reference that imagePullSecret`)
  }
}

function checkEnvironment(
  attributes: AdmissionAttributes,
  account: ApiObject,
  containers: readonly Container[] = [],
  what: string,
): void {
  const listed = namesOf(account.secrets)
  const no = (container: string, by: string, secret: string) => {
    const start = `${what} ${container} with ${by} referencing secret.secretName="${secret}" is not allowed`
    return refuse(
      attributes,
      `${start} because service account ${account.metadata.name} does not reference that secret`,
    )
  }
  for (const { name, env = [], envFrom = [] } of containers) {
    for (const variable of env) {
      const ref = variable.valueFrom?.secretKeyRef
      if (ref !== undefined && !listed.includes(ref.name ?? '')) {
        throw no(name, `envVar ${variable.name}`, ref.name ?? '')
      }
    }
    for (const { secretRef } of envFrom) {
      if (secretRef !== undefined && !listed.includes(secretRef.name ?? '')) {
        throw no(name, 'envFrom', secretRef.name ?? '')
      }
    }
  }
}

const namesOf = (references: unknown): readonly string[] =>
  ((references ?? []) as readonly { readonly name?: string }[]).map(({ name }) => name ?? '')
