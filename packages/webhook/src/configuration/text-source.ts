import type { Texts } from './assemble.ts'

/** What the parts of a configuration write into the log. */
export interface ConfigurationLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** Where the texts come from. */
export interface TextSource {
  /** Undefined until the first reading ended. */
  readonly current: Texts | undefined
  stop(): void
}

/** @param changed called after each reading */
export type OpenTextSource = (changed: () => void) => TextSource
