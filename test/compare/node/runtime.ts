/** What an API server asks of a node, answered by Docker. */
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import type Docker from 'dockerode'
import type { Duplex, ExecOptions, ProcessIo, ProcessResult } from '../../../engine/api/http.ts'
import type { LogOptions, NodeRuntime, ProxyRequest, ProxyResponse } from '../../../engine/api/runtime.ts'
import { badRequest } from '../../../engine/objects/status-error.ts'
import type { ApiObject } from '../../../engine/objects/types.ts'
import type { PodContainers } from './containers.ts'
import type { Pod } from './pod.ts'

/** runc could not begin the process; Docker says so in the process's own output. */
const NOT_BEGUN = /^OCI runtime exec failed/

export class DockerRuntime implements NodeRuntime {
  private readonly docker: Docker
  private readonly containers: PodContainers

  constructor(docker: Docker, containers: PodContainers) {
    this.docker = docker
    this.containers = containers
  }

  async *logs(object: ApiObject, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const pod = podOf(object)
    if (options.previous) {
      throw badRequest(`previous terminated container "${options.container}" in pod "${pod.metadata.name}" not found`)
    }
    const container = this.containers.get(pod, options.container)
    const since = options.sinceTime
      ? Date.parse(options.sinceTime) / 1000
      : options.sinceSeconds
        ? Date.now() / 1000 - options.sinceSeconds
        : 0
    const wanted = {
      stdout: true,
      stderr: true,
      timestamps: options.timestamps,
      since,
      ...(options.tailLines === undefined ? {} : { tail: options.tailLines }),
    }
    let left = options.limitBytes ?? Number.POSITIVE_INFINITY
    const chunks = options.follow
      ? this.followed(await container.logs({ ...wanted, follow: true }), signal)
      : [demultiplexed(await container.logs({ ...wanted, follow: false }))]
    for await (const chunk of chunks) {
      if (signal.aborted || left <= 0) return
      yield chunk.subarray(0, Math.min(chunk.length, left))
      left -= chunk.length
    }
  }

  private async *followed(stream: NodeJS.ReadableStream, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const both = new PassThrough()
    this.docker.modem.demuxStream(stream, both, both)
    stream.once('end', () => both.end())
    signal.addEventListener('abort', () => both.end(), { once: true })
    for await (const chunk of both) yield chunk as Buffer
  }

  async exec(
    object: ApiObject,
    container: string,
    command: readonly string[],
    { stdin, stdout, stderr, tty }: ExecOptions,
    io: ProcessIo,
  ): Promise<ProcessResult> {
    const exec = await this.containers.get(podOf(object), container).exec({
      Cmd: [...command],
      AttachStdin: stdin,
      AttachStdout: stdout,
      AttachStderr: stderr,
      Tty: tty,
    })
    const stream = await exec.start({ hijack: true, stdin, Tty: tty })
    void this.resized(io, (size) => exec.resize(size))
    const beginning = await this.carried(stream, { stdin, tty }, io)
    const { ExitCode: exitCode } = await exec.inspect()
    if (exitCode !== null && exitCode >= 126 && NOT_BEGUN.test(beginning)) {
      const words = `failed to exec in container: failed to start exec "${exec.id}": ${beginning.trim()}`
      // As containerd puts it, and the kubelet after it
      const internal = 'Internal error occurred: '.repeat(2)
      return { failure: `${internal}error executing command in container: ${words}` }
    }
    return { exitCode: exitCode ?? 0 }
  }

  async attach(
    object: ApiObject,
    name: string,
    { stdin, stdout, stderr, tty }: ExecOptions,
    io: ProcessIo,
  ): Promise<ProcessResult> {
    const container = this.containers.get(podOf(object), name)
    const stream = await container.attach({ stream: true, hijack: true, stdin, stdout, stderr })
    void this.resized(io, (size) => container.resize(size))
    await this.carried(stream, { stdin, tty }, io)
    return { exitCode: 0 }
  }

  /** Carries bytes both ways until the process has written its last. Resolves with the beginning of what it wrote. */
  private async carried(
    stream: NodeJS.ReadWriteStream,
    { stdin, tty }: { stdin: boolean; tty: boolean },
    io: ProcessIo,
  ): Promise<string> {
    let beginning = ''
    const end = () => {
      ;(stream as NodeJS.ReadWriteStream & { destroy(): void }).destroy()
    }
    io.signal.addEventListener('abort', end, { once: true })
    if (stdin) void this.typed(stream, io)
    const out = new PassThrough()
    const err = new PassThrough()
    const closed = new Promise<void>((resolve) => {
      for (const event of ['end', 'close', 'error']) stream.once(event, () => resolve())
    })
    if (tty) stream.on('data', (chunk: Buffer) => out.write(chunk))
    else this.docker.modem.demuxStream(stream, out, err)
    void closed.then(() => {
      out.end()
      err.end()
    })
    const carry = async (from: PassThrough, to: (chunk: Uint8Array) => Promise<void>) => {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        if (beginning.length < 1000) beginning += chunk.toString('utf8')
        if (NOT_BEGUN.test(beginning)) continue
        await to(chunk)
      }
    }
    await Promise.all([carry(out, (chunk) => io.stdout(chunk)), carry(err, (chunk) => io.stderr(chunk))])
    io.signal.removeEventListener('abort', end)
    return beginning
  }

  private async typed(stream: NodeJS.WritableStream, io: ProcessIo): Promise<void> {
    for await (const chunk of io.stdin) {
      if (!stream.write(chunk)) await new Promise((resolve) => stream.once('drain', resolve))
    }
    stream.end()
  }

  private async resized(io: ProcessIo, resize: (size: { w: number; h: number }) => Promise<unknown>): Promise<void> {
    for await (const { width, height } of io.sizes) await resize({ w: width, h: height }).catch(() => {})
  }

  async portForward(object: ApiObject, port: number): Promise<Duplex> {
    const { uid, name } = podOf(object).metadata
    const host = addressOf(object)
    const socket = connect({ host, port })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', (error) =>
        reject(new Error(`error forwarding port ${port} to pod ${name}, uid ${uid}: ${error.message}`)),
      )
    })
    return {
      incoming: socket,
      write: (chunk) => new Promise((resolve) => socket.write(chunk, () => resolve())),
      close: () => socket.destroy(),
    }
  }

  proxy(object: ApiObject, port: number, asked: ProxyRequest): Promise<ProxyResponse> {
    const { method, path, headers, body, signal } = asked
    return new Promise((resolve, reject) => {
      const sent = httpRequest({ host: addressOf(object), port, method, path, headers, signal }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('error', reject)
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 502,
            headers: Object.fromEntries(
              Object.entries(response.headers).map(([name, value]) => [name, String(value ?? '')]),
            ),
            body: Buffer.concat(chunks),
          }),
        )
      })
      sent.once('error', reject)
      sent.end(body)
    })
  }
}

const podOf = (object: ApiObject) => object as unknown as Pod
const addressOf = (object: ApiObject) => (object as unknown as { status: { podIP: string } }).status.podIP

/** Docker's frames: one byte says which output, three are empty, four count the bytes that follow. */
function demultiplexed(frames: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at + 8 <= frames.length; ) {
    const size = frames.readUInt32BE(at + 4)
    parts.push(frames.subarray(at + 8, at + 8 + size))
    at += 8 + size
  }
  return Buffer.concat(parts)
}
