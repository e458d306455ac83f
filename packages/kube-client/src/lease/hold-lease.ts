import { deepEqual, type JsonObject } from '@proa/kube'
import { isAlreadyExists, isConflict, isNotFound } from '../errors.ts'
import { realTiming, type Timing } from '../timing.ts'
import type { KubeClient, ObjectRef } from '../types.ts'
import { type LeaseRecord, microTime, readRecord, withRecord } from './record.ts'

/** The defaults are those of Kubernetes' own components. */
export interface LeaseOptions {
  readonly namespace: string
  readonly name: string
  /** Of this contender, among all: the Pod's name. */
  readonly identity: string
  /** How long others wait after the last renewal that they saw; default 15. */
  readonly durationSeconds?: number
  /** Without a renewal for this long the holder gives up; less than the duration, so that it does so before others begin. Default 10. */
  readonly renewDeadlineSeconds?: number
  /** Between two tries; default 2. */
  readonly retrySeconds?: number
  /** Labels of the Lease, when it has to be made. */
  readonly labels?: Readonly<Record<string, string>>
  readonly timing?: Timing
  /** What the times in the Lease say; nobody decides by them. */
  readonly date?: () => Date
}

export interface LeaseHandlers {
  /** This contender holds the lease until the signal is aborted. */
  readonly acquired: (leading: AbortSignal) => void
  /** It does not hold it any more; it goes on trying. */
  readonly lost?: () => void
  /** Each try that failed otherwise than by another holder. */
  readonly failed?: (error: Error) => void
}

/** A round's outcome: the record on the server names us, or somebody else. */
type Outcome = 'held' | 'taken'

/**
 * Leader election by a Lease, as client-go does it: whoever holds it renews it, the others watch when it last changed *by
 * their own clocks*, and take it when it did not change for its duration. Clocks need not agree, only run at the same speed.
 *
 * @returns when `signal` is aborted and the lease, if held, is released
 */
export async function holdLease(
  client: Pick<KubeClient, 'find' | 'create' | 'replace'>,
  options: LeaseOptions,
  handlers: LeaseHandlers,
  signal: AbortSignal,
): Promise<void> {
  const { timing = realTiming, durationSeconds = 15, renewDeadlineSeconds = 10, retrySeconds = 2 } = options
  if (!(retrySeconds < renewDeadlineSeconds && renewDeadlineSeconds < durationSeconds)) {
    throw new RangeError('a lease needs retrySeconds < renewDeadlineSeconds < durationSeconds')
  }
  const contender = contend(client, { ...options, durationSeconds }, timing, signal)
  while (!signal.aborted) {
    const started = timing.now()
    const outcome = await attempt(contender, handlers)
    if (outcome === 'held' && timing.now() - started < renewDeadlineSeconds * 1000 && !signal.aborted) {
      await lead(
        contender,
        handlers,
        { timing, started, deadline: renewDeadlineSeconds * 1000, retry: retrySeconds * 1000 },
        signal,
      )
    }
    // Contenders that began together shall not go on together.
    if (!signal.aborted) await timing.sleep(retrySeconds * 1000 * (1 + 0.2 * timing.random()), signal)
  }
  await contender.release().catch((error: unknown) => handlers.failed?.(asError(error)))
}

interface Leading {
  readonly timing: Timing
  /** When the request was sent that took the lease: others count from no earlier moment. */
  readonly started: number
  readonly deadline: number
  readonly retry: number
}

/** Renews until that fails for too long, or the signal is aborted. */
async function lead(contender: Contender, handlers: LeaseHandlers, times: Leading, signal: AbortSignal): Promise<void> {
  const { timing, deadline, retry } = times
  const leading = new AbortController()
  const stop = (): void => leading.abort()
  signal.addEventListener('abort', stop, { once: true })
  let renewed = times.started
  handlers.acquired(leading.signal)
  try {
    while (!leading.signal.aborted) {
      await timing.sleep(Math.min(retry, renewed + deadline - timing.now()), leading.signal)
      if (leading.signal.aborted) return
      const started = timing.now()
      const left = renewed + deadline - started
      if (left <= 0) return
      const outcome = await within(attempt(contender, handlers), left, timing, leading.signal)
      if (outcome === 'taken') return
      if (outcome === 'held') renewed = started
    }
  } finally {
    signal.removeEventListener('abort', stop)
    leading.abort()
    handlers.lost?.()
  }
}

