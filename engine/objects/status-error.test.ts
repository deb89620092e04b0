import { describe, expect, it } from 'vitest'
import {
  aggregate,
  duplicateValue,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
  tooLongValue,
  tooManyItems,
} from './field-error.ts'
import {
  alreadyExists,
  conflict,
  expired,
  forbidden,
  generateNameConflict,
  internalError,
  invalid,
  methodNotSupported,
  notFound,
  tooLargeResourceVersion,
  unclassified,
} from './status-error.ts'

const pods = { group: '', resource: 'pods' }
const deployments = { group: 'apps', resource: 'deployments' }

describe('StatusError', () => {
  it('words what is missing and what is there already as upstream does', () => {
    expect(notFound(deployments, 'web').toStatus()).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'deployments.apps "web" not found',
      reason: 'NotFound',
      details: { name: 'web', group: 'apps', kind: 'deployments' },
      code: 404,
    })
    expect(alreadyExists(pods, 'a').message).toBe('pods "a" already exists')
    expect(generateNameConflict(pods, 'a', 1).message).toBe(
      'pods "a" already exists, the server was not able to generate a unique name for the object',
    )
  })

  it('words conflicts, refusals and timeouts as upstream does', () => {
    expect(conflict(deployments, 'web', 'why').message).toBe(
      'Operation cannot be fulfilled on deployments.apps "web": why',
    )
    expect(forbidden(pods, 'a', 'no').message).toBe('pods "a" is forbidden: no')
    expect(forbidden(pods, '', 'no').message).toBe('pods is forbidden: no')
    expect(forbidden({ group: '', resource: '' }, '', 'no').message).toBe('forbidden: no')
    expect(methodNotSupported(pods, 'patch').message).toBe('patch is not supported on resources of kind "pods"')
    expect(internalError('boom').message).toBe('Internal error occurred: boom')
    expect(tooLargeResourceVersion(9, 4, 1).toStatus()).toMatchObject({
      message: 'Timeout: Too large resource version: 9, current: 4',
      code: 504,
      reason: 'Timeout',
      details: { retryAfterSeconds: 1, causes: [{ reason: 'ResourceVersionTooLarge' }] },
    })
  })

  it('lists each wrong field as a cause, and says a repeated sentence once', () => {
    const wrong = invalidValue('spec.replicas', -1, 'must be greater than or equal to 0')
    expect(invalid({ group: 'apps', kind: 'Deployment' }, 'web', [wrong]).toStatus()).toMatchObject({
      message: 'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      reason: 'Invalid',
      code: 422,
      details: {
        name: 'web',
        group: 'apps',
        kind: 'Deployment',
        causes: [
          {
            reason: 'FieldValueInvalid',
            message: 'Invalid value: -1: must be greater than or equal to 0',
            field: 'spec.replicas',
          },
        ],
      },
    })
    expect(aggregate([wrong, wrong, requiredValue('spec.selector')])).toBe(
      '[spec.replicas: Invalid value: -1: must be greater than or equal to 0, spec.selector: Required value]',
    )
  })

  it('carries the token of an inconsistent list in the metadata, and no reason where upstream has none', () => {
    expect(expired('old', 'token').toStatus().metadata).toEqual({ continue: 'token' })
    expect('reason' in unclassified('x').toStatus()).toBe(false)
    expect(expired('old', 'token').reworded('older').toStatus()).toMatchObject({
      message: 'older',
      metadata: { continue: 'token' },
    })
  })
})

describe('field errors', () => {
  it('print values as Go prints them', () => {
    expect(invalidValue('f', 'a"b', 'no').body).toBe('Invalid value: "a\\"b": no')
    expect(invalidValue('f', { a: '<b>' }, 'no').body).toBe('Invalid value: {"a":"\\u003cb\\u003e"}: no')
    expect(invalidValue('f', undefined, 'no').body).toBe('Invalid value: null: no')
    expect(duplicateValue('f', 'x').body).toBe('Duplicate value: "x"')
    expect(notSupported('f', 'x', ['A', 'B']).body).toBe('Unsupported value: "x": supported values: "A", "B"')
  })

  it('leave the value out where it would not help', () => {
    expect(requiredValue('f', 'name or generateName is required').body).toBe(
      'Required value: name or generateName is required',
    )
    expect(forbiddenField('f', 'no').body).toBe('Forbidden: no')
    expect(tooLongValue('f', 1).body).toBe('Too long: may not be more than 1 byte')
    expect(tooManyItems('f', 3, 1).body).toBe('Too many: 3: must have at most 1 item')
  })
})
