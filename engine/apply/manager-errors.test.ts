import { describe, expect, it } from 'vitest'
import { managedFieldsErrors, managerErrors, managerName } from './manager-errors.ts'

describe('managers', () => {
  it('are named by the field manager, or the start of the user agent', () => {
    expect(managerName('mine', 'kubectl/v1.34')).toBe('mine')
    expect(managerName('', 'kubectl/v1.34 (linux)')).toBe('kubectl')
    expect(managerName(undefined, 'a\tb/1')).toBe('ab')
    expect(managerName(undefined, `${'é'.repeat(100)}/1`)).toBe('é'.repeat(64))
  })

  it('have short printable names', () => {
    expect(managerErrors('kubectl', 'fieldManager')).toEqual([])
    expect(managerErrors('é\n', 'fieldManager')).toEqual([
      {
        type: 'FieldValueInvalid',
        field: 'fieldManager',
        body: 'Invalid value: "é\\n": invalid character U+000A (at position 2)',
      },
    ])
    expect(managerErrors('x'.repeat(129), 'fieldManager')[0]?.body).toBe('Too long: may not be more than 128 bytes')
  })

  it('come with entries that say what they are', () => {
    const entries = [{ operation: 'Merge', fieldsType: 'FieldsV2', manager: 'a' }, { operation: 'Apply' }]
    expect(managedFieldsErrors(entries).map(({ field, body }) => `${field}: ${body}`)).toEqual([
      'metadata.managedFields[0].operation: Invalid value: "Merge": must be `Apply` or `Update`',
      'metadata.managedFields[0].fieldsType: Invalid value: "FieldsV2": must be `FieldsV1`',
    ])
  })
})
