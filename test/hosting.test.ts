/** What is there for those who host: each file names what there is. That the image starts and runs a lab is seen by building it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { configManual, readConfig } from '../lab-server/config.ts'
import { composeComplaints } from '../src/content-checks/compose.ts'
import { composeSchema } from '../src/content-checks/schemas.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

interface Service {
  environment: Record<string, string>
  volumes: string[]
  security_opt?: string[]
  cap_drop?: string[]
}
const compose = load(read('compose.yaml')) as { services: Record<'quayside' | 'proxy', Service> }
const dockerfile = read('Dockerfile')

/** All that there are, as the manual names them. */
const known = new Set([...configManual().matchAll(/^\| `(QUAYSIDE_\w+)`/gm)].map(([, name = '']) => name))

describe('the image', () => {
  it('sets what the server takes, and starts what there is', () => {
    const settings = Object.fromEntries(
      [...dockerfile.matchAll(/(QUAYSIDE_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
    )
    expect(Object.keys(settings).filter((name) => !known.has(name))).toEqual([])
    const more = { QUAYSIDE_HOST_SECRET: 'correct-horse-battery', QUAYSIDE_PUBLIC_URL: 'https://labs.example.org' }
    expect(readConfig({ ...settings, ...more })).toMatchObject({ host: '0.0.0.0', provider: 'embedded', data: '/data' })
    for (const [file] of dockerfile.matchAll(/lab-server\/\S+?\.ts/g))
      expect(existsSync(join(root, file)), file).toBe(true)
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    for (const [, name = ''] of dockerfile.matchAll(/npm run (\w+)/g)) expect(scripts).toHaveProperty(name)
  })

  it('runs as a user without rights, with no secret in it', () => {
    expect(dockerfile).toMatch(/^USER quayside$/m)
    expect(dockerfile).not.toMatch(/SECRET/)
    for (const kept of ['.env', '.git', '.quayside', 'node_modules'])
      expect(read('.dockerignore').split('\n')).toContain(kept)
  })
})

describe('the compose file', () => {
  const { quayside, proxy } = compose.services

  it('sets what the server takes, mounts what there is, and has the names that the Caddyfile has', () => {
    const outside = [...known, 'QUAYSIDE_DOMAIN', 'QUAYSIDE_MEMORY']
    for (const [name] of read('compose.yaml').matchAll(/QUAYSIDE_\w+/g)) expect(outside).toContain(name)
    for (const [name] of read('hosting/Caddyfile').matchAll(/QUAYSIDE_(?!PREVIEW)\w+/g))
      expect(Object.keys(proxy.environment)).toContain(name)
    const files = [...quayside.volumes, ...proxy.volumes].flatMap((volume) => /^\.\/[^:]+/.exec(volume) ?? [])
    expect(files).toEqual(['./hosting/Caddyfile'])
    for (const file of files) expect(existsSync(join(root, file)), file).toBe(true)
    expect(read('hosting/Caddyfile')).toContain('reverse_proxy quayside:4321')
  })

  it('is one that Compose takes', () => {
    expect(composeComplaints(compose, composeSchema)).toEqual([])
    expect(composeComplaints({ services: { web: { imag: 'x' } } }, composeSchema)).not.toEqual([])
  })

  it('gives the server no rights and no socket of Docker', () => {
    expect(quayside.cap_drop).toEqual(['ALL'])
    expect(quayside.security_opt).toEqual([
      'no-new-privileges:true',
      'seccomp:hosting/seccomp.json',
      'apparmor:unconfined',
      'systempaths=unconfined',
    ])
    expect(JSON.stringify(compose.services)).not.toContain('docker.sock')
    const { syscalls } = JSON.parse(read('hosting/seccomp.json')) as { syscalls: { names: string[]; action: string }[] }
    for (const call of ['bpf', 'kexec_load', 'init_module', 'open_by_handle_at', 'userfaultfd', 'keyctl', 'ptrace'])
      expect(syscalls[0]?.names).toContain(call)
  })
})
