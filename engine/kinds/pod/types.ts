import type { IntOrString } from '../../objects/int-or-string.ts'
import type { LabelSelectorObject } from '../../objects/label-selector.ts'
import type { Labels } from '../../objects/requirement.ts'
import type { ObjectMeta } from '../../objects/types.ts'

/** core/v1's Pod (1.34), as far as the API server looks into it. Fields without `?` are always written by upstream's types. */
export interface PodSpec {
  readonly volumes?: readonly Volume[]
  readonly initContainers?: readonly Container[]
  readonly containers: readonly Container[] | null
  readonly ephemeralContainers?: readonly EphemeralContainer[]
  readonly restartPolicy?: string
  readonly terminationGracePeriodSeconds?: number
  readonly activeDeadlineSeconds?: number
  readonly dnsPolicy?: string
  readonly nodeSelector?: Labels
  readonly serviceAccountName?: string
  /** The old name of the same. */
  readonly serviceAccount?: string
  readonly automountServiceAccountToken?: boolean
  readonly nodeName?: string
  readonly hostNetwork?: boolean
  readonly hostPID?: boolean
  readonly hostIPC?: boolean
  readonly shareProcessNamespace?: boolean
  readonly securityContext?: PodSecurityContext
  readonly imagePullSecrets?: readonly { readonly name?: string }[]
  readonly hostname?: string
  readonly subdomain?: string
  readonly affinity?: Affinity
  readonly schedulerName?: string
  readonly tolerations?: readonly Toleration[]
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames?: readonly string[] }[]
  readonly priorityClassName?: string
  readonly priority?: number
  readonly dnsConfig?: DnsConfig
  readonly readinessGates?: readonly { readonly conditionType: string }[]
  readonly runtimeClassName?: string
  readonly enableServiceLinks?: boolean
  readonly preemptionPolicy?: string
  readonly overhead?: Quantities
  readonly topologySpreadConstraints?: readonly SpreadConstraint[]
  readonly setHostnameAsFQDN?: boolean
  readonly os?: { readonly name: string }
  readonly hostUsers?: boolean
  readonly schedulingGates?: readonly { readonly name: string }[]
  readonly resourceClaims?: readonly PodResourceClaim[]
  readonly resources?: Resources
  readonly hostnameOverride?: string
}

export type Quantities = Readonly<Record<string, string>>

export interface Resources {
  readonly limits?: Quantities
  readonly requests?: Quantities
  readonly claims?: readonly { readonly name: string; readonly request?: string }[]
}

export interface Container {
  readonly name: string
  readonly image?: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly workingDir?: string
  readonly ports?: readonly ContainerPort[]
  readonly envFrom?: readonly EnvFrom[]
  readonly env?: readonly EnvVar[]
  readonly resources: Resources
  readonly resizePolicy?: readonly { readonly resourceName: string; readonly restartPolicy: string }[]
  readonly restartPolicy?: string
  readonly restartPolicyRules?: readonly unknown[]
  readonly volumeMounts?: readonly VolumeMount[]
  readonly volumeDevices?: readonly { readonly name: string; readonly devicePath: string }[]
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
  readonly startupProbe?: Probe
  readonly lifecycle?: Lifecycle
  readonly terminationMessagePath?: string
  readonly terminationMessagePolicy?: string
  readonly imagePullPolicy?: string
  readonly securityContext?: SecurityContext
  readonly stdin?: boolean
  readonly stdinOnce?: boolean
  readonly tty?: boolean
}

export interface EphemeralContainer extends Container {
  readonly targetContainerName?: string
}

export interface ContainerPort {
  readonly name?: string
  readonly hostPort?: number
  readonly containerPort: number
  readonly protocol?: string
  readonly hostIP?: string
}

export interface EnvFrom {
  readonly prefix?: string
  readonly configMapRef?: { readonly name?: string }
  readonly secretRef?: { readonly name?: string }
}

export interface EnvVar {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: {
    readonly fieldRef?: FieldRef
    readonly resourceFieldRef?: ResourceFieldRef
    readonly configMapKeyRef?: KeyRef
    readonly secretKeyRef?: KeyRef
    readonly fileKeyRef?: object
  }
}

export interface FieldRef {
  readonly apiVersion?: string
  readonly fieldPath: string
}

export interface ResourceFieldRef {
  readonly containerName?: string
  readonly resource: string
  readonly divisor?: string
}

export interface KeyRef {
  readonly name?: string
  readonly key: string
}

export interface VolumeMount {
  readonly name: string
  readonly readOnly?: boolean
  readonly recursiveReadOnly?: string
  readonly mountPath: string
  readonly subPath?: string
  readonly subPathExpr?: string
  readonly mountPropagation?: string
}

