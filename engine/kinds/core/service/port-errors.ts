import { invalidEach, qualifiedName } from '../../../objects/field-checks.ts'
import { duplicateValue, type FieldError, notSupported, requiredValue } from '../../../objects/field-error.ts'
import type { IntOrString } from '../../../objects/int-or-string.ts'
import { dns1123LabelErrors, portNameErrors, portNumberErrors } from '../../../objects/names.ts'
import type { ServicePort } from './types.ts'

export const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

export function protocolErrors(field: string, protocol: string | undefined): FieldError[] {
  if (protocol === undefined || protocol === '') return [requiredValue(field)]
  return PROTOCOLS.includes(protocol) ? [] : [notSupported(field, protocol, PROTOCOLS)]
}

export function portErrors(ports: readonly ServicePort[]): FieldError[] {
  const names = new Set<string>()
  return ports.flatMap((port, index) => {
    const at = `spec.ports[${index}]`
    const errors = [
      ...nameErrors(`${at}.name`, port.name ?? '', ports.length > 1, names),
      ...invalidEach(`${at}.port`, port.port, portNumberErrors(port.port)),
      ...protocolErrors(`${at}.protocol`, port.protocol),
      ...targetErrors(`${at}.targetPort`, port.targetPort ?? 0),
      ...(port.appProtocol === undefined ? [] : qualifiedName(`${at}.appProtocol`, port.appProtocol)),
    ]
    names.add(port.name ?? '')
    return errors
  })
}

function nameErrors(field: string, name: string, required: boolean, taken: ReadonlySet<string>): FieldError[] {
  if (name === '') return required ? [requiredValue(field)] : []
  const errors = invalidEach(field, name, dns1123LabelErrors(name))
  return taken.has(name) ? [...errors, duplicateValue(field, name)] : errors
}

function targetErrors(field: string, target: IntOrString): FieldError[] {
  return typeof target === 'number'
    ? invalidEach(field, target, portNumberErrors(target))
    : invalidEach(field, target, portNameErrors(target))
}
