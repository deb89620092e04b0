/** Containers of Pods as containers of Docker: one that holds the network of each Pod, and the Pod's own in it. */
import type Docker from 'dockerode'
import type { Pod, PodContainer } from './pod.ts'

/** By which everything that is made here is found again. */
export const LABEL = 'dev.quayside.compare'

const SANDBOX_IMAGE = 'busybox:1.36'

export class PodContainers {
  private readonly docker: Docker
  private readonly network: string

  /** `network`: the Docker network in which Pods have their addresses. */
  constructor(docker: Docker, network: string) {
    this.docker = docker
    this.network = network
  }

  /** What the Pod's containers share. Resolves with the Pod's address. */
  async startSandbox(pod: Pod): Promise<string> {
    const container = await this.docker.createContainer({
      name: nameOf(pod, ''),
      Image: SANDBOX_IMAGE,
      Cmd: ['sleep', 'infinity'],
      Hostname: pod.spec.hostname ?? pod.metadata.name,
      Labels: { [LABEL]: pod.metadata.uid },
      HostConfig: { NetworkMode: this.network },
    })
    await container.start()
    const { NetworkSettings } = await container.inspect()
    return NetworkSettings.Networks[this.network]?.IPAddress ?? ''
  }

  async start(pod: Pod, { name, image, command, args, stdin, stdinOnce, tty }: PodContainer): Promise<void> {
    const container = await this.docker.createContainer({
      name: nameOf(pod, name),
      Image: image,
      ...(command ? { Entrypoint: command, Cmd: args ?? [] } : args ? { Cmd: args } : {}),
      OpenStdin: stdin ?? false,
      StdinOnce: stdinOnce ?? false,
      Tty: tty ?? false,
      Labels: { [LABEL]: pod.metadata.uid },
      HostConfig: { NetworkMode: `container:${nameOf(pod, '')}` },
    })
    await container.start()
  }

  get(pod: Pod, name: string): Docker.Container {
    return this.docker.getContainer(nameOf(pod, name))
  }

  /** Undefined before it was made. */
  async state(pod: Pod, name: string): Promise<Docker.ContainerInspectInfo | undefined> {
    return this.get(pod, name)
      .inspect()
      .catch(() => undefined)
  }

  async remove(uid: string): Promise<void> {
    await this.removeAll(`${LABEL}=${uid}`)
  }

  /** All that was ever made here, by this process or another. */
  async removeAll(label: string = LABEL): Promise<void> {
    const found = await this.docker.listContainers({ all: true, filters: { label: [label] } })
    await Promise.all(
      found.map(({ Id }) =>
        this.docker
          .getContainer(Id)
          .remove({ force: true, v: true })
          .catch(() => {}),
      ),
    )
  }
}

const nameOf = (pod: Pod, container: string) => `quayside-compare-${pod.metadata.uid}-${container || 'network'}`
