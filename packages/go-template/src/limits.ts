/**
 * What a template may use up. Templates and data come from users, so each way of growing without end has a bound;
 * passing one is a {@link TemplateError} with phase `limit`, never a hang, a crash or an exhausted heap.
 */
export interface Limits {
  /**
   * Work, counted in steps: one per executed node, call and loop round, plus one per 8 characters or 4 elements that a
   * call takes or returns, or that are printed. A step takes well under a microsecond, so the default ends a runaway
   * template within seconds; Istio's sidecar template takes less than 1,000. Default 5,000,000.
   */
  readonly steps: number
  /** Length of the output, and of any single text, in UTF-16 units. Default 16 Mi (16,777,216). */
  readonly outputLength: number
  /**
   * Depth of `template` calls, where each call also counts the blocks and parentheses around it (they take stack
   * too). Default 1,000, which takes a third of a JavaScript stack; Go allows 100,000, but its stack grows.
   */
  readonly callDepth: number
  /** How deep blocks and parentheses may nest in the text of a template. Default 250. */
  readonly nesting: number
}

/** What holds where {@link Limits} are left out: far above what real templates need, far below what harms a server. */
export const defaultLimits: Limits = {
  steps: 5_000_000,
  outputLength: 16 * 1024 * 1024,
  callDepth: 1_000,
  nesting: 250,
}

/** How deep lists, maps and structs may nest when they are printed; deeper (or cyclic) data is refused. */
export const maxPrintDepth = 500

/** The longest text one `printf` may build; it equals the default output limit. */
export const maxFormattedLength: number = defaultLimits.outputLength
