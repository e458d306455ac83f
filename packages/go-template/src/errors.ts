/** Where a template failed, as far as it is known. */
export interface TemplateErrorDetails {
  /** `parse`: the text is no template. `exec`: the data or a function did not fit. `limit`: a {@link Limits} bound. */
  readonly phase: 'parse' | 'exec' | 'limit'
  readonly templateName?: string
  /** 1-based line in the template's text. */
  readonly line?: number
  /** 0-based column in bytes of UTF-8, as Go counts it. Parse errors have none. */
  readonly column?: number
  /** The expression that failed, printed as Go prints its parse tree: `.Values.a | quote`. */
  readonly expression?: string
  /** What a called function threw. */
  readonly cause?: unknown
}

/** The only error that compiling or executing a template throws. The message is Go's, word for word. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
  readonly phase: 'parse' | 'exec' | 'limit'
  readonly templateName: string
  readonly line: number
  readonly column: number | undefined
  readonly expression: string | undefined

  constructor(message: string, details: TemplateErrorDetails) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.phase = details.phase
    this.templateName = details.templateName ?? ''
    this.line = details.line ?? 0
    this.column = details.column
    this.expression = details.expression
  }
}

/** A bound that was passed where no template position is known; execution adds the position. */
export function limitError(message: string): TemplateError {
  return new TemplateError(message, { phase: 'limit' })
}
