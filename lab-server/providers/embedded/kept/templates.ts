/** Templates of databases (engine/images/postgres/templates.ts) between threads and disk: each is written once, and read where a cluster needs it. */
import type { Clock } from '../../../clock.ts'
import type { Thread } from '../thread.ts'
import type { Shelf } from './shelf.ts'

export class Templates {
  readonly #shelf: Pick<Shelf, 'template' | 'writeTemplate'>
  readonly #clock: Clock
  /** Those on disk that clusters of this process need. */
  readonly #kept = new Map<string, Promise<void>>()
  readonly #known = new WeakMap<Thread, Map<string, Promise<void>>>()

  constructor(shelf: Pick<Shelf, 'template' | 'writeTemplate'>, clock: Clock) {
    this.#shelf = shelf
    this.#clock = clock
  }

  get needed(): ReadonlySet<string> {
    return new Set(this.#kept.keys())
  }

  /** Has them on disk. */
  async keep(thread: Thread, ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => once(this.#kept, id, () => this.#write(thread, id))))
  }

  /** Lets the thread know them. */
  async teach(thread: Thread, ids: readonly string[]): Promise<void> {
    const known = this.#known.get(thread) ?? new Map<string, Promise<void>>()
    this.#known.set(thread, known)
    await Promise.all(
      ids.map((id) =>
        once(known, id, async () => {
          const template = await this.#shelf.template(id)
          if (template === undefined) throw new Error(`the template ${id} of a database is not there`)
          await thread.call('learnTemplate', { template })
          this.#kept.set(id, Promise.resolve())
        }),
      ),
    )
  }

  async #write(thread: Thread, id: string): Promise<void> {
    const bytes = await thread.call('template', { id })
    if (bytes !== null) await this.#shelf.writeTemplate(id, bytes, this.#clock.now())
  }
}

/** What fails is tried again next time. */
function once(done: Map<string, Promise<void>>, id: string, work: () => Promise<void>): Promise<void> {
  const known = done.get(id)
  if (known !== undefined) return known
  const begun = work()
  done.set(id, begun)
  begun.catch(() => done.delete(id))
  return begun
}
