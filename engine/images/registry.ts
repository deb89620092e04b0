import { Random } from '../clock/random.ts'
import type { FoundImage, Image, ImageRegistry } from '../containers/contract.ts'
import { parseReference } from './reference.ts'

/** All registries that there are, in one: what is not among `images` is on none of them. */
export function imageRegistry(images: readonly Image[]): ImageRegistry {
  const byName = new Map<string, FoundImage>()
  const byDigest = new Map<string, FoundImage>()
  for (const image of images) {
    const repository = parseReference(image.repository)?.repository
    if (repository === undefined) throw new Error(`${image.repository} is no name of an image.`)
    // What the tags of one entry name is the same image: the first says which.
    const identity = `${repository}:${image.tags[0] ?? 'latest'}`
    const id = `sha256:${hexFrom(`configuration of ${identity}`)}`
    const digest = `${repository}@sha256:${hexFrom(`manifest of ${identity}`)}`
    for (const tag of image.tags) {
      const name = `${repository}:${tag}`
      const found: FoundImage = { image, name, id, digest }
      byName.set(name, found)
      if (!byDigest.has(digest)) byDigest.set(digest, found)
    }
  }
  return {
    find(reference) {
      const parsed = parseReference(reference)
      if (parsed === undefined) return undefined
      if (parsed.digest !== undefined) return byDigest.get(`${parsed.repository}@${parsed.digest}`)
      return byName.get(`${parsed.repository}:${parsed.tag}`)
    },
  }
}

/** 64 hex digits that follow from the text: they identify, and prove nothing. */
function hexFrom(text: string): string {
  const random = new Random(text)
  return Array.from({ length: 8 }, () => random.uint32().toString(16).padStart(8, '0')).join('')
}