export interface Handler {
  readonly exec?: { readonly command?: readonly string[] }
  readonly httpGet?: {
    readonly path?: string
    readonly port: IntOrString
    readonly scheme?: string
    readonly httpHeaders?: readonly { readonly name: string }[]
  }
  readonly tcpSocket?: { readonly port: IntOrString }
  readonly grpc?: { readonly port: number; readonly service?: string | null }
  readonly sleep?: { readonly seconds: number }
}

export interface Probe extends Handler {
  readonly initialDelaySeconds?: number
  readonly timeoutSeconds?: number
  readonly periodSeconds?: number
  readonly successThreshold?: number
  readonly failureThreshold?: number
  readonly terminationGracePeriodSeconds?: number
}

export interface Lifecycle {
  readonly postStart?: Handler
  readonly preStop?: Handler
  readonly stopSignal?: string
}

export interface SeccompProfile {
  readonly type: string
  readonly localhostProfile?: string
}

export interface WindowsOptions {
  readonly gmsaCredentialSpecName?: string
  readonly gmsaCredentialSpec?: string
  readonly runAsUserName?: string
  readonly hostProcess?: boolean
}

export interface SecurityContext {
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] }
  readonly privileged?: boolean
  readonly seLinuxOptions?: Readonly<Record<string, string>>
  readonly windowsOptions?: WindowsOptions
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly runAsNonRoot?: boolean
  readonly readOnlyRootFilesystem?: boolean
  readonly allowPrivilegeEscalation?: boolean
  readonly procMount?: string
  readonly seccompProfile?: SeccompProfile
  readonly appArmorProfile?: SeccompProfile
}

export interface PodSecurityContext {
  readonly seLinuxOptions?: Readonly<Record<string, string>>
  readonly windowsOptions?: WindowsOptions
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly runAsNonRoot?: boolean
  readonly supplementalGroups?: readonly number[]
  readonly supplementalGroupsPolicy?: string
  readonly fsGroup?: number
  readonly sysctls?: readonly { readonly name: string; readonly value: string }[]
  readonly fsGroupChangePolicy?: string
  readonly seccompProfile?: SeccompProfile
  readonly appArmorProfile?: SeccompProfile
  readonly seLinuxChangePolicy?: string
}

export interface Affinity {
  readonly nodeAffinity?: NodeAffinity
  readonly podAffinity?: PodAffinity
  readonly podAntiAffinity?: PodAffinity
}

export interface NodeSelector {
  readonly nodeSelectorTerms: readonly NodeSelectorTerm[] | null
}

export interface NodeAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly {
    readonly weight: number
    readonly preference: NodeSelectorTerm
  }[]
}

export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly NodeSelectorRequirement[]
  readonly matchFields?: readonly NodeSelectorRequirement[]
}

export interface NodeSelectorRequirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

export interface PodAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[]
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly {
    readonly weight: number
    readonly podAffinityTerm: PodAffinityTerm
  }[]
}

export interface PodAffinityTerm {
  readonly labelSelector?: LabelSelectorObject
  readonly namespaces?: readonly string[]
  readonly topologyKey: string
  readonly namespaceSelector?: LabelSelectorObject
  readonly matchLabelKeys?: readonly string[]
  readonly mismatchLabelKeys?: readonly string[]
}

export interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
  readonly tolerationSeconds?: number
}

export interface DnsConfig {
  readonly nameservers?: readonly string[]
  readonly searches?: readonly string[]
  readonly options?: readonly { readonly name?: string; readonly value?: string }[]
}

export interface SpreadConstraint {
  readonly maxSkew: number
  readonly topologyKey: string
  readonly whenUnsatisfiable: string
  readonly labelSelector?: LabelSelectorObject
  readonly minDomains?: number
  readonly nodeAffinityPolicy?: string
  readonly nodeTaintsPolicy?: string
  readonly matchLabelKeys?: readonly string[]
}

export interface PodResourceClaim {
  readonly name: string
  readonly resourceClaimName?: string
  readonly resourceClaimTemplateName?: string
}

export interface KeyToPath {
  readonly key: string
  readonly path: string
  readonly mode?: number
}

export interface DownwardFile {
  readonly path: string
  readonly fieldRef?: FieldRef
  readonly resourceFieldRef?: ResourceFieldRef
  readonly mode?: number
}

export interface Projection {
  readonly secret?: { readonly name?: string; readonly items?: readonly KeyToPath[] }
  readonly configMap?: { readonly name?: string; readonly items?: readonly KeyToPath[] }
  readonly downwardAPI?: { readonly items?: readonly DownwardFile[] }
  readonly serviceAccountToken?: { readonly expirationSeconds?: number; readonly path: string }
  readonly clusterTrustBundle?: object
  readonly podCertificate?: object
}

