import { describe, expect, it } from 'vitest'
import { AS_TABLE, CONFIGMAPS, configMap, DEPLOYMENTS, deployment, fixture, PODS, pod } from './fixture.testing.ts'

async function withMaps(...names: string[]) {
  const made = fixture()
  for (const name of names) {
    await made.client.post(CONFIGMAPS, configMap(name, {}, { labels: { name, odd: name < 'c' ? 'yes' : 'no' } }))
  }
  return made
}

const names = (list: { items: { metadata: { name: string } }[] }) => list.items.map(({ metadata }) => metadata.name)

describe('one object', () => {
  it('is not there', async () => {
    const { client } = fixture()
    const { status, json } = await client.get(`${CONFIGMAPS}/a`)
    expect(status).toBe(404)
    expect(json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "a" not found',
      reason: 'NotFound',
      details: { name: 'a', kind: 'configmaps' },
      code: 404,
    })
  })

  it('comes as YAML, for people, as a row, or as its metadata alone', async () => {
    const { client } = await withMaps('a')
    const path = `${CONFIGMAPS}/a`
    const yaml = await client.get(path, { accept: 'application/yaml' })
    expect(yaml.headers['Content-Type']).toBe('application/yaml')
    expect(yaml.text).toContain('kind: ConfigMap\nmetadata:\n')
    expect((await client.get(path, { 'user-agent': 'curl/8' })).text).toContain('\n  "kind": "ConfigMap"')
    expect((await client.get(`${path}?pretty=false`, { 'user-agent': 'curl/8' })).text).not.toContain('\n  ')
    expect((await client.get(path, AS_TABLE)).json).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '2' },
      columnDefinitions: [{ name: 'Name' }, { name: 'Age' }],
      rows: [{ cells: ['a', '0s'], object: { kind: 'PartialObjectMetadata', metadata: { name: 'a' } } }],
    })
    const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1beta1'
    const { json } = await client.get(path, { accept })
    expect(Object.keys(json)).toEqual(['kind', 'apiVersion', 'metadata'])
    expect(json.apiVersion).toBe('meta.k8s.io/v1beta1')
  })

  it.each([
    [
      { accept: 'text/html' },
      406,
      '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ],
    [
      { accept: 'application/json;as=Chair;g=meta.k8s.io;v=v1' },
      406,
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ],
    [
      { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' },
      406,
      'you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)',
    ],
    [{ accept: 'text/html, */*;q=0.1' }, 200, undefined],
    [{ accept: 'application/vnd.kubernetes.protobuf,application/json' }, 200, undefined],
  ])('is not to be had as %j', async (headers, status, message) => {
    const { client } = await withMaps('a')
    const answer = await client.get(`${CONFIGMAPS}/a`, headers)
    expect({ status: answer.status, message: answer.json?.message }).toEqual({ status, message })
  })

  it('is read at a version that has been', async () => {
    const { client } = await withMaps('a')
    expect((await client.get(`${CONFIGMAPS}/a?resourceVersion=1`)).status).toBe(200)
    expect((await client.get(`${CONFIGMAPS}/a?resourceVersion=99`)).json).toMatchObject({
      code: 504,
      reason: 'Timeout',
    })
  })
})

