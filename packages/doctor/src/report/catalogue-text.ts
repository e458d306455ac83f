import type { Check } from '../check.ts'
import { CATEGORIES } from '../finding.ts'
import type { Language } from '../language.ts'
import { docsLink } from '../run/docs-link.ts'
import { KINDS } from '../snapshot/kinds.ts'
import { MARKS, PLAIN, type ReportPaint } from './paint.ts'
import { tableLines, wrap } from './width.ts'
import { headed, WORDS } from './words.ts'

export interface CatalogueTextOptions {
  readonly language?: Language
  readonly paint?: ReportPaint
  readonly width?: number
}

/** What a check is, as a program reads it. */
export interface CheckDescription {
  readonly id: string
  readonly severity: string
  readonly category: string
  readonly scope: string
  readonly title: string
  readonly looksAt: string
  readonly why: string
  readonly remedy: string
  /** `apps/v1 Deployment` */
  readonly needs: readonly string[]
  readonly uses: readonly string[]
  readonly references: readonly string[]
  readonly docs: string
}

export function describeCheck(check: Check, language: Language): CheckDescription {
  const { id, severity, category, scope, title, looksAt, why, remedy, needs, uses = [], references = [] } = check
  return {
    id,
    severity,
    category,
    scope,
    title: title[language],
    looksAt: looksAt[language],
    why: why[language],
    remedy: remedy[language],
    needs: needs.map(kindTitle),
    uses: uses.map(kindTitle),
    references,
    docs: docsLink(id, language),
  }
}

function kindTitle(name: keyof typeof KINDS): string {
  const { apiVersion, kind } = KINDS[name]
  return `${apiVersion} ${kind}`
}

/** `proa doctor list`: by category. */
export function renderCheckList(checks: readonly Check[], options: CatalogueTextOptions = {}): string {
  const { language = 'en', paint = PLAIN } = options
  const words = WORDS[language]
  const lines = CATEGORIES.flatMap((category) => {
    const own = checks.filter((check) => check.category === category)
    if (own.length === 0) return []
    const rows = own.map(({ id, severity, title }) => [
      id,
      { text: `${MARKS[severity]} ${words.severities[severity]}`, paint: paint[severity] },
      title[language],
    ])
    return [paint.strong(words.categories[category]), '', ...tableLines(rows, '  '), '']
  })
  return lines.join('\n')
}

/** `proa doctor explain INJ202` */
export function renderCheckText(check: Check, options: CatalogueTextOptions = {}): string {
  const { language = 'en', paint = PLAIN, width = 100 } = options
  const words = WORDS[language]
  const about = describeCheck(check, language)
  const severity = paint[check.severity](`${MARKS[check.severity]} ${words.severities[check.severity]}`)
  const part = (heading: string, text: string): readonly string[] =>
    text === '' ? [] : [paint.strong(heading), ...wrap(text, width - 2).map((line) => `  ${line}`), '']
  return [
    `${paint.strong(`${about.id} ${about.title}`)}`,
    `  ${severity} · ${words.categories[check.category]} · ${words.scopeHeading} ${words.scopes[check.scope]}`,
    '',
    ...part(words.looksAt, about.looksAt),
    ...part(words.why, about.why),
    ...part(words.remedy, about.remedy),
    ...part(words.needs, about.needs.join(', ')),
    ...part(words.uses, about.uses.join(', ')),
    ...part(words.references, about.references.join(', ')),
    paint.faint(headed(words.more, about.docs)),
    '',
  ].join('\n')
}
