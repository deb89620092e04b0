/** apimachinery's letters and digits that make no words. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** A number of what a value says, the same for all that say the same: FNV-1a (32 bits) over its JSON with sorted keys. */
export function valueHash(value: unknown, salt = ''): number {
  let sum = 0x811c9dc5
  const add = (text: string) => {
    for (let index = 0; index < text.length; index++) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193)
  }
  write(value, add)
  add(salt)
  return sum >>> 0
}

/** As apimachinery's `SafeEncodeString`: what stands in `pod-template-hash`. */
export function safeEncoded(hash: number): string {
  return [...String(hash)].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join('')
}

/** What tells Pods of one template from those of another; a collision makes it another one. */
export function templateHash(template: unknown, collisions: number | undefined): string {
  return safeEncoded(valueHash(template, collisions === undefined ? '' : `\n${collisions}`))
}

function write(value: unknown, add: (text: string) => void): void {
  if (typeof value !== 'object' || value === null) {
    add(JSON.stringify(value ?? null))
  } else if (Array.isArray(value)) {
    add('[')
    for (const item of value) {
      write(item, add)
      add(',')
    }
    add(']')
  } else {
    add('{')
    const fields = value as Readonly<Record<string, unknown>>
    for (const key of Object.keys(fields).sort()) {
      if (fields[key] === undefined) continue
      add(`${JSON.stringify(key)}:`)
      write(fields[key], add)
      add(',')
    }
    add('}')
  }
}
