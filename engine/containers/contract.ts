/**
 * What a container is made of and what runs in it. The kubelet makes sandboxes and containers; images bring programs; programs see
 * a process: its files, streams, network and time. Nothing here knows of the Kubernetes API.
 */
import type { ProcessIo, ProcessResult } from '../api/http.ts'
import type { Clock } from '../clock/clock.ts'
import type { PodNetwork } from '../network/contract.ts'
import type { Blobs } from './files/blobs.ts'
import type { KeptFile } from './files/kept.ts'
import type { KeptTree } from './files/volume.ts'

export type Signal =
  | 'SIGHUP'
  | 'SIGINT'
  | 'SIGQUIT'
  | 'SIGKILL'
  | 'SIGUSR1'
  | 'SIGUSR2'
  | 'SIGPIPE'
  | 'SIGALRM'
  | 'SIGTERM'
  | 'SIGCHLD'
  | 'SIGCONT'
  | 'SIGSTOP'
  | 'SIGTSTP'

/** How a process ended. A signal's exit code is 128 and its number. */
export interface ExitStatus {
  readonly code: number
  readonly signal?: Signal
  /** It was killed because its container had no memory left. */
  readonly outOfMemory?: boolean
}

/** One end of a pipe, a terminal, a log: bytes in. */
export interface Input {
  /** Resolves with what is there, at least one byte, or with null at the end; with null and nothing taken where the signal is aborted before. */
  read(signal?: AbortSignal): Promise<Uint8Array | null>
  /** No more is wanted: who writes gets SIGPIPE. */
  close(): void
  /** Gives bytes back: they are what is read next, by whoever has this stream. Every process's stdin can. */
  unread?(bytes: Uint8Array): void
}

export interface Output {
  /** Resolves when the reader can take more. Rejects with a `FileError` EPIPE when nobody reads any more. */
  write(bytes: Uint8Array | string): Promise<void>
  close(): void
}

/** Codes of errno that programs meet. */
export type Errno =
  | 'E2BIG'
  | 'EACCES'
  | 'EAGAIN'
  | 'EBADF'
  | 'EBUSY'
  | 'ECHILD'
  | 'EEXIST'
  | 'EFBIG'
  | 'EINVAL'
  | 'EISDIR'
  | 'ELOOP'
  | 'ENAMETOOLONG'
  | 'ENOENT'
  | 'ENOEXEC'
  | 'ENOMEM'
  | 'ENOSPC'
  | 'ENOTDIR'
  | 'ENOTEMPTY'
  | 'ENXIO'
  | 'EPERM'
  | 'EPIPE'
  | 'EROFS'
  | 'ESPIPE'
  | 'ESRCH'
  | 'EXDEV'

/** `message` is strerror's text: `No such file or directory`. */
export interface FileError extends Error {
  readonly errno: Errno
}

export interface Stat {
  readonly type: 'file' | 'directory' | 'symlink' | 'device' | 'pipe'
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modified: number
}

/** The files that a process sees: its image's, copied when written, with volumes mounted over them. Paths are absolute. All calls throw FileError. */
export interface FileSystem {
  stat(path: string, options?: { readonly follow?: boolean }): Stat
  exists(path: string): boolean
  /** Names, sorted. */
  list(path: string): string[]
  read(path: string): Uint8Array
  readText(path: string): string
  /** Creates or replaces. */
  write(
    path: string,
    content: Uint8Array | string,
    options?: { readonly append?: boolean; readonly mode?: number },
  ): void
  makeDirectory(path: string, options?: { readonly parents?: boolean; readonly mode?: number }): void
  remove(path: string, options?: { readonly recursive?: boolean }): void
  rename(from: string, to: string): void
  /** A symbolic link. */
  link(target: string, path: string): void
  /** A second name of the same file. */
  hardLink(path: string, second: string): void
  /** A named pipe. */
  makePipe(path: string, mode?: number): void
  readLink(path: string): string
  /** With all links on the way followed. */
  resolve(path: string): string
  chmod(path: string, mode: number): void
  chown(path: string, uid: number, gid: number): void
  touch(path: string, modified?: number): void
  /** Calls on each change of the file or directory, by whomever; what is returned ends it. */
  watch(path: string, changed: () => void): () => void
  /** Whether this process may read (4), write (2) or execute (1) it; sums of these. */
  allows(path: string, bits: number): boolean
  /** A file, device or named pipe, read from its beginning as one reads it. */
  openInput(path: string): FileInput
  /** Creates the file if need be; empties it unless it is appended to. Devices and named pipes take it as it comes. */
  openOutput(path: string, options?: OpenOptions): Output
  /** Cuts a file, or lengthens it with zeros. */
  resize(path: string, size: number): void
  /** Bytes that a file system has at this path. */
  space(path: string): { readonly size: number; readonly used: number; readonly mount: string }
}

