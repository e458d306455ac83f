import { isAlreadyExists, isConflict, type KubeClient, realTiming, type Timing, watchObjects } from '@proa/kube-client'
import type { CertificateSource, ServingCertificate, WebhookMetrics } from '../contracts.ts'
import { watchable } from '../watched.ts'
import { alarm } from './alarm.ts'
import { type Keeper, keeper, type Turn } from './authority-keeper.ts'
import type { CertificateLog } from './certificate-log.ts'
import { type Leadership, type LeaseLeadership, leaseLeadership } from './leadership.ts'
import { DEFAULT_POLICY, type RotationPolicy } from './rotation-plan.ts'
import { bundleOf, chooseLeaf, type Leaf } from './rotation-state.ts'
import { sameServingCertificate, servingCertificate } from './serving-certificate.ts'

export interface SelfManagedOptions {
  readonly client: KubeClient
  readonly namespace: string
  /** Holds the authority and the serving certificate; its keys are documented in docs/certificates.md. */
  readonly secretName: string
  /** By which the replicas agree on the one that writes. */
  readonly leaseName: string
  /** Instead of a Lease of its own. */
  readonly leadership?: Leadership
  /** Of this replica: the Pod's name. */
  readonly identity: string
  /** `''` is the default revision. */
  readonly revision: string
  /** Names that the API server calls: `<service>.<namespace>.svc`. */
  readonly dnsNames: readonly string[]
  /** Default {@link DEFAULT_POLICY}. */
  readonly policy?: Partial<RotationPolicy>
  /** The wall clock. */
  readonly now?: () => Date
  readonly timing?: Timing
  readonly log: CertificateLog
  readonly metrics: WebhookMetrics
}

export interface SelfManagedCertificates extends CertificateSource {
  /** Asks the leader, whoever it is, for a new certificate or a new root. Resolves when it is asked for, not when it is done. */
  rotateNow(what: 'root' | 'leaf'): Promise<void>
  /** The bundle as it is in the Secret at this moment; for the caBundle patcher, which must never write an outdated one. */
  freshBundle(): Promise<string | undefined>
  /** Resolves after `stop()` when the Lease is given up. Until then the client is needed. */
  readonly ended: Promise<void>
}

/** Milliseconds after which the Secret is read although nothing was heard of it. */
const LONGEST_SLEEP = 5 * 60_000

/**
 * Our own authority, shared by all replicas through one Secret. The leader renews and rotates; every replica serves what is in
 * the Secret. See {@link rotationPlan} for the order of the steps.
 */
export function selfManagedCertificates(options: SelfManagedOptions): SelfManagedCertificates {
  const { client, timing = realTiming, now = () => new Date(), namespace, secretName } = options
  const policy = { ...DEFAULT_POLICY, ...options.policy }
  const stopped = new AbortController()
  const wake = alarm(timing)
  const value = watchable<ServingCertificate>(sameServingCertificate)
  const lease = { namespace, name: options.leaseName, identity: options.identity, timing, date: now }
  const leadership: Leadership & Partial<LeaseLeadership> =
    options.leadership ?? leaseLeadership(client, lease, options.log, stopped.signal)
  const unsubscribe = leadership.subscribe(wake.ring)
  const secret = { apiVersion: 'v1', kind: 'Secret', namespace, fieldSelector: `metadata.name=${secretName}` }
  const watching = watchObjects(client, secret, { changed: wake.ring }, timing)
  const kept = keeper({ ...options, policy, timing, now, leadership, signal: stopped.signal })
  const serve = server(options, now, value)

  void run(kept, serve, { value, wake, timing, log: options.log, signal: stopped.signal })
  return {
    get current() {
      return value.current
    },
    get problem() {
      return value.problem
    },
    subscribe: value.subscribe,
    rotateNow: kept.request,
    freshBundle: kept.freshBundle,
    ended: leadership.ended ?? Promise.resolve(),
    stop() {
      stopped.abort()
      watching.stop()
      unsubscribe()
    },
  }
}

type Serve = (turn: Turn) => void

/** Takes over what a turn has read, and says so once. */
function server(
  { log, metrics }: Pick<SelfManagedOptions, 'log' | 'metrics'>,
  now: () => Date,
  value: ReturnType<typeof watchable<ServingCertificate>>,
): Serve {
  let leaf: Leaf | undefined
  return ({ state, problem }) => {
    const before = value.current
    if (state !== undefined) {
      leaf = chooseLeaf(leaf, state, now().getTime())
      const next = servingCertificate(leaf, bundleOf(state), now())
      if (leaf.notAfter > now().getTime()) value.set(next)
      else value.fail(`the serving certificate has ended on ${next.notAfter.toISOString()} and was not renewed`)
      const { current } = value
      // The same again, after the API server was away, is nothing new.
      if (current !== undefined && (before === undefined || !sameServingCertificate(current, before))) {
        metrics.certificateLoaded(current.notAfter, current.caNotAfter)
        log.info({ notAfter: current.notAfter.toISOString(), generation: state.generation }, 'certificate loaded')
      }
    }
    if (problem === undefined || problem === value.problem) return
    metrics.certificateRejected()
    log.warn({}, `certificates: ${problem}`)
    value.fail(problem)
  }
}

interface Loop {
  readonly value: ReturnType<typeof watchable<ServingCertificate>>
  readonly wake: ReturnType<typeof alarm>
  readonly timing: Timing
  readonly log: CertificateLog
  readonly signal: AbortSignal
}

async function run(kept: Keeper, serve: Serve, { value, wake, timing, log, signal }: Loop): Promise<void> {
  let pause = 1000
  while (!signal.aborted) {
    try {
      const turn = await kept.turn()
      if (signal.aborted) return
      pause = 1000
      serve(turn)
      if (turn.again > 0) await wake.sleep(Math.min(turn.again, LONGEST_SLEEP), signal)
    } catch (error) {
      if (signal.aborted) return
      // Somebody else was faster: what he wrote is read now.
      if (isConflict(error) || isAlreadyExists(error)) {
        await timing.sleep(20 * timing.random(), signal)
        continue
      }
      const message = error instanceof Error ? error.message : String(error)
      if (value.problem !== message) log.warn({}, `certificates: ${message}`)
      value.fail(message)
      await timing.sleep(pause * (0.5 + timing.random() / 2), signal)
      pause = Math.min(pause * 2, 30_000)
    }
  }
}
