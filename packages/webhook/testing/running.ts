import { onTestFinished } from 'vitest'
import { createLogger, type RunningWebhook, startWebhook, type WebhookOptions } from '../src/index.ts'
import { ask, type TestRequest } from './ask.ts'
import { testCertificate } from './certificate.ts'
import { certificatesOf, configurationsOf, type TestCertificates, type TestConfigurations } from './sources.ts'

export interface TestWebhook extends RunningWebhook {
  readonly configurations: TestConfigurations
  readonly certificates: TestCertificates
  /** Parsed lines of the log. */
  readonly log: readonly Readonly<Record<string, unknown>>[]
}

type Given = Partial<Omit<WebhookOptions, 'configurations' | 'certificates'>> & {
  readonly configurations?: TestConfigurations
}

/** A server on a free port of this machine that ends with the test. */
export async function runningWebhook(options: Given = {}): Promise<TestWebhook> {
  const { configurations = configurationsOf(), ...rest } = options
  const certificates = certificatesOf(testCertificate())
  const log: Readonly<Record<string, unknown>>[] = []
  const stream = { write: (line: string) => void log.push(JSON.parse(line)) }
  const running = await startWebhook({
    logger: await createLogger({ level: 'debug', format: 'json', stream }),
    httpsAddress: { host: '127.0.0.1', port: 0 },
    drainDelay: 0,
    ...rest,
    configurations,
    certificates,
  })
  onTestFinished(() => running.kill())
  return { ...running, configurations, certificates, log }
}

export function askReview(webhook: Pick<RunningWebhook, 'url'>, review: unknown, asked: TestRequest = {}) {
  return ask(webhook, { ...asked, body: JSON.stringify(review) })
}

/** Sums of the counters of the metrics page, by name and result. */
export async function countersOf({
  metrics,
}: Pick<RunningWebhook, 'metrics'>): Promise<Readonly<Record<string, number>>> {
  const sums: Record<string, number> = {}
  for (const line of (await metrics.text()).split('\n')) {
    const match = /^(sidecar_injection_\w+?_total)\{([^}]*)\} (\d+)$/.exec(line)
    if (match === null) continue
    const [, name = '', labels = '', value] = match
    const reason = /reason="(\w+)"/.exec(labels)?.[1]
    for (const key of [name, `${name}/${reason}`]) sums[key] = (sums[key] ?? 0) + Number(value)
  }
  return sums
}

export { ask, type TestAnswer, type TestRequest } from './ask.ts'