export interface OpenOptions {
  readonly append?: boolean
  /** Keeps what is there and writes over it. */
  readonly keep?: boolean
  readonly mode?: number
}

export interface FileInput extends Input {
  /** Moves to this byte; of devices and pipes nothing. */
  seek(position: number): void
}

export interface Terminal {
  size(): { readonly width: number; readonly height: number }
  /** Cooked: echo, line editing, Ctrl-C as SIGINT to the foreground. Raw: bytes as they come. */
  setRaw(raw: boolean): void
  onResize(call: () => void): () => void
  /** The process group that reads from it and gets its Ctrl-C. */
  foreground: number
}

export interface SpawnOptions {
  readonly env?: ReadonlyMap<string, string>
  readonly cwd?: string
  readonly stdin?: Input
  readonly stdout?: Output
  readonly stderr?: Output
  /** Of a process group of its own, in the background. */
  readonly background?: boolean
  /** Of this process group, or with 'own' of one of its own. Its parent's if not said. */
  readonly group?: number | 'own'
}

export interface Child {
  readonly pid: number
  readonly ended: Promise<ExitStatus>
  kill(signal: Signal): void
  /** Its process group. */
  readonly group: number
  /** Calls when it is stopped (SIGTSTP) or goes on; what is returned ends it. */
  onStopped(call: (stopped: boolean) => void): () => void
}

/** What a program sees of the machine. All that waits rejects with `Killed` when the process is killed: programs let it pass. */
export interface Process {
  readonly pid: number
  readonly argv: readonly string[]
  readonly env: Map<string, string>
  cwd: string
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  readonly group: number
  /** Taken from the modes of files that it makes. */
  umask: number
  readonly hostname: string
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly terminal?: Terminal | undefined
  readonly files: FileSystem
  readonly network: PodNetwork
  readonly clock: Clock
  /** 0 to 1, from the cluster's seed. */
  random(): number
  /** Aborted when the process is killed: ends listeners and timers that a program has. */
  readonly signal: AbortSignal
  /** What happens on a signal; without a handler, or with 'default', it is the default one. In a container, the first process ignores what it does not handle, but for SIGKILL. */
  on(signal: Signal, handler: (() => void) | 'default'): void
  /** Calls when the cluster is about to be written down. Processes are not: what is in memory alone, and should be there again, goes to files now. What is returned is to be called when that is something new. */
  onKeep(call: () => void): () => void
  /** Milliseconds. */
  sleep(ms: number): Promise<void>
  /** Uses so many milliseconds of one core: takes as long, or longer where the container's CPU limit or its node's load says so. */
  compute(ms: number): Promise<void>
  /** Has so many bytes of memory from now on, besides what the image's program has at rest. Over the container's limit it is killed. */
  setMemory(bytes: number): void
  /** Finds the program by PATH. Throws FileError ENOENT or EACCES. */
  spawn(argv: readonly string[], options?: SpawnOptions): Child
  /** A child of its own program, as fork(2) without exec(2). */
  fork(program: Program, options?: SpawnOptions): Child
  /** Becomes another program: resolves with that one's exit code, which is then this one's. Throws as `spawn` does. */
  exec(argv: readonly string[], options?: SpawnOptions): Promise<number>
  /** What of the promise's outcome comes before the process is killed or while it is stopped: for waits of a program's own. */
  wait<T>(outcome: Promise<T>): Promise<T>
  /** Of the container's process table, for ps, kill and top. */
  processes(): readonly ProcessInfo[]
  /** A negative number is a process group. Throws FileError ESRCH or EPERM. */
  kill(pid: number, signal: Signal): void
}

