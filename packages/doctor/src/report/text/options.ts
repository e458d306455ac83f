import type { Language, Text } from '../../language.ts'
import { PLAIN, type ReportPaint } from '../paint.ts'
import { WORDS, type Words } from '../words.ts'

/** Defaults: English, without colours, 100 columns. */
export interface ReportTextOptions {
  readonly language?: Language
  readonly paint?: ReportPaint
  /** Columns. Commands, fingerprints and tables are never broken. */
  readonly width?: number
  /** Shows notes, all objects and all rows where they would be counted. */
  readonly verbose?: boolean
}

/** What every part of the text is written with. */
export interface Style {
  readonly language: Language
  readonly words: Words
  readonly paint: ReportPaint
  readonly width: number
  readonly verbose: boolean
  /** In the language. */
  readonly say: (text: Text) => string
}

/** Narrower, and nothing could be aligned. */
const NARROWEST = 60

export function styleOf({ language = 'en', paint = PLAIN, width = 100, verbose = false }: ReportTextOptions): Style {
  return {
    language,
    words: WORDS[language],
    paint,
    width: Math.max(NARROWEST, width),
    verbose,
    say: (text) => text[language],
  }
}
