/** `time.ParseInLocation`, with Go's error texts. */
import { months, splitLayout, weekdays } from './layout.ts'
import { daysFrom, daysInMonth, type Moment, momentAt } from './moment.ts'
import { quoteForTime } from './quote.ts'
import { fixedZone, utc, type Zone } from './zone.ts'

interface Fields {
  year: number
  month: number
  day: number
  yearDay: number
  hour: number
  minute: number
  second: number
  nanosecond: number
  afternoon: boolean | undefined
  zone: Zone | undefined
}

/** What is left of the text after an element; `outOfRange` names a field that has an impossible value. */
type Step = { readonly rest: string } | { readonly outOfRange: string } | undefined

export function parseTime(layout: string, text: string, local: Zone): Moment {
  const fields: Fields = {
    year: 0,
    month: -1,
    day: -1,
    yearDay: -1,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    afternoon: undefined,
    zone: undefined,
  }
  const complain = (what: string) => new Error(`parsing time ${quoteForTime(text)}${what}`)
  let rest = text
  const parts = splitLayout(layout)
  for (const [i, part] of parts.entries()) {
    const next = parts[i + 1]?.kind === 'literal' ? parts[i + 2] : parts[i + 1]
    const readsFraction = next === undefined || !/^[.,]/.test(next.text)
    const step =
      part.kind === 'literal' ? skipLiteral(rest, part.text) : readElement(part.text, rest, fields, readsFraction)
    if (step === undefined) {
      throw complain(` as ${quoteForTime(layout)}: cannot parse ${quoteForTime(rest)} as ${quoteForTime(part.text)}`)
    }
    if ('outOfRange' in step) throw complain(`: ${step.outOfRange} out of range`)
    rest = step.rest
  }
  if (rest !== '') throw complain(`: extra text: ${quoteForTime(rest)}`)
  const fault = completeDate(fields)
  if (fault !== undefined) throw complain(fault)
  return assemble(fields, local)
}

/** Spaces in the layout stand for any number of spaces. */
function skipLiteral(text: string, literal: string): Step {
  let rest = text
  for (let i = 0; i < literal.length; i++) {
    if (literal.charAt(i) === ' ') {
      if (rest !== '' && !rest.startsWith(' ')) return undefined
      while (literal.charAt(i + 1) === ' ') i++
      rest = rest.replace(/^ +/, '')
    } else if (rest.charAt(0) === literal.charAt(i)) rest = rest.slice(1)
    else return undefined
  }
  return { rest }
}

function readElement(element: string, text: string, fields: Fields, readsFraction: boolean): Step {
  if (/^[.,]/.test(element)) return readFraction(element, text, fields)
  if (/^[-Z]07/.test(element)) return readOffset(element, text, fields)
  switch (element) {
    case 'January':
    case 'Jan':
      return readName(text, names(months, element), (index) => {
        fields.month = index + 1
      })
    case 'Monday':
    case 'Mon':
      return readName(text, names(weekdays, element), () => undefined)
    case 'PM':
    case 'pm':
      return readName(text, element === 'PM' ? ['AM', 'PM'] : ['am', 'pm'], (index) => {
        fields.afternoon = index === 1
      })
    case 'MST':
      return readAbbreviation(text, fields)
    case '5':
    case '05':
      return withFraction(readNumber(element, text, fields), fields, readsFraction)
    default:
      return readNumber(element, text, fields)
  }
}

function names(full: readonly string[], element: string): readonly string[] {
  return element.length === 3 ? full.map((name) => name.slice(0, 3)) : full
}

function readName(text: string, choices: readonly string[], found: (index: number) => void): Step {
  // AM and PM are taken literally, names in any case.
  const exact = choices.length === 2
  const index = choices.findIndex((name) => {
    const start = text.slice(0, name.length)
    return exact ? start === name : start.toLowerCase() === name.toLowerCase()
  })
  if (index < 0) return undefined
  found(index)
  return { rest: text.slice(choices[index]?.length) }
}

interface NumberRule {
  readonly pattern: RegExp
  /** Returns the name of the field if the number is impossible; days are checked when the month is known. */
  readonly store: (fields: Fields, value: number) => string | undefined
}

const oneOrTwo = /^[0-9]{1,2}/
const two = /^[0-9]{2}/

const storeYear = (fields: Fields, value: number) => {
  fields.year = value
  return undefined
}
const storeShortYear = (fields: Fields, value: number) => {
  // Two digits mean 1969 to 2068.
  fields.year = value + (value >= 69 ? 1900 : 2000)
  return undefined
}
const storeMonth = (fields: Fields, value: number) => {
  fields.month = value
  return value < 1 || value > 12 ? 'month' : undefined
}
const storeDay = (fields: Fields, value: number) => {
  fields.day = value
  return undefined
}
const storeYearDay = (fields: Fields, value: number) => {
  fields.yearDay = value
  return undefined
}
const storeHour12 = (fields: Fields, value: number) => {
  fields.hour = value
  return value > 12 ? 'hour' : undefined
}
const storeMinute = (fields: Fields, value: number) => {
  fields.minute = value
  return value > 59 ? 'minute' : undefined
}
const storeSecond = (fields: Fields, value: number) => {
  fields.second = value
  return value > 59 ? 'second' : undefined
}

