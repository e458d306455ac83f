import type { CertificateLog } from '../src/certificates/certificate-log.ts'
import type { WebhookMetrics } from '../src/contracts.ts'

/** A log that a test can read. */
export function recordingLog(): CertificateLog & { readonly lines: string[] } {
  const lines: string[] = []
  const record =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`)
    }
  return { lines, info: record('info'), warn: record('warn'), error: record('error') }
}

/** Metrics that a test can read: the names of what was counted, in order. */
export function recordingMetrics(): WebhookMetrics & { readonly counted: string[] } {
  const counted: string[] = []
  return {
    counted,
    configurationLoaded: () => counted.push('configuration loaded'),
    configurationRejected: () => counted.push('configuration rejected'),
    certificateLoaded: () => counted.push('certificate loaded'),
    certificateRejected: () => counted.push('certificate rejected'),
    caBundlePatched: (name, result, reason) =>
      counted.push([name, result, ...(reason === undefined ? [] : [reason])].join(' ')),
  }
}
