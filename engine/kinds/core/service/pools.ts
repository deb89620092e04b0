import type { Random } from '../../../clock/random.ts'
import { formatIp, parseCidr, parseIp } from '../../../objects/ip.ts'

/** Why something could not be had from a pool, in upstream's words (1.34). */
export class AllocationError extends Error {
  override name = 'AllocationError'
}

/** What is taken and by whom is read from the Services: a pool itself remembers nothing. */
export type IsTaken = (value: string) => boolean

/** The lower part of a range is left to those who ask for a certain value; upstream's numbers. */
const staticPart = (size: number, step: number, most: number): number =>
  size <= 16 ? 0 : Math.min(Math.max(Math.floor(size / step), 16), most)

/** Numbers from 0 to `size` - 1: the upper part first, each from a random place on, as upstream's allocators go. */
function* candidates(size: number, reserved: number, random: Random): Generator<number> {
  for (const [base, length] of [
    [reserved, size - reserved],
    [0, reserved],
  ] as const) {
    const start = length === 0 ? 0 : random.below(length)
    for (let step = 0; step < length; step++) yield base + ((start + step) % length)
  }
}

/** Addresses of Services: a network of IPv4, without its first and last address. */
export class AddressPool {
  readonly #network: string
  readonly #base: number
  readonly #size: number
  readonly #random: Random

  /** Throws for what is no network of IPv4 with room for a Service. */
  constructor(network: string, random: Random) {
    const cidr = parseCidr(network)
    if (cidr === undefined || cidr.network.bits !== 32 || cidr.prefix > 30) {
      throw new Error(`${network} is no network for Services: an IPv4 one with at most 30 bits is.`)
    }
    this.#network = network
    this.#base = Number(cidr.network.value)
    this.#size = 2 ** (32 - cidr.prefix) - 2
    this.#random = random
  }

  next(taken: IsTaken): string {
    for (const offset of candidates(this.#size, staticPart(this.#size, 16, 256), this.#random)) {
      const ip = this.#text(offset + 1)
      if (!taken(ip)) return ip
    }
    throw new AllocationError('range is full')
  }

  /** Throws if the address cannot be had. */
  claim(ip: string, taken: IsTaken): void {
    if (!this.#holds(ip)) throw new AllocationError('the provided network does not match the current range')
    if (taken(ip)) throw new AllocationError('provided IP is already allocated')
  }

  /** A dry run asks for no more than the range, and is given the network's own address. */
  readonly dry = {
    next: (): string => this.#text(0),
    claim: (ip: string): void => {
      if (this.#holds(ip)) return
      throw new AllocationError(
        `the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${this.#network}`,
      )
    },
  }

  #text(offset: number): string {
    return formatIp({ bits: 32, value: BigInt(this.#base + offset), padded: false })
  }

  #holds(ip: string): boolean {
    const address = parseIp(ip)
    if (address === undefined || address.bits !== 32) return false
    const offset = Number(address.value) - this.#base
    return offset >= 1 && offset <= this.#size
  }
}

export interface PortRange {
  readonly first: number
  readonly last: number
}

/** Ports of nodes. */
export class PortPool {
  readonly #range: PortRange
  readonly #random: Random

  constructor(range: PortRange, random: Random) {
    this.#range = range
    this.#random = random
  }

  next(taken: IsTaken): number {
    const { first, last } = this.#range
    const size = last - first + 1
    for (const offset of candidates(size, staticPart(size, 32, 128), this.#random)) {
      if (!taken(String(first + offset))) return first + offset
    }
    throw new AllocationError('range is full')
  }

  claim(port: number, taken: IsTaken): void {
    const { first, last } = this.#range
    if (port < first || port > last) {
      throw new AllocationError(`provided port is not in the valid range. The range of valid ports is ${first}-${last}`)
    }
    if (taken(String(port))) throw new AllocationError('provided port is already allocated')
  }
}

/** The ports that one write takes, so that it does not take one twice. */
export class PortOperation {
  readonly #pool: PortPool
  readonly #taken: IsTaken
  readonly #dryRun: boolean
  readonly #own = new Set<number>()

  constructor(pool: PortPool, taken: IsTaken, dryRun: boolean) {
    this.#pool = pool
    this.#taken = (port) => this.#own.has(Number(port)) || taken(port)
    this.#dryRun = dryRun
  }

  claim(port: number): void {
    if (!this.#dryRun) this.#pool.claim(port, this.#taken)
    else if (this.#taken(String(port))) throw new AllocationError('provided port is already allocated')
    this.#own.add(port)
  }

  /** In a dry run upstream counts on from a port that no node has. */
  next(): number {
    const port = this.#dryRun
      ? Math.max(...(this.#own.size === 0 ? [DRY_BASE] : this.#own)) + 1
      : this.#pool.next(this.#taken)
    this.#own.add(port)
    return port
  }
}

const DRY_BASE = 32_768
