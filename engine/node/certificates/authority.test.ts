import { createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../clock/virtual-clock.ts'
import { CertificateAuthority } from './authority.ts'

const clock = new VirtualClock({ start: Date.UTC(2026, 0, 2, 3, 4, 5) })
const authority = new CertificateAuthority(clock)
const root = new X509Certificate(authority.certificate)

describe('a certificate authority', () => {
  it('signs itself', () => {
    expect(root.ca).toBe(true)
    expect(root.subject).toBe('CN=kubernetes')
    expect(root.verify(root.publicKey)).toBe(true)
    expect(root.checkIssued(root)).toBe(true)
  })

  it('issues server certificates for names and addresses', () => {
    const { certificate, key } = authority.server('kube-apiserver', ['localhost', '127.0.0.1', '::1', 'fd00:1::2:3'])
    const server = new X509Certificate(certificate)
    expect(server.checkIssued(root)).toBe(true)
    expect(server.verify(root.publicKey)).toBe(true)
    expect(server.checkPrivateKey(createPrivateKey(key))).toBe(true)
    expect(server.checkHost('localhost')).toBe('localhost')
    for (const address of ['127.0.0.1', '::1', 'fd00:1::2:3']) expect(server.checkIP(address)).toBe(address)
    expect(server.checkHost('example.org')).toBeUndefined()
    expect(server.ca).toBe(false)
    expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  })

  it('issues client certificates that name a user and their groups', () => {
    const client = new X509Certificate(
      authority.client({ commonName: 'jana', organizations: ['dev', 'ops'] }).certificate,
    )
    expect(client.subject).toBe('O=dev\nO=ops\nCN=jana')
    expect(client.verify(root.publicKey)).toBe(true)
    expect(client.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
  })

  it('lets certificates begin a little before now and hold for a year', () => {
    expect(new Date(root.validFrom).toISOString()).toBe('2026-01-02T02:59:05.000Z')
    expect(new Date(root.validTo).toISOString()).toBe('2027-01-02T03:04:05.000Z')
  })

  it('writes years beyond 2049 in full', () => {
    const late = new CertificateAuthority(new VirtualClock({ start: Date.UTC(2060, 0, 1) }))
    expect(new Date(new X509Certificate(late.certificate).validFrom).getUTCFullYear()).toBe(2059)
  })

  it('goes on with the key that was kept', () => {
    const again = new CertificateAuthority(clock, authority.keyPair)
    expect(again.certificate).toBe(authority.certificate)
    expect(new X509Certificate(again.client({ commonName: 'jana' }).certificate).verify(root.publicKey)).toBe(true)
  })
})
