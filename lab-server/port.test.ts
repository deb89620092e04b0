import { describe, expect, it } from 'vitest'
import { listenSomewhere } from './port.ts'

const listenUnless = (taken: (port: number) => boolean) => async (port: number) => {
  if (taken(port)) throw Object.assign(new Error('taken'), { code: 'EADDRINUSE' })
  return port
}

describe('port', () => {
  it('is 4321 where that is free', async () => {
    expect(
      await listenSomewhere(
        listenUnless(() => false),
        undefined,
      ),
    ).toEqual({ port: 4321 })
  })

  it('is the next free one where 4321 is taken, and says so', async () => {
    expect(
      await listenSomewhere(
        listenUnless((port) => port < 4323),
        undefined,
      ),
    ).toEqual({ port: 4323, taken: 4321 })
  })

  it('is no other than the one that was chosen', async () => {
    await expect(
      listenSomewhere(
        listenUnless((port) => port === 8080),
        8080,
      ),
    ).rejects.toThrow('Port 8080 is taken: end what listens there, or set QUAYSIDE_PORT to another.')
  })

  it('is looked for in a bounded range', async () => {
    await expect(
      listenSomewhere(
        listenUnless(() => true),
        undefined,
      ),
    ).rejects.toThrow('All ports from 4321 to 4341 are taken: set QUAYSIDE_PORT to a free one.')
  })

  it('passes other errors on', async () => {
    const denied = Object.assign(new Error('denied'), { code: 'EACCES' })
    await expect(listenSomewhere(() => Promise.reject(denied), 80)).rejects.toBe(denied)
  })
})
