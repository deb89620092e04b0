import type { Credentials } from '../auth/user.ts'

/** A request, freed of the transport that it came by. */
export interface ApiRequest {
  readonly method: string
  /** Still percent-encoded, without the query: `/api/v1/namespaces/default/pods`. */
  readonly path: string
  readonly query: URLSearchParams
  /** Names in lower case; several values are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** Whole; the transport has made sure that it is at most `MAX_BODY` bytes. */
  readonly body: Uint8Array
  readonly credentials: Credentials
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal
}

/** Bytes: upstream's limit for request bodies. */
export const MAX_BODY = 3 * 1024 * 1024

export type ApiResponse = WholeResponse | StreamedResponse | UpgradedResponse

export interface WholeResponse {
  readonly kind: 'whole'
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** Text is sent as UTF-8. Parts are sent one after the other without being joined. */
  readonly body: string | Uint8Array | readonly (string | Uint8Array)[]
}

/** A watch or a followed log: headers go out at once, chunks as they come; the client's going away ends the iteration. */
export interface StreamedResponse {
  readonly kind: 'stream'
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly chunks: AsyncIterable<Uint8Array>
}

/** exec, attach, portforward: all checks have passed, and the transport now speaks the streaming protocol with the other side. */
export interface UpgradedResponse {
  readonly kind: 'upgrade'
  readonly session: StreamingSession
}

export type StreamingSession =
  | { readonly kind: 'exec' | 'attach'; readonly options: ExecOptions; start(io: ProcessIo): Promise<ProcessResult> }
  | { readonly kind: 'portforward'; connect(port: number): Promise<Duplex> }

export interface ExecOptions {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

/** A process as its streams are seen from the client's side. */
export interface ProcessIo {
  /** Ends when the client closes its input; empty where none was asked for. */
  readonly stdin: AsyncIterable<Uint8Array>
  /** Resolves when the client can take more. */
  stdout(chunk: Uint8Array): Promise<void>
  stderr(chunk: Uint8Array): Promise<void>
  /** Terminal sizes in characters, the first as soon as it is known. */
  readonly sizes: AsyncIterable<{ readonly width: number; readonly height: number }>
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal
}

export type ProcessResult =
  | { readonly exitCode: number }
  /** It could not be run at all: one sentence, as the runtime words it. */
  | { readonly failure: string }

/** A connection to a port in a Pod. */
export interface Duplex {
  readonly incoming: AsyncIterable<Uint8Array>
  write(chunk: Uint8Array): Promise<void>
  close(): void
}
