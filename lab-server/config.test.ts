import { describe, expect, it } from 'vitest'
import { ConfigError, configManual, isPrivate, readConfig, variableOf } from './config.ts'

const messageOf = (env: Record<string, string>) => {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('expected the configuration to be refused')
}

describe('configuration', () => {
  it('has a default for everything that needs one', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      data: '.quayside',
      provider: 'auto',
      kind: 'kind',
      pool: 1,
      maxSessions: 3,
      maxSimulated: 40,
      maxSessionsPerReader: 2,
      maxSessionsPerAddress: 40,
      startsPerMinute: 20,
      maxShells: 4,
      sessionMinutes: 60,
      idleMinutes: 20,
      extensions: 2,
      extendMinutes: 30,
      nodeMemory: 2 * 1024 ** 3,
      nodeCpus: 2,
      shellMemory: 256 * 1024 ** 2,
      shellCpus: 1,
      openidGroupsClaim: 'groups',
      openidScopes: 'openid profile email',
      keepDays: 30,
      logLevel: 'info',
    })
  })

  it('reads what is set', () => {
    const config = readConfig({
      QUAYSIDE_PORT: '8080',
      QUAYSIDE_NODE_CPUS: '1.5',
      QUAYSIDE_SHELL_MEMORY: '1g',
      QUAYSIDE_TRUSTED_PROXY: '10.0.0.0/8, ::1',
      QUAYSIDE_PUBLIC_URL: 'https://labs.example.org/',
      PATH: '/bin',
    })
    expect(config).toMatchObject({
      port: 8080,
      nodeCpus: 1.5,
      shellMemory: 1024 ** 3,
      trustedProxy: ['10.0.0.0/8', '::1'],
      publicUrl: 'https://labs.example.org',
    })
  })

  it('takes an OpenID provider with those who may host, and not everybody', () => {
    const issuer = { QUAYSIDE_OPENID_ISSUER: 'https://accounts.example.org/realms/a' }
    expect(messageOf(issuer)).toBe(
      'QUAYSIDE_OPENID_ISSUER needs QUAYSIDE_OPENID_CLIENT_ID and QUAYSIDE_OPENID_EMAILS or QUAYSIDE_OPENID_GROUPS (or everybody with an account there could host) as well.',
    )
    const all = { ...issuer, QUAYSIDE_OPENID_CLIENT_ID: 'quayside' }
    expect(readConfig({ ...all, QUAYSIDE_OPENID_EMAILS: 'ada@example.org, @example.com' }).openidEmails).toEqual([
      'ada@example.org',
      '@example.com',
    ])
    expect(readConfig({ ...all, QUAYSIDE_OPENID_GROUPS: 'Trainers, /staff/it' }).openidGroups).toEqual([
      'Trainers',
      '/staff/it',
    ])
    expect(messageOf({ ...all, QUAYSIDE_OPENID_EMAILS: 'example.com' })).toMatch(
      'expected e-mail addresses, or domains like @example.org, with commas between.',
    )
    expect(messageOf({ ...all, QUAYSIDE_OPENID_ISSUER: 'http://accounts.example.org' })).toMatch('an https address')
    expect(messageOf({ ...all, QUAYSIDE_OPENID_SCOPES: 'profile' })).toMatch('openid among them')
  })

  it('takes no webhooks without what they are signed with, and repeats neither', () => {
    const secret = 'a-secret-of-the-receivers'
    const hook = 'https://hooks.example.org/T0/secret, http://10.0.0.9:8080/'
    expect(readConfig({ QUAYSIDE_WEBHOOK_URLS: hook, QUAYSIDE_WEBHOOK_SECRET: secret }).webhookUrls).toEqual(
      hook.split(', '),
    )
    expect(messageOf({ QUAYSIDE_WEBHOOK_URLS: hook })).toBe(
      'QUAYSIDE_WEBHOOK_URLS needs QUAYSIDE_WEBHOOK_SECRET, with which webhooks are signed, as well.',
    )
    for (const wrong of ['hooks.example.org', 'file:///etc/passwd', 'https://me:secret@example.org/']) {
      expect(messageOf({ QUAYSIDE_WEBHOOK_URLS: wrong, QUAYSIDE_WEBHOOK_SECRET: secret })).toBe(
        'QUAYSIDE_WEBHOOK_URLS is a value that does not fit; expected http or https addresses with commas between, without a user in them.',
      )
    }
  })

  it('is private on loopback, and not once others may come by a proxy', () => {
    const secret = { QUAYSIDE_HOST_SECRET: 'correct-horse-battery' }
    const url = { QUAYSIDE_PUBLIC_URL: 'https://labs.example.org' }
    expect(
      [{}, secret, url, { ...secret, ...url, QUAYSIDE_HOST: '0.0.0.0' }].map((env) => isPrivate(readConfig(env))),
    ).toEqual([true, true, false, false])
  })

  it('takes a variable that is set to nothing as not set', () => {
    expect(readConfig({ QUAYSIDE_POOL: '' }).pool).toBe(1)
  })

  it.each([
    [{ QUAYSIDE_PROT: '80' }, 'QUAYSIDE_PROT is not a setting of Quayside. Did you mean QUAYSIDE_PORT?'],
    [
      { QUAYSIDE_MAX_SESSION: '3' },
      'QUAYSIDE_MAX_SESSION is not a setting of Quayside. Did you mean QUAYSIDE_MAX_SESSIONS?',
    ],
    [{ QUAYSIDE_WEATHER: 'fine' }, 'QUAYSIDE_WEATHER is not a setting of Quayside.'],
    [{ QUAYSIDE_PORT: 'http' }, 'QUAYSIDE_PORT is "http"; expected a whole number from 1 to 65535.'],
    [{ QUAYSIDE_PORT: '70000' }, 'QUAYSIDE_PORT is "70000"; expected a whole number from 1 to 65535.'],
    [{ QUAYSIDE_POOL: '-1' }, 'QUAYSIDE_POOL is "-1"; expected a whole number from 0 to 50.'],
    [{ QUAYSIDE_PROVIDER: 'minikube' }, 'QUAYSIDE_PROVIDER is "minikube"; expected auto, kind or embedded.'],
    [{ QUAYSIDE_NODE_CPUS: 'two' }, 'QUAYSIDE_NODE_CPUS is "two"; expected a number from 0.1 to 256.'],
    [
      { QUAYSIDE_SHELL_MEMORY: '256' },
      'QUAYSIDE_SHELL_MEMORY is "256"; expected an amount of memory of at least 6m, like 256m or 2g.',
    ],
    [
      { QUAYSIDE_LOG_LEVEL: 'loud' },
      'QUAYSIDE_LOG_LEVEL is "loud"; expected trace, debug, info, warn, error or silent.',
    ],
    [
      { QUAYSIDE_PUBLIC_URL: 'labs.example.org' },
      'QUAYSIDE_PUBLIC_URL is "labs.example.org"; expected an address without a path, like https://labs.example.org.',
    ],
    [
      { QUAYSIDE_TRUSTED_PROXY: 'the proxy' },
      'QUAYSIDE_TRUSTED_PROXY is "the proxy"; expected IP addresses or networks with commas between, like 10.0.0.0/8.',
    ],
  ])('refuses %j', (env, message) => {
    expect(messageOf(env)).toBe(message)
  })

  it('names every problem at once', () => {
    expect(messageOf({ QUAYSIDE_POOL: 'x', QUAYSIDE_IDLE: '3' }).split('\n')).toHaveLength(2)
  })

  it('does not repeat a secret that does not fit', () => {
    const message = messageOf({ QUAYSIDE_HOST_SECRET: 'short one' })
    expect(message).toBe(
      'QUAYSIDE_HOST_SECRET is a value that does not fit; expected at least 16 characters without spaces.',
    )
  })

  it('refuses to listen beyond this machine without a secret and a public address', () => {
    expect(messageOf({ QUAYSIDE_HOST: '0.0.0.0' })).toBe(
      'QUAYSIDE_HOST is "0.0.0.0", which others can reach; that needs QUAYSIDE_HOST_SECRET (at least 16 characters that only you know) and QUAYSIDE_PUBLIC_URL (the https address that readers type) as well.',
    )
    expect(
      messageOf({
        QUAYSIDE_HOST: '0.0.0.0',
        QUAYSIDE_HOST_SECRET: 'x'.repeat(16),
        QUAYSIDE_PUBLIC_URL: 'http://a.example',
      }),
    ).toContain('needs QUAYSIDE_PUBLIC_URL')
    expect(
      readConfig({
        QUAYSIDE_HOST: '::',
        QUAYSIDE_HOST_SECRET: 'x'.repeat(16),
        QUAYSIDE_PUBLIC_URL: 'https://a.example',
      }).host,
    ).toBe('::')
  })

  it('describes every variable in the manual', () => {
    const manual = configManual()
    for (const key of Object.keys(readConfig({}))) expect(manual).toContain(`\`${variableOf(key)}\``)
    expect(manual).not.toContain('undefined')
  })
})
