/** Why Go's `time.Parse` refuses a text that is no RFC 3339 time: its sentence, or undefined if it finds no fault. */
export function timeFault(text: string, micro: boolean): string | undefined {
  const layout = micro ? '2006-01-02T15:04:05.000000Z07:00' : '2006-01-02T15:04:05Z07:00'
  const failed = (rest: string, element: string): string =>
    `parsing time ${quote(text)} as ${quote(layout)}: cannot parse ${quote(rest)} as ${quote(element)}`
  const outOfRange = (what: string): string => `parsing time ${quote(text)}: ${what} out of range`
  let rest = text
  const date: number[] = []
  for (const { element, digits, before, least, most, what } of parts) {
    if (before !== '' && !rest.startsWith(before)) return failed(rest, before)
    rest = rest.slice(before.length)
    const number = rest.slice(0, digits)
    // Of hours Go also takes a single digit.
    const taken = element === '15' && /^\d(?!\d)/.test(number) ? 1 : digits
    if (!/^\d+$/.test(number.slice(0, taken)) || number.length < taken) return failed(rest, element)
    const value = Number(number.slice(0, taken))
    if (value < least || value > most) return outOfRange(what)
    date.push(value)
    rest = rest.slice(taken)
  }
  if (micro) {
    if (!/^\.\d{6}/.test(rest)) return failed(rest, '.000000')
    rest = rest.slice(7)
  } else {
    // A fraction may follow the seconds though the layout has none.
    const fraction = /^[.,]\d+/.exec(rest)
    if (fraction !== null) rest = rest.slice(fraction[0].length)
  }
  if (rest.startsWith('Z')) rest = rest.slice(1)
  else {
    const zone = /^[+-](\d\d):(\d\d)/.exec(rest)
    if (zone === null) return failed(rest, 'Z07:00')
    if (Number(zone[1]) > 24) return outOfRange('time zone offset hour')
    if (Number(zone[2]) > 60) return outOfRange('time zone offset minute')
    rest = rest.slice(6)
  }
  if (rest !== '') return `parsing time ${quote(text)}: extra text: ${quote(rest)}`
  const [year = 0, month = 1, day = 1] = date
  return day > new Date(Date.UTC(year, month, 0)).getUTCDate() ? outOfRange('day') : undefined
}

const parts = [
  { before: '', element: '2006', digits: 4, least: 0, most: 9999, what: 'year' },
  { before: '-', element: '01', digits: 2, least: 1, most: 12, what: 'month' },
  { before: '-', element: '02', digits: 2, least: 1, most: 31, what: 'day' },
  { before: 'T', element: '15', digits: 2, least: 0, most: 23, what: 'hour' },
  { before: ':', element: '04', digits: 2, least: 0, most: 59, what: 'minute' },
  { before: ':', element: '05', digits: 2, least: 0, most: 59, what: 'second' },
] as const

/** Go's time package has a quoting of its own: what is not ASCII is written as bytes. */
function quote(text: string): string {
  let quoted = ''
  for (const byte of new TextEncoder().encode(text)) {
    if (byte === 0x22 || byte === 0x5c) quoted += `\\${String.fromCharCode(byte)}`
    else if (byte >= 0x20 && byte < 0x80) quoted += String.fromCharCode(byte)
    else quoted += `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return `"${quoted}"`
}
