/** A real OpenID provider in a process of its own, for tests: `node provider.ts PORT REDIRECT_URI`. Any password will do. */
import process from 'node:process'
import Provider from 'oidc-provider'

const [port = '', redirect = ''] = process.argv.slice(2)

const people: Record<string, { name?: string; email: string; email_verified: boolean; groups?: string[] }> = {
  ada: { name: 'Ada Lovelace', email: 'Ada@example.org', email_verified: true },
  bob: { name: 'Bob', email: 'bob@elsewhere.org', email_verified: true, groups: ['readers'] },
  // Anybody can write any address where nobody looks.
  eve: { name: 'Eve', email: 'ada@example.org', email_verified: false },
  tim: { email: 'tim@elsewhere.org', email_verified: true, groups: ['readers', 'trainers'] },
  fay: { name: 'Fay', email: 'fay@evil-school.example', email_verified: true },
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'quayside', client_secret: 'a-secret-of-this-client', redirect_uris: [redirect] }],
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
  scopes: ['openid', 'profile', 'email', 'groups'],
  pkce: { required: () => true },
  cookies: { keys: ['a-key-of-this-provider'] },
  findAccount: (_: unknown, id: string) => ({ accountId: id, claims: async () => ({ sub: id, ...people[id] }) }),
})
provider.listen(Number(port), '127.0.0.1', () => process.send?.('ready'))