const numberRules: Readonly<Record<string, NumberRule>> = {
  '2006': { pattern: /^[0-9]{4}/, store: storeYear },
  '06': { pattern: two, store: storeShortYear },
  '1': { pattern: oneOrTwo, store: storeMonth },
  '01': { pattern: two, store: storeMonth },
  '2': { pattern: oneOrTwo, store: storeDay },
  _2: { pattern: /^ ?[0-9]{1,2}/, store: storeDay },
  '02': { pattern: two, store: storeDay },
  __2: { pattern: /^ {0,2}[0-9]{1,3}/, store: storeYearDay },
  '002': { pattern: /^[0-9]{3}/, store: storeYearDay },
  '15': {
    pattern: oneOrTwo,
    store: (fields, value) => {
      fields.hour = value
      return value > 23 ? 'hour' : undefined
    },
  },
  '3': { pattern: oneOrTwo, store: storeHour12 },
  '03': { pattern: two, store: storeHour12 },
  '4': { pattern: oneOrTwo, store: storeMinute },
  '04': { pattern: two, store: storeMinute },
  '5': { pattern: oneOrTwo, store: storeSecond },
  '05': { pattern: two, store: storeSecond },
}

function readNumber(element: string, text: string, fields: Fields): Step {
  const rule = Object.hasOwn(numberRules, element) ? numberRules[element] : undefined
  const digits = rule?.pattern.exec(text)?.[0]
  if (rule === undefined || digits === undefined) return undefined
  const outOfRange = rule.store(fields, Number(digits))
  return outOfRange === undefined ? { rest: text.slice(digits.length) } : { outOfRange }
}

/** A fraction after the seconds is read even if the layout has none. */
function withFraction(step: Step, fields: Fields, reads: boolean): Step {
  if (step === undefined || 'outOfRange' in step || !reads) return step
  const fraction = /^[.,]([0-9]+)/.exec(step.rest)
  if (fraction === null) return step
  fields.nanosecond = nanoseconds(fraction[1] ?? '')
  return { rest: step.rest.slice(fraction[0].length) }
}

function readFraction(element: string, text: string, fields: Fields): Step {
  const digits = /^[.,]([0-9]+)/.exec(text)
  if (element.charAt(1) === '9') {
    if (digits === null) return { rest: text }
    fields.nanosecond = nanoseconds(digits[1] ?? '')
    return { rest: text.slice(digits[0].length) }
  }
  const wanted = text.slice(0, element.length)
  if (!/^[.,][0-9]+$/.test(wanted) || wanted.length < element.length) return undefined
  fields.nanosecond = nanoseconds(wanted.slice(1))
  return { rest: text.slice(element.length) }
}

const nanoseconds = (digits: string) => Number(digits.slice(0, 9).padEnd(9, '0'))

function readOffset(element: string, text: string, fields: Fields): Step {
  if (element.startsWith('Z') && text.startsWith('Z')) {
    fields.zone = utc
    return { rest: text.slice(1) }
  }
  const pattern = element.slice(1).replace(/[0-9]{2}/g, '([0-9]{2})')
  const match = new RegExp(`^([+-])${pattern}`).exec(text)
  if (match === null) return undefined
  const [whole, sign, hours = '0', minutes = '0', seconds = '0'] = match
  if (Number(hours) > 24) return { outOfRange: 'time zone offset hour' }
  if (Number(minutes) > 60) return { outOfRange: 'time zone offset minute' }
  const offset = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  fields.zone = offset === 0 ? utc : fixedZone('', sign === '-' ? -offset : offset)
  return { rest: text.slice(whole.length) }
}

/** An abbreviation says nothing about the offset, so Go makes up a zone of that name at offset 0. */
function readAbbreviation(text: string, fields: Fields): Step {
  const name = /^(?:UTC|GMT[+-][0-9]{1,2}|[A-Z]{3,4}(?![A-Z])|[+-][0-9]{2})/.exec(text)?.[0]
  if (name === undefined) return undefined
  const hours = /^GMT([+-][0-9]+)$/.exec(name)?.[1]
  fields.zone = name === 'UTC' ? utc : fixedZone(name, Number(hours ?? 0) * 3600)
  return { rest: text.slice(name.length) }
}

/** Fills month and day from the day of the year; the complaint if they contradict each other or the calendar. */
function completeDate(fields: Fields): string | undefined {
  if (fields.yearDay >= 0) {
    const start = daysFrom(fields.year, 1, 1)
    if (fields.yearDay < 1 || start + fields.yearDay > daysFrom(fields.year + 1, 1, 1))
      return ': day-of-year out of range'
    let month = 12
    while (daysFrom(fields.year, month, 1) > start + fields.yearDay - 1) month--
    const day = start + fields.yearDay - daysFrom(fields.year, month, 1)
    if (fields.month >= 0 && fields.month !== month) return ': day-of-year does not match month'
    if (fields.day >= 0 && fields.day !== day) return ': day-of-year does not match day'
    fields.month = month
    fields.day = day
  }
  fields.month = fields.month < 0 ? 1 : fields.month
  fields.day = fields.day < 0 ? 1 : fields.day
  return fields.day < 1 || fields.day > daysInMonth(fields.year, fields.month) ? ': day out of range' : undefined
}

function assemble(fields: Fields, local: Zone): Moment {
  let { hour } = fields
  if (fields.afternoon === true && hour < 12) hour += 12
  if (fields.afternoon === false && hour === 12) hour = 0
  const days = daysFrom(fields.year, fields.month, fields.day)
  const seconds = days * 86_400 + hour * 3600 + fields.minute * 60 + fields.second
  return momentAt(seconds, fields.nanosecond, fields.zone ?? local)
}
