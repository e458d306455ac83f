import type { AddressInfo } from 'node:net'
import type { CertificateSource, ConfigurationSource } from './contracts.ts'
import { doctorPage } from './doctor/page.ts'
import type { SelfDiagnosis } from './doctor/self-diagnosis.ts'
import { type ListenAddress, urlOf } from './http/address.ts'
import { createInjectHandler } from './http/inject-handler.ts'
import { createSelfCheckToken, type SelfCheckToken } from './http/self-check.ts'
import {
  createInjectServer,
  createStatusServer,
  listen,
  type ServerHandlers,
  type StatusPage,
  type StatusRoute,
  textPage,
} from './http/server.ts'
import type { Logger } from './log/logger.ts'
import { createMetrics, type HttpRefusal, type ServerMetrics } from './metrics/metrics.ts'
import { createReadiness, type Readiness } from './readiness/readiness.ts'
import { checkSelf } from './readiness/self-check.ts'
import { localReviewer, type Reviewer } from './review/reviewer.ts'
import type { ReviewFacts } from './review/types.ts'

export interface WebhookOptions {
  readonly configurations: ConfigurationSource
  readonly certificates: CertificateSource
  /** Told in `/readyz`: what keeps the caBundle of the webhook configurations from being right. */
  readonly caBundle?: { readonly problem: string | undefined } | undefined
  /** Told under `/debug/doctor`. Default: there is no cluster to look at. */
  readonly doctor?: SelfDiagnosis | undefined
  /** Where to listen for the API server, with HTTPS. Default `:15017`. */
  readonly httpsAddress?: ListenAddress
  /** Where to tell health and metrics over plain HTTP as well. Default: nowhere. */
  readonly statusAddress?: ListenAddress
  /** Threads that parse and inject; 0 (default): the thread that serves does. */
  readonly workers?: number
  readonly logger: Logger
  readonly metrics?: ServerMetrics
  /** Milliseconds that go on being served after {@link RunningWebhook.stop}, until nobody sends here any more. Default 5000. */
  readonly drainDelay?: number
  /** Milliseconds after which requests in flight are given up when stopping. Default 10000. */
  readonly drainLimit?: number
  /** Told of each refusal after it was answered; dry runs are not told. */
  readonly onRefusal?: (facts: ReviewFacts) => void
}

/** A webhook that listens. It is ready as soon as {@link RunningWebhook.ready} says so. */
export interface RunningWebhook {
  readonly address: AddressInfo
  /** `https://127.0.0.1:15017` */
  readonly url: string
  readonly statusUrl: string | undefined
  readonly metrics: ServerMetrics
  readonly readiness: Readiness
  /** Drains: not ready at once, serving on for the delay, then finishing what is in flight. Resolves when all is closed. */
  stop(): Promise<void>
  /** Ends at once. */
  kill(): Promise<void>
}

export const DEFAULT_HTTPS_PORT = 15017
/** Milliseconds: what endpoints need to disappear from an API server and the proxies before it, with some to spare. */
export const DEFAULT_DRAIN_DELAY = 5_000
export const DEFAULT_DRAIN_LIMIT = 10_000

type State = 'starting' | 'serving' | 'draining'

/** Starts the server. Rejects when it cannot listen; configuration and certificate may come later. */
export async function startWebhook(options: WebhookOptions): Promise<RunningWebhook> {
  const { configurations, certificates, logger, metrics = createMetrics() } = options
  let state: State = 'starting'
  let address: AddressInfo | undefined
  const token = createSelfCheckToken()
  const reviewer = await createReviewer(options, metrics)
  const readiness = createReadiness({
    configurations,
    certificates,
    caBundle: options.caBundle,
    state: () => state,
    now: Date.now,
    verify: () => verifyAll(options, reviewer.lanes, address, token),
  })
  const isDraining = (): boolean => state === 'draining'
  const handlers: ServerHandlers = {
    inject: createInjectHandler({
      reviewer,
      metrics,
      logger,
      selfCheck: token,
      revision: () => configurations.current?.configuration.revision ?? '',
      onRefusal: options.onRefusal ?? (() => {}),
      isDraining,
    }),
    page: (route, query) => pageOf(route, query, { readiness, metrics, doctor: options.doctor }),
    refused: noteRefusals(metrics, logger),
    isDraining,
  }
  const { server, useCertificate } = createInjectServer(handlers)
  const status = options.statusAddress === undefined ? undefined : createStatusServer(handlers)
  const closeAll = (): void => {
    server.closeAllConnections()
    status?.closeAllConnections()
  }
  const takeCertificate = followCertificates(options, metrics, useCertificate)
  const takeConfiguration = followConfigurations(options, metrics)
  const unsubscribe = [certificates.subscribe(takeCertificate), configurations.subscribe(takeConfiguration)]
  takeCertificate()
  takeConfiguration()
  const release = async (): Promise<void> => {
    for (const end of unsubscribe) end()
    await reviewer.stop()
  }
  let statusAddress: AddressInfo | undefined
  try {
    address = await listen(server, options.httpsAddress ?? { port: DEFAULT_HTTPS_PORT })
    statusAddress = status && options.statusAddress ? await listen(status, options.statusAddress) : undefined
  } catch (error) {
    server.close()
    await release()
    throw error
  }
  state = 'serving'
  // So that the first one who asks finds the answer, and a change is tried before the API server tries it.
  const tryNow = (): void => void readiness.report().then(({ ready }) => metrics.ready(ready))
  unsubscribe.push(certificates.subscribe(tryNow), configurations.subscribe(tryNow))
  tryNow()

  let ending: Promise<void> | undefined
  const cut = Promise.withResolvers<void>()
  const end = async (): Promise<void> => {
    state = 'draining'
    metrics.ready(false)
    await within(options.drainDelay ?? DEFAULT_DRAIN_DELAY, cut.promise)
    const closed = Promise.all([closing(server), status === undefined ? undefined : closing(status)])
    server.closeIdleConnections()
    const isDone = closed.then(() => true)
    await Promise.race([isDone, within(options.drainLimit ?? DEFAULT_DRAIN_LIMIT, Promise.race([cut.promise, isDone]))])
    closeAll()
    await closed
    await release()
  }
  return {
    address,
    url: urlOf('https', address),
    statusUrl: statusAddress === undefined ? undefined : urlOf('http', statusAddress),
    metrics,
    readiness,
    stop() {
      ending ??= end()
      return ending
    },
    kill() {
      cut.resolve()
      ending ??= end()
      return ending
    },
  }
}

