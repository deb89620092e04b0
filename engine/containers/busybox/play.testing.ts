import { busyboxImage } from '../../images/busybox/image.ts'
import { TestBench } from '../machine.testing.ts'

/** What a script said, to the end of its shell. */
export interface Said {
  readonly script: string
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

/** A script in the engine, under the same conditions. */
export async function play(script: string): Promise<Said> {
  const bench = new TestBench()
  const { container, written } = bench.container(busyboxImage, {
    command: ['sh', '-c', script],
    env: new Map([['HOME', '/root']]),
    workingDir: '/work',
  })
  container.start()
  const { code } = await bench.until(container.ended)
  container.remove()
  return { script, stdout: written.stdout, stderr: written.stderr, code }
}
