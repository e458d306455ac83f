import type { JsonObject } from '@proa/kube'
import { timestamp } from '../clock.ts'
import { setCondition } from '../conditions.ts'
import { type Controller, type ControllerTools, isKind, JOB, POD } from '../controller.ts'
import {
  at,
  isBeingDeleted,
  keyOf,
  nameOf,
  namespaceOf,
  numberAt,
  objectAt,
  objectsAt,
  sameJson,
  splitKey,
  textAt,
  textsAt,
  uidOf,
  withMetadata,
} from '../fields.ts'
import { claim, controllerOf, isControlledBy, matchesSelector, ownerKeys } from '../ownership.ts'
import { createInBatches, createPod, deletePod, isNamespaceGoing, podFromTemplate } from '../pods/create.ts'
import { hasEnded, isReady, phaseOf } from '../pods/facts.ts'
import { formatIndexes, freeIndexes, INDEX_ANNOTATION, indexOf } from './indexes.ts'

/** Pods of a Job wait with this until they have been counted. */
const TRACKING = 'batch.kubernetes.io/job-tracking'
/** How many Pods may fail when nobody says it. */
const BACKOFF_LIMIT = 6

export function jobController(tools: ControllerTools): Controller {
  const { api } = tools
  return {
    name: 'job-controller',
    kinds: [JOB, POD],
    concerns({ object, before }) {
      if (isKind(object, JOB)) return [keyOf(object)]
      return [object, ...(before === undefined ? [] : [before])].flatMap((pod) => ownerKeys(pod, JOB))
    },
    async reconcile(key) {
      const job = api.find({ ...JOB, ...splitKey(key) })
      if (job === undefined) {
        await releaseOrphans(tools, key)
        return undefined
      }
      const matches = matchesSelector(objectAt(job, 'spec', 'selector'))
      const pods = await claim(api.list(POD, namespaceOf(job)), { api, owner: job, matches, adopts: () => true })
      const counted = await count(tools, job, pods)
      if (finishedCondition(job) !== undefined || isBeingDeleted(job)) return undefined
      return await manage(tools, counted)
    },
  }
}

export function finishedCondition(job: JsonObject): JsonObject | undefined {
  const ends = (condition: JsonObject) =>
    (condition.type === 'Complete' || condition.type === 'Failed') && condition.status === 'True'
  return objectsAt(job, 'status', 'conditions').find(ends)
}

/** Pods of a Job that is gone wait in vain. */
async function releaseOrphans(tools: ControllerTools, key: string): Promise<void> {
  const { namespace, name } = splitKey(key)
  for (const pod of tools.api.list(POD, namespace)) {
    if (textAt(controllerOf(pod), 'kind') === 'Job' && textAt(controllerOf(pod), 'name') === name)
      await untrack(tools, pod)
  }
}

async function untrack(tools: ControllerTools, pod: JsonObject): Promise<void> {
  const finalizers = textsAt(pod, 'metadata', 'finalizers')
  if (!finalizers.includes(TRACKING)) return
  const rest = finalizers.filter((finalizer) => finalizer !== TRACKING)
  await tools.api.update(withMetadata(pod, { finalizers: rest.length === 0 ? undefined : rest }))
}

/** What is known of a Job's Pods after a look. */
interface Counted {
  readonly job: JsonObject
  readonly pods: readonly JsonObject[]
  readonly active: readonly JsonObject[]
  readonly succeeded: number
  readonly failed: number
  readonly completedIndexes: ReadonlySet<number>
}

const isIndexed = (job: JsonObject) => textAt(job, 'spec', 'completionMode') === 'Indexed'

