import { collection, isNamespaced } from './kinds.ts'
import type { Answer, Json, Ran, Side } from './side.ts'
import type { Recorder } from './tape.ts'

/** Much longer than anything takes that is not wrong, even on a machine that has other things to do; in seconds. */
const LONG = 150

export interface Deletion {
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'
  readonly gracePeriodSeconds?: number
}

/** What is neither false nor missing. */
type Found<T> = Exclude<T, false | null | undefined>

type Selector = Readonly<Record<string, string>>

/** What a scenario does with its cluster, and sees of it. Nothing of it names a side. */
export class Stage {
  readonly namespace: string
  readonly notes: { name: string; value: Json }[] = []
  readonly #side: Side
  readonly #recorder: Recorder
  readonly #undo: (() => Promise<unknown>)[] = []

  constructor(side: Side, recorder: Recorder, namespace: string) {
    this.#side = side
    this.#recorder = recorder
    this.namespace = namespace
  }

  /** Names of nodes that take Pods. */
  get workers(): readonly string[] {
    return this.#side.nodes.slice(1)
  }

  get controlPlane(): string {
    return this.#side.nodes[0] as string
  }

  now(): number {
    return this.#side.time.now()
  }

  /** Creates them one after the other. Throws if one is refused. */
  async create(...objects: readonly Json[]): Promise<void> {
    for (const object of objects) {
      const answer = await this.post(object)
      if (answer.status !== 201) throw new Error(`${object.kind} ${object.metadata.name} was refused: ${answer.text}`)
      if (!isNamespaced(object.kind)) {
        this.later(() => this.#ask('DELETE', this.#path(object.kind, object.metadata.name)))
      }
    }
  }

  /** Creates one that may be refused. */
  post(object: Json): Promise<Answer> {
    return this.#write('POST', this.#path(object.kind), object)
  }

  get(kind: string, name: string): Json | undefined {
    return this.#recorder.get(kind, name)
  }

  /** One that must be there. */
  the(kind: string, name: string): Json {
    const found = this.get(kind, name)
    if (found === undefined) throw new Error(`there is no ${kind} ${name}`)
    return found
  }

  /** Oldest first. */
  list(kind: string, labels: Selector = {}): Json[] {
    return this.#recorder
      .list(kind)
      .filter(({ metadata }) => Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value))
      .sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1))
  }

  /** Those that are not on their way out. */
  pods(labels: Selector = {}): Json[] {
    return this.list('Pod', labels).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  }

  /** A merge patch. Throws if it is refused. */
  async patch(kind: string, name: string, change: Json, subresource?: string): Promise<Json> {
    return this.#patched(kind, name, change, 'application/merge-patch+json', subresource)
  }

  /** A strategic merge patch: containers by name. Throws if it is refused. */
  async merge(kind: string, name: string, change: Json): Promise<Json> {
    return this.#patched(kind, name, change, 'application/strategic-merge-patch+json')
  }

  async #patched(kind: string, name: string, change: Json, type: string, subresource?: string): Promise<Json> {
    const path = `${this.#path(kind, name)}${subresource === undefined ? '' : `/${subresource}`}`
    const answer = await this.#write('PATCH', path, change, type)
    if (answer.status !== 200) throw new Error(`${kind} ${name} was not changed: ${answer.text}`)
    return answer.json
  }

  scale(kind: string, name: string, replicas: number): Promise<Json> {
    return this.patch(kind, name, { spec: { replicas } })
  }

  setImage(kind: string, name: string, image: string, container = 'main'): Promise<Json> {
    return this.merge(kind, name, { spec: { template: { spec: { containers: [{ name: container, image }] } } } })
  }

  async delete(kind: string, name: string, options: Deletion = {}): Promise<void> {
    const answer = await this.#ask('DELETE', this.#path(kind, name), options)
    if (answer.status >= 300) throw new Error(`${kind} ${name} was not deleted: ${answer.text}`)
  }

  evict(pod: string, deleteOptions: Deletion = {}): Promise<Answer> {
    const metadata = { name: pod, namespace: this.namespace }
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata, deleteOptions }
    return this.#ask('POST', `${this.#path('Pod', pod)}/eviction`, body)
  }

  /** Any request of the scenario's own; `$NS` in the path is its namespace. */
  ask(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer> {
    return this.#ask(method, path.replaceAll('$NS', this.namespace), body, contentType)
  }

  /** Standard output of a container so far. */
  async logs(pod: string, query = ''): Promise<string> {
    return (await this.#ask('GET', `${this.#path('Pod', pod)}/log${query === '' ? '' : `?${query}`}`)).text
  }

  exec(pod: string, script: string, container = 'main'): Promise<Ran> {
    return this.#side.connection.exec(this.namespace, pod, container, ['sh', '-c', script])
  }

  /** Through the API server's proxy; `target` is `pods/web:9898` or `services/web:http`. */
  http(target: string, path = '/', method = 'GET'): Promise<Answer> {
    const [resource, name] = target.split('/')
    return this.#ask(method, `/api/v1/namespaces/${this.namespace}/${resource}/${name}/proxy${path}`)
  }

  /** Resolves with what `look` returns as soon as that is true; throws after `seconds`. */
  async until<T>(what: string, look: () => T, seconds = LONG): Promise<Found<T>> {
    let found: T | undefined
    const is = await this.#side.time.until(() => {
      found = look()
      return Boolean(found)
    }, seconds * 1000)
    if (!is) throw new Error(`not within ${seconds} s: ${what}`)
    return found as Found<T>
  }

  /** Throws if it becomes true within the seconds. */
  async never(what: string, look: () => unknown, seconds: number): Promise<void> {
    if (await this.#side.time.until(() => Boolean(look()), seconds * 1000)) throw new Error(`happened: ${what}`)
  }

  /** Asks again and again, each half second, until the answer is as wanted. */
  async eventually<T>(what: string, ask: () => Promise<T>, wanted: (answer: T) => boolean, seconds = LONG): Promise<T> {
    const end = this.now() + seconds * 1000
    for (;;) {
      const answer = await ask()
      if (wanted(answer)) return answer
      if (this.now() > end) throw new Error(`not within ${seconds} s: ${what}: ${JSON.stringify(answer).slice(0, 500)}`)
      await this.sleep(0.5)
    }
  }

  async sleep(seconds: number): Promise<void> {
    await this.#side.time.until(() => false, seconds * 1000)
  }

  /** Goes on beside the rest of the scenario; what is returned waits for its end. */
  beside<T>(work: () => Promise<T>): () => Promise<T> {
    const done = this.#side.time.beside(work)
    // Who waits for it hears of its failure
    done.catch(() => {})
    return () => this.#side.time.during(done)
  }

  /** Is recorded, and equal on both sides. */
  note(name: string, value: Json): void {
    this.notes.push({ name, value })
  }

  /** Undone at the end, last first, however the scenario ends. */
  later(undo: () => Promise<unknown>): void {
    this.#undo.push(undo)
  }

  async clear(): Promise<void> {
    for (const undo of this.#undo.reverse()) await undo()
  }

  /** Stops a node's machine as it is: nothing on it goes on, and nobody hears of it. */
  async pauseNode(node: string): Promise<void> {
    this.later(() => this.resumeNode(node))
    this.#paused.add(node)
    await this.#side.machines.pause(node)
  }

  async resumeNode(node: string): Promise<void> {
    if (this.#paused.delete(node)) await this.#side.machines.resume(node)
  }

  readonly #paused = new Set<string>()

  /** A change of a node that is taken back at the end: a merge patch and its reverse. */
  async changeNode(node: string, change: Json, back: Json, subresource?: string): Promise<void> {
    this.later(() => this.patch('Node', node, back, subresource))
    await this.patch('Node', node, change, subresource)
  }

  #path(kind: string, name?: string): string {
    const path = collection(kind, this.namespace)
    return name === undefined ? path : `${path}/${name}`
  }

  async #write(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer> {
    const answer = await this.#ask(method, path, body, contentType)
    const { kind, metadata } = answer.json ?? {}
    // What is looked at next must not be older than what was just written
    if (answer.status < 300 && this.#recorder.records(kind))
      await this.until(`${kind} as written`, () => this.#recorder.knows(kind, metadata.name, metadata.resourceVersion))
    return answer
  }

  #ask(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer> {
    return this.#side.connection.ask(method, path, body, contentType)
  }
}
