/** Addresses of a node's range for Pods that have no network of their own, each free one in turn. */
export class NodeAddresses {
  readonly #prefix: string
  readonly #taken = new Set<number>()
  #next = 2

  /** `range` is a /24: `10.244.1.0/24`. */
  constructor(range: string) {
    this.#prefix = range.replace(/\.\d+\/\d+$/, '')
  }

  take(): string {
    for (let tries = 0; tries < 253; tries++) {
      const host = this.#next
      this.#next = host === 254 ? 2 : host + 1
      if (this.#taken.has(host)) continue
      this.#taken.add(host)
      return `${this.#prefix}.${host}`
    }
    throw new Error(`no IP addresses available in range set: ${this.#prefix}.1-${this.#prefix}.254`)
  }

  /** This one, for who had it before. */
  claim(address: string): string {
    const host = Number(address.slice(address.lastIndexOf('.') + 1))
    this.#taken.add(host)
    if (host >= this.#next) this.#next = host === 254 ? 2 : host + 1
    return address
  }

  free(address: string): void {
    this.#taken.delete(Number(address.slice(address.lastIndexOf('.') + 1)))
  }
}