/** A storage system's own settings, of which only a few are looked at. */
export interface DriverSource {
  readonly [setting: string]: unknown
  readonly secretRef?: { readonly name?: string }
}

export interface ClaimTemplate {
  readonly metadata?: Partial<ObjectMeta>
  readonly spec: ClaimSpec
}

export interface ClaimSpec {
  readonly accessModes?: readonly string[]
  readonly selector?: LabelSelectorObject
  readonly resources: { readonly limits?: Quantities; readonly requests?: Quantities }
  readonly volumeName?: string
  readonly storageClassName?: string
  readonly volumeMode?: string
  readonly dataSource?: { readonly apiGroup?: string | null; readonly kind: string; readonly name: string }
  readonly dataSourceRef?: {
    readonly apiGroup?: string | null
    readonly kind: string
    readonly name: string
    readonly namespace?: string
  }
  readonly volumeAttributesClassName?: string
}

export interface Volume {
  readonly name: string
  readonly emptyDir?: { readonly medium?: string; readonly sizeLimit?: string }
  readonly hostPath?: { readonly path: string; readonly type?: string }
  readonly gitRepo?: { readonly repository: string; readonly directory?: string }
  readonly gcePersistentDisk?: DriverSource
  readonly awsElasticBlockStore?: DriverSource
  readonly secret?: {
    readonly secretName?: string
    readonly items?: readonly KeyToPath[]
    readonly defaultMode?: number
  }
  readonly nfs?: { readonly server: string; readonly path: string }
  readonly iscsi?: DriverSource
  readonly glusterfs?: DriverSource
  readonly flocker?: DriverSource
  readonly persistentVolumeClaim?: { readonly claimName: string; readonly readOnly?: boolean }
  readonly rbd?: DriverSource
  readonly cinder?: DriverSource
  readonly cephfs?: DriverSource
  readonly quobyte?: DriverSource
  readonly downwardAPI?: { readonly items?: readonly DownwardFile[]; readonly defaultMode?: number }
  readonly fc?: DriverSource
  readonly flexVolume?: DriverSource
  readonly configMap?: { readonly name?: string; readonly items?: readonly KeyToPath[]; readonly defaultMode?: number }
  readonly azureFile?: DriverSource
  readonly vsphereVolume?: DriverSource
  readonly photonPersistentDisk?: DriverSource
  readonly portworxVolume?: DriverSource
  readonly azureDisk?: DriverSource
  readonly storageos?: DriverSource
  readonly projected?: { readonly sources?: readonly Projection[] | null; readonly defaultMode?: number }
  readonly scaleIO?: DriverSource
  readonly csi?: DriverSource
  readonly ephemeral?: { readonly volumeClaimTemplate?: ClaimTemplate }
  readonly image?: { readonly reference?: string; readonly pullPolicy?: string }
}

export interface PodTemplateSpec {
  readonly metadata?: Partial<ObjectMeta>
  readonly spec: PodSpec
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string }
  readonly running?: { readonly startedAt?: string | null }
  readonly terminated?: {
    readonly exitCode: number
    readonly signal?: number
    readonly reason?: string
    readonly finishedAt?: string | null
  }
}

export interface ContainerStatus {
  readonly name: string
  readonly state: ContainerState
  readonly lastState: ContainerState
  readonly ready: boolean
  readonly restartCount: number
  readonly started?: boolean | null
  readonly resources?: Resources
  readonly allocatedResourcesStatus?: readonly unknown[]
  readonly user?: {
    readonly linux?: { readonly uid: number; readonly gid: number; readonly supplementalGroups?: readonly number[] }
  }
}

export interface PodCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly observedGeneration?: number
  readonly lastProbeTime?: string | null
  readonly lastTransitionTime?: string | null
}

export interface PodStatus {
  readonly observedGeneration?: number
  readonly phase?: string
  readonly startTime?: string
  readonly reason?: string
  readonly conditions?: readonly PodCondition[]
  readonly nominatedNodeName?: string
  readonly hostIP?: string
  readonly hostIPs?: readonly { readonly ip: string }[]
  readonly podIP?: string
  readonly podIPs?: readonly { readonly ip: string }[]
  readonly qosClass?: string
  readonly initContainerStatuses?: readonly ContainerStatus[]
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly ephemeralContainerStatuses?: readonly ContainerStatus[]
  readonly extendedResourceClaimStatus?: object
  readonly resourceClaimStatuses?: readonly { readonly name: string; readonly resourceClaimName?: string }[]
}
