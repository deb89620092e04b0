import { describe, expect, it } from 'vitest'
import { fullName, imageNameError, pullError } from './reference.ts'

const start = (name: string) => `failed to pull and unpack image "${name}": failed to resolve reference "${name}": `

describe('why an image cannot be pulled', () => {
  it('names the port that nobody listens on, asked in the clear on the node itself', () => {
    expect(pullError('127.0.0.1:1/missing:1', false)).toBe(
      `${start('127.0.0.1:1/missing:1')}failed to do request: Head "http://127.0.0.1:1/v2/missing/manifests/1": dial tcp 127.0.0.1:1: connect: connection refused`,
    )
    expect(pullError('localhost:5000/app', false)).toBe(
      `${start('localhost:5000/app:latest')}failed to do request: Head "http://localhost:5000/v2/app/manifests/latest": dial tcp [::1]:5000: connect: connection refused`,
    )
  })

  it('names a registry that is no name in the DNS', () => {
    expect(pullError('registry.example/team/app:2', false)).toBe(
      `${start('registry.example/team/app:2')}failed to do request: Head "https://registry.example/v2/team/app/manifests/2": dial tcp: lookup registry.example: no such host`,
    )
  })

  it('looks no address up', () => {
    expect(pullError('10.9.8.7/app:2', false)).toMatch(/: dial tcp 10\.9\.8\.7:443: i\/o timeout$/)
  })

  it('keeps a code that says something, and only such', () => {
    expect(pullError('nginx:nothing', true)).toBe(
      `rpc error: code = NotFound desc = ${start('docker.io/library/nginx:nothing')}docker.io/library/nginx:nothing: not found`,
    )
    expect(pullError('nginxx', false)).toBe(
      `${start('docker.io/library/nginxx:latest')}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
    )
  })
})

describe('the name of an image', () => {
  it('is filled up as containerd does', () => {
    expect(fullName('nginx')).toBe('docker.io/library/nginx:latest')
    expect(fullName('team/app:1')).toBe('docker.io/team/app:1')
    expect(fullName('localhost:5000/app')).toBe('localhost:5000/app:latest')
  })

  it('may be none', () => {
    expect(imageNameError('nginx:1.26')).toBeUndefined()
    expect(imageNameError('Nginx')).toMatch(
      /^couldn't parse image name "Nginx": invalid reference format: repository name/,
    )
    expect(imageNameError('UPPER/Case:1')).toBe(
      `couldn't parse image name "UPPER/Case:1": invalid reference format: repository name (Case) must be lowercase`,
    )
  })
})
