import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { isIP } from 'node:net'
import type { Clock } from '../../clock/clock.ts'
import {
  bits,
  boolean,
  type Der,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octets,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts'

/** A private key and the certificate for it, both PEM. */
export interface KeyPair {
  readonly key: string
  readonly certificate: string
}

export interface Subject {
  readonly commonName: string
  readonly organizations?: readonly string[]
}

interface Wanted {
  readonly subject: Subject
  /** DNS names and IP addresses. */
  readonly names?: readonly string[]
  readonly uses: readonly ('server' | 'client')[]
}

const DAY = 24 * 60 * 60 * 1000
/** How long certificates hold: those of a cluster that lives for hours or days. */
const LIFETIME = 365 * DAY
/** Clocks of clients may be behind. */
const EARLIER = 5 * 60 * 1000

const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'))
const keyUses = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' }

/** The certificate authority of one cluster (X.509 v3, RFC 5280; P-256 keys, which are made in a millisecond). */
export class CertificateAuthority {
  readonly #clock: Clock
  readonly #key: KeyObject
  readonly #name: Der
  readonly #keyId: Der
  /** What clients trust, PEM. */
  readonly certificate: string

  /** A new one, or the one whose key and certificate are given. */
  constructor(clock: Clock, kept?: KeyPair) {
    this.#clock = clock
    this.#key = kept === undefined ? newKey() : createPrivateKey(kept.key)
    this.#name = nameOf({ commonName: 'kubernetes' })
    this.#keyId = keyIdOf(publicKeyOf(this.#key))
    this.certificate =
      kept?.certificate ??
      this.#certify(this.#name, publicKeyOf(this.#key), [
        extension('2.5.29.19', sequence(boolean(true)), true),
        // digitalSignature, keyEncipherment, keyCertSign
        extension('2.5.29.15', bits(Uint8Array.of(0b1010_0100), 2), true),
        extension('2.5.29.14', octets(this.#keyId)),
      ])
  }

  /** To be kept beside a snapshot, so that clients still trust the cluster when it is restored. */
  get keyPair(): KeyPair {
    return { key: pem(this.#key), certificate: this.certificate }
  }

  server(commonName: string, names: readonly string[]): KeyPair {
    return this.#issue({ subject: { commonName }, names, uses: ['server'] })
  }

  client(subject: Subject): KeyPair {
    return this.#issue({ subject, uses: ['client'] })
  }

  #issue({ subject, names = [], uses }: Wanted): KeyPair {
    const key = newKey()
    const certificate = this.#certify(nameOf(subject), publicKeyOf(key), [
      // digitalSignature, keyEncipherment
      extension('2.5.29.15', bits(Uint8Array.of(0b1010_0000), 5), true),
      extension('2.5.29.37', sequence(...uses.map((use) => objectIdentifier(keyUses[use])))),
      extension('2.5.29.19', sequence(), true),
      extension('2.5.29.35', sequence(implicit(0, this.#keyId))),
      ...(names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names.map(alternativeName)))]),
    ])
    return { key: pem(key), certificate }
  }

  #certify(subject: Der, publicKey: Der, extensions: readonly Der[]): string {
    const now = this.#clock.now()
    const body = sequence(
      explicit(0, integer(Uint8Array.of(2))),
      integer(randomBytes(16)),
      ecdsaWithSha256,
      this.#name,
      sequence(time(now - EARLIER), time(now + LIFETIME)),
      subject,
      publicKey,
      explicit(3, sequence(...extensions)),
    )
    const signed = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, this.#key)))
    const lines =
      Buffer.from(signed)
        .toString('base64')
        .match(/.{1,64}/g) ?? []
    return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
  }
}

const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const publicKeyOf = (key: KeyObject): Der => createPublicKey(key).export({ type: 'spki', format: 'der' })
const keyIdOf = (publicKey: Der): Der => createHash('sha1').update(publicKey).digest()

function nameOf({ commonName, organizations = [] }: Subject): Der {
  const attribute = (identifier: string, text: string): Der =>
    set(sequence(objectIdentifier(identifier), utf8String(text)))
  return sequence(
    ...organizations.map((organization) => attribute('2.5.4.10', organization)),
    attribute('2.5.4.3', commonName),
  )
}

function extension(identifier: string, value: Der, critical = false): Der {
  return sequence(objectIdentifier(identifier), ...(critical ? [boolean(true)] : []), octets(value))
}

function alternativeName(name: string): Der {
  if (isIP(name) === 0) return implicit(2, Buffer.from(name, 'ascii'))
  return implicit(7, isIP(name) === 4 ? Uint8Array.from(name.split('.').map(Number)) : ipv6Bytes(name))
}

function ipv6Bytes(address: string): Der {
  const [before = '', after] = address.split('::')
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const start = groups(before)
  const end = groups(after ?? '')
  const all = [...start, ...new Array<number>(after === undefined ? 0 : 8 - start.length - end.length).fill(0), ...end]
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}
