import type Docker from 'dockerode'
import type { Clock } from '../../clock.ts'
import { within } from './deadline.ts'
import { exec } from './docker.ts'

/** Longer than the script below waits, in ms. */
const STILL_WITHIN = 5_000

/** cgroup v2 shows this file; there frozen processes can be killed. */
const SCRIPT = `[ -f /sys/fs/cgroup/cgroup.controllers ] && exit 0
pkill -STOP -x kubelet
pkill -STOP -x containerd
for _ in $(seq 30); do pgrep -x runc > /dev/null || exit 0; sleep 0.1; done`

/**
 * Brings a node to rest before it is killed. With cgroup v1, runc freezes a Pod's processes for a moment while it sets up their
 * cgroup; killed in that moment, it leaves them where no signal reaches them, and Docker can never remove the node. So nothing
 * may begin another Pod, and no runc be at work, when the node goes. A node that is not running is at rest.
 */
export async function stillNode(docker: Docker, clock: Clock, id: string): Promise<void> {
  const container = docker.getContainer(id)
  await within(clock, STILL_WITHIN, (signal) =>
    exec(container, clock, ['sh', '-c', SCRIPT], { user: 'root', signal }),
  ).catch(() => {})
}
