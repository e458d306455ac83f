import { Worker } from 'node:worker_threads'
import type { ConfigurationSource } from '../contracts.ts'
import { refused } from '../review/precheck.ts'
import type { Reviewer, TakeReviewed } from '../review/reviewer.ts'
import type { ReviewRequest } from '../review/types.ts'
import type { FromWorker, ToWorker } from './protocol.ts'
import { findWorkerFile, type WorkerFile } from './worker-file.ts'

export interface WorkerPoolOptions {
  readonly workers: number
  readonly configurations: ConfigurationSource
  readonly onLost: (reason: 'crashed' | 'hung', message: string) => void
  /** Milliseconds for one review; then the thread counts as hung. Default {@link PATIENCE}. */
  readonly patience?: number
  readonly file?: WorkerFile
}

/** Milliseconds: below the 3 to 5 s that our manifests give the webhook, so that the API server hears from us. */
const PATIENCE = 2_000
/** How often hung threads are looked for, in milliseconds. */
const WATCH = 100
/** Milliseconds before a thread that dies again and again is started again. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 5_000

interface Pending {
  readonly id: number
  readonly request: ReviewRequest
  readonly take: TakeReviewed
  readonly since: number
}

/** A thread and what it has to answer, the oldest first: that is what it works on. */
interface Lane {
  readonly index: number
  worker: Worker | undefined
  /** It has started and read its configuration, so that what takes long now is a review. */
  isUp: boolean
  readonly pending: Map<number, Pending>
  /** When it began with the oldest. */
  busySince: number
  /** Threads in a row that died before they had answered anything. */
  failures: number
  timer: NodeJS.Timeout | undefined
}

/**
 * Answers reviews in worker threads. A thread that crashes or hangs costs the one request that it was working on; the others that
 * waited for it are given to another thread, since answering twice changes nothing.
 */
export function workerPool(options: WorkerPoolOptions): Reviewer {
  const { workers, configurations, onLost, patience = PATIENCE, file = findWorkerFile() } = options
  const lanes: Lane[] = Array.from({ length: workers }, (_, index) => ({
    index,
    worker: undefined,
    isUp: false,
    pending: new Map(),
    busySince: 0,
    failures: 0,
    timer: undefined,
  }))
  let nextId = 1
  let isStopped = false

  const start = (lane: Lane): void => {
    const worker = new Worker(file.url, { execArgv: [...file.execArgv] })
    lane.worker = worker
    lane.isUp = false
    worker.on('message', (message: FromWorker) => {
      if (lane.worker === worker) hear(lane, worker, message)
    })
    worker.on('error', (error) => lose(lane, worker, 'crashed', error instanceof Error ? error.message : String(error)))
    worker.on('exit', (code) => lose(lane, worker, 'crashed', `it ended with code ${code}`))
    sendConfiguration(worker)
  }

  const sendConfiguration = (worker: Worker): void => {
    const { current } = configurations
    if (current === undefined) return
    const { generation, sources, options: plain } = current
    send(worker, { type: 'configuration', generation, sources, options: plain })
  }

  const hear = (lane: Lane, worker: Worker, message: FromWorker): void => {
    lane.busySince = performance.now()
    if (message.type === 'ready') {
      lane.isUp = true
      return
    }
    const pending = lane.pending.get(message.id)
    if (pending === undefined) return
    if (message.type === 'namespace') {
      lane.pending.delete(pending.id)
      lane.pending.set(pending.id, pending)
      const namespace = { object: configurations.namespaceObject(message.name) }
      send(worker, { type: 'review', id: pending.id, ...pending.request, namespace })
      return
    }
    lane.failures = 0
    lane.pending.delete(pending.id)
    pending.take(message.reviewed, message.generation)
  }

  const lose = (lane: Lane, worker: Worker, reason: 'crashed' | 'hung', message: string): void => {
    if (lane.worker !== worker) return
    lane.worker = undefined
    if (isStopped) return
    onLost(reason, message)
    void worker.terminate()
    const [first, ...rest] = [...lane.pending.values()]
    lane.pending.clear()
    lane.failures++
    if (lane.failures === 1) start(lane)
    else lane.timer = setTimeout(() => start(lane), Math.min(FIRST_PAUSE * 2 ** (lane.failures - 2), LONGEST_PAUSE))
    first?.take(lost(reason), 0)
    for (const one of rest) dispatch({ ...one, since: performance.now() })
  }

  const dispatch = (pending: Pending, wanted?: number): void => {
    const lane = wanted === undefined ? leastBusy(lanes) : lanes[wanted]
    if (lane?.worker === undefined) {
      pending.take(lost('crashed'), 0)
      return
    }
    if (lane.pending.size === 0) lane.busySince = performance.now()
    lane.pending.set(pending.id, pending)
    send(lane.worker, { type: 'review', id: pending.id, ...pending.request })
  }

  const unsubscribe = configurations.subscribe(() => {
    for (const { worker } of lanes) if (worker !== undefined) sendConfiguration(worker)
  })
  const watch = setInterval(() => {
    const now = performance.now()
    for (const lane of lanes) {
      if (lane.worker === undefined || lane.pending.size === 0) continue
      if (!lane.isUp) giveUpWaiting(lane, now - patience)
      else if (now - lane.busySince > patience) lose(lane, lane.worker, 'hung', `no answer within ${patience} ms`)
    }
  }, WATCH)
  for (const lane of lanes) start(lane)

  return {
    lanes: workers,
    review(request, take, lane) {
      dispatch({ id: nextId++, request: ownBody(request), take, since: performance.now() }, lane)
    },
    async stop() {
      isStopped = true
      unsubscribe()
      clearInterval(watch)
      for (const { timer } of lanes) clearTimeout(timer)
      await Promise.all(lanes.map(({ worker }) => worker?.terminate()))
    },
  }
}

/** A thread that is still starting is waited for only when there is no other. */
function leastBusy(lanes: readonly Lane[]): Lane | undefined {
  let best: Lane | undefined
  for (const lane of lanes) {
    if (lane.worker === undefined || (best?.isUp === true && !lane.isUp)) continue
    const isBetter = best === undefined || best.isUp !== lane.isUp || lane.pending.size < best.pending.size
    if (isBetter) best = lane
  }
  return best
}

/** Answers those who have waited too long for a thread to start; it may still come up for others. */
function giveUpWaiting(lane: Lane, before: number): void {
  for (const { id, since, take } of [...lane.pending.values()]) {
    if (since > before) return
    lane.pending.delete(id)
    take(lost('hung'), 0)
  }
}

function lost(reason: 'crashed' | 'hung') {
  return reason === 'hung'
    ? refused('TimedOut', 'the injection took too long and was stopped', 500)
    : refused('WorkerLost', 'the thread that worked on this request ended; try again', 500)
}

/** A view into a larger buffer would be sent with all of that buffer. */
function ownBody({ body, path }: ReviewRequest): ReviewRequest {
  const isWhole = body.byteLength === body.buffer.byteLength
  return { body: isWhole ? body : Uint8Array.from(body), path }
}

function send(worker: Worker, message: ToWorker): void {
  worker.postMessage(message)
}
