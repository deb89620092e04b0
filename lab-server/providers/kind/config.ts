/** What the kind provider is told by whoever wires it. */
export interface KindConfig {
  /** Name of this installation: a label's value on everything that it makes in Docker. */
  instance: string
  /** The kind command, as found on the PATH, or its path. */
  kindBinary: string
  /** The nodes' image; undefined: {@link DEFAULT_NODE_IMAGE}. */
  nodeImage: string | undefined
  /** Container images that the nodes hold from the start: those of all labs. metrics-server's is always there. */
  images: readonly string[]
  /** The file of a `helm` for Linux on the given architecture, in Docker's words; none where it cannot be had. */
  helm(architecture: string): Promise<string | undefined>
  nodeMemoryBytes: number
  /** Processors, as a decimal: 1.5. */
  nodeCpus: number
  nodePids: number
  /** Limits of each shell's container; the reader's home is one for all of them. */
  shell: { memoryBytes: number; pids: number; cpus: number; homeBytes: number }
  maxShells: number
  /** A folder of the server's own, for files that live while a cluster is made. Created with mode 0700. */
  workDir: string
}

/**
 * The binary does not say which image it would take, and each version of it takes another. This one has what the access
 * policies need (ValidatingAdmissionPolicy v1), runs on cgroup v1 and v2, and boots with kind 0.30 and later.
 */
export const DEFAULT_NODE_IMAGE = 'kindest/node:v1.34.0'
