import type { Check } from '../check.ts'
import { CATEGORIES, type Category } from '../finding.ts'
import type { Language } from '../language.ts'
import { describeCheck } from './catalogue-text.ts'
import { markdownText } from './markdown-escape.ts'
import { referenceLink } from './references.ts'
import { WORDS } from './words.ts'

/** The texts of the page that no check has. */
const PAGE = {
  en: {
    title: '# The checks of `proa doctor`',
    intro: [
      'Made from the catalogue by `tools/generate-check-pages.ts`; do not edit. [简体中文](checks.zh-CN.md)',
      '',
      'What `proa doctor list` and `proa doctor explain ID` print. How the command is used: [doctor.md](doctor.md).',
    ],
    columns: '| id | severity | what is wrong |',
    severity: 'Severity',
    scope: 'About',
  },
  zh: {
    title: '# `proa doctor` 的检查项',
    intro: [
      '由 `tools/generate-check-pages.ts` 根据检查目录生成，请勿手工修改。[English](checks.md)',
      '',
      '与 `proa doctor list --lang zh`、`proa doctor explain ID --lang zh` 的输出一致。命令用法见 [doctor.zh-CN.md](doctor.zh-CN.md)。',
    ],
    columns: '| 编号 | 级别 | 问题 |',
    severity: '级别',
    scope: '针对',
  },
} as const

/** The reference of all checks, for `docs/`. */
export function renderReferencePage(checks: readonly Check[], language: Language): string {
  const page = PAGE[language]
  const words = WORDS[language]
  const categories = CATEGORIES.filter((category) => checks.some((check) => check.category === category))
  const contents = categories.map(
    (category) => `- [${words.categories[category]}](#${anchorOf(words.categories[category])})`,
  )
  const sections = categories.flatMap((category) => categorySection(category, checks, language))
  return `${[page.title, '', ...page.intro, '', ...contents, '', ...sections].join('\n').trimEnd()}\n`
}

/** The anchor that a heading gets in Markdown. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')
}

function categorySection(category: Category, checks: readonly Check[], language: Language): readonly string[] {
  const page = PAGE[language]
  const words = WORDS[language]
  const own = checks.filter((check) => check.category === category)
  const rows = own.map(
    ({ id, severity, title }) =>
      `| [${id}](#${id.toLowerCase()}) | ${words.severities[severity]} | ${markdownText(title[language])} |`,
  )
  return [
    `## ${words.categories[category]}`,
    '',
    page.columns,
    '|---|---|---|',
    ...rows,
    '',
    ...own.flatMap((check) => checkSection(check, language)),
  ]
}

function checkSection(check: Check, language: Language): readonly string[] {
  const page = PAGE[language]
  const words = WORDS[language]
  const { id, title, looksAt, why, remedy, needs, uses, references } = describeCheck(check, language)
  const colon = language === 'zh' ? '：' : ': '
  const part = (heading: string, text: string): readonly string[] =>
    text === '' ? [] : [`**${heading}**${colon}${text}`, '']
  const links = references.map(referenceLink).map(({ text, url }) => (url === undefined ? text : `[${text}](${url})`))
  return [
    `### ${id}`,
    '',
    `**${markdownText(title)}**`,
    '',
    `${page.severity}${colon}${words.severities[check.severity]} · ${page.scope}${colon}${words.scopes[check.scope]}`,
    '',
    ...part(words.looksAt, markdownText(looksAt)),
    ...part(words.why, markdownText(why)),
    ...part(words.remedy, markdownText(remedy)),
    ...part(words.needs, needs.map(markdownText).join(', ')),
    ...part(words.uses, uses.map(markdownText).join(', ')),
    ...part(words.references, links.join(', ')),
  ]
}
