import { type Controller, type ControllerTools, JOB } from '../controller.ts'
import { at, isBeingDeleted, keyOf, splitKey, textAt, uidOf } from '../fields.ts'
import { finishedCondition } from './job.ts'

/** Deletes Jobs so many seconds after they have ended, when they say how many. */
export function ttlController(tools: ControllerTools): Controller {
  const { api } = tools
  return {
    name: 'ttl-after-finished-controller',
    kinds: [JOB],
    concerns: ({ object, type }) => (type === 'DELETED' ? [] : [keyOf(object)]),
    async reconcile(key) {
      const job = api.find({ ...JOB, ...splitKey(key) })
      const ttl = at(job, 'spec', 'ttlSecondsAfterFinished')
      const ended = job === undefined ? undefined : finishedCondition(job)
      if (job === undefined || ended === undefined || typeof ttl !== 'number' || isBeingDeleted(job)) return undefined
      const left = Date.parse(textAt(ended, 'lastTransitionTime')) + ttl * 1000 - tools.clock.now().getTime()
      if (left > 0) return left
      await api.delete(
        { ...JOB, ...splitKey(key) },
        { propagationPolicy: 'Foreground', preconditions: { uid: uidOf(job) } },
      )
      return undefined
    },
  }
}
