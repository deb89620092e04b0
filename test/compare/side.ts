/** One of the two clusters that are compared. */
export interface Side {
  readonly name: string
  /** A file with the administrator's access. */
  readonly kubeconfig: string
  /** Name of the node on which Pods really run. */
  readonly node: string
  close(): Promise<void>
}