/** Milliseconds between two lines about the same: who tries it again and again shall not fill the log. */
const TELL_EVERY = 60_000

/** The API server says why it does not trust us to whoever creates a Pod, and to us only by an alert of TLS. */
function noteRefusals(metrics: ServerMetrics, logger: Logger): (reason: HttpRefusal) => void {
  let told = Number.NEGATIVE_INFINITY
  return (reason) => {
    metrics.httpRefused(reason)
    if (reason !== 'untrusted' || performance.now() - told < TELL_EVERY) return
    told = performance.now()
    logger.warn(
      'a client does not accept our certificate; if it is the API server, the caBundle of a webhook configuration is wrong or outdated',
    )
  }
}

async function createReviewer(options: WebhookOptions, metrics: ServerMetrics): Promise<Reviewer> {
  const { workers = 0, configurations, logger } = options
  if (workers === 0) return localReviewer(configurations)
  const { workerPool } = await import('./workers/pool.ts')
  return workerPool({
    workers,
    configurations,
    onLost(reason, message) {
      metrics.workerLost(reason)
      logger.error({ reason, message }, 'a worker thread was replaced')
    },
  })
}

async function verifyAll(
  { configurations, certificates }: WebhookOptions,
  lanes: number,
  address: AddressInfo | undefined,
  token: SelfCheckToken,
): Promise<string | undefined> {
  const configuration = configurations.current
  const certificate = certificates.current
  if (address === undefined || configuration === undefined || certificate === undefined) return 'not all of it is there'
  const { generation } = configuration
  const checks = Array.from({ length: lanes }, (_, lane) =>
    checkSelf({ address, certificate, generation, header: token.valueFor(lane) }),
  )
  return (await Promise.all(checks)).find((problem) => problem !== undefined)
}

/** What the source refuses it tells itself; here is told what a good source gives and TLS refuses. */
function followCertificates(
  { certificates, logger }: WebhookOptions,
  metrics: ServerMetrics,
  use: (certificate: NonNullable<CertificateSource['current']>) => void,
): () => void {
  let used: CertificateSource['current']
  return () => {
    const { current } = certificates
    if (current === undefined || current === used) return
    try {
      use(current)
    } catch (error) {
      metrics.certificateRejected()
      logger.error(
        { problem: error instanceof Error ? error.message : String(error) },
        'the certificate cannot be served',
      )
      return
    }
    used = current
    logger.debug({ notAfter: current.notAfter }, 'certificate in use')
  }
}

function followConfigurations({ configurations, logger }: WebhookOptions, metrics: ServerMetrics): () => void {
  let used: ConfigurationSource['current']
  return () => {
    const { current, problem } = configurations
    if (problem !== undefined) {
      metrics.configurationRejected()
      const instead = current === undefined ? 'there is none yet' : 'the last good one stays'
      logger.error({ problem }, `the newest configuration is refused; ${instead}`)
    }
    if (current === undefined || current === used) return
    used = current
    metrics.configurationLoaded(current.generation)
    const { revision, decision, problems } = current.configuration
    logger.info(
      { generation: current.generation, revision: revision || 'default', release: decision.release.name },
      'configuration in use',
    )
    for (const { source, path, reason, hint } of problems) logger.warn({ source, path, reason, hint }, 'configuration')
  }
}

interface Pages {
  readonly readiness: Readiness
  readonly metrics: ServerMetrics
  readonly doctor: SelfDiagnosis | undefined
}

async function pageOf(
  route: StatusRoute,
  query: URLSearchParams,
  { readiness, metrics, doctor }: Pages,
): Promise<StatusPage> {
  switch (route) {
    case 'healthz':
      return textPage(200, 'ok')
    case 'metrics':
      return { status: 200, contentType: metrics.contentType, body: await metrics.text() }
    case 'debug/doctor':
      return doctorPage(doctor, query)
    case 'readyz': {
      const report = await readiness.report()
      metrics.ready(report.ready)
      const body = `${JSON.stringify(report, null, 2)}\n`
      return { status: report.ready ? 200 : 503, contentType: 'application/json', body }
    }
  }
}

function closing(server: { close(done: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

/** Waits so long, or until the other happens. */
async function within(milliseconds: number, other: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  await Promise.race([promise, other])
  clearTimeout(timer)
}
