import { isNotFound } from '../errors.ts'
import { realTiming, type Timing } from '../timing.ts'
import type { KubeClient } from '../types.ts'
import { eventCorrelator, type WrittenEvent } from './correlate.ts'
import { cutMessage, type EventSource, eventNamespace, eventObject } from './event-object.ts'
import type { ClusterEvent } from './types.ts'

export interface EventRecorderOptions extends EventSource {
  readonly timing?: Timing
  readonly date?: () => Date
}

export interface EventRecorder {
  /**
   * Writes the event, or counts it where the same is known; `dropped` when there are too many about its object.
   *
   * @throws StatusError, ConnectionError
   */
  record(event: ClusterEvent): Promise<'created' | 'counted' | 'dropped'>
}

/** Kubernetes refuses names that are longer than 253 characters. */
const LONGEST_NAME = 230

/** Writes Events; the same one again and again becomes one with a count. */
export function eventRecorder(
  client: Pick<KubeClient, 'create' | 'patch'>,
  options: EventRecorderOptions,
): EventRecorder {
  const { timing = realTiming, date = () => new Date() } = options
  const correlator = eventCorrelator()
  let turn: Promise<unknown> = Promise.resolve()

  const create = async (key: string, event: ClusterEvent): Promise<'created'> => {
    const now = seconds(date())
    const written: WrittenEvent = { name: nameOf(event, timing.random), count: 1, firstTimestamp: now }
    await client.create(eventObject(event, options, written, now))
    correlator.written(key, written)
    return 'created'
  }
  const count = async (key: string, event: ClusterEvent, written: WrittenEvent): Promise<'counted' | 'created'> => {
    const ref = { apiVersion: 'v1', kind: 'Event', name: written.name, namespace: eventNamespace(event) }
    const next = { ...written, count: written.count + 1 }
    const body = { count: next.count, lastTimestamp: seconds(date()), message: cutMessage(event.message) }
    try {
      await client.patch(ref, { type: 'merge', body })
    } catch (error) {
      // The server forgets events after an hour.
      if (!isNotFound(error)) throw error
      correlator.written(key, undefined)
      return create(key, event)
    }
    correlator.written(key, next)
    return 'counted'
  }
  return {
    record(given) {
      // What is remembered has a limit too.
      const event = { ...given, message: cutMessage(given.message) }
      const plan = correlator.plan(event, timing.now())
      if (plan.action === 'drop') return Promise.resolve('dropped')
      // One after the other, so that a second of the same finds the first.
      const work = async (): Promise<'created' | 'counted' | 'dropped'> => {
        const known = correlator.known(plan.key)
        return known === undefined ? create(plan.key, plan.event) : count(plan.key, plan.event, known)
      }
      const next = turn.then(work)
      turn = next.catch(() => undefined)
      return next
    },
  }
}

function nameOf({ regarding }: ClusterEvent, random: () => number): string {
  const unique = Math.floor(random() * 2 ** 52)
    .toString(16)
    .padStart(13, '0')
  return `${regarding.name.slice(0, LONGEST_NAME)}.${unique}`
}

/** Kubernetes' Time has no fractions. */
function seconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}