/** Counts the Pods that have ended, once each: in the status first, then their finalizer goes. */
async function count(tools: ControllerTools, job: JsonObject, pods: readonly JsonObject[]): Promise<Counted> {
  const tracked = (pod: JsonObject) => textsAt(pod, 'metadata', 'finalizers').includes(TRACKING)
  const already = objectAt(job, 'status', 'uncountedTerminatedPods')
  const noted = new Set([...textsAt(already, 'succeeded'), ...textsAt(already, 'failed')])
  const ended = pods.filter((pod) => tracked(pod) && (hasEnded(pod) || isBeingDeleted(pod)))
  const fresh = ended.filter((pod) => !noted.has(uidOf(pod)))
  const good = fresh.filter((pod) => phaseOf(pod) === 'Succeeded')
  const completedIndexes = new Set(parseDone(job))
  for (const pod of good) completedIndexes.add(indexOf(pod) ?? -1)
  completedIndexes.delete(-1)
  const succeeded = isIndexed(job) ? completedIndexes.size : numberAt(job, 0, 'status', 'succeeded') + good.length
  const failed = numberAt(job, 0, 'status', 'failed') + fresh.length - good.length
  let current = job
  if (fresh.length > 0) {
    const status = {
      ...objectAt(job, 'status'),
      ...(succeeded === 0 ? {} : { succeeded }),
      ...(failed === 0 ? {} : { failed }),
      ...(isIndexed(job) ? { completedIndexes: formatIndexes(completedIndexes) } : {}),
      uncountedTerminatedPods: {
        succeeded: good.map(uidOf),
        failed: fresh.filter((pod) => !good.includes(pod)).map(uidOf),
      },
    }
    current = await tools.api.update({ ...job, status }, { subresource: 'status' })
  }
  for (const pod of ended) {
    const newest = tools.api.find({ ...POD, ...splitKey(keyOf(pod)) })
    if (newest !== undefined) await untrack(tools, newest)
  }
  const active = pods.filter((pod) => !hasEnded(pod) && !isBeingDeleted(pod))
  return { job: current, pods, active, succeeded, failed, completedIndexes }
}

/** Anybody may have written it: what is not below the number of completions is none of this Job's. */
function parseDone(job: JsonObject): readonly number[] {
  const most = numberAt(job, 0, 'spec', 'completions') - 1
  return textAt(job, 'status', 'completedIndexes')
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number)
      return Array.from({ length: Math.max(0, Math.min(last, most) - first + 1) || 0 }, (_, index) => first + index)
    })
}

interface Ending {
  readonly type: 'Complete' | 'Failed'
  readonly reason: string
  readonly message: string
}

function endingOf(counted: Counted, now: Date): Ending | undefined {
  const { job, succeeded, failed, active } = counted
  const limit = numberAt(job, BACKOFF_LIMIT, 'spec', 'backoffLimit')
  if (failed > limit) {
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
  }
  const deadline = numberAt(job, 0, 'spec', 'activeDeadlineSeconds')
  const started = Date.parse(textAt(job, 'status', 'startTime'))
  if (deadline > 0 && now.getTime() - started >= deadline * 1000) {
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
  }
  const completions = at(job, 'spec', 'completions')
  const enough = typeof completions === 'number' ? succeeded >= completions : succeeded > 0 && active.length === 0
  return enough
    ? { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
    : undefined
}

async function manage(tools: ControllerTools, counted: Counted): Promise<number | undefined> {
  const { job } = counted
  const now = tools.clock.now()
  const ending = endingOf(counted, now)
  if (ending !== undefined) {
    for (const pod of counted.active) await deletePod(tools, job, pod)
    await finish(tools, counted, ending)
    return undefined
  }
  const suspended = at(job, 'spec', 'suspend') === true
  let failure: unknown
  if (suspended) for (const pod of counted.active) await deletePod(tools, job, pod)
  else {
    await createMissing(tools, counted).catch((error: unknown) => {
      failure = error
    })
  }
  await writeStatus(tools, counted, suspended)
  if (failure !== undefined && !isNamespaceGoing(failure)) throw failure
  const deadline = numberAt(job, 0, 'spec', 'activeDeadlineSeconds')
  return deadline > 0 ? deadline * 1000 : undefined
}

async function createMissing(tools: ControllerTools, counted: Counted): Promise<void> {
  const { job, active, succeeded } = counted
  const parallelism = numberAt(job, 1, 'spec', 'parallelism')
  const completions = at(job, 'spec', 'completions')
  // Without a number of completions one success is enough: none is started after it.
  const open = typeof completions === 'number' ? completions - succeeded : succeeded > 0 ? active.length : parallelism
  const missing = Math.min(parallelism, open) - active.length
  if (missing < 0) {
    for (const pod of active.slice(missing)) await deletePod(tools, job, pod)
    return
  }
  const indexes = isIndexed(job)
    ? freeIndexes(numberAt(job, 1, 'spec', 'completions'), counted.completedIndexes, active.map(indexOf), missing)
    : undefined
  await createInBatches(indexes?.length ?? missing, (position) =>
    createPod(tools, job, podOf(job, indexes?.[position])),
  )
}

function podOf(job: JsonObject, index: number | undefined): JsonObject {
  const template = objectAt(job, 'spec', 'template')
  const pod =
    index === undefined
      ? podFromTemplate(job, template)
      : podFromTemplate(job, template, {
          labels: { [INDEX_ANNOTATION]: String(index) },
          annotations: { [INDEX_ANNOTATION]: String(index) },
          spec: { hostname: `${nameOf(job)}-${index}`, ...withIndexVariable(objectAt(template, 'spec')) },
        })
  const finalizers = [...textsAt(pod, 'metadata', 'finalizers'), TRACKING]
  const generateName = index === undefined ? `${nameOf(job)}-` : `${nameOf(job)}-${index}-`
  return withMetadata(pod, { finalizers, generateName })
}

/** A container of an indexed Job learns its number from the environment. */
function withIndexVariable(spec: JsonObject): JsonObject {
  const variable = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { fieldPath: `metadata.annotations['${INDEX_ANNOTATION}']` } },
  }
  const extend = (list: readonly JsonObject[]) =>
    list.map((container) => ({ ...container, env: [...objectsAt(container, 'env'), variable] }))
  const inits = objectsAt(spec, 'initContainers')
  return {
    containers: extend(objectsAt(spec, 'containers')),
    ...(inits.length === 0 ? {} : { initContainers: extend(inits) }),
  }
}

