/** The part of the logger that is used here. */
export interface CertificateLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
