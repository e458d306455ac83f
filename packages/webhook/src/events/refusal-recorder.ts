import { type ClusterEvent, eventRecorder, type KubeClient } from '@proa/kube-client'

/** A Pod that was refused; `ReviewFacts` of a review are one. */
export interface Refusal {
  readonly namespace: string
  /** Name or generateName of the Pod. */
  readonly pod: string
  readonly message?: string
  /** Its controller. */
  readonly owner?: { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string }
}

export interface RefusalRecorder {
  /** Writes an Event when it can. It neither throws nor waits. */
  record(refusal: Refusal): void
  /** When everything that was recorded is written or given up. */
  settled(): Promise<void>
}

export interface RefusalRecorderOptions {
  /** Without one, nothing is written. */
  readonly client?: Pick<KubeClient, 'create' | 'patch'> | undefined
  /** Who tells it: `proa-injector`. */
  readonly component: string
  /** Name of this Pod or host. */
  readonly instance?: string
  readonly log: { warn(fields: object, message: string): void }
}

const REFUSED_REASON = 'InjectionFailed'

/** Refusals that wait to be written; more at a time are a flood that nobody would read. */
const MOST_WAITING = 100

/**
 * Tells refusals where people look: the Pod does not exist, so that the Event stands at its controller, or at the Namespace
 * when it has none.
 */
export function refusalRecorder({ client, component, instance = '', log }: RefusalRecorderOptions): RefusalRecorder {
  const events = client === undefined ? undefined : eventRecorder(client, { component, instance })
  const waiting = new Set<Promise<void>>()
  let toldProblem = ''

  const failed = (error: unknown): void => {
    const problem = error instanceof Error ? error.message : String(error)
    // The same for every refusal: no permission, no connection.
    if (problem === toldProblem) return
    toldProblem = problem
    log.warn({ problem }, 'refusals cannot be told as Events')
  }
  return {
    record(refusal) {
      if (events === undefined || refusal.namespace === '' || waiting.size >= MOST_WAITING) return
      const written = events.record(eventOf(refusal)).then(() => {
        toldProblem = ''
      }, failed)
      waiting.add(written)
      void written.then(() => waiting.delete(written))
    },
    async settled() {
      await Promise.all(waiting)
    },
  }
}

/** No object has a longer name or kind. Nobody has checked the Pod yet, and what it says is remembered for a while. */
const LONGEST_NAME = 253

function isPlausible({ apiVersion, kind, name, uid }: NonNullable<Refusal['owner']>): boolean {
  return [apiVersion, kind, name, uid].every((text) => text.length <= LONGEST_NAME)
}

function eventOf({ namespace, pod, message, owner }: Refusal): ClusterEvent {
  const regarding =
    owner === undefined || !isPlausible(owner)
      ? { apiVersion: 'v1', kind: 'Namespace', name: namespace }
      : { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.name, namespace, uid: owner.uid }
  const why = message === undefined || message === '' ? 'the injector gave no reason' : message
  return {
    regarding,
    type: 'Warning',
    reason: REFUSED_REASON,
    message: `Pod ${pod || 'without a name'} was refused: ${inOneLine(why)}`,
  }
}

/** `kubectl get events` shows the first line only; the texts of Istio's checks begin with one that says nothing. */
function inOneLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  if (lines[0] === '1 error occurred:') lines.splice(0, 2, (lines[1] ?? '').replace(/^\* /, ''))
  return lines.filter((line) => line !== '').join(' ')
}
