import { describe, expect, it } from 'vitest'
import { SchemaLookup } from '../schema/lookup.ts'
import { PolicyEnvironments } from './environment.ts'
import { expressionWarnings } from './type-checking.ts'

const schemas = new SchemaLookup()
const options = {
  environments: new PolicyEnvironments(),
  kindOf(group: string, version: string) {
    const schema = schemas.schemaOf(group, version, 'Deployment')
    return schema === undefined ? undefined : { gvk: { group, version, kind: 'Deployment' }, schema }
  },
}
const matchConstraints = { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }] }

describe('type checking of policies', () => {
  it('finds fields that a kind does not have', () => {
    const validations = [{ expression: 'object.spec.replicas > 1 && object.spec.repl == 1' }]
    expect(expressionWarnings({ matchConstraints, validations }, options)).toEqual([
      {
        fieldRef: 'spec.validations[0].expression',
        warning:
          "apps/v1, Kind=Deployment: ERROR: <input>:1:40: undefined field 'repl'\n | object.spec.replicas > 1 && object.spec.repl == 1\n | .......................................^\n",
      },
    ])
  })

  it('has nothing against what fits, down to maps and lists', () => {
    const expression =
      "object.spec.template.spec.containers.all(c, c.image.startsWith('r/') && 'a' in object.metadata.labels)"
    expect(expressionWarnings({ matchConstraints, validations: [{ expression }] }, options)).toEqual([])
  })
})
