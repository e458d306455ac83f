import { holdLease, isForbidden, type KubeClient, type LeaseOptions } from '@proa/kube-client'
import type { CertificateLog } from './certificate-log.ts'

/** Whether this replica is the one that writes. It only saves work: what is written is safe with two leaders as well. */
export interface Leadership {
  readonly leading: boolean
  /** Called after each change. Returns what ends the subscription. */
  subscribe(listener: () => void): () => void
}

export interface LeaseLeadership extends Leadership {
  /** Resolves after the signal was aborted, when the Lease is given up: another replica need not wait until it runs out. */
  readonly ended: Promise<void>
}

/** Leadership by a Lease, until the signal is aborted. */
export function leaseLeadership(
  client: KubeClient,
  lease: LeaseOptions,
  log: CertificateLog,
  signal: AbortSignal,
): LeaseLeadership {
  const listeners = new Set<() => void>()
  let leading = false
  let lastProblem = ''
  const become = (now: boolean): void => {
    if (leading === now) return
    leading = now
    log.info({ lease: lease.name, identity: lease.identity }, now ? 'holds the lease' : 'lost the lease')
    for (const listener of [...listeners]) listener()
  }
  const failed = (error: Error): void => {
    if (error.message === lastProblem) return
    lastProblem = error.message
    // The manifests bring the Lease; what the injector may write, it may not create.
    const isGone = isForbidden(error) && error.message.includes('cannot create')
    const hint = isGone ? ' (it does not exist; apply the manifests again)' : ''
    log.warn({ lease: lease.name }, `the lease could not be renewed or taken: ${error.message}${hint}`)
  }
  const handlers = { acquired: () => become(true), lost: () => become(false), failed }
  const ended = holdLease(client, lease, handlers, signal)
    .catch((error: unknown) => failed(error instanceof Error ? error : new Error(String(error))))
    .finally(() => become(false))
  return {
    ended,
    get leading() {
      return leading
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