/** The outcome, or undefined when there is none in time: a request that hangs must not let us believe in an old one. */
async function within(
  outcome: Promise<Outcome | undefined>,
  milliseconds: number,
  timing: Timing,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const done = new AbortController()
  const end = (): void => done.abort()
  signal.addEventListener('abort', end, { once: true })
  try {
    return await Promise.race([outcome, timing.sleep(milliseconds, done.signal).then(() => undefined)])
  } finally {
    signal.removeEventListener('abort', end)
    end()
  }
}

async function attempt(contender: Contender, handlers: LeaseHandlers): Promise<Outcome | undefined> {
  try {
    return await contender.takeOrRenew()
  } catch (error) {
    // Somebody else was faster.
    if (isConflict(error) || isAlreadyExists(error)) return undefined
    handlers.failed?.(asError(error))
    return undefined
  }
}

interface Contender {
  takeOrRenew(): Promise<Outcome>
  release(): Promise<void>
}

interface ContendOptions extends LeaseOptions {
  readonly durationSeconds: number
}

function contend(
  client: Pick<KubeClient, 'find' | 'create' | 'replace'>,
  options: ContendOptions,
  timing: Timing,
  stopped: AbortSignal,
): Contender {
  const { namespace, name, identity, durationSeconds, labels, date = () => new Date() } = options
  const ref: ObjectRef = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name }
  let seen: { readonly record: LeaseRecord; readonly at: number } | undefined
  let running: Promise<unknown> = Promise.resolve()

  const observe = (lease: JsonObject): LeaseRecord => {
    const record = readRecord(lease)
    if (seen === undefined || !deepEqual({ ...seen.record }, { ...record })) seen = { record, at: timing.now() }
    return record
  }
  const mine = (before: LeaseRecord | undefined): LeaseRecord => {
    const now = microTime(date())
    const kept = before !== undefined && before.holder === identity
    return {
      holder: identity,
      durationSeconds,
      acquireTime: kept ? before.acquireTime : now,
      renewTime: now,
      transitions: before === undefined || kept ? (before?.transitions ?? 0) : before.transitions + 1,
    }
  }
  const takeOrRenew = async (): Promise<Outcome> => {
    // It may have waited for its turn behind a request that hung.
    if (stopped.aborted) return 'taken'
    const lease = await client.find(ref)
    if (lease === undefined) {
      const { namespace: _, name: __, ...kind } = ref
      const metadata = { namespace, name, ...(labels === undefined ? {} : { labels: { ...labels } }) }
      observe(await client.create(withRecord({ ...kind, metadata }, mine(undefined))))
      return 'held'
    }
    const record = observe(lease)
    const free = record.holder === '' || record.holder === identity
    if (!free && timing.now() - (seen?.at ?? 0) < record.durationSeconds * 1000) return 'taken'
    observe(await client.replace(withRecord(lease, mine(record))))
    return 'held'
  }
  /** One at a time: a renewal that came late must not undo a release. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = running.then(work, work)
    running = next.catch(() => undefined)
    return next
  }
  return {
    takeOrRenew: () => inTurn(takeOrRenew),
    release: () =>
      inTurn(async () => {
        const lease = await client.find(ref)
        if (lease === undefined || readRecord(lease).holder !== identity) return
        const record = { ...readRecord(lease), holder: '', durationSeconds: 1, renewTime: microTime(date()) }
        try {
          await client.replace(withRecord(lease, record))
        } catch (error) {
          if (!isConflict(error) && !isNotFound(error)) throw error
        }
      }),
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
