import type Docker from 'dockerode'
import type { Clock } from '../../clock.ts'
import { requireWorker, workerNames } from '../node-names.ts'
import type { NodeControl, NodeState } from '../provider.ts'
import type { KindConfig } from './config.ts'
import { mustExec } from './docker.ts'
import { clusterName } from './names.ts'

/**
 * A node loses its power within its container, which goes on: so the node keeps its address, its ways to the shells and the
 * rules that keep Pods in, and nothing ever runs there without them. What Kubernetes sees is the same: no kubelet, no
 * containers, and nobody who answers.
 */
const shell = `set -u
iptables() { command iptables -w 10 "$@"; }
# Nothing comes in or goes out by the node's own interfaces; between its containers all goes on
cut() {
  iptables -t mangle -N QUAYSIDE-CUT 2>/dev/null || iptables -t mangle -F QUAYSIDE-CUT
  iptables -t mangle -A QUAYSIDE-CUT -j DROP
  iptables -t mangle -C PREROUTING -i eth+ -j QUAYSIDE-CUT 2>/dev/null || iptables -t mangle -I PREROUTING 1 -i eth+ -j QUAYSIDE-CUT
  iptables -t mangle -C POSTROUTING -o eth+ -j QUAYSIDE-CUT 2>/dev/null || iptables -t mangle -I POSTROUTING 1 -o eth+ -j QUAYSIDE-CUT
}
join() {
  while iptables -t mangle -D PREROUTING -i eth+ -j QUAYSIDE-CUT 2>/dev/null; do :; done
  while iptables -t mangle -D POSTROUTING -o eth+ -j QUAYSIDE-CUT 2>/dev/null; do :; done
}
off() {
  cut || return 1
  systemctl stop kubelet
  # A process that runc holds frozen in this moment could not be killed
  for _ in $(seq 30); do pgrep -x runc > /dev/null || break; sleep 0.1; done
  systemctl stop containerd
  # Whoever is a container's shim, and all that descends from one: together, so that nobody is orphaned alive
  local doomed mount
  for _ in $(seq 20); do
    doomed=$(ps -eo pid=,ppid=,comm= | awk '
      { parent[$1] = $2; if ($3 ~ /^containerd-shim/) shim[$1] = 1 }
      END { for (pid in parent) for (at = pid; at + 0 > 1; at = parent[at]) if (at in shim) { print pid; break } }')
    [ -n "$doomed" ] || break
    kill -KILL $doomed 2>/dev/null
    sleep 0.1
  done
  [ -z "$doomed" ] || { echo "still there: $doomed" >&2; return 1; }
  # Volumes in memory go with the power
  awk '$2 ~ "^/var/lib/kubelet/pods/" { print $2 }' /proc/mounts | sort -r | while read -r mount; do umount -l "$mount"; done
  true
}
on() {
  systemctl start containerd && join && systemctl start kubelet
}
`

const scripts: Record<NodeState['state'], string> = {
  running: 'on',
  slow: 'on',
  stopped: 'off',
  'cut-off': 'systemctl start containerd kubelet && cut',
}

/** Power, network and speed of a cluster's workers. */
export function controlNodes(
  { docker, clock }: { docker: Docker; clock: Clock },
  { id, workers: count }: { id: string; workers: number },
  { nodeCpus }: Pick<KindConfig, 'nodeCpus'>,
): NodeControl {
  const workers = workerNames(count, `${clusterName(id)}-`)
  /** The last change of each node. */
  const last = new Map<string, Promise<void>>()

  async function change(node: string, to: NodeState): Promise<void> {
    const container = docker.getContainer(node)
    const cpus = nodeCpus / (to.state === 'slow' ? to.factor : 1)
    // A slow node would take long to begin anew
    if (to.state !== 'slow') await container.update({ NanoCpus: Math.round(cpus * 1e9) })
    await mustExec(container, clock, ['bash', '-c', shell + scripts[to.state]], { user: 'root' })
    if (to.state === 'slow') await container.update({ NanoCpus: Math.round(cpus * 1e9) })
  }

  return {
    workers,
    async set(node, to) {
      requireWorker(workers, node)
      const before = last.get(node) ?? Promise.resolve()
      const now = before.catch(() => {}).then(() => change(node, to))
      last.set(node, now)
      await now
    },
  }
}
