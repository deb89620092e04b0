import { describe, expect, it } from 'vitest'
import { Random } from '../clock/random.ts'
import { StatusError } from '../objects/status-error.ts'
import { decodeContinue, encodeContinue } from './continue.ts'

const token = (value: unknown) => btoa(JSON.stringify(value)).replaceAll('=', '')

describe('continue tokens', () => {
  it('come back as they went, names that are not ASCII included', () => {
    for (const start of ['a\0', 'default/web-1\0', 'system:röle/x\0']) {
      const text = encodeContinue({ version: 42, start })
      expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
      expect(decodeContinue(text)).toEqual({ version: 42, start })
    }
    expect(decodeContinue(encodeContinue({ version: -1, start: 'a' })).version).toBe(-1)
  })

  it("are refused with 400 when they are not the server's", () => {
    const refused = (text: string) => {
      try {
        decodeContinue(text)
      } catch (error) {
        return error instanceof StatusError && error.code === 400 ? error.message : `${error}`
      }
      return 'accepted'
    }
    expect(refused('ab%%')).toBe(
      'invalid continue token: continue key is not valid: illegal base64 data at input byte 2',
    )
    expect(refused('abcde')).toContain('at input byte 4')
    expect(refused(token({ v: 'meta.k8s.io/v1', rv: 0, start: 'a' }))).toContain(
      'incorrect encoded start resourceVersion',
    )
    expect(refused(token({ v: 'meta.k8s.io/v1', rv: 3, start: '' }))).toContain('encoded start key empty')
    expect(refused(token({ v: 'meta.k8s.io/v1', rv: 3, start: '../secrets/x' }))).toContain('../secrets/x')
    expect(refused(token({ v: 'v9', rv: 3, start: 'a' }))).toContain('does not recognize this encoded version v9')
  })

  it('never make decoding do anything but succeed or refuse', () => {
    const random = new Random(9)
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: random.below(40) }, () => String.fromCharCode(33 + random.below(94))).join('')
      const good = [...encodeContinue({ version: 7, start: 'default/web\0' })]
      good[random.below(good.length)] = String.fromCharCode(33 + random.below(94))
      for (const candidate of [text, good.join('')]) {
        try {
          expect(decodeContinue(candidate).start).not.toBe('')
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError)
        }
      }
    }
  })
})
