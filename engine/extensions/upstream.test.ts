import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { comparable, type Exchange, send, serverWithDefinitions } from './testing.ts'

const exchanges = readFileSync(new URL('upstream.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Exchange)

describe('a conversation with Kubernetes 1.34 about custom resources', () => {
  it('goes the same way here', async () => {
    const server = serverWithDefinitions()
    expect(exchanges.length).toBeGreaterThan(100)
    for (const { answer, ...exchange } of exchanges) {
      const ours = await send(server, exchange)
      const about = `${exchange.method} ${exchange.path} ${JSON.stringify(exchange.body)?.slice(0, 600)}`
      expect(comparable(ours.body), about).toEqual(comparable(answer.body))
      expect(ours.code, about).toBe(answer.code)
      expect(ours.warning, about).toBe(answer.warning)
    }
  })
})
