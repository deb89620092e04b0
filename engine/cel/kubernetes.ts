import { collect, Environment } from './environment.ts'
import { addresses } from './library/addresses.ts'
import { authorization } from './library/authorizer.ts'
import { conversions } from './library/conversions.ts'
import { namedFormats } from './library/formats.ts'
import { lists, regexes } from './library/lists.ts'
import { operators } from './library/operators.ts'
import { quantities } from './library/quantities.ts'
import { semvers } from './library/semver.ts'
import { strings } from './library/strings.ts'
import { urls } from './library/urls.ts'
import { type CelType, dyn, listOf, mapOf, opaque, readType } from './types.ts'

const simpleTypes = ['bool', 'bytes', 'double', 'duration', 'int', 'string', 'timestamp', 'type', 'uint', 'dyn']

/** The environment of Kubernetes 1.34 for new expressions: those of 1.33's libraries, so that a rollback could still read them. */
export function kubernetesEnvironment(): Environment {
  const functions = collect(
    operators,
    conversions,
    strings,
    lists,
    regexes,
    urls,
    addresses,
    quantities,
    semvers,
    namedFormats,
    authorization,
  )
  const types = new Map<string, CelType>(
    simpleTypes.filter((name) => name !== 'dyn').map((name) => [name, readType(name)]),
  )
  types.delete('duration')
  types.delete('timestamp')
  types.set('google.protobuf.Duration', readType('duration'))
  types.set('google.protobuf.Timestamp', readType('timestamp'))
  types.set('null_type', readType('null'))
  types.set('list', listOf(dyn))
  types.set('map', mapOf(dyn, dyn))
  types.set('optional_type', opaque('optional_type', dyn))
  for (const name of ['net.IP', 'net.CIDR', 'kubernetes.Quantity', 'kubernetes.URL', 'kubernetes.Semver']) {
    types.set(name, opaque(name))
  }
  return new Environment(functions, types)
}
