import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LANGUAGES, RICH_CATALOGUE, RICH_REPORT } from '../../testing/rich-report.ts'
import type { Language } from '../language.ts'
import type { Report } from '../report.ts'
import { renderCheckList, renderCheckText } from './catalogue-text.ts'
import { renderReportJson } from './json.ts'
import { renderReportJunit } from './junit.ts'
import { renderReportMarkdown } from './markdown.ts'
import { renderReferencePage } from './reference-page.ts'
import { renderReportSarif } from './sarif.ts'
import { renderReportText } from './text/render.ts'

const renderers: Readonly<Record<string, (report: Report, language: Language) => string>> = {
  'report.txt': (report, language) => renderReportText(report, { language }),
  'report-verbose.txt': (report, language) => renderReportText(report, { language, verbose: true, width: 80 }),
  'report.json': renderReportJson,
  'report.sarif': (report, language) =>
    renderReportSarif(report, { language, version: '1.2.3', catalogue: RICH_CATALOGUE }),
  'report.junit.xml': (report, language) =>
    renderReportJunit(report, { language, time: '2026-11-20T12:00:00Z', catalogue: RICH_CATALOGUE }),
  'report.md': renderReportMarkdown,
}

// The files under testdata/ are what users see; `-u` writes them anew.
describe.each(LANGUAGES)('in %s, a report reads as', (language) => {
  it.each(Object.entries(renderers))('%s', async (name, render) => {
    const file = join(import.meta.dirname, 'testdata', language, name)
    await expect(render(RICH_REPORT, language)).toMatchFileSnapshot(file)
  })
})

describe.each(LANGUAGES)('in %s, the catalogue reads as', (language) => {
  const file = (name: string): string => join(import.meta.dirname, 'testdata', language, name)
  it('a list', async () => {
    await expect(renderCheckList(RICH_CATALOGUE, { language })).toMatchFileSnapshot(file('list.txt'))
  })
  it('an explanation', async () => {
    const text = RICH_CATALOGUE.slice(0, 2).map((check) => renderCheckText(check, { language }))
    await expect(text.join('\n')).toMatchFileSnapshot(file('explain.txt'))
  })
  it('a page', async () => {
    await expect(renderReferencePage(RICH_CATALOGUE, language)).toMatchFileSnapshot(file('page.md'))
  })
})

it('a target that is not there is said in every format', () => {
  const absent: Report = {
    target: { kind: 'workload', workload: 'Pod', namespace: 'shop', name: 'crt' },
    absent: {
      object: { kind: 'Pod', namespace: 'shop', name: 'crt' },
      similar: [{ kind: 'Pod', namespace: 'shop', name: 'cart' }],
      reason: { en: 'there is no Pod shop/crt', zh: 'Pod shop/crt 不存在' },
    },
    checks: ['INJ101'],
    findings: [],
    notEvaluated: [],
    evaluated: 0,
    exitCode: 3,
  }
  for (const render of Object.values(renderers)) expect(render(absent, 'en')).toContain('there is no Pod shop/crt')
  expect(renderReportText(absent)).toContain('Did you mean: Pod shop/cart')
  expect(renderReportText(absent)).not.toContain('no problem')
})
