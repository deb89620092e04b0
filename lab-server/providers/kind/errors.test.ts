import { describe, expect, it } from 'vitest'
import { ReaderError } from '../../errors.ts'
import { imageMissing, readerError } from './errors.ts'

const system = (code: string) => Object.assign(new Error(`connect ${code} /var/run/docker.sock`), { code })

describe('errors on the way to a cluster', () => {
  it.each([
    [system('ENOENT'), 'docker-not-running'],
    [system('ECONNREFUSED'), 'docker-not-running'],
    [new Error('Cannot connect to the Docker daemon at unix:///var/run/docker.sock.'), 'docker-not-running'],
    [system('EACCES'), 'docker-forbidden'],
    [new Error('permission denied while trying to connect to the Docker daemon socket'), 'docker-forbidden'],
    [new Error('write /var/lib/docker/tmp/x: no space left on device'), 'no-disk-space'],
    [
      new Error('could not find an available, non-overlapping IPv4 address pool among the defaults'),
      'networks-exhausted',
    ],
    [new Error('all predefined address pools have been fully subnetted'), 'networks-exhausted'],
    [new Error('Failed to create inotify watch: too many open files'), 'host-limits'],
    [new Error('failed to init node with kubeadm'), 'kind-failed'],
  ])('says of "%s": %s', (error, code) => {
    const shown = readerError(error)
    expect(shown.code).toBe(code)
    expect(shown.cause).toBe(error)
    expect(shown.message).not.toContain('/var')
  })

  it('says what to do when Docker is not running', () => {
    expect(readerError(system('ENOENT')).message).toBe('Docker is not running: start it and reload this page.')
  })

  it('names the image that is missing', () => {
    expect(imageMissing('busybox:9').message).toBe(
      'The image busybox:9 is not on this machine and could not be fetched.',
    )
  })

  it('leaves an error alone that is for the reader already', () => {
    const error = new ReaderError('other', 'Something.')
    expect(readerError(error)).toBe(error)
  })
})