export interface ProcessInfo {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly uid: number
  readonly argv: readonly string[]
  readonly state: 'R' | 'S' | 'T' | 'Z'
  /** Milliseconds since 1970. */
  readonly started: number
  /** Milliseconds of CPU. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
}

/** Resolves with the exit code. What it throws, other than `Killed`, ends the process with 1 and is written to stderr. */
export type Program = (process: Process) => Promise<number>

/** An image, as an OCI configuration with programs in place of machine code. One object for all containers of all clusters: it has no state. */
export interface Image {
  /** Names without registry defaults, each for a tag or a range of them: `busybox`, `ghcr.io/stefanprodan/podinfo`. */
  readonly repository: string
  readonly tags: readonly string[]
  /** Bytes, compressed: what a pull has to fetch. */
  readonly size: number
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly workingDir?: string
  /** A number, or a name of its /etc/passwd. */
  readonly user?: string
  readonly ports?: readonly number[]
  readonly stopSignal?: Signal
  readonly volumes?: readonly string[]
  /** By absolute path. Directories come of themselves. */
  readonly files: Readonly<Record<string, ImageFile>>
  /** Bytes that a container has at rest. */
  readonly memory: number
}

export type ImageFile =
  | { readonly text: string; readonly mode?: number; readonly uid?: number }
  | { readonly link: string }
  | { readonly directory: true; readonly mode?: number; readonly uid?: number }
  /** Executable. */
  | { readonly program: Program }

/** A volume's files, apart from every container: a claim's outlive them all. */
export interface VolumeTree {
  /** As root sees it, from `/`. */
  readonly files: FileSystem
  /** Bytes in use. */
  size(): number
}

export interface Mount {
  readonly tree: VolumeTree
  /** Within the tree; '' for all of it. A file, where it is a file. */
  readonly subPath: string
  readonly path: string
  readonly readOnly: boolean
}

/** What a container may use of its machine. */
export interface ContainerLimits {
  /** Cores; none: as much as the node has. */
  readonly cpuLimit?: number
  /** Cores that it asked for: its weight where cores are short. */
  readonly cpuRequest?: number
  /** Bytes. */
  readonly memoryLimit?: number
}

export interface ContainerOptions extends ContainerLimits {
  readonly name: string
  /** Hex, 64 characters. */
  readonly id: string
  readonly image: Image
  /** Replaces the image's entrypoint, and then also its command. */
  readonly command?: readonly string[]
  /** Replaces the image's command. */
  readonly args?: readonly string[]
  readonly env: ReadonlyMap<string, string>
  readonly workingDir?: string
  readonly uid?: number
  readonly gid?: number
  /** Further groups: a Pod's fsGroup and supplementalGroups. */
  readonly groups?: readonly number[]
  readonly runAsNonRoot?: boolean
  readonly readOnlyRoot: boolean
  readonly mounts: readonly Mount[]
  readonly tty: boolean
  readonly stdin: boolean
  readonly stdinOnce: boolean
  /** The container of its sandbox whose processes it sees beside its own, and with whose first process it ends: of one that debugs. */
  readonly target?: string
  /** What one before it had written over the image: it goes on with that. */
  readonly kept?: KeptTree
  /** What it writes; not called again before it resolves. */
  log(stream: 'stdout' | 'stderr', bytes: Uint8Array): void
}

export interface Container {
  readonly id: string
  readonly name: string
  /** Begins its first process. Throws `CannotStart` where upstream's runtime would fail. */
  start(): void
  /** Resolves once it was started and is over. */
  readonly ended: Promise<ExitStatus>
  kill(signal: Signal): void
  /** Runs a command beside the first process, as `kubectl exec` does; for exec probes and hooks too. */
  exec(command: readonly string[], options: ExecIo, io: ProcessIo): Promise<ProcessResult>
  attach(options: ExecIo, io: ProcessIo): Promise<ProcessResult>
  /** Since it was started: milliseconds of CPU; bytes of its working set now. */
  usage(): { readonly cpu: number; readonly memory: number }
  /** From now on, in place of all that was said before; with more memory in use than that, it is killed. */
  setLimits(limits: ContainerLimits): void
  /** Files that it has written into its own layer, bytes. */
  written(): number
  /** Tells its processes that it is about to be written down. */
  beforeKept(): void
  /** What it has written over its image; undefined for nothing. */
  keep(blobs: Blobs): KeptFile | undefined
  /** Ends all of it at once and gives its files up. */
  remove(): void
}

export interface ExecIo {
  readonly tty: boolean
  readonly stdin: boolean
}

/** Why a first process could not begin, in containerd's and runc's words; `code` 127 or 128. */
export interface CannotStart extends Error {
  readonly code: number
}

/** A Pod's part of a node: its network and what its containers share. */
export interface Sandbox {
  readonly network: PodNetwork
  create(options: ContainerOptions): Container
  /** Ends its containers and gives the address back. */
  remove(): void
}

export interface SandboxOptions {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly hostname: string
  readonly network: PodNetwork
  readonly shareProcesses: boolean
}

/** A node's machine: what its sandboxes run on and share. */
export interface Machine {
  sandbox(options: SandboxOptions): Sandbox
  /** How much slower than real all that computes and sleeps on it runs: 1 as it is, 4 a node that is slowed. */
  setSlowness(factor: number): void
  /** Of all containers, since it was made: milliseconds of CPU; bytes now. */
  usage(): { readonly cpu: number; readonly memory: number }
  /** To be called when something has changed that is kept: files, what was logged, what `onKeep` writes. */
  stirred(): void
}

/** Where images come from. */
export interface ImageRegistry {
  /** What `reference` names; undefined if there is none. Several references may name the same. */
  find(reference: string): FoundImage | undefined
}

export interface FoundImage {
  readonly image: Image
  /** `docker.io/library/nginx:1.26`: as containerd names it in statuses. */
  readonly name: string
  /** `sha256:…` of its configuration. */
  readonly id: string
  /** `docker.io/library/nginx@sha256:…` */
  readonly digest: string
}
