import { getOwn, isObject, type JsonObject } from '@proa/kube'
import {
  holdLease,
  isConflict,
  isNotFound,
  type KubeClient,
  type LeaseOptions,
  realTiming,
  type Timing,
  watchObjects,
} from '@proa/kube-client'
import { alarm } from '../certificates/alarm.ts'
import type { CertificateLog } from '../certificates/certificate-log.ts'
import type { WebhookMetrics } from '../contracts.ts'
import type { Watched } from '../watched.ts'
import { type CaBundlePlan, planCaBundle, REVISION_LABEL } from './plan.ts'
import { isDuel, NO_RIVALRY, peaceAt, type Rivalry, rivals, undone } from './rivalry.ts'

export interface CaBundlePatcherOptions {
  readonly client: KubeClient
  /** `''` is the default revision. */
  readonly revision: string
  /** What to trust; while it is undefined nothing is written. A `CertificateSource` is one of these. */
  readonly bundle: Watched<{ readonly caBundle: string | undefined }>
  /**
   * The bundle as it is at its source, asked for just before each write. With it, an outdated replica never writes an older
   * bundle over a newer one, and any number of replicas may run the patcher.
   */
  readonly freshBundle?: () => Promise<string | undefined>
  /**
   * Only its holder writes. Needed where every replica has its own source (mounted files) and no `freshBundle` can tell whose
   * is the newest: they would write over each other for as long as their mounts differ.
   */
  readonly lease?: LeaseOptions
  /** Under which name the API server notes who owns the field. Default `proa-ca-bundle`. */
  readonly fieldManager?: string
  /** Called when a configuration gets a problem, another one, or none any more: for an Event and for `/readyz`. */
  readonly report?: (configuration: JsonObject, problem: string | undefined) => void
  readonly timing?: Timing
  readonly log: CertificateLog
  readonly metrics: WebhookMetrics
}

export const FIELD_MANAGER = 'proa-ca-bundle'
const KIND = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' }

/** Keeps the bundle of every injection webhook of the revision (its tags too) until the signal is aborted. */
export async function runCaBundlePatcher(options: CaBundlePatcherOptions, signal: AbortSignal): Promise<void> {
  const { client, lease, timing = realTiming, log } = options
  if (lease === undefined) return await keepBundles(options, signal)
  let lastProblem = ''
  const failed = (error: unknown): void => {
    const problem = error instanceof Error ? error.message : String(error)
    if (problem !== lastProblem)
      log.warn({ lease: lease.name }, `the caBundle is kept by the holder of a lease: ${problem}`)
    lastProblem = problem
  }
  let keeping = Promise.resolve()
  const acquired = (leading: AbortSignal): void => {
    keeping = keeping.then(() => keepBundles(options, leading)).catch(failed)
  }
  await holdLease(client, { timing, ...lease }, { acquired, failed }, signal)
  await keeping
}

async function keepBundles(options: CaBundlePatcherOptions, signal: AbortSignal): Promise<void> {
  const { client, revision, bundle, timing = realTiming, log } = options
  const wake = alarm(timing)
  const watching = watchObjects(
    client,
    { ...KIND, labelSelector: `${REVISION_LABEL}=${revision || 'default'}` },
    {
      changed: wake.ring,
      failed: (error) => log.warn({}, `webhook configurations cannot be watched: ${error.message}`),
    },
    timing,
  )
  const unsubscribe = bundle.subscribe(wake.ring)
  const keepers = new Map<string, Keeper>()
  try {
    while (!signal.aborted) {
      let next = Number.POSITIVE_INFINITY
      for (const configuration of watching.items) {
        const name = nameOf(configuration)
        const keeper = keepers.get(name) ?? configurationKeeper(name, options, timing)
        keepers.set(name, keeper)
        next = Math.min(next, await keeper.turn(configuration))
        if (signal.aborted) return
      }
      for (const [name, keeper] of keepers) {
        if (watching.get(name) !== undefined) continue
        keeper.forget()
        keepers.delete(name)
      }
      await wake.sleep(Math.max(0, Math.min(next - timing.now(), LONGEST_SLEEP)), signal)
    }
  } finally {
    // Whoever keeps them from now on has its own opinion.
    for (const keeper of keepers.values()) keeper.forget()
    unsubscribe()
    watching.stop()
  }
}

const LONGEST_SLEEP = 5 * 60_000
const FIRST_RETRY = 100
const SOURCE_RETRY = 1000
const LONGEST_RETRY = 60_000

interface Keeper {
  /** @returns when the next turn is due although nothing changes, by the clock of `timing` */
  turn(configuration: JsonObject): Promise<number>
  /** It was deleted, and its problem with it. */
  forget(): void
}

