import type { Check } from '../check.ts'
import { CHECKS } from '../checks/catalogue.ts'
import { CATEGORIES, type Category, type Finding, type NotEvaluatedCheck } from '../finding.ts'
import type { Language } from '../language.ts'
import { objectTitle } from '../naming.ts'
import type { Report } from '../report.ts'
import { findingPlainText } from './plain.ts'
import { WORDS } from './words.ts'
import { xmlAttributes, xmlText } from './xml.ts'

/** Defaults: English, warnings are no failures. */
export interface JunitOptions {
  readonly language?: Language
  /** Warnings are failures, as for the exit code. */
  readonly strict?: boolean
  /** When the cluster was looked at, RFC 3339. */
  readonly time?: string
  /** Where the titles of the checks come from; default: the catalogue. */
  readonly catalogue?: readonly Check[]
}

interface TestCase {
  readonly name: string
  readonly category: Category
  readonly findings: readonly Finding[]
  readonly notEvaluated: readonly Pick<NotEvaluatedCheck, 'reason'>[]
}

/**
 * For the reports of a CI system: a suite per category, a test per check. An error (when strict: a warning, too) is a failure;
 * other findings are output of the test; what could not be evaluated is skipped.
 */
export function renderReportJunit(report: Report, options: JunitOptions = {}): string {
  const suites = suitesOf(report, options)
  const all = suites.flatMap(({ cases }) => cases)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${xmlAttributes({ name: 'proa doctor', ...counts(all, options) })}>`,
    ...suites.flatMap(({ name, cases }) => [
      `  <testsuite${xmlAttributes({ name, ...counts(cases, options), timestamp: options.time })}>`,
      ...cases.flatMap((one) => caseLines(one, options)),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n')
}

function suitesOf(report: Report, { language = 'en', catalogue = CHECKS }: JunitOptions) {
  const titles = new Map(catalogue.map((check) => [check.id, check]))
  const findings = Map.groupBy(report.findings, ({ id }) => id)
  const notEvaluated = Map.groupBy(report.notEvaluated, ({ id }) => id)
  const cases = report.checks.map((id): TestCase => {
    const check = titles.get(id)
    const own = findings.get(id) ?? []
    return {
      name: check === undefined ? id : `${id} ${check.title[language]}`,
      category: check?.category ?? own[0]?.category ?? 'decision',
      findings: own,
      notEvaluated: notEvaluated.get(id) ?? [],
    }
  })
  const target = targetCase(report)
  return CATEGORIES.map((category) => ({
    name: category,
    cases: [...cases.filter((one) => one.category === category), ...(category === 'decision' ? target : [])],
  })).filter((suite) => suite.cases.length > 0)
}

/** A target that is not there would else look like a run in which everything is fine. */
function targetCase({ absent }: Report): readonly TestCase[] {
  if (absent === undefined) return []
  const name = objectTitle(absent.object)
  return [{ name, category: 'decision', findings: [], notEvaluated: [{ reason: absent.reason }] }]
}

function isFailure({ severity }: Finding, { strict }: JunitOptions): boolean {
  return severity === 'error' || (strict === true && severity === 'warn')
}

function counts(cases: readonly TestCase[], options: JunitOptions) {
  const failed = cases.filter(({ findings }) => findings.some((one) => isFailure(one, options)))
  const skipped = cases.filter((one) => !failed.includes(one) && one.notEvaluated.length > 0)
  return { tests: cases.length, failures: failed.length, errors: 0, skipped: skipped.length }
}

function caseLines(one: TestCase, options: JunitOptions): readonly string[] {
  const { name, category, findings, notEvaluated } = one
  const language = options.language ?? 'en'
  const failures = findings.filter((finding) => isFailure(finding, options))
  const others = findings.filter((finding) => !isFailure(finding, options))
  const body = [
    ...failureLines(failures, language),
    ...(failures.length === 0 ? skippedLines(notEvaluated, language) : []),
    ...(others.length === 0
      ? []
      : [
          `      <system-out>${xmlText(others.map((each) => findingPlainText(each, language)).join('\n\n'))}</system-out>`,
        ]),
  ]
  const head = `    <testcase${xmlAttributes({ classname: `proa.doctor.${category}`, name })}`
  return body.length === 0 ? [`${head}/>`] : [`${head}>`, ...body, '    </testcase>']
}

/** One element per test, whatever the number of objects: some readers know only one. */
function failureLines(findings: readonly Finding[], language: Language): readonly string[] {
  const [first] = findings
  if (first === undefined) return []
  const rest = findings.length - 1
  const message = `${objectTitle(first.object)}: ${first.message[language]}${rest > 0 ? ` ${WORDS[language].andMore(rest)}` : ''}`
  const text = findings.map((one) => findingPlainText(one, language)).join('\n\n')
  return [`      <failure${xmlAttributes({ type: first.severity, message })}>${xmlText(text)}</failure>`]
}

function skippedLines(entries: TestCase['notEvaluated'], language: Language): readonly string[] {
  if (entries.length === 0) return []
  const message = [...new Set(entries.map(({ reason }) => reason[language]))].join('; ')
  return [`      <skipped${xmlAttributes({ message })}/>`]
}
