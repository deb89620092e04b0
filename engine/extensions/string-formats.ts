import { isBase64, isDate, isDateTime, isUuid } from '../cel/formats.ts'
import { parseRequestUri } from '../cel/library/urls.ts'
import { parseCidr, parseIp } from '../objects/ip.ts'

/** Formats that schemas of 1.34 check (at the compatibility version 1.33), by their names without dashes. */
const formats: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['bsonobjectid', (text) => /^[0-9a-fA-F]{24}$/.test(text)],
  ['uri', (text) => typeof parseRequestUri(text) !== 'string'],
  [
    'email',
    (text) => /^[^\s@<>()[\]\\,;:"]+@[^\s@<>()[\]\\,;:"]+$/.test(text) || /^[^<]*<[^\s@<>]+@[^\s@<>]+>$/.test(text),
  ],
  ['hostname', isHostname],
  ['ipv4', (text) => strictIp(text)?.bits === 32],
  ['ipv6', (text) => text.includes(':') && strictIp(text) !== undefined],
  ['cidr', (text) => parseCidr(text)?.padded === false],
  [
    'mac',
    (text) =>
      /^(?:[0-9a-fA-F]{2}([:-])(?:[0-9a-fA-F]{2}\1){4}[0-9a-fA-F]{2}|(?:[0-9a-fA-F]{2}([:-])(?:[0-9a-fA-F]{2}\2){6}[0-9a-fA-F]{2})|(?:[0-9a-fA-F]{4}\.){2}[0-9a-fA-F]{4})$/.test(
        text,
      ),
  ],
  ['uuid', isUuid],
  ['uuid3', (text) => isUuid(text) && text.replaceAll('-', '')[12] === '3'],
  ['uuid4', (text) => isUuid(text) && /^.{12}4.{3}[89abAB]/.test(text.replaceAll('-', ''))],
  ['uuid5', (text) => isUuid(text) && /^.{12}5.{3}[89abAB]/.test(text.replaceAll('-', ''))],
  ['isbn', (text) => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['creditcard', isCreditCard],
  ['ssn', (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text)],
  ['hexcolor', (text) => /^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text)],
  ['rgbcolor', isRgbColor],
  ['byte', isBase64],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
])

/** For other than texts: what numbers may have as a format. */
const numeric = new Set(['int32', 'int64', 'float', 'double'])

/** Whether the format says anything; those that are not known are passed over, with a warning. */
export const isKnownFormat = (format: string): boolean => formats.has(format.replaceAll('-', ''))
export const isUnrecognizedFormat = (format: string): boolean => !isKnownFormat(format) && !numeric.has(format)

export function hasFormat(text: string, format: string): boolean {
  return formats.get(format.replaceAll('-', ''))?.(text) ?? true
}

function strictIp(text: string) {
  const address = parseIp(text)
  return address === undefined || address.padded ? undefined : address
}

function isHostname(text: string): boolean {
  if (text.length > 255) return false
  return text
    .split('.')
    .every(
      (part) =>
        part.length <= 63 && /^[a-zA-Z0-9\p{S}\p{L}](?:[-a-zA-Z0-9\p{S}\p{L}]*[a-zA-Z0-9\p{S}\p{L}])?$/u.test(part),
    )
}

function isDuration(text: string): boolean {
  if (/^[+-]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.test(text)) return true
  return /^\s*[0-9]+\s*(?:ns|nano|nanos|nanosecond|nanoseconds|us|µs|micro|micros|microsecond|microseconds|ms|milli|millis|millisecond|milliseconds|s|sec|secs|second|seconds|m|min|mins|minute|minutes|h|hr|hrs|hour|hours|d|day|days|w|wk|week|weeks)\s*$/.test(
    text,
  )
}

function isIsbn10(text: string): boolean {
  const digits = text.replaceAll(/[\s-]+/g, '')
  if (!/^[0-9]{9}[0-9X]$/.test(digits)) return false
  const sum = [...digits].reduce((total, digit, at) => total + (at + 1) * (digit === 'X' ? 10 : Number(digit)), 0)
  return sum % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = text.replaceAll(/[\s-]+/g, '')
  if (!/^[0-9]{13}$/.test(digits)) return false
  return [...digits].reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 1 : 3), 0) % 10 === 0
}

function isCreditCard(text: string): boolean {
  const digits = text.replaceAll(/[^0-9]+/g, '')
  if (
    !/^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/.test(
      digits,
    )
  ) {
    return false
  }
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 0 ? 1 : 2)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}

function isRgbColor(text: string): boolean {
  const parts = /^rgb\(\s*([0-9]{1,3})\s*,\s*([0-9]{1,3})\s*,\s*([0-9]{1,3})\s*\)$/.exec(text)
  return parts?.slice(1).every((part) => Number(part) <= 255 && !/^0[0-9]/.test(part)) === true
}
