import { diagnose, type Report, type Snapshot } from '@proa/doctor'
import type { Logger } from '../log/logger.ts'
import type { DoctorMetrics } from './metrics.ts'

/** What the webhook finds out about itself. */
export interface SelfDiagnosis {
  /** The newest report, at most {@link FRESH} old. */
  report(): Promise<Report>
  stop(): void
}

export interface SelfDiagnosisOptions {
  /** Takes the snapshot; rejects when the API server cannot be reached. */
  readonly snapshot: (signal: AbortSignal) => Promise<Snapshot>
  /** Of the webhook: what concerns others is left to `proa doctor`. */
  readonly revision: string
  readonly metrics: DoctorMetrics
  readonly logger: Logger
  /** Milliseconds between two looks that nobody asked for. Default 60,000. */
  readonly interval?: number
}

/** Milliseconds. Whoever asks more often gets the same answer: a page that anybody can open must not load the API server. */
const FRESH = 5_000
const INTERVAL = 60_000

/** Looks at itself when asked, and now and then for the metric. */
export function startSelfDiagnosis(options: SelfDiagnosisOptions): SelfDiagnosis {
  const { snapshot, revision, metrics, logger, interval = INTERVAL } = options
  const stopped = new AbortController()
  let running: Promise<Report> | undefined
  let last: { readonly report: Report; readonly at: number } | undefined

  const look = async (): Promise<Report> => {
    try {
      const report = diagnose(await snapshot(stopped.signal), { revision: revision === '' ? 'default' : revision })
      metrics.diagnosed(report)
      last = { report, at: performance.now() }
      return report
    } finally {
      running = undefined
    }
  }
  const report = (): Promise<Report> => {
    if (last !== undefined && performance.now() - last.at < FRESH) return Promise.resolve(last.report)
    running ??= look()
    return running
  }
  const timer = setInterval(() => {
    report().catch((error: unknown) => {
      if (!stopped.signal.aborted) logger.debug({ problem: String(error) }, 'the self-diagnosis has no answer')
    })
  }, interval)
  timer.unref()
  return {
    report,
    stop() {
      clearInterval(timer)
      stopped.abort()
    },
  }
}
