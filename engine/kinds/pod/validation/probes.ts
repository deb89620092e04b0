import { invalidEach, nonNegative } from '../../../objects/field-checks.ts'
import { type FieldError, forbiddenField, invalidValue, requiredValue } from '../../../objects/field-error.ts'
import type { IntOrString } from '../../../objects/int-or-string.ts'
import { httpHeaderErrors, portNameErrors, portNumberErrors } from '../../../objects/names.ts'
import type { Container, Handler, Probe } from '../types.ts'
import { oneOf, present } from './checks.ts'

/** Seconds that a Pod is given to end, where they are known. */
type Grace = number | undefined

export function probesErrors(container: Container, grace: Grace, field: string): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe } = container
  return [
    ...(livenessProbe === undefined ? [] : onceProbeErrors(livenessProbe, grace, `${field}.livenessProbe`)),
    ...(readinessProbe === undefined ? [] : readinessErrors(readinessProbe, grace, `${field}.readinessProbe`)),
    ...(startupProbe === undefined ? [] : onceProbeErrors(startupProbe, grace, `${field}.startupProbe`)),
  ]
}

function onceProbeErrors(probe: Probe, grace: Grace, field: string): FieldError[] {
  const errors = probeErrors(probe, grace, field)
  const { successThreshold = 0 } = probe
  return successThreshold === 1
    ? errors
    : [...errors, invalidValue(`${field}.successThreshold`, successThreshold, 'must be 1')]
}

function readinessErrors(probe: Probe, grace: Grace, field: string): FieldError[] {
  const { terminationGracePeriodSeconds: own } = probe
  const errors = probeErrors(probe, grace, field)
  if (own === undefined) return errors
  const at = `${field}.terminationGracePeriodSeconds`
  return [...errors, invalidValue(at, own, 'must not be set for readinessProbes')]
}

function probeErrors(probe: Probe, grace: Grace, field: string): FieldError[] {
  const { terminationGracePeriodSeconds: own } = probe
  const { exec, httpGet, tcpSocket, grpc } = probe
  const handler = { exec, httpGet, tcpSocket, grpc } as Handler
  return [
    ...handlerErrors(handler, grace, field),
    ...nonNegative(`${field}.initialDelaySeconds`, probe.initialDelaySeconds),
    ...nonNegative(`${field}.timeoutSeconds`, probe.timeoutSeconds),
    ...nonNegative(`${field}.periodSeconds`, probe.periodSeconds),
    ...nonNegative(`${field}.successThreshold`, probe.successThreshold),
    ...nonNegative(`${field}.failureThreshold`, probe.failureThreshold),
    ...(own === undefined || own > 0
      ? []
      : [invalidValue(`${field}.terminationGracePeriodSeconds`, own, 'must be greater than 0')]),
  ]
}

export function lifecycleErrors(container: Container, grace: Grace, field: string): FieldError[] {
  const { postStart, preStop } = container.lifecycle ?? {}
  return [
    ...(postStart === undefined ? [] : handlerErrors(postStart, grace, `${field}.postStart`)),
    ...(preStop === undefined ? [] : handlerErrors(preStop, grace, `${field}.preStop`)),
  ]
}

function handlerErrors(handler: Handler, grace: Grace, field: string): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler
  const checks: readonly (readonly [name: string, errors: (at: string) => FieldError[]] | undefined)[] = [
    exec && ['exec', (at) => ((exec.command?.length ?? 0) > 0 ? [] : [requiredValue(`${at}.command`)])],
    httpGet && ['httpGet', (at) => httpErrors(httpGet, at)],
    tcpSocket && ['tcpSocket', (at) => portErrors(`${at}.port`, tcpSocket.port)],
    grpc && ['grpc', (at) => portErrors(`${at}.port`, grpc.port)],
    sleep && ['sleep', (at) => sleepErrors(sleep.seconds, grace, at)],
  ]
  const given = checks.filter((check) => check !== undefined)
  if (given.length === 0) return [requiredValue(field, 'must specify a handler type')]
  return given.flatMap(([name, errors], index) => {
    const at = `${field}.${name}`
    return index === 0 ? errors(at) : [forbiddenField(at, 'may not specify more than 1 handler type')]
  })
}

function httpErrors(http: NonNullable<Handler['httpGet']>, field: string): FieldError[] {
  return [
    ...present(`${field}.path`, http.path),
    ...portErrors(`${field}.port`, http.port),
    ...oneOf(`${field}.scheme`, http.scheme, ['HTTP', 'HTTPS']),
    ...(http.httpHeaders ?? []).flatMap(({ name }) =>
      invalidEach(`${field}.httpHeaders`, name, httpHeaderErrors(name)),
    ),
  ]
}

export function portErrors(field: string, port: IntOrString): FieldError[] {
  return invalidEach(field, port, typeof port === 'number' ? portNumberErrors(port) : portNameErrors(port))
}

function sleepErrors(seconds: number, grace: Grace, field: string): FieldError[] {
  if (grace === undefined || (seconds >= 0 && seconds <= grace)) return []
  const why = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`
  return [invalidValue(field, seconds, why)]
}
