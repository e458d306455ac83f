/** What is wrong with a certificate, a key or a bundle; `code` is stable, the message is for people. */
export type PkiProblem =
  | 'not-pem'
  | 'bad-certificate'
  | 'bad-key'
  | 'key-mismatch'
  | 'expired'
  | 'not-yet-valid'
  | 'wrong-name'
  | 'wrong-usage'
  | 'untrusted'
  | 'bad-request'

/** Never holds key material: messages name files' parts, subjects and dates only. */
export class PkiError extends Error {
  override readonly name = 'PkiError'
  readonly code: PkiProblem

  constructor(code: PkiProblem, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
