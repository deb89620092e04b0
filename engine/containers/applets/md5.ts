const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21] as const
const SINES = Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32) | 0)

/** The MD5 digest (RFC 1321), which web cryptography does not have. */
export function md5(bytes: Uint8Array): Uint8Array {
  const size = ((bytes.length + 8) >> 6) * 64 + 64
  const padded = new Uint8Array(size)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(size - 8, (bytes.length << 3) >>> 0, true)
  view.setUint32(size - 4, Math.floor(bytes.length / 2 ** 29), true)
  const state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476]
  for (let block = 0; block < size; block += 64) {
    let [a, b, c, d] = state as [number, number, number, number]
    for (let step = 0; step < 64; step++) {
      const round = step >> 4
      const mixed =
        round === 0 ? (b & c) | (~b & d) : round === 1 ? (d & b) | (~d & c) : round === 2 ? b ^ c ^ d : c ^ (b | ~d)
      const word =
        round === 0 ? step : round === 1 ? (5 * step + 1) % 16 : round === 2 ? (3 * step + 5) % 16 : (7 * step) % 16
      const sum = (a + mixed + (SINES[step] as number) + view.getUint32(block + 4 * word, true)) | 0
      const by = SHIFTS[round * 4 + (step % 4)] as number
      ;[a, d, c, b] = [d, c, b, (b + ((sum << by) | (sum >>> (32 - by)))) | 0]
    }
    for (const [index, value] of [a, b, c, d].entries()) state[index] = ((state[index] as number) + value) | 0
  }
  const digest = new Uint8Array(16)
  const out = new DataView(digest.buffer)
  for (const [index, value] of state.entries()) out.setUint32(4 * index, value >>> 0, true)
  return digest
}
