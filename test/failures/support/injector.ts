import { createLogger, type RunningWebhook, startWebhook } from '@proa/webhook'
import { type Authority, serverCertificate } from '../../../packages/local-cluster/testing/admission/certificates.ts'
import { certificatesOf, configurationsOf, type TestCertificates } from '../../../packages/webhook/testing/sources.ts'

/** The injector of this project on a port that the API server reaches. */
export interface Injector extends RunningWebhook {
  readonly port: number
  readonly certificates: TestCertificates
  readonly log: readonly Readonly<Record<string, unknown>>[]
}

const DAY = 86_400_000

/** @param names that the API server calls it by */
export async function startInjector(ca: Authority, names: readonly string[]): Promise<Injector> {
  const made = await serverCertificate(ca, { commonName: 'proa', dns: names })
  const certificates = certificatesOf({
    certificate: made.cert,
    privateKey: made.key,
    caBundle: ca.pem,
    notAfter: new Date(Date.now() + DAY),
    caNotAfter: new Date(Date.now() + DAY),
  })
  const log: Readonly<Record<string, unknown>>[] = []
  const running = await startWebhook({
    configurations: configurationsOf(),
    certificates,
    logger: await createLogger({
      level: 'debug',
      format: 'json',
      stream: { write: (line: string) => void log.push(JSON.parse(line)) },
    }),
    httpsAddress: { host: '0.0.0.0', port: 0 },
    drainDelay: 0,
  })
  return { ...running, port: running.address.port, certificates, log }
}
