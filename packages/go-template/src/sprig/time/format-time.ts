import { months, splitLayout, weekdays } from './layout.ts'
import { type CivilTime, civilTime, type Moment, unixSeconds } from './moment.ts'

/** `Time.Format` */
export function formatTime(moment: Moment, layout: string): string {
  const civil = civilTime(moment)
  const zone = moment.zone.at(Number(unixSeconds(moment)))
  return splitLayout(layout)
    .map(({ kind, text }) => (kind === 'literal' ? text : formatElement(text, civil, zone)))
    .join('')
}

function formatElement(
  element: string,
  civil: CivilTime,
  zone: { readonly offset: number; readonly abbreviation: string },
): string {
  if (/^[.,]/.test(element)) return formatFraction(element, civil.nanosecond)
  if (/^[-Z]07/.test(element)) return formatOffset(element, zone.offset)
  if (element === 'MST') return zone.abbreviation === '' ? formatOffset('-0700', zone.offset) : zone.abbreviation
  return formatCalendar(element, civil) ?? formatClock(element, civil)
}

function formatCalendar(element: string, { year, month, day, weekday, yearDay }: CivilTime): string | undefined {
  switch (element) {
    case '2006':
      return year < 0 ? `-${padded(-year, 4)}` : padded(year, 4)
    case '06':
      return padded(Math.max(year % 100, 0), 2)
    case 'January':
      return months[month - 1]
    case 'Jan':
      return months[month - 1]?.slice(0, 3)
    case '1':
      return String(month)
    case '01':
      return padded(month, 2)
    case 'Monday':
      return weekdays[weekday]
    case 'Mon':
      return weekdays[weekday]?.slice(0, 3)
    case '2':
      return String(day)
    case '_2':
      return padded(day, 2, ' ')
    case '02':
      return padded(day, 2)
    case '__2':
      return padded(yearDay, 3, ' ')
    case '002':
      return padded(yearDay, 3)
    default:
      return undefined
  }
}

function formatClock(element: string, { hour, minute, second }: CivilTime): string {
  const hour12 = hour % 12 === 0 ? 12 : hour % 12
  switch (element) {
    case '15':
      return padded(hour, 2)
    case '3':
      return String(hour12)
    case '03':
      return padded(hour12, 2)
    case '4':
      return String(minute)
    case '04':
      return padded(minute, 2)
    case '5':
      return String(second)
    case '05':
      return padded(second, 2)
    case 'PM':
      return hour >= 12 ? 'PM' : 'AM'
    default:
      return hour >= 12 ? 'pm' : 'am'
  }
}

/** `.000` shows that many digits, `.999` leaves trailing zeros out, and the point if nothing is left. */
function formatFraction(element: string, nanosecond: number): string {
  const digits = padded(nanosecond, 9)
    .padEnd(element.length - 1, '0')
    .slice(0, element.length - 1)
  const shown = element.charAt(1) === '9' ? digits.replace(/0+$/, '') : digits
  return shown === '' ? '' : element.charAt(0) + shown
}

function formatOffset(element: string, offset: number): string {
  if (element.startsWith('Z') && offset === 0) return 'Z'
  const size = Math.abs(offset)
  const fields = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60].map((field) => padded(field, 2))
  const count = element.replace(/[^0-9]/g, '').length / 2
  return (offset < 0 ? '-' : '+') + fields.slice(0, count).join(element.includes(':') ? ':' : '')
}

function padded(value: number, width: number, fill = '0'): string {
  return String(value).padStart(width, fill)
}
