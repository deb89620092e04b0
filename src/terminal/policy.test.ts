import { describe, expect, it } from 'vitest'
import {
  backoff,
  clampFont,
  commandInput,
  HeldInput,
  INPUT_FRAME,
  isWebAddress,
  type Key,
  keyMeaning,
  MAX_HELD,
  MAX_SENT,
  overslept,
  SentInput,
  shouldAcknowledge,
  splitInput,
  withControl,
} from './policy.ts'

const bytes = (length: number) => new Uint8Array(length).map((_, at) => at % 251)

describe('reconnecting', () => {
  it('waits 250 ms at first, doubles, and never waits more than 5 s', () => {
    expect([0, 1, 2, 3, 4, 5, 50].map((attempt) => backoff(attempt, 0))).toEqual([
      250, 500, 1000, 2000, 4000, 5000, 5000,
    ])
  })

  it('comes up to a quarter earlier, so that a room does not come back at once', () => {
    expect(backoff(5, 0.999)).toBeGreaterThanOrEqual(3750)
    expect(backoff(0, 0.5)).toBe(219)
  })

  it('takes a gap in the clock for a sleep', () => {
    expect(overslept(0, 2_100)).toBe(false)
    expect(overslept(0, 60_000)).toBe(true)
  })
})

describe('input', () => {
  it('is split into frames, with nothing lost and nothing doubled', () => {
    const data = bytes(2 * INPUT_FRAME + 5)
    const parts = splitInput(data)
    expect(parts.map((part) => part.length)).toEqual([INPUT_FRAME, INPUT_FRAME, 5])
    expect(Buffer.concat(parts).equals(data)).toBe(true)
    expect(splitInput(new Uint8Array())).toEqual([])
  })

  it('typed without a connection is handed out once', () => {
    const held = new HeldInput()
    expect(held.hold(bytes(3))).toBe(true)
    expect(held.hold(bytes(2))).toBe(true)
    expect(held.release().map((part) => part.length)).toEqual([3, 2])
    expect(held.release()).toEqual([])
    expect(held.empty).toBe(true)
  })

  it('beyond what is kept is refused as a whole', () => {
    const held = new HeldInput()
    held.hold(bytes(MAX_HELD - 1))
    expect(held.hold(bytes(2))).toBe(false)
    expect(held.hold(bytes(1))).toBe(true)
  })
})

describe('input that was sent', () => {
  const text = (parts: Uint8Array[] | undefined) => parts?.map((part) => new TextDecoder().decode(part)).join('')
  const sent = (...parts: string[]) => {
    const input = new SentInput()
    for (const part of parts) input.add(new TextEncoder().encode(part))
    return input
  }

  it('is given again from any byte on', () => {
    const input = sent('abc', 'def')
    expect(text(input.beyond(0))).toBe('abcdef')
    expect(text(input.beyond(4))).toBe('ef')
    expect(input.beyond(6)).toEqual([])
  })

  it('is not made up where it is no longer kept, or never was sent', () => {
    const input = sent('abc', 'x'.repeat(MAX_SENT))
    expect(input.beyond(2)).toBeUndefined()
    expect(input.beyond(3)).toHaveLength(1)
    expect(input.beyond(MAX_SENT + 4)).toBeUndefined()
  })
})

describe('output', () => {
  it('is acknowledged well before the server would stop', () => {
    expect(shouldAcknowledge(32 * 1024 - 1, 0)).toBe(false)
    expect(shouldAcknowledge(32 * 1024, 0)).toBe(true)
    expect(shouldAcknowledge(100_000, 99_000)).toBe(false)
  })
})

describe('a key', () => {
  const key = (name: string, held: Partial<Key> = {}): Key => ({
    type: 'keydown',
    key: name,
    ctrlKey: false,
    shiftKey: false,
    altKey: false,
    metaKey: false,
    ...held,
  })

  it('Ctrl+C interrupts, unless text is selected: then it copies', () => {
    expect(keyMeaning(key('c', { ctrlKey: true }), false)).toBe('shell')
    expect(keyMeaning(key('c', { ctrlKey: true }), true)).toBe('copy')
  })

  it('Ctrl+Shift+C and Cmd+C never interrupt', () => {
    expect(keyMeaning(key('C', { ctrlKey: true, shiftKey: true }), false)).toBe('copy')
    expect(keyMeaning(key('c', { metaKey: true }), false)).toBe('copy')
  })

  it('Ctrl+V, Ctrl+Shift+V and Cmd+V paste', () => {
    expect(keyMeaning(key('v', { ctrlKey: true }), false)).toBe('paste')
    expect(keyMeaning(key('V', { ctrlKey: true, shiftKey: true }), false)).toBe('paste')
    expect(keyMeaning(key('v', { metaKey: true }), false)).toBe('paste')
  })

  it('Shift+Tab leaves the terminal, Tab stays the shell’s', () => {
    expect(keyMeaning(key('Tab', { shiftKey: true }), false)).toBe('leave')
    expect(keyMeaning(key('Tab'), false)).toBe('shell')
  })

  it('without a modifier, or with Alt, is the shell’s', () => {
    expect(keyMeaning(key('c'), true)).toBe('shell')
    expect(keyMeaning(key('c', { altKey: true, ctrlKey: true }), true)).toBe('shell')
  })

  it('of the extra row turns the next one into a control character', () => {
    expect(withControl('c')).toBe('\x03')
    expect(withControl('[')).toBe('\x1b')
    expect(withControl(' ')).toBe('\x00')
    expect(withControl('é')).toBeUndefined()
    expect(withControl('\x1b[A')).toBeUndefined()
  })
})

describe('a command of the page', () => {
  it('is typed with Enter', () => {
    expect(commandInput('kubectl get pods\n', true)).toBe('kubectl get pods\r')
  })

  it('of several lines is pasted as one', () => {
    expect(commandInput('for i in 1 2; do\necho $i\ndone', true)).toBe(
      '\x1b[200~for i in 1 2; do\necho $i\ndone\x1b[201~\r',
    )
  })

  it('of several lines is typed line by line in a shell that knows no pastes', () => {
    expect(commandInput('a\nb', false)).toBe('a\rb\r')
  })

  it('cannot end its own paste', () => {
    expect(commandInput('a\n\x1b[201~\rb', true)).toBe('\x1b[200~a\n[201~\nb\x1b[201~\r')
  })
})

describe('a link in the output', () => {
  it('is one only for the web', () => {
    expect(isWebAddress('https://kubernetes.io/docs')).toBe(true)
    expect(isWebAddress('javascript:alert(1)')).toBe(false)
    expect(isWebAddress('file:///etc/passwd')).toBe(false)
    expect(isWebAddress('nonsense')).toBe(false)
  })
})

it('keeps the text size readable', () => {
  expect([4, 14.4, 90].map(clampFont)).toEqual([10, 14, 28])
})
