import { addonImages } from '../../engine/addons/images/images.ts'
import type { Image, ImageRegistry } from '../../engine/containers/contract.ts'
import { basesOver } from '../../engine/images/bases/bases.ts'
import { busyboxImage } from '../../engine/images/busybox/image.ts'
import { tools } from '../../engine/images/busybox/tools.ts'
import { nginxImages } from '../../engine/images/nginx/image.ts'
import { podinfoImages } from '../../engine/images/podinfo/image.ts'
import { redisImages } from '../../engine/images/redis/image.ts'
import { imageRegistry } from '../../engine/images/registry.ts'

const pause: Image = {
  repository: 'registry.k8s.io/pause',
  tags: ['3.10.1'],
  size: 320_000,
  memory: 300 * 1024,
  entrypoint: ['/pause'],
  files: {
    '/pause': {
      program: (process) =>
        new Promise((resolve) => {
          process.on('SIGTERM', () => resolve(0))
          process.on('SIGINT', () => resolve(0))
        }),
    },
  },
}

/** All that scenarios run. */
export function engineImages(): ImageRegistry {
  const bases = basesOver(tools)
  const named = [pause, busyboxImage, ...podinfoImages(bases), ...nginxImages(bases), ...redisImages(bases)]
  const known = new Set(named.map(({ repository }) => repository))
  return imageRegistry([...named, ...addonImages.filter(({ repository }) => !known.has(repository))])
}
