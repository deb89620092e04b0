import { parseTime } from '../objects/time.ts'

/** Formats of strings that both schemas and expressions know, as kube-openapi's strfmt has them. */

export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text)

export const isBase64 = (text: string): boolean =>
  text === '' || (text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text))

export const isDate = (text: string): boolean =>
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) && parseTime(`${text}T00:00:00Z`) !== undefined

const dateTime = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:[zZ]|[+-][0-9]{2}:[0-9]{2})$/

export function isDateTime(text: string): boolean {
  if (text.length < 4) return false
  const [date = '', time, ...more] = text.toLowerCase().split('t')
  if (time === undefined || more.length > 0 || !isDate(date)) return false
  const match = dateTime.exec(time)
  return match !== null && Number(match[1]) <= 23 && Number(match[2]) <= 59 && Number(match[3]) <= 59
}
