/** Who is signed in as a host, over restarts. What is stored proves nothing: tokens are hashed. */
import type { DatabaseSync } from 'node:sqlite'

export interface SignInRecord {
  /** The hash of the cookie's token. */
  id: string
  host: string
  name: string
  /** Milliseconds since the epoch. */
  expiresAt: number
}

export const HOST_TABLES = `
  CREATE TABLE host_sign_ins (
    id TEXT PRIMARY KEY, host TEXT NOT NULL, name TEXT NOT NULL, expires_at INTEGER NOT NULL
  ) STRICT;
`

export interface HostStore {
  put(signIn: SignInRecord): void
  get(id: string): SignInRecord | undefined
  remove(id: string): void
  forgetExpiredBefore(time: number): void
}

export function createHostStore(database: DatabaseSync): HostStore {
  const put = database.prepare('INSERT INTO host_sign_ins VALUES (:id, :host, :name, :expiresAt)')
  const get = database.prepare('SELECT id, host, name, expires_at AS expiresAt FROM host_sign_ins WHERE id = ?')
  const remove = database.prepare('DELETE FROM host_sign_ins WHERE id = ?')
  const forget = database.prepare('DELETE FROM host_sign_ins WHERE expires_at <= ?')
  return {
    put: (signIn) => void put.run({ ...signIn }),
    get: (id) => get.get(id) as SignInRecord | undefined,
    remove: (id) => void remove.run(id),
    forgetExpiredBefore: (time) => void forget.run(time),
  }
}
