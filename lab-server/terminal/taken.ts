/** How much input has come from each page, so that one whose connection broke can send what was lost, and that alone. */

/** Pages of a shell that are remembered. A page that is forgotten is told so, and its reader that input may be missing. */
const MOST_PAGES = 64

export class TakenInput<Connection> {
  /** By the page's id, the one that connected last at the end. */
  readonly #pages = new Map<string, { connection: Connection; bytes: number }>()
  readonly #ids = new Map<Connection, string>()

  /**
   * A page connects, for the first time or again.
   * @returns bytes that have come from it, if it is known; and its older connection, of which nothing more may be taken
   */
  connect(page: string, connection: Connection): { bytes?: number; older?: Connection } {
    const known = this.#pages.get(page)
    this.#pages.delete(page)
    this.#pages.set(page, { connection, bytes: known?.bytes ?? 0 })
    this.#ids.set(connection, page)
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= MOST_PAGES) break
      this.#pages.delete(oldest)
    }
    if (!known) return {}
    this.#ids.delete(known.connection)
    return { bytes: known.bytes, older: known.connection }
  }

  add(connection: Connection, bytes: number): void {
    const page = this.#pages.get(this.#ids.get(connection) ?? '')
    if (page?.connection === connection) page.bytes += bytes
  }

  /** The connection is gone; what came over it still counts. */
  leave(connection: Connection): void {
    this.#ids.delete(connection)
  }
}
