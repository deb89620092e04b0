import type { Clock } from '../../clock/clock.ts'
import type { Random } from '../../clock/random.ts'
import type { FoundImage, Image, ImageRegistry } from '../../containers/contract.ts'
import { goQuote } from '../../objects/go-quote.ts'
import { Backoff, type KeptBackoff } from '../pod/backoff.ts'
import type { Profile, Subject } from '../profiles/profile.ts'
import { matches } from '../profiles/profile.ts'
import { elapsed, spanOf } from '../spans.ts'
import type { StartFailure } from '../status/types.ts'
import { pause, type Task, until, type Wait } from '../task.ts'
import { fullName, imageNameError, pullError } from './reference.ts'

/** Milliseconds: the kubelet's, for images as for containers. */
const IMAGE_BACKOFF = { first: 10_000, longest: 300_000 }
/** Names in a node's status: `nodeStatusMaxImages`. */
const MOST_LISTED = 50

export interface Pull extends Subject {
  readonly image: string
  readonly policy: string
}

export type Tell = (type: 'Normal' | 'Warning', reason: string, message: string) => void

export type Ensured = { readonly found: FoundImage } | { readonly failure: StartFailure }

export interface NodeImagesOptions {
  readonly clock: Clock
  readonly random: Random
  readonly profile: () => Profile
  /** Without one every image is found. */
  readonly registry: ImageRegistry | undefined
}

/** Names of what is there, and what could not be pulled, by Pod and image. */
export interface KeptImages {
  readonly present: readonly string[]
  readonly backoff: KeptBackoff
  readonly failures: readonly (readonly [key: string, message: string])[]
}

/** The images of a node: what is there, and what is being pulled, one after the other (`imageManager`, 1.34). */
export class NodeImages {
  readonly #options: NodeImagesOptions
  readonly #present = new Map<string, FoundImage>()
  readonly #backoff = new Backoff(IMAGE_BACKOFF)
  /** Last failure by Pod and image. */
  readonly #failures = new Map<string, string>()
  readonly #queue: (() => void)[] = []
  #pulling = false
  #generation = 0

  constructor(options: NodeImagesOptions) {
    this.#options = options
  }

  /** Goes up when there are others. */
  get generation(): number {
    return this.#generation
  }

