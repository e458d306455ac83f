import type { CheckId } from '../finding.ts'
import type { Language } from '../language.ts'

/** The page of `docs/` that is made from the catalogue. */
export const REFERENCE_PAGES: Readonly<Record<Language, string>> = {
  en: 'docs/checks.md',
  zh: 'docs/checks.zh-CN.md',
}

/** Where a check is described: `docs/checks.md#inj202`. */
export function docsLink(id: CheckId, language: Language = 'en'): string {
  return `${REFERENCE_PAGES[language]}#${id.toLowerCase()}`
}
