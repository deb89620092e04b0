import type { Random } from './random.ts'

/** What names and identifies objects; drawn from the seed, so that a run's objects have the same names and uids each time. */
export interface Ids {
  /** A UUID of version 4: `metadata.uid`. */
  uid(): string
  /** What upstream puts after a generateName: five of the letters and digits that make no words. */
  suffix(length?: number): string
}

/** As apimachinery's `util/rand`: no vowels, no 0, 1 or 3. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

export function idsFrom(random: Random): Ids {
  return {
    uid: () => uuid(random),
    suffix(length = 5) {
      const letters: string[] = []
      while (letters.length < length) letters.push(ALPHABET[random.below(ALPHABET.length)] as string)
      return letters.join('')
    },
  }
}

/** Joined, not added up: what is added up stays a tree of its parts, thrice as large, for as long as the object is there. */
function uuid(random: Random): string {
  const first = hex(random.uint32())
  const second = hex(((random.uint32() & 0xffff0fff) | 0x4000) >>> 0)
  const third = hex(((random.uint32() & 0x3fffffff) | 0x80000000) >>> 0)
  const fourth = hex(random.uint32())
  const parts = [first, second.slice(0, 4), second.slice(4), third.slice(0, 4), third.slice(4) + fourth]
  return parts.join('-')
}

const hex = (word: number): string => word.toString(16).padStart(8, '0')
