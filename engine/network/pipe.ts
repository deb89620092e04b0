import { networkError } from './network-error.ts'
import type { Place, Wires } from './wires.ts'

/** Bytes on their way and unread at which a writer has to wait: Linux' default buffer of a connection. */
const BUFFER = 65_536

type Parcel = Uint8Array | 'end' | 'reset'

interface Waiting<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

const RESOLVED = Promise.resolve()

/** One direction of a connection: bytes in order, an end, or a reset. */
export class Pipe {
  readonly #wires: Wires
  readonly #from: Place
  readonly #to: Place
  /** Arrived and not read. */
  readonly #chunks: Uint8Array[] = []
  #bytes = 0
  #arrived: 'end' | 'reset' | undefined
  #sent: 'end' | 'reset' | undefined
  #reader: Waiting<Uint8Array | null> | undefined
  #writers: Waiting<void>[] | undefined
  /** On their way over a wire that takes time or is cut. */
  #travelling: { readonly parcel: Parcel; readonly due: number }[] | undefined
  #stopTravel: (() => void) | undefined

  constructor(wires: Wires, from: Place, to: Place) {
    this.#wires = wires
    this.#from = from
    this.#to = to
  }

  get hasEnded(): boolean {
    return this.#sent !== undefined
  }

  read(): Promise<Uint8Array | null> {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) {
      this.#bytes -= chunk.byteLength
      this.#admitWriters()
      return Promise.resolve(chunk)
    }
    if (this.#arrived === 'end') return Promise.resolve(null)
    if (this.#arrived === 'reset') return Promise.reject(networkError('ECONNRESET'))
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
    })
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#sent !== undefined) return Promise.reject(networkError('EPIPE'))
    if (bytes.byteLength === 0) return RESOLVED
    this.#bytes += bytes.byteLength
    this.#send(bytes)
    if (this.#bytes <= BUFFER) return RESOLVED
    return new Promise((resolve, reject) => {
      this.#writers ??= []
      this.#writers.push({ resolve, reject })
    })
  }

  end(): void {
    if (this.#sent !== undefined) return
    this.#sent = 'end'
    this.#send('end')
  }

  /** The writer's side is gone; the reader hears of it if it had not heard of an end. */
  reset(): void {
    if (this.#sent === 'reset') return
    const hadEnded = this.#sent === 'end'
    this.#sent = 'reset'
    this.#refuseWriters('EPIPE')
    if (!hadEnded) this.#send('reset')
  }

  /** The reader's side is gone: nothing is wanted any more. */
  abandon(): void {
    this.#stopTravel?.()
    this.#stopTravel = undefined
    this.#travelling = undefined
    this.#chunks.length = 0
    this.#bytes = 0
    this.#arrived = 'reset'
    this.#sent ??= 'reset'
    this.#refuseWriters('ECONNRESET')
    this.#reader?.reject(networkError('ECONNRESET'))
    this.#reader = undefined
  }

  #send(parcel: Parcel): void {
    const wires = this.#wires
    const isClear = !wires.areCut(this.#from, this.#to) && wires.delay(this.#from, this.#to) === 0
    if (isClear && this.#travelling === undefined) {
      this.#arrive(parcel)
      return
    }
    const due = wires.clock.now() + wires.delay(this.#from, this.#to)
    this.#travelling ??= []
    this.#travelling.push({ parcel, due })
    if (this.#stopTravel === undefined) this.#travel()
  }

  #travel(): void {
    this.#stopTravel?.()
    this.#stopTravel = undefined
    const travelling = this.#travelling
    while (travelling !== undefined && travelling.length > 0) {
      const wires = this.#wires
      if (wires.areCut(this.#from, this.#to)) {
        this.#stopTravel = wires.onChange(() => this.#travel())
        return
      }
      const [next] = travelling as [{ readonly parcel: Parcel; readonly due: number }]
      const left = next.due - wires.clock.now()
      if (left > 0) {
        this.#stopTravel = wires.clock.after(left, () => this.#travel())
        return
      }
      travelling.shift()
      this.#arrive(next.parcel)
    }
    this.#travelling = undefined
  }

  #arrive(parcel: Parcel): void {
    const reader = this.#reader
    if (parcel === 'end' || parcel === 'reset') {
      if (this.#arrived !== undefined) return
      this.#arrived = parcel
      this.#reader = undefined
      if (parcel === 'end') reader?.resolve(null)
      else reader?.reject(networkError('ECONNRESET'))
      return
    }
    if (reader === undefined) {
      this.#chunks.push(parcel)
      return
    }
    this.#reader = undefined
    this.#bytes -= parcel.byteLength
    this.#admitWriters()
    reader.resolve(parcel)
  }

  #admitWriters(): void {
    if (this.#writers === undefined || this.#bytes > BUFFER) return
    const writers = this.#writers
    this.#writers = undefined
    for (const { resolve } of writers) resolve()
  }

  #refuseWriters(code: 'EPIPE' | 'ECONNRESET'): void {
    const writers = this.#writers
    this.#writers = undefined
    for (const { reject } of writers ?? []) reject(networkError(code))
  }
}
