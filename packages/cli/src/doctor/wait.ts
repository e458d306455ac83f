import { realTiming, type Timing } from '@proa/kube-client'
import type { Diagnosis } from '../commands/doctor-run.ts'

/** Milliseconds between two looks at a cluster. */
const PAUSE = 2_000

/**
 * Diagnoses again and again until there is no error, or the time is over; then the last diagnosis counts. What could not be
 * evaluated may be a server that does not answer yet.
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
    const diagnosis = await diagnose()
    const { exitCode } = diagnosis.report
    const left = end - timing.now()
    if (exitCode === 0 || exitCode === 1 || left <= 0 || signal.aborted) return diagnosis
    await timing.sleep(Math.min(PAUSE, left), signal)
  }
}
