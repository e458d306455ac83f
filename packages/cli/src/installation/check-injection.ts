import { setTimeout as pause } from 'node:timers/promises'
import type { KubeClient } from '@proa/kube-client'
import type { Progress } from './progress.ts'
import { type SampleResult, trySamplePod } from './sample-pod.ts'

/** Milliseconds: how long an API server may take to hear of a webhook that was just written. */
const LONGEST_PATIENCE = 10_000
const BETWEEN_TRIES = 500

/**
 * Tries whether a Pod really gets its sidecar, and tells.
 * @param patience milliseconds that may pass until it does
 */
export async function checkInjection(
  client: KubeClient,
  revision: string,
  progress: Progress,
  patience: number,
): Promise<boolean> {
  const signal = AbortSignal.timeout(Math.min(patience, LONGEST_PATIENCE))
  let result = await trySamplePod(client, revision, signal)
  while (result.kind !== 'injected' && !signal.aborted) {
    await pause(BETWEEN_TRIES)
    result = await trySamplePod(client, revision, signal)
  }
  tell(result, revision, progress)
  return result.kind === 'injected'
}

function tell(result: SampleResult, revision: string, progress: Progress): void {
  const where = `a Pod in namespace "${result.namespace}" (dry run, istio.io/rev=${revision})`
  switch (result.kind) {
    case 'injected':
      progress.done(`${where} gets ${result.containers.join(', ')}`)
      return
    case 'not-injected':
      progress.notice(`${where} got no sidecar`)
      for (const warning of result.warnings) progress.notice(warning)
      progress.notice('"proa explain" says why for a Pod of yours; the policy of the configuration may be "disabled"')
      return
    case 'refused':
      progress.notice(`${where} was refused: ${result.message}`)
  }
}
