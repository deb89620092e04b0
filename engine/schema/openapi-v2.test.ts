import { expect, it } from 'vitest'
import { openApiV2 } from './openapi-v2.ts'

it('is an empty document in the form that kubectl asks for', () => {
  const { contentType, body } = openApiV2('application/com.github.proto-openapi.spec.v2@v1.0+protobuf')
  expect(contentType).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf')
  const text = new TextDecoder().decode(body)
  expect(text).toContain('2.0')
  expect(text).toContain('Kubernetes')
  expect([...body.slice(-2)]).toEqual([0x42, 0])
})

it('is JSON for everybody else', () => {
  const { contentType, body } = openApiV2('*/*')
  expect(contentType).toBe('application/json')
  expect(JSON.parse(new TextDecoder().decode(body))).toMatchObject({ swagger: '2.0', paths: {} })
})
