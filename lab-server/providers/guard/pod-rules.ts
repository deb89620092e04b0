import type { Validation } from './policies.ts'

/**
 * What Pods may ask for: Pod Security's level "baseline" of Kubernetes 1.34, and of volumes those of its level "restricted".
 * Written out, not switched on by a namespace's label, so that no reader can switch it off and each message teaches.
 */

const capabilities = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]

const sysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]

const volumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

const selinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']

const list = (values: readonly string[]) => `[${values.map((value) => `'${value}'`).join(', ')}]`

/** An expression that holds for the Pod's and for each container's securityContext. */
const everyContext = (condition: (context: string) => string) =>
  `${condition('object.spec.?securityContext')} && variables.containers.all(c, ${condition('c.?securityContext')})`

const handlers = (...paths: string[]) =>
  paths
    .flatMap((path) => [`${path}.?httpGet.?host.orValue('') == ''`, `${path}.?tcpSocket.?host.orValue('') == ''`])
    .join(' && ')

export const podRules: { variables: { name: string; expression: string }[]; validations: Validation[] } = {
  variables: [
    {
      name: 'containers',
      expression:
        'object.spec.containers + object.spec.?initContainers.orValue([]) + object.spec.?ephemeralContainers.orValue([])',
    },
  ],
  validations: [
    {
      expression: 'variables.containers.all(c, !c.?securityContext.?privileged.orValue(false))',
      message:
        'This lab does not allow privileged Pods: they have all rights on their node, and with them on the machine below it.',
    },
    {
      expression:
        '!object.spec.?hostNetwork.orValue(false) && !object.spec.?hostPID.orValue(false) && !object.spec.?hostIPC.orValue(false)',
      message:
        'This lab does not allow hostNetwork, hostPID and hostIPC: a Pod with them steps out of its own walls into its node.',
    },
    {
      expression: 'object.spec.?volumes.orValue([]).all(v, !has(v.hostPath))',
      message:
        'This lab does not allow hostPath volumes: they open the node’s own files to a Pod. Try emptyDir, or a PersistentVolumeClaim.',
    },
    {
      expression: `object.spec.?volumes.orValue([]).all(v, ${['hostPath', ...volumes].map((kind) => `has(v.${kind})`).join(' || ')})`,
      message: `This lab allows these kinds of volumes only: ${volumes.join(', ')}.`,
    },
    {
      expression: 'variables.containers.all(c, c.?ports.orValue([]).all(p, p.?hostPort.orValue(0) == 0))',
      message:
        'This lab does not allow hostPort: it takes a port of the node itself. A Service of type NodePort does what you want.',
    },
    {
      expression: `variables.containers.all(c, c.?securityContext.?capabilities.?add.orValue([]).all(added, added in ${list(capabilities)}))`,
      message: `This lab does not allow capabilities beyond Pod Security’s level "baseline": ${capabilities.join(', ')}.`,
    },
    {
      expression: everyContext((context) => `${context}.?seccompProfile.?type.orValue('') != 'Unconfined'`),
      message: 'This lab does not allow the seccomp profile Unconfined: it guards the kernel that all Pods share.',
    },
    {
      expression: `${everyContext((context) => `${context}.?appArmorProfile.?type.orValue('') != 'Unconfined'`)} && object.metadata.?annotations.orValue({}).all(key, !key.startsWith('container.apparmor.security.beta.kubernetes.io/') || object.metadata.annotations[key] != 'unconfined')`,
      message: 'This lab does not allow the AppArmor profile Unconfined: it guards the node’s files.',
    },
    {
      expression: everyContext(
        (context) =>
          `${context}.?seLinuxOptions.?type.orValue('') in ${list(selinuxTypes)} && ${context}.?seLinuxOptions.?user.orValue('') == '' && ${context}.?seLinuxOptions.?role.orValue('') == ''`,
      ),
      message: 'This lab does not allow SELinux users, roles or types beyond those of containers.',
    },
    {
      expression: "variables.containers.all(c, c.?securityContext.?procMount.orValue('Default') == 'Default')",
      message: 'This lab does not allow procMount: it opens parts of /proc that belong to the kernel.',
    },
    {
      expression: `object.spec.?securityContext.?sysctls.orValue([]).all(s, s.name in ${list(sysctls)})`,
      message: 'This lab does not allow kernel settings (sysctls) that reach beyond the Pod.',
    },
    {
      expression: everyContext((context) => `!${context}.?windowsOptions.?hostProcess.orValue(false)`),
      message: 'This lab does not allow hostProcess: it is for Windows nodes, and all rights there.',
    },
    {
      expression: `variables.containers.all(c, ${handlers('c.?livenessProbe', 'c.?readinessProbe', 'c.?startupProbe', 'c.?lifecycle.?postStart', 'c.?lifecycle.?preStop')})`,
      message:
        'This lab does not allow "host" in probes and hooks: the node would ask an address outside the Pod. Leave it out.',
    },
  ],
}
