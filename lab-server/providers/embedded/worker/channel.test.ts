import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { Channel } from './channel.ts'

function pair(): [Channel, Channel] {
  const { port1, port2 } = new MessageChannel()
  return [new Channel(port1), new Channel(port2)]
}

describe('a channel between threads', () => {
  it('carries bytes both ways, and each way ends by itself', async () => {
    const [one, other] = pair()
    one.end('a question')
    let heard = ''
    for await (const part of other) heard += part
    expect(heard).toBe('a question')
    other.end('an answer')
    let answered = ''
    for await (const part of one) answered += part
    expect(answered).toBe('an answer')
  })

  it('holds back who writes faster than the other end reads', async () => {
    const [one, other] = pair()
    const chunk = Buffer.alloc(64 * 1024, 1)
    let sent = 0
    const writing = (async () => {
      for (let n = 0; n < 100; n++) {
        if (!one.write(chunk)) await once(one, 'drain')
        sent += chunk.length
      }
      one.end()
    })()
    await setTimeout(50)
    expect(sent).toBeLessThan(1024 * 1024)
    let got = 0
    for await (const part of other) got += part.length
    await writing
    expect(got).toBe(100 * chunk.length)
  })

  it('ends at both ends when one is destroyed, with what went wrong', async () => {
    const [one, other] = pair()
    const told = once(other, 'error')
    one.on('error', () => {})
    one.destroy(new Error('the Pod is gone'))
    expect(String((await told)[0])).toContain('the Pod is gone')
    expect(other.destroyed).toBe(true)
  })
})
