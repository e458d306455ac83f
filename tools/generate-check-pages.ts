/**
 * Writes docs/checks.md and docs/checks.zh-CN.md from the catalogue of the doctor; to be run when a check has changed.
 *
 *   node --conditions=proa:source tools/generate-check-pages.ts
 */
import { writeFileSync } from 'node:fs'
import { CHECKS, type Language, REFERENCE_PAGES, renderReferencePage } from '@proa/doctor'

const languages: readonly Language[] = ['en', 'zh']
for (const language of languages) {
  writeFileSync(new URL(`../${REFERENCE_PAGES[language]}`, import.meta.url), renderReferencePage(CHECKS, language))
}
