/** 32 hexadecimal digits that change when a text does: for ETags, where nobody is to be withstood. Four FNV-1a sums with seeds of their own. */
export function fingerprint(text: string): string {
  const sums = [0x811c9dc5, 0x01000193, 0x9e3779b9, 0x85ebca6b]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    for (let sum = 0; sum < sums.length; sum++) {
      sums[sum] = Math.imul((sums[sum] as number) ^ (code + sum), 0x01000193)
    }
  }
  return sums.map((sum) => (sum >>> 0).toString(16).toUpperCase().padStart(8, '0')).join('')
}
