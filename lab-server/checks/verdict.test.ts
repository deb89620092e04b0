import { describe, expect, it } from 'vitest'
import { Check } from '../../protocol/lab/schema.ts'
import type { KubeObject } from '../kube/connection.ts'
import { createJudge, type HttpAnswer, type RecordedEvent, type Sight } from './verdict.ts'

const judge = (check: object, sight: Sight) => createJudge(Check.parse({ title: 'It is so', ...check })).judge(sight)

const pod = (name: string, rest: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  ...rest,
})

const objects = (...all: KubeObject[]): Sight => ({ kind: 'objects', objects: all })

describe('a check of one object', () => {
  const check = {
    resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    expect: 'object.status.readyReplicas == 3',
    found: 'string(object.status.readyReplicas) + " of 3 copies are ready"',
  }
  const web = (status: object) => objects({ ...pod('web'), kind: 'Deployment', status })

  it('holds when its expression is true', () => {
    expect(judge(check, web({ readyReplicas: 3 }))).toEqual({ holds: true })
  })

  it("says what was found in the author's words", () => {
    expect(judge(check, web({ readyReplicas: 2 }))).toEqual({ holds: false, found: '2 of 3 copies are ready' })
  })

  it('says that the object does not exist', () => {
    expect(judge(check, objects()).found).toBe('Deployment "web" does not exist in namespace default.')
  })

  it('says what is not set', () => {
    expect(judge(check, web({})).found).toBe('Deployment "web" has no status.readyReplicas yet.')
  })

  it('says so itself where the author says nothing', () => {
    expect(judge({ ...check, found: undefined }, web({ readyReplicas: 1 })).found).toBe(
      'Deployment "web" is not as expected yet.',
    )
  })

  it('names no namespace for a kind that has none', () => {
    const node = { resource: { apiVersion: 'v1', kind: 'Node', name: 'a' }, expect: 'true' }
    expect(judge(node, objects()).found).toBe('Node "a" does not exist.')
  })

  it('makes what the cluster says plain', () => {
    const told = { ...check, found: 'object.status.note' }
    expect(judge(told, web({ readyReplicas: 0, note: '\u001b[31m<b>\u202ehi' })).found).toBe('<b>hi')
  })

  it('shows nothing for an empty text', () => {
    expect(judge({ ...check, found: '""' }, web({ readyReplicas: 0 }))).toEqual({ holds: false })
  })

  it.each([
    ['object.status.readyReplicas', '"It is so": expect: it gives 2, neither true nor false'],
    ['object.status.readyReplicas > "3"', '"It is so": expect: no such overload: dyn<int> > string'],
  ])('tells of the fault in %s', (source, fault) => {
    const verdict = judge({ ...check, expect: source }, web({ readyReplicas: 2 }))
    expect(verdict).toMatchObject({ holds: false, fault })
    expect(verdict.found).toMatch(/^This check has a fault, not you: /)
  })

  it('tells of a text that is none', () => {
    expect(judge({ ...check, found: 'object.status' }, web({ readyReplicas: 2 })).fault).toBe(
      '"It is so": found: it gives no text',
    )
  })
})

describe('a check of all objects that match', () => {
  const check = { resource: { apiVersion: 'v1', kind: 'Pod', labels: { app: 'web' } }, expect: 'objects.size() == 2' }

  it('holds, or says how many there are', () => {
    expect(judge(check, objects(pod('a'), pod('b'))).holds).toBe(true)
    expect(judge(check, objects()).found).toBe('No Pods with app=web in namespace default.')
    expect(judge(check, objects(pod('a'))).found).toBe('1 Pod with app=web in namespace default, not as expected yet.')
  })

  it('can hold for no objects at all', () => {
    expect(judge({ ...check, expect: 'objects.size() == 0' }, objects()).holds).toBe(true)
  })

  it.each([
    ['Ingress', 'No Ingresses in namespace default.'],
    ['NetworkPolicy', 'No NetworkPolicies in namespace default.'],
    ['Gateway', 'No Gateways in namespace default.'],
  ])('knows the plural of %s', (kind, sentence) => {
    expect(judge({ resource: { apiVersion: 'v1', kind }, expect: 'false' }, objects()).found).toBe(sentence)
  })
})

describe('a check of answers', () => {
  const check = {
    http: { service: 'web', port: 80, requests: 2 },
    expect: 'responses.map(r, r.json.hostname).unique().size() == 2',
  }
  const answer = (json: unknown): HttpAnswer => ({ status: 200, body: JSON.stringify(json), json })

  it('sees status, body and JSON', () => {
    const sight: Sight = {
      kind: 'answers',
      askedAt: 0,
      answers: [answer({ hostname: 'a' }), answer({ hostname: 'b' })],
    }
    expect(judge(check, sight).holds).toBe(true)
    expect(
      judge({ ...check, expect: 'responses.all(r, r.status == 200 && r.body.contains("host"))' }, sight).holds,
    ).toBe(true)
  })

  it('says why none came, before anything the author says', () => {
    const none = { status: 0, body: '', json: null }
    const sight: Sight = {
      kind: 'answers',
      askedAt: 0,
      answers: [none, none],
      refusal: 'Service "web" does not exist.',
    }
    expect(judge({ ...check, found: '"1 copy answers"' }, sight).found).toBe('Service "web" does not exist.')
    expect(judge({ ...check, expect: 'responses.all(r, r.status == 0)' }, sight).holds).toBe(true)
  })

  it('says how many answered', () => {
    expect(
      judge(check, { kind: 'answers', askedAt: 0, answers: [answer({}), { status: 0, body: '', json: null }] }).found,
    ).toBe('Service "web" answered 1 of 2 requests, not as expected yet.')
  })
})

describe('a check of events', () => {
  const check = {
    events: { kind: 'Pod', labels: { app: 'web' } },
    expect: 'events.exists(e, e.type == "MODIFIED" && e.old.spec.n < e.object.spec.n)',
  }
  const event = (type: RecordedEvent['type'], object: KubeObject, old: KubeObject | null): Sight => ({
    kind: 'events',
    events: [{ type, object, old }],
  })

  it('sees what was before', () => {
    const sight = event('MODIFIED', pod('a', { spec: { n: 2 } }), pod('a', { spec: { n: 1 } }))
    expect(judge(check, sight).holds).toBe(true)
    expect(judge(check, event('ADDED', pod('a'), null)).found).toBe(
      '1 change of Pods with app=web in namespace default, not the expected one yet.',
    )
    expect(judge(check, { kind: 'events', events: [] }).found).toBe(
      'Nothing has happened to Pods with app=web in namespace default yet.',
    )
  })
})
