import { CHECKS } from '../checks/catalogue.ts'
import type { Language } from '../language.ts'
import type { Classification } from '../messages/index.ts'
import { PLAIN, type ReportPaint } from './paint.ts'
import { cutMiddle } from './value-text.ts'
import { tableLines, wrap } from './width.ts'
import { WORDS, type Words } from './words.ts'

/** Defaults: English, without colours, 100 columns. */
export interface MessageTextOptions {
  readonly language?: Language
  readonly paint?: ReportPaint
  readonly width?: number
}

const LONGEST_MESSAGE = 400

/** What the messages mean, and which checks find the cause. */
export function renderMessagesText(
  classifications: readonly Classification[],
  options: MessageTextOptions = {},
): string {
  const { language = 'en', paint = PLAIN, width = 100 } = options
  const words = WORDS[language]
  if (classifications.length === 0) return `${wrap(words.notUnderstood, width).join('\n')}\n`
  return classifications.map((one) => `${oneMessage(one, language, paint, width).join('\n')}\n`).join('\n')
}

function oneMessage(one: Classification, language: Language, paint: ReportPaint, width: number): readonly string[] {
  const words = WORDS[language]
  const quoted = wrap(cutMiddle(one.message, LONGEST_MESSAGE), width - 2)
  const checks = CHECKS.filter(({ id }) => one.checks.includes(id)).toSorted(
    (a, b) => one.checks.indexOf(a.id) - one.checks.indexOf(b.id),
  )
  const rows = checks.map(({ id, title }) => [{ text: id, paint: paint.strong }, title[language]])
  return [
    ...quoted.map((line) => paint.faint(`> ${line}`)),
    ...wrap(one.verdict[language], width - 2).map((line) => `  ${paint.strong(line)}`),
    ...factLines(one, words).map((line) => `  ${line}`),
    ...(rows.length === 0 ? [] : [`  ${words.causes}`, ...tableLines(rows, '    ')]),
    ...(rows.length === 0 ? [] : [`    ${paint.good(`proa doctor --check ${checks.map(({ id }) => id).join(' ')}`)}`]),
  ]
}

function factLines(
  { webhook, service, url, timeoutSeconds, failedOpen }: Classification,
  words: Words,
): readonly string[] {
  const facts = [
    ...(webhook === undefined ? [] : [`webhook ${webhook}`]),
    ...(service === undefined
      ? url === undefined
        ? []
        : [url]
      : [`service ${service.namespace}/${service.name}${service.port === undefined ? '' : `:${service.port}`}`]),
    ...(timeoutSeconds === undefined ? [] : [`timeout ${timeoutSeconds}s`]),
  ]
  return [...(facts.length === 0 ? [] : [facts.join(' · ')]), ...(failedOpen === true ? [words.failedOpen] : [])]
}
