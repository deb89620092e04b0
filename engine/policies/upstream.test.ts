import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { comparable, type Exchange, send, serverWithDefinitions } from '../extensions/testing.ts'
import { resources as admissionregistration } from '../kinds/admissionregistration/index.ts'
import type { ParamKind } from '../kinds/admissionregistration/types.ts'
import { resources as core } from '../kinds/core/index.ts'
import { CompilingCheck, PolicyEnvironments, ValidatingAdmissionPolicyPlugin } from './index.ts'

const exchanges = readFileSync(new URL('upstream.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Exchange)

describe('a conversation with Kubernetes 1.34 about admission policies', () => {
  it('goes the same way here', async () => {
    const environments = new PolicyEnvironments()
    const resourceOf = ({ kind }: ParamKind) =>
      kind === 'ConfigMap' ? { resource: { group: '', resource: 'configmaps' }, namespaced: true } : undefined
    const server = serverWithDefinitions(
      (schemas) => [...admissionregistration(schemas, new CompilingCheck(environments)), ...core(schemas)],
      () => [new ValidatingAdmissionPolicyPlugin({ environments, resourceOf })],
    )
    server.backend
      .registry({ group: '', resource: 'namespaces' })
      ?.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' }, spec: {}, status: {} })
    expect(exchanges.length).toBeGreaterThan(40)
    for (const { answer, ...exchange } of exchanges) {
      const ours = await send(server, exchange)
      const about = `${exchange.method} ${exchange.path} ${JSON.stringify(exchange.body)?.slice(0, 600)}`
      expect(comparable(ours.body), about).toEqual(comparable(answer.body))
      expect(ours.code, about).toBe(answer.code)
      expect(ours.warning, about).toBe(answer.warning)
    }
  })
})
