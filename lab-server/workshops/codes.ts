/**
 * Codes to join with, and tokens of personal links. Both are worked out of a key that only this installation has: they are stored
 * nowhere and can be shown again at any time.
 *
 * A code begins with the room's prefix, which is no secret, so that wrong guesses count against the room that they are aimed at.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { keyFor } from '../http/signed-cookie.ts'

/** 22 letters and digits that cannot be mistaken for one another, read or heard, and no vowels, so that no word arises: 4.46 bits each. */
export const ALPHABET = 'CDFGHJKMNPQRTVWXY34679'

/** Characters of the prefix: more rooms than one server will have. */
export const PREFIX = 3
/**
 * Characters after it. Of a room's one code, 22 bits: with the guesses that a room bears in a minute, somebody who guesses for a
 * whole day has it with a chance of 1.7 %. Of one-time codes, 40 bits.
 */
const SECRET = { one: 5, 'one-time': 9 } as const
/** They are shown in groups of four. */
const GROUP = 4

export interface CodeOf {
  seed: string
  prefix: string
  kind: keyof typeof SECRET
  /** 0 for the room's one code; one-time codes count from 1. */
  number: number
}

export interface Codes {
  prefix(seed: string): string
  /** As it is shown: `CDFG-HJKM`. */
  code(of: CodeOf): string
  /** What a code is recognized by, however it was typed. */
  hash(typed: string): string
  token(seat: string): string
  /** The seat whose link has this token. */
  seatOf(token: string): string | undefined
}

export function createCodes(key: Buffer): Codes {
  const [codes, hashes, links] = ['workshop codes', 'hashes of codes', 'personal links'].map((purpose) =>
    keyFor(purpose, key),
  ) as [Buffer, Buffer, Buffer]
  const mac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const token = (seat: string) => `${seat}.${mac(links, seat).toString('base64url')}`
  return {
    prefix: (seed) => letters(mac(codes, `${seed} prefix`), PREFIX),
    code({ seed, prefix, kind, number }) {
      const secret = letters(mac(codes, `${seed} ${kind} ${number}`), SECRET[kind])
      return grouped(prefix + secret)
    },
    hash: (typed) => mac(hashes, plain(typed)).toString('base64url'),
    token,
    seatOf(given) {
      const [seat = ''] = given.split('.')
      const [a, b] = [mac(links, given), mac(links, token(seat))]
      return timingSafeEqual(a, b) ? seat : undefined
    },
  }
}

/** The room that a typed code speaks of, whether there is one or not. */
export const prefixOf = (typed: string): string => plain(typed).slice(0, PREFIX)

/** People type codes in lower case, without hyphens, with spaces. */
const plain = (typed: string) => typed.toUpperCase().replace(/[^0-9A-Z]/g, '')

const grouped = (code: string) => code.match(new RegExp(`.{1,${GROUP}}`, 'g'))?.join('-') ?? ''

/** 256 bits as so many letters: what is left over is far more than they take, so that each is as likely as any. */
function letters(bytes: Buffer, count: number): string {
  let left = BigInt(`0x${bytes.toString('hex')}`)
  const base = BigInt(ALPHABET.length)
  let text = ''
  while (text.length < count) {
    text += ALPHABET[Number(left % base)]
    left /= base
  }
  return text
}
