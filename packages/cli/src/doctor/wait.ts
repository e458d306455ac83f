import { ConnectionError, realTiming, type Timing } from '@proa/kube-client'
import type { Diagnosis } from '../commands/doctor-run.ts'

/** Milliseconds between two looks at a cluster. */
const PAUSE = 2_000

/**
 * Diagnoses again and again until there is no error, or the time is over; then the last diagnosis counts. A server that does
 * not answer may do so soon.
 * @param seconds at least one diagnosis is made.
 */
export async function untilNoError(
  diagnose: () => Promise<Diagnosis>,
  seconds: number,
  signal: AbortSignal,
  timing: Timing = realTiming,
): Promise<Diagnosis> {
  const end = timing.now() + seconds * 1000
  for (;;) {
    const result = await diagnose().catch(asFailure)
    const left = end - timing.now()
    if (signal.aborted || left <= 0 || isFine(result)) {
      if ('unreachable' in result) throw result.unreachable
      return result
    }
    await timing.sleep(Math.min(PAUSE, left), signal)
  }
}

interface Failure {
  readonly unreachable: ConnectionError
}

function asFailure(error: unknown): Failure {
  if (error instanceof ConnectionError) return { unreachable: error }
  throw error
}

function isFine(result: Diagnosis | Failure): boolean {
  return 'report' in result && result.report.exitCode < 2
}
