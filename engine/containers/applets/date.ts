const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** strftime(3) in UTC, which containers have. */
export function dateText(format: string, ms: number): string {
  const at = new Date(ms)
  const two = (value: number, fill = '0') => String(value).padStart(2, fill)
  const year = at.getUTCFullYear()
  const dayOfYear =
    Math.floor((Date.UTC(year, at.getUTCMonth(), at.getUTCDate()) - Date.UTC(year, 0, 1)) / 86_400_000) + 1
  const letter = (code: string): string | undefined => {
    switch (code) {
      case 'a':
        return DAYS[at.getUTCDay()]?.slice(0, 3)
      case 'A':
        return DAYS[at.getUTCDay()]
      case 'b':
      case 'h':
        return MONTHS[at.getUTCMonth()]?.slice(0, 3)
      case 'B':
        return MONTHS[at.getUTCMonth()]
      case 'c':
        return dateText('%a %b %e %H:%M:%S %Y', ms)
      case 'd':
        return two(at.getUTCDate())
      case 'D':
        return dateText('%m/%d/%y', ms)
      case 'e':
        return two(at.getUTCDate(), ' ')
      case 'F':
        return dateText('%Y-%m-%d', ms)
      case 'H':
        return two(at.getUTCHours())
      case 'I':
        return two(at.getUTCHours() % 12 || 12)
      case 'j':
        return String(dayOfYear).padStart(3, '0')
      case 'm':
        return two(at.getUTCMonth() + 1)
      case 'M':
        return two(at.getUTCMinutes())
      case 'n':
        return '\n'
      case 'N':
        return String((ms % 1000) * 1_000_000).padStart(9, '0')
      case 'p':
        return at.getUTCHours() < 12 ? 'AM' : 'PM'
      case 'r':
        return dateText('%I:%M:%S %p', ms)
      case 'R':
        return dateText('%H:%M', ms)
      case 's':
        return String(Math.floor(ms / 1000))
      case 'S':
        return two(at.getUTCSeconds())
      case 't':
        return '\t'
      case 'T':
      case 'X':
        return dateText('%H:%M:%S', ms)
      case 'u':
        return String(at.getUTCDay() || 7)
      case 'w':
        return String(at.getUTCDay())
      case 'x':
        return dateText('%m/%d/%y', ms)
      case 'y':
        return two(year % 100)
      case 'Y':
        return String(year)
      case 'z':
        return '+0000'
      case 'Z':
        return 'UTC'
      case '%':
        return '%'
      default:
        return undefined
    }
  }
  return format.replace(/%-?([a-zA-Z%])/g, (whole, code: string) => {
    const text = letter(code)
    return text === undefined ? whole : whole[1] === '-' ? text.replace(/^[0 ]+(?=.)/, '') : text
  })
}

/** `@seconds`, `YYYY-MM-DD hh:mm[:ss]`, `hh:mm`: ms; undefined for others. */
export function readDate(text: string, now: number): number | undefined {
  const trimmed = text.trim()
  if (/^@-?\d+$/.test(trimmed)) return Number(trimmed.slice(1)) * 1000
  if (/^\d{1,2}:\d{2}(:\d{2})?$/.test(trimmed))
    return readDate(`${new Date(now).toISOString().slice(0, 10)} ${trimmed}`, now)
  const [, day, time = '00:00:00'] = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)Z?)?$/.exec(trimmed) ?? []
  const ms = day === undefined ? Number.NaN : Date.parse(`${day}T${time}Z`)
  return Number.isNaN(ms) ? undefined : ms
}
