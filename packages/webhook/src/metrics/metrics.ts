import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { WebhookMetrics } from '../contracts.ts'
import { type DoctorMetrics, doctorMetrics } from '../doctor/metrics.ts'
import type { ReviewOutcome, ReviewReason } from '../review/reasons.ts'

/** Seconds: from what a remembered Pod takes to what the API server waits for at most by our manifests. */
const LATENCY_BUCKETS = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** Requests that never reached a review; they are no injections. */
export type HttpRefusal = 'not-found' | 'malformed' | 'timeout' | 'tls' | 'untrusted'

/** What the server itself counts, beside what its parts do. */
export interface ServerMetrics extends WebhookMetrics, DoctorMetrics {
  /** A request to `/inject` has come; what is returned is called once, with how it ended. */
  reviewStarted(): (outcome: ReviewOutcome, reason: ReviewReason, revision: string) => void
  httpRefused(reason: HttpRefusal): void
  workerLost(reason: 'crashed' | 'hung'): void
  ready(isReady: boolean): void
  readonly inFlight: number
  /** Prometheus' text format. */
  text(): Promise<string>
  readonly contentType: string
}

/** Metrics of one server, in a registry of their own. */
export function createMetrics(): ServerMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const reviews = reviewMetrics(registry)
  return {
    ...reviews,
    ...partMetrics(registry),
    ...serverMetrics(registry),
    ...doctorMetrics(registry),
    get inFlight() {
      return reviews.inFlight
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

const OUTCOME_METRICS = {
  injected: ['sidecar_injection_success_total', 'Requests that were answered with an injection.'],
  skipped: ['sidecar_injection_skip_total', 'Requests that were allowed untouched.'],
  failed: ['sidecar_injection_failure_total', 'Requests that were denied or could not be answered.'],
} as const

function reviewMetrics(registry: Registry): Pick<ServerMetrics, 'reviewStarted' | 'inFlight'> {
  const registers = [registry]
  const labelNames = ['result', 'reason', 'revision'] as const
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames, registers })
  const total = counter('sidecar_injection_requests_total', 'Requests to /inject, by how they ended.')
  const byOutcome = {
    injected: counter(...OUTCOME_METRICS.injected),
    skipped: counter(...OUTCOME_METRICS.skipped),
    failed: counter(...OUTCOME_METRICS.failed),
  }
  const time = new Histogram({
    name: 'sidecar_injection_time_seconds',
    help: 'From the headers of a request to its answer.',
    buckets: LATENCY_BUCKETS,
    labelNames,
    registers,
  })
  let inFlight = 0
  const gauge: Gauge = new Gauge({
    name: 'proa_webhook_requests_in_flight',
    help: 'Requests to /inject that are not answered yet.',
    registers,
    collect() {
      gauge.set(inFlight)
    },
  })
  // prom-client sorts and joins the labels on each call; there are few sets of them, so each is looked up once.
  const children = new Map<string, (seconds: number) => void>()
  const childOf = (result: ReviewOutcome, reason: ReviewReason, revision: string) => {
    const key = `${result}/${reason}/${revision}`
    const known = children.get(key)
    if (known !== undefined) return known
    const labels = { result, reason, revision }
    const counters = [total.labels(labels), byOutcome[result].labels(labels)]
    const histogram = time.labels(labels)
    const made = (seconds: number): void => {
      for (const one of counters) one.inc()
      histogram.observe(seconds)
    }
    children.set(key, made)
    return made
  }
  return {
    get inFlight() {
      return inFlight
    },
    reviewStarted() {
      inFlight++
      const start = performance.now()
      let isOpen = true
      return (outcome, reason, revision) => {
        if (!isOpen) return
        isOpen = false
        inFlight--
        childOf(outcome, reason, revision)((performance.now() - start) / 1000)
      }
    },
  }
}

function partMetrics(registry: Registry): WebhookMetrics {
  const registers = [registry]
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
  const counter = (name: string, help: string) => new Counter({ name, help, registers })
  const generation = gauge('proa_webhook_configuration_generation', 'Counts the configurations that were taken over.')
  const loadedAt = gauge(
    'proa_webhook_configuration_loaded_timestamp_seconds',
    'When the configuration was taken over.',
  )
  const rejected = counter('proa_webhook_configuration_rejected_total', 'Configurations that were refused.')
  const notAfter = gauge('proa_webhook_certificate_not_after_timestamp_seconds', 'End of the serving certificate.')
  const caNotAfter = gauge('proa_webhook_ca_not_after_timestamp_seconds', 'The earliest end of the roots in use.')
  const certificates = counter('proa_webhook_certificate_loaded_total', 'Serving certificates that were taken over.')
  const badCertificates = counter('proa_webhook_certificate_rejected_total', 'Serving certificates that were refused.')
  const attempts = new Counter({
    name: 'webhook_patch_attempts_total',
    help: 'Attempts to write the caBundle of a webhook configuration.',
    labelNames: ['name'],
    registers,
  })
  const failures = new Counter({
    name: 'webhook_patch_failures_total',
    help: 'Attempts to write the caBundle that failed.',
    labelNames: ['name', 'reason'],
    registers,
  })
  return {
    configurationLoaded(value) {
      generation.set(value)
      loadedAt.setToCurrentTime()
    },
    configurationRejected: () => rejected.inc(),
    certificateLoaded(leaf, ca) {
      certificates.inc()
      notAfter.set(leaf.getTime() / 1000)
      if (ca !== undefined) caNotAfter.set(ca.getTime() / 1000)
    },
    certificateRejected: () => badCertificates.inc(),
    caBundlePatched(name, result, reason = 'unknown') {
      if (result === 'unchanged') return
      attempts.inc({ name })
      if (result === 'failed') failures.inc({ name, reason })
    },
  }
}

function serverMetrics(registry: Registry): Pick<ServerMetrics, 'httpRefused' | 'workerLost' | 'ready'> {
  const registers = [registry]
  const refused = new Counter({
    name: 'proa_webhook_http_refused_total',
    help: 'Connections and requests that were no request to /inject: unknown paths, malformed HTTP, timeouts, TLS.',
    labelNames: ['reason'],
    registers,
  })
  const lost = new Counter({
    name: 'proa_webhook_workers_lost_total',
    help: 'Worker threads that were replaced.',
    labelNames: ['reason'],
    registers,
  })
  const ready = new Gauge({ name: 'proa_webhook_ready', help: '1 while /readyz says yes.', registers })
  return {
    httpRefused: (reason) => refused.inc({ reason }),
    workerLost: (reason) => lost.inc({ reason }),
    ready: (isReady) => ready.set(isReady ? 1 : 0),
  }
}
