/** Hosts sign in: by the secret of the settings, or, on this machine alone, by a link that is printed at the start. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { HostView, SignInRequest } from '../../protocol/workshop.ts'
import type { Clock } from '../clock.ts'
import { type Config, isPrivate } from '../config.ts'
import { ReaderError } from '../errors.ts'
import { RateLimit } from '../http/rate.ts'
import type { Ids } from '../ids.ts'
import type { OpenId } from './openid.ts'
import { keepSecret } from './secret.ts'
import type { HostStore } from './store.ts'

export interface Host {
  /** Stays the same whenever this person signs in; workshops belong to it. */
  id: string
  /** Shown to participants and in the audit. */
  name: string
}

export interface SignIn {
  /** Names the sign-in and does not prove it. */
  id: string
  host: Host
  expiresAt: number
}

/** What the browser has of a sign-in that it began elsewhere, and where it has us. */
export interface Begun {
  flow: string | undefined
  origin: string
}

export interface SignIns {
  readonly ways: HostView['ways']
  /** The token of the one-time link, while it can be used. */
  readonly link: string | undefined
  /**
   * @returns the token for the cookie
   * @throws {ReaderError} too-many-attempts (429), not-signed-in (403), openid-unavailable (502)
   */
  signIn(request: SignInRequest, address: string, begun?: Begun): Promise<string>
  /** Sets out to sign in by OpenID Connect. @throws {ReaderError} not-found (404) */
  begin(origin: string): Promise<{ location: string; flow: string }>
  /** Signs in somebody who has proved elsewhere who they are. @returns the token for the cookie */
  admit(host: Host): string
  who(token: string | undefined): SignIn | undefined
  signOut(signIn: SignIn): void
  /** Calls `end` once, when that sign-in is over; the function returned takes it back. */
  attend(signIn: SignIn, end: () => void): () => void
}

/** Milliseconds that a sign-in holds: the longest workshop. Also the cookie's age. */
export const SIGNED_IN_MS = 12 * 60 * 60_000

/** Attempts in a minute. Right and wrong ones count alike, and are answered alike when there were too many. */
const PER_ADDRESS = 10
const IN_ALL = 60

/** Whoever runs this server, by secret or link. */
const OPERATOR: Host = { id: 'operator', name: 'Host' }

const hashOf = (token: string) => createHash('sha256').update(token).digest()

export function createSignIns(options: {
  config: Pick<Config, 'host' | 'publicUrl' | 'hostSecret'>
  store: HostStore
  clock: Clock
  ids: Pick<Ids, 'secret'>
  /** By which hosts may sign in too. */
  openId?: OpenId | undefined
}): SignIns {
  const { config, store, clock, ids, openId } = options
  const isSecret = config.hostSecret === undefined ? undefined : keepSecret(config.hostSecret)
  let link = !isSecret && isPrivate(config) ? ids.secret() : undefined
  const byAddress = new RateLimit(PER_ADDRESS, clock)
  const inAll = new RateLimit(IN_ALL, clock)
  const attending = new Map<string, Set<() => void>>()

  /** Asked and answered in one turn of the event loop: of two who bring it at once, one is let in. */
  const useLink = (token: string) => {
    if (link === undefined || !timingSafeEqual(hashOf(token), hashOf(link))) return false
    link = undefined
    return true
  }

  /** @throws {ReaderError} too-many-attempts (429) */
  const count = (address: string) => {
    const wait = byAddress.take(address) || inAll.take('')
    if (wait === 0) return
    throw new ReaderError('too-many-attempts', `Too many attempts to sign in: try again in ${wait} s.`, {
      status: 429,
      retryAfter: wait,
    })
  }

  const admit = (host: Host): string => {
    const token = ids.secret()
    const now = clock.now()
    store.forgetExpiredBefore(now)
    store.put({
      id: hashOf(token).toString('base64url'),
      host: host.id,
      name: host.name,
      expiresAt: now + SIGNED_IN_MS,
    })
    return token
  }

  return {
    get ways(): HostView['ways'] {
      const own: HostView['ways'] = isSecret ? ['secret'] : link === undefined ? [] : ['link']
      return openId ? [...own, 'openid'] : own
    },
    get link() {
      return link
    },
    async begin(origin) {
      if (!openId) throw new ReaderError('not-found', 'Hosts do not sign in elsewhere here.', { status: 404 })
      return openId.begin(origin)
    },
    async signIn(request, address, begun) {
      count(address)
      if ('callback' in request) {
        const host = begun && (await openId?.finish(request.callback, begun.flow, begun.origin))
        if (host) return admit(host)
        throw new ReaderError('not-signed-in', 'Hosts do not sign in elsewhere here.', { status: 403 })
      }
      const proved = 'secret' in request ? await isSecret?.(request.secret) : useLink(request.token)
      if (proved) return admit(OPERATOR)
      throw new ReaderError(
        'not-signed-in',
        'secret' in request
          ? 'This is not the secret of whoever runs this server.'
          : 'This link has been used, or is of an earlier start: start the server again for a new one.',
        { status: 403 },
      )
    },
    admit,
    who(token) {
      const found = token === undefined ? undefined : store.get(hashOf(token).toString('base64url'))
      if (!found || found.expiresAt <= clock.now()) return undefined
      return { id: found.id, host: { id: found.host, name: found.name }, expiresAt: found.expiresAt }
    },
    signOut({ id }) {
      store.remove(id)
      for (const end of [...(attending.get(id) ?? [])]) end()
    },
    attend({ id, expiresAt }, end) {
      const ends = attending.get(id) ?? new Set()
      attending.set(id, ends)
      const leave = () => {
        cancel()
        ends.delete(over)
        if (ends.size === 0) attending.delete(id)
      }
      const over = () => {
        leave()
        end()
      }
      const cancel = clock.after(expiresAt - clock.now(), over)
      ends.add(over)
      return leave
    },
  }
}
