import type { IngressOptions, Listener, PodNetwork, Socket } from '../../network/contract.ts'

/** A Pod's network as one process has it: what it opens is closed when it ends, and what it waits for ends with it. */
export class ProcessNetwork implements PodNetwork {
  readonly #network: PodNetwork
  readonly #signal: () => AbortSignal
  readonly #isStopped: () => boolean
  readonly #wait: <T>(outcome: Promise<T>) => Promise<T>
  readonly #listeners = new Set<Listener>()
  readonly #sockets = new Set<Socket>()
  #closed = false

  constructor(
    network: PodNetwork,
    process: {
      readonly signal: () => AbortSignal
      wait<T>(outcome: Promise<T>): Promise<T>
      readonly isStopped: () => boolean
    },
  ) {
    this.#network = network
    this.#isStopped = process.isStopped
    this.#signal = process.signal
    this.#wait = (outcome) => process.wait(outcome)
  }

  get address(): string {
    return this.#network.address
  }

  get hostname(): string {
    return this.#network.hostname
  }

  get resolver(): PodNetwork['resolver'] {
    return this.#network.resolver
  }

  listen(...[port, connection, options]: Parameters<PodNetwork['listen']>): Listener {
    const glance = options?.glance
    const wishes =
      glance === undefined
        ? options
        : { ...options, glance: (path: string) => (this.#isStopped() ? undefined : glance(path)) }
    const listener = this.#network.listen(port, (socket) => connection(this.#kept(socket)), wishes)
    this.#listeners.add(listener)
    return {
      port: listener.port,
      close: () => {
        this.#listeners.delete(listener)
        listener.close()
      },
    }
  }

  async connect(...[host, port, options = {}]: Parameters<PodNetwork['connect']>): Promise<Socket> {
    const signal = options.signal === undefined ? this.#signal() : AbortSignal.any([options.signal, this.#signal()])
    const made = this.#network.connect(host, port, { ...options, signal })
    const socket = await this.#wait(made)
    return this.#kept(socket)
  }

  lookup(name: string, signal: AbortSignal = this.#signal()): Promise<readonly string[]> {
    return this.#wait(this.#network.lookup(name, signal))
  }

  ask(...[question, signal]: Parameters<PodNetwork['ask']>): ReturnType<PodNetwork['ask']> {
    return this.#wait(this.#network.ask(question, signal ?? this.#signal()))
  }

  serveNames(corefile: string): Listener {
    return this.#held(this.#network.serveNames?.(corefile))
  }

  serveIngresses(options: IngressOptions): Listener {
    return this.#held(this.#network.serveIngresses?.(options))
  }

  #held(listener: Listener | undefined): Listener {
    if (listener === undefined) throw new Error('This network has no names and no Ingresses to serve.')
    const held: Listener = {
      port: listener.port,
      close: () => {
        this.#listeners.delete(held)
        listener.close()
      },
    }
    this.#listeners.add(held)
    return held
  }

  #kept(socket: Socket): Socket {
    if (this.#closed) {
      socket.destroy()
      return socket
    }
    this.#sockets.add(socket)
    let ended = 0
    const half = () => {
      ended++
      if (ended >= 2) this.#sockets.delete(socket)
    }
    const kept = {
      local: socket.local,
      remote: socket.remote,
      read: async () => {
        const chunk = await this.#wait(socket.read())
        if (chunk === null) half()
        return chunk
      },
      write: (bytes: Uint8Array) => this.#wait(socket.write(bytes)),
      end: () => {
        half()
        socket.end()
      },
      destroy: () => {
        this.#sockets.delete(socket)
        socket.destroy()
      },
    }
    return socket.tls === undefined ? kept : { ...kept, tls: socket.tls }
  }

  /** The kernel's part when a process ends: what was written still arrives. */
  close(): void {
    this.#closed = true
    for (const listener of this.#listeners) listener.close()
    for (const socket of this.#sockets) socket.end()
    this.#listeners.clear()
    this.#sockets.clear()
  }
}