  /** As a node's status lists them, the largest first. */
  list(): readonly { readonly names: readonly string[]; readonly sizeBytes: number }[] {
    const byId = new Map<string, { names: string[]; sizeBytes: number }>()
    for (const [name, { id, digest, image }] of this.#present) {
      const known = byId.get(id)
      if (known === undefined) byId.set(id, { names: [...new Set([digest, name])], sizeBytes: image.size })
      else if (!known.names.includes(name)) known.names.push(name)
    }
    return [...byId.values()].sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, MOST_LISTED)
  }

  keep(): KeptImages {
    return {
      present: [...this.#present.keys()],
      backoff: this.#backoff.keep(),
      failures: [...this.#failures],
    }
  }

  putBack({ present, backoff, failures }: KeptImages): void {
    for (const image of present) this.preload(image)
    this.#backoff.putBack(backoff)
    for (const [key, message] of failures) this.#failures.set(key, message)
  }

  /** What a container was made of; undefined where nobody has it any more. */
  imageOf(reference: string): Image | undefined {
    return (this.#present.get(fullName(reference)) ?? this.#find(reference))?.image
  }

  /** As if it had come with the node. */
  preload(image: string): void {
    const found = this.#find(image)
    if (found !== undefined) this.#keep(image, found)
  }

  /** Makes sure that the image is there, by the container's policy. */
  *ensure(pull: Pull, tell: Tell): Task<Ensured> {
    const { image, policy } = pull
    const wrong = imageNameError(image)
    if (wrong !== undefined) {
      const message = `Failed to apply default image tag ${goQuote(image)}: ${wrong}`
      tell('Warning', 'InspectFailed', message)
      return { failure: { reason: 'InvalidImageName', message } }
    }
    const present = policy === 'Always' ? undefined : this.#present.get(fullName(image))
    if (present !== undefined) {
      tell('Normal', 'Pulled', `Container image ${goQuote(image)} already present on machine`)
      return { found: present }
    }
    if (policy === 'Never') {
      const message = `Container image ${goQuote(image)} is not present with pull policy of Never`
      tell('Warning', 'ErrImageNeverPull', message)
      return { failure: { reason: 'ErrImageNeverPull', message } }
    }
    return yield* this.#pull(pull, tell)
  }

  *#pull(pull: Pull, tell: Tell): Task<Ensured> {
    const { clock } = this.#options
    const { image, pod } = pull
    const quoted = goQuote(image)
    const key = `${pod.metadata.uid}_${image}`
    if (this.#backoff.isOffSinceUpdate(key, clock.now())) {
      const message = `Back-off pulling image ${quoted}`
      tell('Normal', 'BackOff', message)
      const before = this.#failures.get(key)
      const full = before === undefined ? message : `${message}: ErrImagePull: ${before}`
      return { failure: { reason: 'ImagePullBackOff', message: full } }
    }
    this.#failures.delete(key)
    tell('Normal', 'Pulling', `Pulling image ${quoted}`)
    const asked = clock.now()
    yield* until(this.#turn())
    try {
      const begun = clock.now()
      const pulled = yield* this.#fetch(pull)
      if ('error' in pulled) {
        tell('Warning', 'Failed', `Failed to pull image ${quoted}: ${pulled.error}`)
        this.#backoff.next(key, clock.now(), clock.now())
        this.#failures.set(key, pulled.error)
        return { failure: { reason: 'ErrImagePull', message: pulled.error } }
      }
      const [own, all] = [elapsed(clock.now() - begun), elapsed(clock.now() - asked)]
      const { size } = pulled.found.image
      const took = `in ${own} (${all} including waiting). Image size: ${size} bytes.`
      tell('Normal', 'Pulled', `Successfully pulled image ${quoted} ${took}`)
      this.#keep(image, pulled.found)
      return pulled
    } finally {
      this.#pulling = false
      this.#queue.shift()?.()
    }
  }

  /** Forgets what it knows of a Pod that has gone. */
  forget(uid: string): void {
    for (const key of this.#failures.keys()) if (key.startsWith(`${uid}_`)) this.#failures.delete(key)
  }

  #turn(): Wait<void> {
    return (resume) => {
      const begin = (): void => {
        this.#pulling = true
        resume()
      }
      if (!this.#pulling) {
        begin()
        return () => {}
      }
      this.#queue.push(begin)
      return () => {
        const at = this.#queue.indexOf(begin)
        if (at >= 0) this.#queue.splice(at, 1)
      }
    }
  }

  *#fetch(pull: Pull): Task<{ readonly found: FoundImage } | { readonly error: string }> {
    const { clock, random, profile } = this.#options
    const { faults, pull: speed } = profile()
    yield* pause(clock, spanOf(speed.latency, random))
    for (const fault of faults) {
      if (fault.at !== 'pull' || !matches(fault, pull)) continue
      if (random.chance(fault.chance ?? 1)) return { error: fault.message }
    }
    const found = this.#find(pull.image)
    if (found === undefined) return { error: pullError(pull.image, this.#hasRepository(pull.image)) }
    // What is there already is only asked for
    if (this.#present.get(fullName(pull.image))?.id === found.id) return { found }
    const slow = faults.find((fault) => fault.at === 'slow-pull' && matches(fault, pull))
    const factor = slow?.at === 'slow-pull' ? slow.factor : 1
    const exact = (found.image.size / speed.bytesPerSecond) * 1000 * factor
    yield* pause(clock, exact === 0 ? 0 : Math.round(exact * random.between(0.85, 1.25)))
    return { found }
  }

  #find(image: string): FoundImage | undefined {
    const { registry } = this.#options
    return registry === undefined ? pretended(image) : registry.find(image)
  }

  #hasRepository(image: string): boolean {
    const { registry } = this.#options
    const bare = fullName(image).replace(/(?:@.*|:[\w][\w.-]*)$/, '')
    return registry?.find(`${bare}:latest`) !== undefined
  }

  #keep(image: string, found: FoundImage): void {
    const name = fullName(image)
    if (this.#present.get(name)?.id === found.id) return
    this.#present.set(name, found)
    this.#generation++
  }
}

/** Any image, where nobody says which there are. */
function pretended(image: string): FoundImage {
  const name = fullName(image)
  let sum = 0x811c9dc5
  const hex = (): string => {
    for (let index = 0; index < name.length; index++) sum = Math.imul(sum ^ name.charCodeAt(index), 0x01000193)
    return (sum >>> 0).toString(16).padStart(8, '0')
  }
  const id = `sha256:${Array.from({ length: 8 }, hex).join('')}`
  const repository = name.replace(/(?:@.*|:[\w][\w.-]*)$/, '')
  const made = { repository, tags: [], size: 50_000_000, files: {}, memory: 8_388_608 }
  return { image: made, name, id, digest: `${repository}@${id}` }
}
