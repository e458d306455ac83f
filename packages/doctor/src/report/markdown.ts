import { CATEGORIES, type Evidence, type Finding, type NotEvaluatedCheck } from '../finding.ts'
import type { Language } from '../language.ts'
import { objectTitle } from '../naming.ts'
import type { NamespaceRow, Report } from '../report.ts'
import { docsLink } from '../run/docs-link.ts'
import { objectKey } from '../run/order.ts'
import { markdownBlock, markdownCode, markdownText } from './markdown-escape.ts'
import { styleOf } from './text/options.ts'
import { summaryLine } from './text/render.ts'
import { valueText } from './value-text.ts'
import { headed, WORDS, type Words } from './words.ts'

const SIGNS = { error: '❌', warn: '⚠️', info: 'ℹ️' } as const

/** For an issue or a comment on a pull request: the summary first, the details folded where they are many. */
export function renderReportMarkdown(report: Report, language: Language = 'en'): string {
  const words = WORDS[language]
  const { absent, trace, findings, notEvaluated, namespaces = [] } = report
  const parts = [
    [`**proa doctor** · ${markdownText(summaryLine(report, styleOf({ language })))}`],
    ...(absent === undefined ? [] : [[markdownText(absent.reason[language])]]),
    ...(trace === undefined
      ? []
      : [[`**${markdownText(objectTitle(trace.object))}**: ${markdownText(trace.summary[language])}`]]),
    ...CATEGORIES.flatMap((category) =>
      categoryParts(
        words.categories[category],
        findings.filter((one) => one.category === category),
        language,
      ),
    ),
    ...(namespaces.length === 0 ? [] : [folded(words.namespaces, namespaceTable(namespaces, words))]),
    ...(notEvaluated.length === 0 ? [] : [folded(words.notEvaluated, notEvaluatedItems(notEvaluated, language))]),
  ]
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function categoryParts(
  title: string,
  findings: readonly Finding[],
  language: Language,
): readonly (readonly string[])[] {
  return findings.length === 0 ? [] : [[`### ${title}`], ...findings.map((one) => findingPart(one, language))]
}

function findingPart(finding: Finding, language: Language): readonly string[] {
  const { id, severity, object, message, meaning, evidence, fix, confidence } = finding
  const words = WORDS[language]
  const sure = confidence === 'certain' ? '' : words.aside(words.confidence[confidence])
  return [
    `${SIGNS[severity]} **${id} ${words.severities[severity]}** ${markdownCode(objectTitle(object))}${sure}: ${markdownText(message[language])}`,
    ...(meaning === undefined ? [] : ['', markdownText(meaning[language])]),
    ...(evidence.length === 0 ? [] : ['', ...evidence.map((one) => evidenceItem(one, finding, language))]),
    ...(fix === undefined ? [] : ['', headed(words.fix, markdownText(fix.text[language]))]),
    ...(fix === undefined || fix.commands.length === 0 ? [] : ['', ...markdownBlock(fix.commands.join('\n'), 'sh')]),
    '',
    `<sub>${headed(words.more, `\`proa doctor explain ${id}\` · ${docsLink(id, language)}`)}</sub>`,
  ]
}

const LONGEST_VALUE = 300

function evidenceItem({ object, path, value, label }: Evidence, about: Finding, language: Language): string {
  const words = WORDS[language]
  const elsewhere = object !== undefined && objectKey(object) !== objectKey(about.object)
  const place = markdownCode(elsewhere ? `${objectTitle(object)}: ${path}` : path)
  const said = value === undefined ? words.nothing : markdownCode(valueText(value, LONGEST_VALUE))
  return `- ${label === undefined ? '' : `${markdownText(label[language])}: `}${place} = ${said}`
}

function folded(title: string, lines: readonly string[]): readonly string[] {
  return ['<details>', `<summary>${markdownText(title)}</summary>`, '', ...lines, '', '</details>']
}

function namespaceTable(rows: readonly NamespaceRow[], words: Words): readonly string[] {
  const cells = rows.map(({ name, injection = '', revision = '', verdict, webhooks, pods }) => [
    markdownCode(name),
    markdownCode(injection),
    markdownCode(revision),
    webhooks
      .filter(({ called }) => called === true)
      .map(({ webhook }) => markdownCode(webhook))
      .join('<br>'),
    words.verdicts[verdict],
    pods.all === 0 ? '-' : `${pods.injected}/${pods.all}`,
  ])
  const header = ['NAME', 'ISTIO-INJECTION', 'ISTIO.IO/REV', 'WEBHOOKS', 'VERDICT', 'PODS']
  return [header, header.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`)
}

function notEvaluatedItems(entries: readonly NotEvaluatedCheck[], language: Language): readonly string[] {
  return [...Map.groupBy(entries, ({ reason }) => reason[language])].map(
    ([reason, all]) => `- ${markdownText(reason)}: ${[...new Set(all.map(({ id }) => id))].join(', ')}`,
  )
}
