/** Images of distributions, and the smallest ones. */
import type { Image } from '../containers/contract.ts'
import type { Bases, Files } from './bases/bases.ts'
import { untilKilled } from './programs/io.ts'

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const distribution = (
  repository: string,
  tags: readonly string[],
  size: number,
  shell: string,
  files: Files,
): Image => ({
  repository,
  tags,
  size,
  command: [shell],
  env: { PATH },
  memory: 1_000_000,
  files,
})

const HELLO = `
Hello from Docker!
This message shows that an image was found, fetched and run, and that what it
writes comes back to you.

Next, try something with a shell: an image such as busybox, alpine or ubuntu.

`

const pause: Image = {
  repository: 'registry.k8s.io/pause',
  tags: ['3.10.1', '3.10', '3.9', 'latest'],
  size: 320_000,
  entrypoint: ['/pause'],
  env: { PATH },
  user: '65535:65535',
  memory: 200_000,
  files: {
    '/pause': {
      async program(process) {
        if (process.argv[1] === '-v') {
          await process.stdout.write('pause.c 3.10.1\n')
          return 0
        }
        let end = (_: number) => {}
        const ended = new Promise<number>((resolve) => {
          end = resolve
        })
        for (const signal of ['SIGINT', 'SIGTERM'] as const) {
          process.on(signal, () => {
            void process.stderr.write('Shutting down, got signal\n').catch(() => {})
            end(0)
          })
        }
        return Promise.race([ended, untilKilled(process)])
      },
    },
  },
}

const helloWorld: Image = {
  repository: 'hello-world',
  tags: ['latest', 'linux'],
  size: 2_500,
  command: ['/hello'],
  env: { PATH },
  memory: 100_000,
  files: {
    '/hello': {
      async program({ stdout }) {
        await stdout.write(HELLO)
        return 0
      },
    },
  },
}

export function plainImages(bases: Bases): readonly Image[] {
  return [
    pause,
    helloWorld,
    distribution('alpine', ['3.22.1', '3.22', '3', 'latest'], 3_800_000, '/bin/sh', bases.alpine('3.22.1')),
    distribution('alpine', ['3.21.3', '3.21'], 3_650_000, '/bin/sh', bases.alpine('3.21.3')),
    distribution('alpine', ['3.20.6', '3.20'], 3_630_000, '/bin/sh', bases.alpine('3.20.6')),
    distribution(
      'debian',
      ['13', 'trixie', 'stable', 'latest', 'trixie-slim', '13-slim', 'stable-slim'],
      49_300_000,
      'bash',
      bases.debian('13.1', 'trixie'),
    ),
    distribution(
      'debian',
      ['12', 'bookworm', 'bookworm-slim', '12-slim'],
      48_500_000,
      'bash',
      bases.debian('12.11', 'bookworm'),
    ),
    distribution('ubuntu', ['24.04', 'noble', 'latest'], 29_700_000, '/bin/bash', bases.ubuntu('24.04', 'noble')),
    distribution('ubuntu', ['22.04', 'jammy'], 29_500_000, '/bin/bash', bases.ubuntu('22.04', 'jammy')),
  ]
}
