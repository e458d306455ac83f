import type { Finding } from '../finding.ts'
import type { Language } from '../language.ts'
import { findingLines } from './text/finding.ts'
import { styleOf } from './text/options.ts'

/** A finding in full as the text report prints it, without colour and broken lines. */
export function findingPlainText(finding: Finding, language: Language): string {
  const lines = findingLines(finding, styleOf({ language, width: Number.MAX_SAFE_INTEGER }))
  return lines
    .map((line) => line.replace(/^ {2}/, ''))
    .join('\n')
    .trimEnd()
}
