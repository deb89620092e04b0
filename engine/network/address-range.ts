import { formatIp, parseCidr } from '../objects/ip.ts'

/** Addresses before the first that Pods get: the network's own and the node's, which is its Pods' gateway. */
const FIRST = 2

/** Gives addresses of a node's range one after the other, and used ones again only when it has come round, as CNI's host-local does. */
export class AddressRange {
  readonly #base: number
  readonly #size: number
  readonly #taken = new Set<number>()
  #last = FIRST - 1

  /** Throws for what is no network of IPv4. */
  constructor(network: string) {
    const cidr = parseCidr(network)
    if (cidr === undefined || cidr.network.bits !== 32) throw new Error(`${network} is no range of IPv4 addresses.`)
    this.#base = Number(cidr.network.value)
    this.#size = 2 ** (32 - cidr.prefix)
  }

  /** Throws when none is left. */
  take(): string {
    // The last one is the network's broadcast address
    const count = this.#size - FIRST - 1
    for (let step = 1; step <= count; step++) {
      const offset = FIRST + ((this.#last - FIRST + step + count) % count)
      if (this.#taken.has(offset)) continue
      this.#taken.add(offset)
      this.#last = offset
      return formatIp({ bits: 32, value: BigInt(this.#base + offset), padded: false })
    }
    const first = formatIp({ bits: 32, value: BigInt(this.#base + FIRST), padded: false })
    const last = formatIp({ bits: 32, value: BigInt(this.#base + this.#size - 2), padded: false })
    throw new Error(`failed to allocate for range 0: no IP addresses available in range set: ${first}-${last}`)
  }

  /** This one, for who had it before; the next that is taken comes after it. Throws when somebody else has it. */
  claim(address: string): string {
    const offset = this.#offset(address)
    if (offset < FIRST || offset >= this.#size - 1) throw new Error(`${address} is not of the range.`)
    if (this.#taken.has(offset)) throw new Error(`${address} is taken.`)
    this.#taken.add(offset)
    this.#last = Math.max(this.#last, offset)
    return address
  }

  give(address: string): void {
    this.#taken.delete(this.#offset(address))
  }

  #offset(address: string): number {
    return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) - this.#base
  }
}
