/** Of a Pod, what a node needs to run it. */
export interface Pod {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly generation?: number
    readonly deletionTimestamp?: string
  }
  readonly spec: {
    readonly hostname?: string
    readonly restartPolicy: 'Always' | 'OnFailure' | 'Never'
    readonly containers: readonly PodContainer[]
    readonly ephemeralContainers?: readonly PodContainer[]
  }
}

export interface PodContainer {
  readonly name: string
  readonly image: string
  readonly command?: string[]
  readonly args?: string[]
  readonly stdin?: boolean
  readonly stdinOnce?: boolean
  readonly tty?: boolean
}
