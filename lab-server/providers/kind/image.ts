import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import type Docker from 'dockerode'
import type { Logger } from 'pino'
import { type Clock, sleep } from '../../clock.ts'
import { exec, gone, mustExec, removeContainer } from './docker.ts'
import { imageMissing, meaningOf, readerError } from './errors.ts'
import { labels } from './names.ts'
import { prepareImageScript } from './reader-image.ts'

/** Part of the image's tag: raised when this file makes another image of the same parts. */
const RECIPE = 1
export const IMAGE_REPOSITORY = 'quayside/node'
/** containerd is up within two seconds on a slow machine; in ms. */
const CONTAINERD_WAIT = 60_000

export interface ImageParts {
  /** The name under which it was found, and its id. */
  base: { name: string; id: string }
  images: readonly { name: string; id: string }[]
  /** Of the program `helm` that is laid into it, if there is one. */
  helm?: string | undefined
}

/** The same parts give the same name, whatever order they come in. */
export function derivedImageName({ base, images, helm }: ImageParts): string {
  const parts = images.map(({ name, id }) => `${name}@${id}`).sort()
  const hash = createHash('sha256').update(JSON.stringify([RECIPE, base.id, parts, prepareImageScript, helm]))
  return `${IMAGE_REPOSITORY}:${hash.digest('hex').slice(0, 16)}`
}

interface Tools {
  docker: Docker
  clock: Clock
  log: Logger
}

export interface Wanted {
  baseImage: string
  images: readonly string[]
  instance: string
  /** The file of a `helm` that runs on this architecture, if there is one. */
  helm?: (architecture: string) => Promise<string | undefined>
}

/**
 * A node image that holds the images of the labs, so that no cluster has to load them, and helm, as shells are made of it too: made
 * once, found again by its name.
 * @throws {ReaderError} image-missing, no-disk-space, docker-not-running
 */
export async function deriveNodeImage(tools: Tools, { baseImage, images, instance, helm }: Wanted): Promise<string> {
  const base = await present(tools, baseImage)
  const [binary, parts] = await Promise.all([
    helm?.(base.Architecture).then(async (file) => (file === undefined ? file : { file, id: await hashOf(file) })),
    Promise.all([...new Set(images)].map(async (name) => ({ name, id: (await present(tools, name)).Id }))),
  ])
  const name = derivedImageName({ base: { name: baseImage, id: base.Id }, images: parts, helm: binary?.id })
  if (await tools.docker.getImage(name).inspect().catch(gone)) return name
  await build(tools, { name, base, baseImage, images: parts.map((part) => part.name), instance, helm: binary?.file })
  return name
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  return hash.digest('hex')
}

/** Fetches an image if this machine does not have it. */
async function present({ docker, log }: Tools, name: string): Promise<Docker.ImageInspectInfo> {
  const there = await docker.getImage(name).inspect().catch(gone)
  if (there) return there
  log.info({ image: name }, 'fetching an image')
  try {
    const stream = await docker.pull(name)
    await new Promise<void>((resolve, reject) =>
      docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve())),
    )
    return await docker.getImage(name).inspect()
  } catch (error) {
    const meaning = meaningOf(String((error as Error).message))
    if (meaning) throw readerError(error)
    throw imageMissing(name, error)
  }
}

/** The name is fixed, so that what a crash has left is found and removed by the next build. */
const buildContainerName = (instance: string) => `quayside-image-${instance}`

/** What a crash in the middle of a build has left. */
export async function removeBuildContainer({ docker, clock }: Tools, instance: string): Promise<void> {
  const container = docker.getContainer(buildContainerName(instance))
  const found = await container.inspect().catch(gone)
  if (found && found.Config.Labels[labels.instance] === instance) await removeContainer(container, clock)
}

async function build(
  tools: Tools,
  want: {
    name: string
    base: Docker.ImageInspectInfo
    baseImage: string
    images: string[]
    instance: string
    helm: string | undefined
  },
): Promise<void> {
  const { docker, clock, log } = tools
  const started = clock.now()
  log.info({ image: want.name, base: want.baseImage, images: want.images }, 'making the node image')
  await removeBuildContainer(tools, want.instance)
  const container = await docker.createContainer({
    name: buildContainerName(want.instance),
    Image: want.base.Id,
    Entrypoint: ['containerd'],
    Labels: { [labels.instance]: want.instance, [labels.role]: 'image-build' },
    HostConfig: { Privileged: true, NetworkMode: 'none' },
  })
  try {
    await container.start()
    await containerdAnswers(container, clock)
    for (const image of want.images) await load(tools, container, image)
    if (want.helm !== undefined) await layHelm(tools, container, want.helm)
    await mustExec(container, clock, ['bash', '-c', prepareImageScript])
    await container.stop({ t: 10 })
    const [repo, tag] = want.name.split(':')
    const { Entrypoint, Cmd } = want.base.Config
    const changes = [
      `ENTRYPOINT ${JSON.stringify(Entrypoint ?? [])}`,
      ...(Cmd ? [`CMD ${JSON.stringify(Cmd)}`] : []),
      // The container's own labels come along; the image belongs to no installation
      `LABEL ${labels.instance}= ${labels.role}=node-image`,
    ]
    await container.commit({ repo, tag, changes: changes.join('\n') })
    log.info({ image: want.name, ms: clock.now() - started }, 'the node image is there')
  } finally {
    await removeContainer(container, clock)
  }
}

/** A program that does not run there is as good as none. */
async function layHelm({ clock, log }: Tools, container: Docker.Container, file: string): Promise<void> {
  const lay = 'cat > "$0" && chmod 755 "$0" && "$0" version || { rm -f "$0"; exit 1; }'
  const command = ['bash', '-c', lay, '/usr/local/bin/helm']
  const { code, stderr } = await exec(container, clock, command, { stdin: createReadStream(file) })
  if (code !== 0) log.warn({ file, said: stderr.slice(-2000) }, 'this helm does not run in the node image')
}

async function containerdAnswers(container: Docker.Container, clock: Clock): Promise<void> {
  const end = clock.now() + CONTAINERD_WAIT
  for (;;) {
    const { code, stderr } = await exec(container, clock, ['ctr', 'version'])
    if (code === 0) return
    if (clock.now() > end) throw new Error(`containerd does not answer in the node image: ${stderr}`)
    await sleep(clock, 300)
  }
}

/**
 * Three ways, each for an image or a Docker that the one before cannot do:
 * unpacked, so that a Pod starts at once; packed, as layers that delete files cannot be unpacked on Docker's overlayfs (a node
 * does it when first asked); this platform only, as Docker's containerd store does not have the layers of the others.
 */
const WAYS = [
  ['--all-platforms', '--digests'],
  ['--all-platforms', '--digests', '--no-unpack'],
  ['--digests', '--no-unpack'],
] as const

async function load({ docker, clock, log }: Tools, container: Docker.Container, image: string): Promise<void> {
  let said = ''
  for (const way of WAYS) {
    const stdin = (await docker.getImage(image).get()) as Readable
    const { code, stderr } = await exec(
      container,
      clock,
      ['ctr', '--namespace=k8s.io', 'images', 'import', ...way, '-'],
      {
        stdin,
      },
    )
    stdin.destroy()
    if (code === 0) return
    said = stderr.slice(-2000)
    log.debug({ image, way, said }, 'an image could not be imported this way')
  }
  throw readerError(new Error(`${image} could not be imported: ${said}`))
}
