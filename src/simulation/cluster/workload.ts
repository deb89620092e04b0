/** The Deployment and ReplicaSet controllers, and StatefulSet's where there is a volume: they make and delete Pods, and nothing else. */
import { newApp, type Release } from '../app.ts'
import type { Moment } from '../happenings.ts'
import type { Pod, ReplicaSet } from './state.ts'

/** Kubernetes' alphabet of names, which can spell no words. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

const suffix = (random: () => number) =>
  Array.from({ length: 5 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('')

/** After that long without progress a Deployment says so, in ms: `progressDeadlineSeconds` is 600 by default. Told sooner here. */
const STUCK_AFTER = 20_000

export class Workload {
  replicas: number
  release: Release
  /** The newest last. */
  replicaSets: ReplicaSet[] = []
  readonly #stateful: boolean
  #rolling = false
  #progressAt = 0
  #stuck = false

  constructor(replicas: number, release: Release, stateful: boolean) {
    this.replicas = replicas
    this.release = release
    this.#stateful = stateful
    this.replicaSets = [{ name: this.#nameOf(release), release, desired: replicas }]
  }

  get isRolling(): boolean {
    return this.#rolling
  }

  /** 25 % of the replicas, rounded up and down: what Deployments do unless told otherwise. */
  get maxSurge(): number {
    return Math.ceil(this.replicas / 4)
  }
  get maxUnavailable(): number {
    return Math.floor(this.replicas / 4)
  }

  /** `kubectl set image` or `kubectl rollout undo`: another Pod template. */
  deploy(release: Release, moment: Moment): void {
    if (release.name === this.release.name) return
    this.release = release
    const known = this.replicaSets.find(({ name }) => name === this.#nameOf(release))
    this.replicaSets = this.replicaSets.filter((set) => set !== known)
    this.replicaSets.push(known ?? { name: this.#nameOf(release), release, desired: 0 })
    this.#rolling = true
    this.#stuck = false
    this.#progressAt = moment.now
    moment.say({ what: 'rollout-begins', release: release.name })
  }

  tick(pods: Pod[], moment: Moment): void {
    if (this.#stateful) {
      // A Pod with an identity is made anew only when the one before is certainly gone.
      if (pods.length < this.replicas) pods.push(this.#newPod(`db-${pods.length}`, this.#nameOf(this.release), moment))
      return
    }
    this.#roll(pods, moment)
    for (const set of this.replicaSets) this.#keep(set, pods, moment)
  }

  /** The ReplicaSet's one duty: as many Pods as it wishes for. */
  #keep(set: ReplicaSet, pods: Pod[], moment: Moment): void {
    const mine = pods.filter((pod) => pod.replicaSet === set.name && pod.deletedAt === undefined)
    for (let missing = set.desired - mine.length; missing > 0; missing--)
      pods.push(this.#newPod(`${set.name}-${suffix(moment.random)}`, set.name, moment))
    // Those first that do the least: without a node, not ready, the youngest.
    const order = (pod: Pod) => (pod.node === undefined ? 0 : 2) + (pod.ready ? 2 : 0)
    const surplus = mine
      .sort((a, b) => order(a) - order(b) || b.createdAt - a.createdAt)
      .slice(0, Math.max(0, mine.length - set.desired))
    for (const pod of surplus) pod.deletedAt = moment.now
  }

  #roll(pods: Pod[], moment: Moment): void {
    const newest = this.replicaSets.at(-1) as ReplicaSet
    const old = this.replicaSets.slice(0, -1).filter(({ desired }) => desired > 0)
    if (old.length === 0) {
      newest.desired = this.replicas
      if (this.#rolling && available(newest, pods) === this.replicas) {
        this.#rolling = false
        moment.say({ what: 'rollout-done', release: this.release.name })
      }
      if (this.#rolling) this.#watchProgress(moment)
      return
    }
    const all = this.replicaSets.reduce((sum, { desired }) => sum + desired, 0)
    const grow = Math.min(this.replicas - newest.desired, this.replicas + this.maxSurge - all)
    if (grow > 0) {
      newest.desired += grow
      this.#progressAt = moment.now
    }
    // Old Pods that do not answer anyway go first; of the others, as many as may be missed.
    const least = this.replicas - this.maxUnavailable
    const ready = this.replicaSets.reduce((sum, set) => sum + available(set, pods), 0)
    const total = this.replicaSets.reduce((sum, { desired }) => sum + desired, 0)
    const unavailableNew = newest.desired - available(newest, pods)
    let mayGo = Math.max(0, total - least - unavailableNew)
    for (const set of old) {
      const sick = Math.min(mayGo, set.desired - available(set, pods))
      if (sick <= 0) continue
      set.desired -= sick
      mayGo -= sick
      this.#progressAt = moment.now
    }
    let spare = Math.min(mayGo, Math.max(0, ready - least))
    for (const set of old) {
      const less = Math.min(spare, set.desired)
      if (less <= 0) continue
      set.desired -= less
      spare -= less
      this.#progressAt = moment.now
    }
    this.#watchProgress(moment)
  }

  #watchProgress(moment: Moment): void {
    if (this.#stuck || moment.now - this.#progressAt < STUCK_AFTER) return
    this.#stuck = true
    moment.say({ what: 'rollout-stuck', release: this.release.name })
  }

  #nameOf(release: Release): string {
    return this.#stateful ? 'db' : `web-${release.name}`
  }

  #newPod(name: string, replicaSet: string, moment: Moment): Pod {
    const release = this.replicaSets.find((set) => set.name === replicaSet)?.release ?? this.release
    moment.say({ what: 'pod-created', pod: name })
    return {
      name,
      replicaSet,
      app: newApp(release),
      createdAt: moment.now,
      node: undefined,
      runsAt: 0,
      running: false,
      startedAt: 0,
      ready: false,
      failedProbes: 0,
      restarts: 0,
      restartAt: undefined,
      deletedAt: undefined,
      goneAt: undefined,
      unplaced: false,
    }
  }
}

const available = ({ name }: ReplicaSet, pods: readonly Pod[]) =>
  pods.filter((pod) => pod.replicaSet === name && pod.ready && pod.deletedAt === undefined).length
