import type { ClusterApi, ObjectChange } from '../api/types.ts'
import type { Activity } from './activity.ts'
import type { Clock } from './clock.ts'
import { type Controller, type ControllerLog, isKind, type Kind } from './controller.ts'
import { createWorkQueue } from './work-queue.ts'

export interface RunningController {
  /** Looks at the key soon, though nothing has changed in the API. */
  add(key: string): void
  /** What waits after a failure is tried now. */
  retryNow(): void
  stop(): Promise<void>
}

export interface RunOptions {
  readonly api: ClusterApi
  readonly clock: Clock
  readonly activity: Activity
  readonly log: ControllerLog
  /** Every kind that the API serves. */
  readonly allKinds: () => readonly Kind[]
}

/** Feeds a controller with the changes that concern it, first of all with what is there already. */
export function runController(controller: Controller, options: RunOptions): RunningController {
  const { api, log } = options
  const queue = createWorkQueue({
    clock: options.clock,
    activity: options.activity,
    work: (key) => controller.reconcile(key),
    onFailure(key, error) {
      log('debug', `${controller.name}: ${key}: ${error instanceof Error ? error.message : String(error)}`)
    },
  })
  const notice = (change: ObjectChange) => {
    try {
      for (const key of controller.concerns(change)) queue.add(key)
    } catch (error) {
      // A broken object of one user must not stop the listening of all.
      log('warn', `${controller.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const { kinds } = controller
  const end = api.onChange((change) => {
    if (kinds === 'all' || kinds.some((kind) => isKind(change.object, kind))) notice(change)
  })
  for (const kind of kinds === 'all' ? options.allKinds() : kinds) {
    for (const object of listOrNone(api, kind)) notice({ type: 'ADDED', object, before: undefined })
  }
  return {
    add: queue.add,
    retryNow: queue.retryNow,
    async stop() {
      end()
      controller.hurry?.()
      await queue.stop()
      await controller.stop?.()
    },
  }
}

/** A cluster need not serve every kind that a controller knows. */
export function listOrNone(api: ClusterApi, kind: Kind, namespace?: string) {
  try {
    return api.list(kind, namespace)
  } catch {
    return []
  }
}

/** The same API, with another field manager in place of the user's name. */
export function asManager(api: ClusterApi, fieldManager: string): ClusterApi {
  return {
    ...api,
    create: (object, options) => api.create(object, { fieldManager, ...options }),
    update: (object, options) => api.update(object, { fieldManager, ...options }),
    as: (user) => asManager(api.as(user), fieldManager),
  }
}
