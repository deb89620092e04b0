/** What the kubelet of a Pod's node does with it: starts its containers, probes them, starts them again. */
import { answers, startApp, stopApp, tickApp } from '../app.ts'
import type { Moment } from '../happenings.ts'
import type { Cluster } from './cluster.ts'
import { LIVENESS_FAILURES, type Pod, PROBE_EVERY, PROBE_FAILURES } from './state.ts'

export function tickPod(pod: Pod, cluster: Cluster, moment: Moment): void {
  if (cluster.nodeOf(pod)?.up !== true) return
  const { now } = moment
  tickApp(pod.app, now, moment.ms)
  if (pod.deletedAt !== undefined) {
    pod.ready = false
    return
  }
  if (!pod.running && pod.runsAt <= now) {
    pod.running = true
    start(pod, moment)
  }
  if (pod.restartAt !== undefined && now >= pod.restartAt) start(pod, moment)
  if (!pod.running || pod.restartAt !== undefined) return
  if (now === pod.startedAt || (now - pod.startedAt) % PROBE_EVERY !== 0) {
    if (!cluster.readiness) become(pod, true, moment)
    return
  }
  probe(pod, cluster, moment)
}

function start(pod: Pod, { now }: Moment): void {
  pod.restartAt = undefined
  pod.startedAt = now
  pod.failedProbes = 0
  startApp(pod.app, now)
}

function probe(pod: Pod, cluster: Cluster, moment: Moment): void {
  if (answers(pod.app)) {
    pod.failedProbes = 0
    become(pod, true, moment)
    return
  }
  pod.failedProbes++
  if (cluster.readiness && pod.failedProbes >= PROBE_FAILURES) become(pod, false, moment)
  if (!cluster.liveness || pod.failedProbes < LIVENESS_FAILURES) return
  stopApp(pod.app)
  pod.restarts++
  pod.restartAt = moment.now + 1000
  become(pod, false, moment)
  moment.say({ what: 'probe-restarts', pod: pod.name })
}

function become(pod: Pod, ready: boolean, moment: Moment): void {
  if (pod.ready === ready) return
  pod.ready = ready
  moment.say({ what: ready ? 'pod-ready' : 'pod-unready', pod: pod.name })
}