describe('lists', () => {
  it('leave kind and version to the list', async () => {
    const { client } = await withMaps('a', 'b')
    const { json } = await client.get(CONFIGMAPS)
    expect(json).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '3' } })
    expect(json.items[0].kind).toBeUndefined()
    expect(names(json)).toEqual(['a', 'b'])
  })

  it('come in parts', async () => {
    const { client } = await withMaps('a', 'b', 'c', 'd', 'e')
    const first = (await client.get(`${CONFIGMAPS}?limit=2`)).json
    expect(names(first)).toEqual(['a', 'b'])
    expect(first.metadata.remainingItemCount).toBe(3)
    await client.delete(`${CONFIGMAPS}/d`)
    const token = encodeURIComponent(first.metadata.continue)
    const second = (await client.get(`${CONFIGMAPS}?limit=9&continue=${token}`)).json
    expect(names(second)).toEqual(['c', 'd', 'e'])
    expect(second.metadata.continue).toBeUndefined()
  })

  it.each([
    ['labelSelector=odd%3Dyes', ['a', 'b']],
    ['labelSelector=name%20in%20(a,d),odd!=no', ['a']],
    ['fieldSelector=metadata.name%3Db', ['b']],
    ['fieldSelector=metadata.name!%3Db,metadata.namespace%3Ddefault', ['a', 'c']],
    ['fieldSelector=metadata.namespace%3Dother', []],
  ])('choose by %s', async (query, expected) => {
    const { client } = await withMaps('a', 'b', 'c')
    expect(names((await client.get(`/api/v1/configmaps?${query}`)).json)).toEqual(expected)
  })

  it('choose by fields of the kind', async () => {
    const { client } = fixture()
    await client.post(PODS, pod('a', { nodeName: 'n1' }))
    await client.post(PODS, pod('b'))
    expect(names((await client.get('/api/v1/pods?fieldSelector=spec.nodeName%3Dn1')).json)).toEqual(['a'])
    expect(
      names((await client.get('/api/v1/pods?fieldSelector=spec.nodeName!%3Dn1,status.phase%3DPending')).json),
    ).toEqual(['b'])
  })

  it.each([
    [
      '/api/v1/configmaps?fieldSelector=data.x%3Dy',
      '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
    ['/api/v1/pods?fieldSelector=spec.x%3Dy', 'field label not supported: spec.x'],
    ['/apis/batch/v1/jobs?fieldSelector=spec.x%3Dy', 'field label "spec.x" not supported for Job'],
    ['/api/v1/pods?fieldSelector=x', "invalid selector: 'x'; can't understand 'x'"],
    [
      '/api/v1/pods?labelSelector=a%20b',
      "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
    ],
    ['/api/v1/pods?limit=many', 'strconv.ParseInt: parsing "many": invalid syntax'],
    ['/api/v1/pods?limit=99999999999999999999', 'strconv.ParseInt: parsing "99999999999999999999": value out of range'],
    [
      '/api/v1/pods?continue=x',
      'invalid continue token: continue key is not valid: illegal base64 data at input byte 0',
    ],
    [
      '/api/v1/pods?resourceVersionMatch=Exact',
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
  ])('do not take %s', async (path, message) => {
    const { client } = fixture()
    expect((await client.get(path)).json.message).toBe(message)
  })

  it('come as tables, with as much of the objects as asked for', async () => {
    const { client, clock } = await withMaps('a', 'b')
    clock.stepNow(90_000)
    const table = async (query: string) => (await client.get(`${CONFIGMAPS}?${query}`, AS_TABLE)).json
    expect((await table('limit=1')).metadata).toMatchObject({ remainingItemCount: 1 })
    expect((await table('')).rows.map((row: { cells: unknown[] }) => row.cells)).toEqual([
      ['a', '90s'],
      ['b', '90s'],
    ])
    expect((await table('includeObject=Object')).rows[0].object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' })
    expect((await table('includeObject=None')).rows[0].object).toBeNull()
    expect((await table('includeObject=Some')).message).toBe(
      "Unable to convert to Table as requested: includeObject: Invalid value: \"Some\": must be 'Metadata', 'Object', 'None', or empty",
    )
  })

  it('come as metadata alone', async () => {
    const { client } = await withMaps('a')
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
    expect((await client.get(CONFIGMAPS, { accept })).json).toMatchObject({
      kind: 'PartialObjectMetadataList',
      items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }],
    })
    const one = await client.get(CONFIGMAPS, { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' })
    expect(one.json.message).toBe(
      'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)',
    )
  })
})

describe('deletions', () => {
  it('answer with what was deleted', async () => {
    const { client } = await withMaps('a')
    const { status, json } = await client.delete(`${CONFIGMAPS}/a`, { propagationPolicy: 'Background' })
    expect(status).toBe(200)
    expect(json).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'a', kind: 'configmaps' } })
    expect((await client.get(`${CONFIGMAPS}/a`)).status).toBe(404)
  })

  it('leave objects to their finalizers', async () => {
    const { client } = fixture()
    await client.post(DEPLOYMENTS, deployment('a'))
    const { json } = await client.delete(`${DEPLOYMENTS}/a?propagationPolicy=Foreground`)
    expect(json).toMatchObject({ kind: 'Deployment', metadata: { finalizers: ['foregroundDeletion'], generation: 2 } })
    const gone = await client.patch(`${DEPLOYMENTS}/a`, 'merge', { metadata: { finalizers: null } })
    expect(gone.status).toBe(200)
    expect((await client.get(`${DEPLOYMENTS}/a`)).status).toBe(404)
  })

  it('give Pods on nodes time, and show the Pod', async () => {
    const { client } = fixture()
    await client.post(PODS, pod('a', { nodeName: 'n1' }))
    const { json } = await client.delete(`${PODS}/a`, { gracePeriodSeconds: 5 })
    expect(json).toMatchObject({
      kind: 'Pod',
      metadata: { deletionTimestamp: '2026-01-01T00:00:05Z', deletionGracePeriodSeconds: 5 },
    })
    expect((await client.delete(`${PODS}/a`, { gracePeriodSeconds: 0 })).json.kind).toBe('Pod')
    expect((await client.get(`${PODS}/a`)).status).toBe(404)
  })

  it('say 202 where the old way to ask for dependents is used', async () => {
    const { client } = fixture()
    await client.post(DEPLOYMENTS, deployment('a', {}, { finalizers: ['x.y/z'] }))
    expect((await client.delete(`${DEPLOYMENTS}/a`, { orphanDependents: false })).status).toBe(202)
  })

  it.each([
    [
      { propagationPolicy: 'Sometimes' },
      422,
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Sometimes": supported values: "Foreground", "Background", "Orphan", "nil"',
    ],
    [
      { dryRun: ['Some'] },
      422,
      'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
    ],
    [
      { preconditions: { uid: 'u' } },
      409,
      'Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (u) does not match the UID in record (UID). The object might have been deleted and then recreated',
    ],
  ])('refuse %j', async (body, status, message) => {
    const { client } = await withMaps('a')
    const { uid } = (await client.get(`${CONFIGMAPS}/a`)).json.metadata
    const answer = await client.delete(`${CONFIGMAPS}/a`, body)
    expect({ status: answer.status, message: answer.json.message.replace(uid, 'UID') }).toEqual({ status, message })
  })

  it('take all that a list finds', async () => {
    const { client } = await withMaps('a', 'b', 'c')
    const { json } = await client.delete(`${CONFIGMAPS}?labelSelector=odd%3Dyes`)
    expect(json).toMatchObject({
      kind: 'ConfigMapList',
      items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }],
    })
    expect(names((await client.get(CONFIGMAPS)).json)).toEqual(['c'])
  })

  it('can be tried', async () => {
    const { client } = await withMaps('a')
    expect((await client.delete(`${CONFIGMAPS}/a`, { dryRun: ['All'] })).json.status).toBe('Success')
    expect((await client.delete(`${CONFIGMAPS}?dryRun=All`)).json.items).toHaveLength(1)
    expect((await client.get(`${CONFIGMAPS}/a`)).status).toBe(200)
  })
})
