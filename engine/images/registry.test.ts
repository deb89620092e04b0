import { describe, expect, it } from 'vitest'
import type { Image } from '../containers/contract.ts'
import { parseReference } from './reference.ts'
import { imageRegistry } from './registry.ts'

const image = (repository: string, ...tags: string[]): Image => ({ repository, tags, size: 1, files: {}, memory: 1 })

describe('a reference', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx', 'latest'],
    ['nginx:1.26', 'docker.io/library/nginx', '1.26'],
    ['docker.io/nginx:1.26', 'docker.io/library/nginx', '1.26'],
    ['docker.io/library/nginx', 'docker.io/library/nginx', 'latest'],
    ['index.docker.io/library/nginx', 'docker.io/library/nginx', 'latest'],
    ['stefanprodan/podinfo:6.9.1', 'docker.io/stefanprodan/podinfo', '6.9.1'],
    ['ghcr.io/stefanprodan/podinfo', 'ghcr.io/stefanprodan/podinfo', 'latest'],
    ['localhost:5000/a/b:c', 'localhost:5000/a/b', 'c'],
    ['localhost/a', 'localhost/a', 'latest'],
  ])('%s names %s with tag %s', (text, repository, tag) => {
    expect(parseReference(text)).toEqual({ repository, tag })
  })

  it('may have a digest in place of a tag, or with it', () => {
    const digest = `sha256:${'a'.repeat(64)}`
    expect(parseReference(`nginx@${digest}`)).toEqual({ repository: 'docker.io/library/nginx', digest })
    expect(parseReference(`nginx:1@${digest}`)).toEqual({ repository: 'docker.io/library/nginx', tag: '1', digest })
  })

  it.each(['Nginx', 'nginx:', 'nginx:a b', '', 'a//b', '-a', 'nginx@sha256:1', 'nginx:1.26:2'])(
    'is none: %j',
    (text) => {
      expect(parseReference(text)).toBeUndefined()
    },
  )
})

describe('the registry', () => {
  const registry = imageRegistry([
    image('nginx', '1.26', '1.26.3'),
    image('nginx', '1.27', 'latest'),
    image('ghcr.io/a/b', '1'),
  ])

  it('gives one image for several tags and names of it, with ids that stay', () => {
    const found = registry.find('nginx:1.26')
    expect(found?.name).toBe('docker.io/library/nginx:1.26')
    expect(found?.id).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(found?.digest).toMatch(/^docker\.io\/library\/nginx@sha256:[0-9a-f]{64}$/)
    expect(registry.find('docker.io/library/nginx:1.26.3')).toMatchObject({ id: found?.id, digest: found?.digest })
    expect(registry.find('nginx')?.id).not.toBe(found?.id)
    expect(imageRegistry([image('nginx', '1.26')]).find('nginx:1.26')?.id).toBe(found?.id)
    expect(registry.find(found?.digest ?? '')?.image).toBe(found?.image)
  })

  it('has not what nobody put there', () => {
    for (const reference of ['nginx:9', 'ngnix', 'ghcr.io/a/b', 'example.com/nginx:1.26', 'NGINX']) {
      expect(registry.find(reference)).toBeUndefined()
    }
  })
})
