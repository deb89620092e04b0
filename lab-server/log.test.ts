import { describe, expect, it } from 'vitest'
import { createLog, scrub } from './log.ts'

function setup(secrets: string[] = []) {
  let written = ''
  const log = createLog({ level: 'debug', destination: { write: (line) => (written += line) }, secrets })
  return { log, lines: () => written }
}

describe('log', () => {
  it('writes one JSON object a line, with the session', () => {
    const { log, lines } = setup()
    log.child({ session: 'abc' }).info('ready')
    expect(JSON.parse(lines())).toMatchObject({ level: 'info', session: 'abc', msg: 'ready' })
  })

  it.each([
    { cookie: 'S3CRET' },
    { headers: { cookie: 'S3CRET', authorization: 'S3CRET', 'set-cookie': 'S3CRET' } },
    { config: { hostSecret: 'S3CRET' } },
    { cluster: { admin: { kubeconfig: 'S3CRET', token: 'S3CRET' } } },
    { key: 'S3CRET', password: 'S3CRET' },
    { err: new Error('request failed: Authorization: Bearer S3CRET-abcdef') },
    { err: new Error('client-key-data: S3CRETabcdefghij') },
    { err: new Error('-----BEGIN RSA PRIVATE KEY-----\nS3CRET\nabc\n-----END RSA PRIVATE KEY-----') },
    { err: new Error('connect', { cause: new Error('token=S3CRETabcdef') }) },
    { text: 'token: eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlIn0.S3CRET' },
    { text: 'Cookie: __Host-quayside=S3CRET.abc; other=1' },
    { text: 'Cookie: quayside-0123abcd=S3CRET' },
  ])('S-10: hides the secret in %j', (fields) => {
    const { log, lines } = setup()
    log.error(fields, 'failed')
    expect(lines()).toContain('failed')
    expect(lines()).not.toContain('S3CRET')
    expect(() => JSON.parse(lines())).not.toThrow()
  })

  it('S-10: hides given values wherever they stand', () => {
    const { log, lines } = setup(['open "sesame"!'])
    log.info({ list: ['say open "sesame"! now'] }, 'open "sesame"!')
    expect(lines()).not.toContain('sesame')
    expect(() => JSON.parse(lines())).not.toThrow()
  })

  it('leaves ordinary text alone', () => {
    const line = '{"session":"q1w2e3","msg":"the shell exited","code":0,"keys":3}'
    expect(scrub(line)).toBe(line)
  })
})