async function finish(tools: ControllerTools, counted: Counted, ending: Ending): Promise<void> {
  const now = timestamp(tools.clock.now())
  const newest = tools.api.find({ ...JOB, ...splitKey(keyOf(counted.job)) }) ?? counted.job
  // What is going to happen is said first, then that it has happened: two conditions with the same reason.
  const first = {
    type: ending.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget',
    status: 'True',
    reason: ending.reason,
    message: ending.message,
  } as const
  const conditions = [first, { ...ending, status: 'True' } as const].reduce(
    (all, condition) => setCondition(all, condition, now, { lastProbeTime: now }),
    objectsAt(newest, 'status', 'conditions'),
  )
  const { active: _active, ready: _ready, ...rest } = objectAt(newest, 'status')
  const status: JsonObject = {
    ...rest,
    conditions,
    startTime: textAt(newest, 'status', 'startTime') || now,
    ...(ending.type === 'Complete' ? { completionTime: now } : {}),
    ready: 0,
    terminating: 0,
    uncountedTerminatedPods: {},
  }
  await tools.api.update({ ...newest, status }, { subresource: 'status' })
  if (ending.type === 'Complete') tools.recorder.event(counted.job, 'Normal', 'Completed', 'Job completed')
  else tools.recorder.event(counted.job, 'Warning', ending.reason, ending.message)
}

async function writeStatus(tools: ControllerTools, counted: Counted, suspended: boolean): Promise<void> {
  const newest = tools.api.find({ ...JOB, ...splitKey(keyOf(counted.job)) })
  if (newest === undefined || finishedCondition(newest) !== undefined) return
  const pods = tools.api.list(POD, namespaceOf(newest)).filter((pod) => isControlledBy(pod, newest))
  const active = pods.filter((pod) => !hasEnded(pod) && !isBeingDeleted(pod))
  const now = timestamp(tools.clock.now())
  const { active: _before, ...rest } = objectAt(newest, 'status')
  const status: JsonObject = {
    ...rest,
    ...suspension(tools, newest, suspended, now),
    ...(active.length === 0 ? {} : { active: active.length }),
    ready: active.filter(isReady).length,
    terminating: pods.filter((pod) => isBeingDeleted(pod) && !hasEnded(pod)).length,
    uncountedTerminatedPods: {},
  }
  if (!sameJson(status, objectAt(newest, 'status')))
    await tools.api.update({ ...newest, status }, { subresource: 'status' })
}

function suspension(tools: ControllerTools, job: JsonObject, suspended: boolean, now: string): JsonObject {
  const conditions = objectsAt(job, 'status', 'conditions')
  const was = conditions.some((condition) => condition.type === 'Suspended' && condition.status === 'True')
  const extra = { lastProbeTime: now }
  if (suspended) {
    if (was) return {}
    tools.recorder.event(job, 'Normal', 'Suspended', 'Job suspended')
    const condition = { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' } as const
    return { conditions: setCondition(conditions, condition, now, extra) }
  }
  if (!was) return { startTime: textAt(job, 'status', 'startTime') || now }
  tools.recorder.event(job, 'Normal', 'Resumed', 'Job resumed')
  const condition = { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' } as const
  return { conditions: setCondition(conditions, condition, now, extra), startTime: now }
}
