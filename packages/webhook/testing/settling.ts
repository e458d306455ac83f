import type { ConfigurationSource } from '../src/index.ts'

/** Until the source is so; a test that waits in vain ends by its own limit. */
export function settled(source: ConfigurationSource, isSo: (source: ConfigurationSource) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isSo(source)) return
      end()
      resolve()
    }
    const end = source.subscribe(look)
    look()
  })
}

export interface LogLine {
  readonly level: 'info' | 'warn'
  readonly message: string
}

export function logLines(): {
  readonly lines: LogLine[]
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
} {
  const lines: LogLine[] = []
  return {
    lines,
    info: (_, message) => void lines.push({ level: 'info', message }),
    warn: (_, message) => void lines.push({ level: 'warn', message }),
  }
}
