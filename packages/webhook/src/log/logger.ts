import { type DestinationStream, destination, type Logger, pino } from 'pino'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'
export type LogFormat = 'json' | 'pretty'

export interface LoggerOptions {
  readonly level: LogLevel
  readonly format: LogFormat
  /** Where lines go; default: standard output. */
  readonly stream?: DestinationStream
}

export type { Logger }

/** Structured logs. JSON lines are collected and written while nothing else is to do; `flush` writes them at once. */
export async function createLogger({ level, format, stream }: LoggerOptions): Promise<Logger> {
  const to = stream ?? (format === 'pretty' ? await prettyStream() : destination({ dest: 1, sync: false }))
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    to,
  )
}

/** Loaded only when somebody looks at a terminal. */
async function prettyStream(): Promise<DestinationStream> {
  const { build } = await import('pino-pretty')
  return build({ colorize: process.stdout.isTTY === true, translateTime: 'SYS:HH:MM:ss.l', sync: true })
}
