import { ExitCode } from './exit-codes.ts'

/** Where in the user's files something is wrong. Everything that is known is given. */
export interface ErrorPlace {
  /** As the user wrote it, or `stdin`. */
  readonly file?: string
  /** 1-based; left out where a file has only one document. */
  readonly document?: number
  /** 1-based line in the file. */
  readonly line?: number
  readonly column?: number
  /** `Deployment shop/cart` */
  readonly object?: string
  /** Object path: `spec.template.metadata.annotations["a.b/c"]`. */
  readonly path?: string
}

/** What is printed when a command fails: one message that says what is wrong, where, and what to do. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: ExitCode
  readonly place: ErrorPlace
  readonly hint: string | undefined

  constructor(
    message: string,
    options: ErrorOptions & { exitCode?: ExitCode; place?: ErrorPlace; hint?: string | undefined } = {},
  ) {
    super(message, options)
    this.exitCode = options.exitCode ?? ExitCode.Failed
    this.place = options.place ?? {}
    this.hint = options.hint
  }
}

/** `shop.yaml:12:3, document 2, Deployment cart, spec.template` */
export function describePlace({ file, document, line, column, object, path }: ErrorPlace): string {
  const position = line === undefined ? '' : `:${line}${column === undefined ? '' : `:${column}`}`
  const start = file === undefined ? (line === undefined ? undefined : `line ${line}`) : `${file}${position}`
  const parts = [start, document === undefined ? undefined : `document ${document}`, object, path]
  return parts.filter((part) => part !== undefined && part !== '').join(', ')
}

/** The whole message, without a line break at its end. */
export function describeError({ message, place, hint }: CliError): string {
  const where = describePlace(place)
  const first = where === '' ? message : `${where}: ${message}`
  return hint === undefined ? first : `${first}\n  ${hint}`
}
