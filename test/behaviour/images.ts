import { APPLETS } from '../../engine/containers/applets/all.ts'
import type { Image, ImageRegistry } from '../../engine/containers/contract.ts'
import { basesOver } from '../../engine/images/bases/bases.ts'
import { podinfoImages } from '../../engine/images/podinfo/image.ts'
import { imageRegistry } from '../../engine/images/registry.ts'

export async function engineImages(): Promise<ImageRegistry> {
  const files = Object.fromEntries(Object.entries(APPLETS).map(([n, program]) => [`/bin/${n}`, { program }]))
  const pause: Image = {
    repository: 'registry.k8s.io/pause',
    tags: ['3.10.1'],
    size: 300000,
    memory: 500000,
    entrypoint: ['/pause'],
    files: {
      '/pause': {
        program: async (process) => {
          const end = Promise.withResolvers<number>()
          process.on('SIGTERM', () => end.resolve(0))
          process.on('SIGINT', () => end.resolve(0))
          return end.promise
        },
      },
    },
  }
  const sleepers = {
    '/bin/sleep': {
      program: async (p: import('../../engine/containers/contract.ts').Process) => {
        await p.sleep(Number(p.argv[1]) * 1000)
        return 0
      },
    },
  }
  const busybox: Image = {
    repository: 'busybox',
    tags: ['1.36'],
    size: 2000000,
    memory: 500000,
    command: ['sh'],
    env: { PATH: '/bin' },
    files: { ...files, ...sleepers },
  }
  return imageRegistry([pause, busybox, ...podinfoImages(basesOver({ files, shell: APPLETS.sh as never }))])
}
