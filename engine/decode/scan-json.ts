/** What can be told of a JSON text without reading its values. */
export interface Scanned {
  /** Members of objects, the duplicate ones too. */
  readonly members: number
  /** Some number is not written as a plain integer, or some escape stands for a half of a character. */
  readonly unusual: boolean
  /** Levels of nesting. */
  readonly depth: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** One pass over UTF-8. Whether the text is JSON at all is not looked at. */
export function scanJson(bytes: Uint8Array): Scanned {
  let members = 0
  let unusual = false
  let level = 0
  let depth = 0
  const end = bytes.length
  for (let at = 0; at < end; at++) {
    switch (bytes[at]) {
      case QUOTE:
        for (at++; at < end; at++) {
          const byte = bytes[at]
          if (byte === QUOTE) break
          if (byte !== BACKSLASH) continue
          at++
          if (bytes[at] === 0x75 && ((bytes[at + 1] as number) | 0x20) === 0x64) unusual = true
        }
        break
      case 0x7b:
      case 0x5b:
        if (++level > depth) depth = level
        break
      case 0x7d:
      case 0x5d:
        level--
        break
      case 0x3a:
        members++
        break
      case 0x2e:
      case 0x45:
        unusual = true
        break
      case 0x65: {
        const before = bytes[at - 1] as number
        if (before >= 0x30 && before <= 0x39) unusual = true
        break
      }
    }
  }
  return { members, unusual, depth }
}
