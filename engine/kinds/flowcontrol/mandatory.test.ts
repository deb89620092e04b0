import { describe, expect, it } from 'vitest'
import data from '../../bootstrap/data.json' with { type: 'json' }
import type { ApiObject } from '../../objects/types.ts'
import { mandatoryLevelErrors, mandatorySchemaErrors } from './mandatory.ts'

const named = (name: string, spec: unknown) => ({ metadata: { name }, spec }) as unknown as ApiObject
const texts = (errors: readonly { readonly field: string; readonly body: string }[]) =>
  errors.map(({ field, body }) => `${field}: ${body}`)

describe('what every cluster keeps for fairness', () => {
  it('has the values that a fresh cluster has', () => {
    for (const { name, spec } of data.flowSchemas) expect(mandatorySchemaErrors(named(name, spec))).toEqual([])
    for (const { name, spec } of data.priorityLevels) expect(mandatoryLevelErrors(named(name, spec))).toEqual([])
  })

  it('may not be changed', () => {
    const [exempt] = data.flowSchemas.filter(({ name }) => name === 'exempt')
    expect(texts(mandatorySchemaErrors(named('exempt', { ...exempt?.spec, matchingPrecedence: 2 })))).toEqual([
      'spec: Invalid value: {"PriorityLevelConfiguration":{"Name":"exempt"},"MatchingPrecedence":2,"DistinguisherMethod":null,"Rules":[{"Subjects":[{"Kind":"Group","User":null,"Group":{"Name":"system:masters"},"ServiceAccount":null}],"ResourceRules":[{"Verbs":["*"],"APIGroups":["*"],"Resources":["*"],"ClusterScope":true,"Namespaces":["*"]}],"NonResourceRules":[{"Verbs":["*"],"NonResourceURLs":["*"]}]}]}: spec of \'exempt\' must equal the fixed value',
    ])
    const limited = { nominalConcurrencyShares: 7, lendablePercent: 0, limitResponse: { type: 'Reject' } }
    expect(texts(mandatoryLevelErrors(named('catch-all', { type: 'Limited', limited })))).toEqual([
      'spec: Invalid value: {"Type":"Limited","Limited":{"NominalConcurrencyShares":7,"LimitResponse":{"Type":"Reject","Queuing":null},"LendablePercent":0,"BorrowingLimitPercent":null},"Exempt":null}: spec of \'catch-all\' must equal the fixed value',
    ])
  })

  it('may be changed in how much is exempt', () => {
    const exempt = { nominalConcurrencyShares: 7, lendablePercent: 0 }
    expect(mandatoryLevelErrors(named('exempt', { type: 'Exempt', exempt }))).toEqual([])
  })
})
