import type { Paint as ExplanationPaint } from '@proa/injector'
import type { Severity } from '../finding.ts'

/** How parts of the text are set off; each is the identity where there is no colour. */
export interface ReportPaint {
  readonly error: (text: string) => string
  readonly warn: (text: string) => string
  readonly info: (text: string) => string
  readonly good: (text: string) => string
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
}

export const PLAIN: ReportPaint = { error: same, warn: same, info: same, good: same, strong: same, faint: same }

function same(text: string): string {
  return text
}

/** The same for the trace of a decision, in which nothing is an error. */
export function explanationPaint({ good, warn, strong, faint }: ReportPaint): ExplanationPaint {
  return { good, bad: warn, strong, faint }
}

/** In front of everything of this severity, so that it is seen without colour too. */
export const MARKS: Readonly<Record<Severity, string>> = { error: '✗', warn: '!', info: '·' }
