/**
 * What lies outside the template and its data. The functions that need a source exist only if it is given: a template
 * that uses `now` without a clock fails with `function "now" not defined`. They are declared `pure: false`.
 */
export interface SprigEnvironment {
  /** For `env` and `expandenv`; undefined reads as "". */
  readonly env?: (name: string) => string | undefined
  /** For the date functions. */
  readonly now?: () => Date
  /** The zone `Local` means, a name of the tz database. Default `UTC`. */
  readonly timeZone?: string
  /** That many random bytes, for `uuidv4`, `rand…` and `shuffle`. */
  readonly random?: (size: number) => Uint8Array
}
