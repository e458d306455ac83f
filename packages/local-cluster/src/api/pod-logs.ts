import type { JsonObject } from '@proa/kube'
import type { LogLine } from '../kubelet/container-log.ts'
import type { OpenPodLog, PodLog } from '../kubelet/pod-log.ts'
import type { LogQuery, LogSource } from './backend.ts'
import { badRequest } from './errors.ts'
import { metaText, nameOf } from './metadata.ts'

/** Lines that wait for a slow reader; older ones are lost to it. */
const MOST_WAITING = 10_000

/** The logs that the kubelets keep. */
export function podLogs(podLog: PodLog): LogSource {
  return (pod, query, signal) => {
    const { container, tailLines, since } = query
    const options = { ...(tailLines === undefined ? {} : { tailLines }), ...(since === undefined ? {} : { since }) }
    const log = podLog(metaText(pod, 'namespace'), nameOf(pod), container, options)
    if (log === undefined) throw notStarted(pod, container)
    return read(log, query, signal)
  }
}

function notStarted(pod: JsonObject, container: string): Error {
  return badRequest(
    `container ${JSON.stringify(container)} in pod ${JSON.stringify(nameOf(pod))} is waiting to start: ContainerCreating`,
  )
}

async function* read(log: OpenPodLog, query: LogQuery, signal: AbortSignal): AsyncGenerator<string> {
  const show = ({ time, text }: LogLine): string =>
    query.timestamps ? `${new Date(time).toISOString()} ${text}` : text
  if (!query.follow) {
    yield* log.lines.map(show)
    return
  }
  const waiting = [...log.lines]
  const state = { ended: signal.aborted, wake: () => {} }
  const end = (): void => {
    state.ended = true
    state.wake()
  }
  const unfollow = log.follow((line) => {
    if (waiting.length >= MOST_WAITING) waiting.shift()
    waiting.push(line)
    state.wake()
  }, end)
  signal.addEventListener('abort', end)
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        state.wake = resolve
      })
      for (let line = waiting.shift(); line !== undefined; line = waiting.shift()) yield show(line)
      if (state.ended) return
      await changed
    }
  } finally {
    unfollow()
    signal.removeEventListener('abort', end)
  }
}
