/** The languages that people are answered in. */
export type Language = 'en' | 'zh'

/** A sentence in every language, so that none can be forgotten. Names, paths and values stay as they are. */
export interface Text {
  readonly en: string
  readonly zh: string
}