/** One webhook configuration and its history. */
function configurationKeeper(name: string, options: CaBundlePatcherOptions, timing: Timing): Keeper {
  const { client, revision, bundle, freshBundle, fieldManager = FIELD_MANAGER, report, log, metrics } = options
  let rivalry: Rivalry = NO_RIVALRY
  let written: { readonly bundle: string; readonly base: string } | undefined
  /** The version of which an undoing was counted. */
  let counted = ''
  let problem: string | undefined
  let last: JsonObject | undefined
  let retry = FIRST_RETRY
  let notBefore = Number.NEGATIVE_INFINITY

  function tell(configuration: JsonObject, now: string | undefined): void {
    if (now === problem) return
    problem = now
    if (now === undefined) log.info({ configuration: name }, 'the caBundle is right again')
    else log.warn({ configuration: name }, now)
    report?.(configuration, now)
  }

  function failed(configuration: JsonObject, error: unknown): number {
    const message = error instanceof Error ? error.message : String(error)
    // Somebody has written or deleted it in between: the watch tells, and the next turn sees to it.
    if (isConflict(error) || isNotFound(error)) return timing.now() + FIRST_RETRY
    metrics.caBundlePatched(name, 'failed', reasonOf(error))
    tell(configuration, `the caBundle of ${name} cannot be written: ${message}`)
    notBefore = timing.now() + retry
    retry = Math.min(retry * 2, LONGEST_RETRY)
    return notBefore
  }

  /** A duel is fought slowly, and in the open. */
  function noteUndoing(configuration: JsonObject, wanted: string): void {
    const version = versionOf(configuration)
    if (written === undefined || written.bundle !== wanted || version === counted) return
    counted = version
    rivalry = undone(rivalry, timing.now())
    if (!isDuel(rivalry)) return
    const others = rivals(configuration, fieldManager).join(', ')
    metrics.caBundlePatched(name, 'failed', 'rival')
    tell(
      configuration,
      `somebody else keeps changing the caBundle of ${name}: ${others || 'nobody says who'}. Let it leave the field alone (remove ` +
        'caBundle from its manifest, or tell it to ignore the difference); until then it is mended with growing pauses',
    )
  }

  async function write(configuration: JsonObject, plan: CaBundlePlan & { readonly action: 'patch' }, wanted: string) {
    const patched = await client.patch(
      { ...KIND, name },
      { type: 'json', operations: plan.operations },
      { fieldManager },
    )
    written = { bundle: wanted, base: versionOf(configuration) }
    retry = FIRST_RETRY
    metrics.caBundlePatched(name, 'patched')
    log.info({ configuration: name, entries: plan.entries, version: versionOf(patched) }, 'caBundle written')
    if (!isDuel(rivalry)) tell(configuration, undefined)
  }

  return {
    forget() {
      if (problem !== undefined && last !== undefined) report?.(last, undefined)
    },
    async turn(configuration) {
      last = configuration
      const never = Number.POSITIVE_INFINITY
      const known = bundle.current?.caBundle
      if (known === undefined) return never
      // Our own write has not come back to us yet.
      if (written?.base === versionOf(configuration)) return never
      try {
        let [wanted, plan] = [known, planCaBundle(configuration, { revision, bundle: known })]
        if (plan.action === 'patch') {
          noteUndoing(configuration, known)
          const due = Math.max(notBefore, rivalry.notBefore)
          if (due > timing.now()) return due
          // Read after the configuration: whoever has written a newer bundle since then makes the patch fail.
          const fresh = freshBundle === undefined ? known : await freshBundle()
          // The source is being mended; what is remembered of it may be outdated.
          if (fresh === undefined) return timing.now() + SOURCE_RETRY
          wanted = fresh
          plan = planCaBundle(configuration, { revision, bundle: wanted })
        }
        if (plan.action === 'patch') await write(configuration, plan, wanted)
        else return settled(configuration, plan)
        return never
      } catch (error) {
        return failed(configuration, error)
      }
    },
  }

  /** @returns when a duel is over, or never */
  function settled(configuration: JsonObject, plan: Exclude<CaBundlePlan, { action: 'patch' }>): number {
    if (plan.action === 'refuse') {
      metrics.caBundlePatched(name, 'failed', plan.reason)
      tell(configuration, `the caBundle of ${name} is not written: ${plan.problem}`)
      return Number.POSITIVE_INFINITY
    }
    metrics.caBundlePatched(name, 'unchanged', plan.reason)
    if (isDuel(rivalry)) {
      if (timing.now() < peaceAt(rivalry)) return peaceAt(rivalry)
      rivalry = NO_RIVALRY
    }
    tell(configuration, undefined)
    return Number.POSITIVE_INFINITY
  }
}

function reasonOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'reason' in error ? String(error.reason) : 'unreachable'
}

function metadataOf(object: JsonObject): JsonObject {
  const metadata = getOwn(object, 'metadata')
  return isObject(metadata) ? metadata : {}
}

function nameOf(object: JsonObject): string {
  return String(metadataOf(object).name)
}

function versionOf(object: JsonObject): string {
  return String(metadataOf(object).resourceVersion)
}
