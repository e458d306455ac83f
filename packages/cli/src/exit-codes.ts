/** What the exit code of `proa` says. They are a public contract. */
export const ExitCode = {
  /** Everything went well. */
  Success: 0,
  /** It ran, but what was asked for does not hold: `--check` found changes, `--expect` or `--strict` is not met (`doctor`: there are warnings). */
  Unmet: 1,
  /** An input, a configuration or an injection is wrong. Nothing was written. `doctor`: it has found errors. */
  Failed: 2,
  /** Only `doctor`: it could not read, or not evaluate, something that was asked for. */
  NotEvaluated: 3,
  /** The command line itself is wrong (EX_USAGE of sysexits). */
  Usage: 64,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
