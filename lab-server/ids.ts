/** All randomness that names or protects something comes through here, so that tests can pass a fixed sequence. */
import { randomBytes } from 'node:crypto'

export interface Ids {
  /** Unguessable, 128 bits, 22 characters of base64url: sessions, readers, epochs. */
  secret(): string
  /** Short and pleasant to read in `kubectl get nodes`: five of the letters and digits that cannot be mistaken. */
  short(): string
}

/** Without vowels, so that no word arises, and without 0, 1, l: as Kubernetes' own generated names. */
const ALPHABET = 'bcdfghjkmnpqrstvwxz2456789'

export const randomIds: Ids = {
  secret: () => randomBytes(16).toString('base64url'),
  short: () => [...randomBytes(5)].map((byte) => ALPHABET[byte % ALPHABET.length]).join(''),
}
