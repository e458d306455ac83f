import { type DestinationStream, destination, type Logger, pino } from 'pino'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'
export type LogFormat = 'json' | 'pretty'

export interface LoggerOptions {
  readonly level: LogLevel
  readonly format: LogFormat
  /** Where lines go instead of standard output. */
  readonly stream?: DestinationStream
}

export type { Logger }

/** Characters of lines that are written at once: a system call costs more than what is in a line. */
const BATCH = 4096
/** Milliseconds until a line is written all the same. */
const LATEST = 100

/** Structured logs. JSON lines are written in batches, at the latest after {@link LATEST}; `flush` writes them at once. */
export async function createLogger({ level, format, stream }: LoggerOptions): Promise<Logger> {
  const to =
    stream ??
    (format === 'pretty'
      ? await prettyStream()
      : destination({ dest: 1, sync: false, minLength: BATCH, periodicFlush: LATEST }))
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

/** Loaded only when somebody looks at a terminal. In the bundle a CommonJS module that is imported late has no named exports. */
async function prettyStream(): Promise<DestinationStream> {
  const { default: build } = await import('pino-pretty')
  // One line for each decision, as in JSON.
  const colorize = process.stdout.isTTY === true
  return build({ colorize, translateTime: 'SYS:HH:MM:ss.l', singleLine: true, sync: true })
}
