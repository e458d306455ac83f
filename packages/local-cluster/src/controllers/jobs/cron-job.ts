import type { JsonObject } from '@proa/kube'
import { ApiError } from '../../api/status.ts'
import { timestamp } from '../clock.ts'
import { type Controller, type ControllerTools, CRON_JOB, isKind, JOB } from '../controller.ts'
import {
  annotationsOf,
  at,
  createdAt,
  isBeingDeleted,
  keyOf,
  labelsOf,
  nameOf,
  namespaceOf,
  numberAt,
  objectAt,
  sameJson,
  splitKey,
  textAt,
  uidOf,
} from '../fields.ts'
import { controllerReference, isControlledBy, ownerKeys } from '../ownership.ts'
import { finishedCondition } from './job.ts'
import { nextTime, parseSchedule, type Schedule } from './schedule.ts'

const MINUTE = 60_000
const SCHEDULED = 'batch.kubernetes.io/cronjob-scheduled-timestamp'
/** More missed times than this are not counted one by one. */
const MOST_MISSED = 100

export function cronJobController(tools: ControllerTools): Controller {
  const { api } = tools
  return {
    name: 'cronjob-controller',
    kinds: [CRON_JOB, JOB],
    concerns({ object, before }) {
      if (isKind(object, CRON_JOB)) return [keyOf(object)]
      return [object, ...(before === undefined ? [] : [before])].flatMap((job) => ownerKeys(job, CRON_JOB))
    },
    async reconcile(key) {
      const cron = api.find({ ...CRON_JOB, ...splitKey(key) })
      if (cron === undefined || isBeingDeleted(cron)) return undefined
      const jobs = api.list(JOB, namespaceOf(cron)).filter((job) => isControlledBy(job, cron))
      await noteFinished(tools, cron, jobs)
      await cleanUp(tools, cron, jobs)
      if (at(cron, 'spec', 'suspend') === true) return undefined
      return await runDue(tools, cron)
    },
  }
}

const timeZoneOf = (cron: JsonObject) => textAt(cron, 'spec', 'timeZone') || 'UTC'

async function writeStatus(
  tools: ControllerTools,
  cron: JsonObject,
  change: (status: JsonObject) => JsonObject,
): Promise<void> {
  const newest = tools.api.find({ ...CRON_JOB, ...splitKey(keyOf(cron)) })
  if (newest === undefined) return
  const status = change(objectAt(newest, 'status'))
  if (!sameJson(status, objectAt(newest, 'status')))
    await tools.api.update({ ...newest, status }, { subresource: 'status' })
}

const activeOf = (status: JsonObject): readonly JsonObject[] =>
  Array.isArray(status.active) ? (status.active as readonly JsonObject[]) : []

/** Jobs that have ended leave the list of active ones. */
async function noteFinished(tools: ControllerTools, cron: JsonObject, jobs: readonly JsonObject[]): Promise<void> {
  const running = new Set(jobs.filter((job) => finishedCondition(job) === undefined).map(uidOf))
  const before = activeOf(objectAt(cron, 'status'))
  for (const reference of before) {
    const name = textAt(reference, 'name')
    const job = jobs.find((other) => uidOf(other) === textAt(reference, 'uid'))
    const ended = job === undefined ? undefined : finishedCondition(job)
    if (job === undefined) tools.recorder.event(cron, 'Normal', 'MissingJob', `Active job went missing: ${name}`)
    else if (ended !== undefined) {
      tools.recorder.event(
        cron,
        'Normal',
        'SawCompletedJob',
        `Saw completed job: ${name}, condition: ${textAt(ended, 'type')}`,
      )
    }
  }
  const done = jobs.filter((job) => finishedCondition(job)?.type === 'Complete')
  const times = done.map((job) => textAt(job, 'status', 'completionTime')).sort()
  await writeStatus(tools, cron, ({ active, ...rest }) => {
    const left = activeOf({ active: active ?? null }).filter((reference) => running.has(textAt(reference, 'uid')))
    const last = times.at(-1)
    return {
      ...rest,
      ...(left.length === 0 ? {} : { active: left }),
      ...(last === undefined || last < textAt(rest, 'lastSuccessfulTime') ? {} : { lastSuccessfulTime: last }),
    }
  })
}

/** Keeps so many ended Jobs as the history limits say. */
async function cleanUp(tools: ControllerTools, cron: JsonObject, jobs: readonly JsonObject[]): Promise<void> {
  const limits = [
    ['Complete', numberAt(cron, 3, 'spec', 'successfulJobsHistoryLimit')],
    ['Failed', numberAt(cron, 1, 'spec', 'failedJobsHistoryLimit')],
  ] as const
  for (const [type, limit] of limits) {
    const ended = jobs.filter((job) => finishedCondition(job)?.type === type && !isBeingDeleted(job))
    const oldest = [...ended].sort((a, b) => (createdAt(a) + nameOf(a) < createdAt(b) + nameOf(b) ? -1 : 1))
    for (const job of oldest.slice(0, Math.max(0, oldest.length - limit))) await deleteJob(tools, cron, job)
  }
}

async function deleteJob(tools: ControllerTools, cron: JsonObject, job: JsonObject): Promise<void> {
  await tools.api.delete({ ...JOB, ...splitKey(keyOf(job)) }, { propagationPolicy: 'Background' })
  tools.recorder.event(cron, 'Normal', 'SuccessfulDelete', `Deleted job ${nameOf(job)}`)
}

/** The newest time that has come and was not served yet. */
function dueTime(
  schedule: Schedule,
  timeZone: string,
  since: Date,
  now: Date,
): { readonly due: Date | undefined; readonly missed: number } {
  let due: Date | undefined
  let missed = 0
  for (
    let time = nextTime(schedule, since, timeZone);
    time !== undefined && time <= now;
    time = nextTime(schedule, time, timeZone)
  ) {
    due = time
    missed += 1
    // Far behind: from a little before now on.
    if (missed === MOST_MISSED) time = new Date(Math.max(time.getTime(), now.getTime() - 24 * 60 * MINUTE))
  }
  return { due, missed }
}

async function runDue(tools: ControllerTools, cron: JsonObject): Promise<number | undefined> {
  const now = tools.clock.now()
  const schedule = readSchedule(tools, cron)
  if (schedule === undefined) return undefined
  const zone = timeZoneOf(cron)
  const upcoming = nextTime(schedule, now, zone)
  const again = upcoming === undefined ? undefined : upcoming.getTime() - now.getTime()
  const deadline = at(cron, 'spec', 'startingDeadlineSeconds')
  const last = Date.parse(textAt(cron, 'status', 'lastScheduleTime') || createdAt(cron))
  const earliest = typeof deadline === 'number' ? Math.max(last, now.getTime() - deadline * 1000) : last
  const { due } = dueTime(schedule, zone, new Date(earliest), now)
  if (due === undefined) return again
  const active = tools.api
    .list(JOB, namespaceOf(cron))
    .filter((job) => isControlledBy(job, cron) && finishedCondition(job) === undefined)
  const policy = textAt(cron, 'spec', 'concurrencyPolicy')
  if (policy === 'Forbid' && active.length > 0) {
    tools.recorder.event(
      cron,
      'Normal',
      'JobAlreadyActive',
      'Not starting job because prior execution is running and concurrency policy is Forbid',
    )
    return again
  }
  if (policy === 'Replace') for (const job of active) await deleteJob(tools, cron, job)
  await startJob(tools, cron, due)
  return again
}

function readSchedule(tools: ControllerTools, cron: JsonObject): Schedule | undefined {
  const text = textAt(cron, 'spec', 'schedule')
  try {
    return parseSchedule(text)
  } catch (error) {
    const message = `unparseable schedule: ${JSON.stringify(text)} : ${error instanceof Error ? error.message : String(error)}`
    tools.recorder.event(cron, 'Warning', 'UnparseableSchedule', message)
    return undefined
  }
}

async function startJob(tools: ControllerTools, cron: JsonObject, due: Date): Promise<void> {
  // The name says the time, so that one time is never served twice.
  const name = `${nameOf(cron)}-${Math.floor(due.getTime() / MINUTE)}`
  const template = objectAt(cron, 'spec', 'jobTemplate')
  const zone = textAt(cron, 'spec', 'timeZone')
  const job = {
    ...JOB,
    metadata: {
      name,
      namespace: namespaceOf(cron),
      labels: labelsOf(template),
      annotations: { ...annotationsOf(template), [SCHEDULED]: zone === '' ? timestamp(due) : inZone(due, zone) },
      ownerReferences: [controllerReference(cron)],
    },
    spec: objectAt(template, 'spec'),
  }
  let created: JsonObject | undefined
  try {
    created = await tools.api.create(job)
    tools.recorder.event(cron, 'Normal', 'SuccessfulCreate', `Created job ${name}`)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.reason !== 'AlreadyExists') {
      tools.recorder.event(cron, 'Warning', 'FailedCreate', `Error creating job: ${error.message}`)
      throw error
    }
    created = tools.api.find({ ...JOB, name, namespace: namespaceOf(cron) })
  }
  const reference = created === undefined ? [] : [referenceTo(created)]
  await writeStatus(tools, cron, (status) => ({
    ...status,
    active: [...activeOf(status).filter((other) => textAt(other, 'name') !== name), ...reference],
    lastScheduleTime: timestamp(due),
  }))
}

function referenceTo(job: JsonObject): JsonObject {
  return {
    ...JOB,
    name: nameOf(job),
    namespace: namespaceOf(job),
    uid: uidOf(job),
    resourceVersion: textAt(job, 'metadata', 'resourceVersion'),
  }
}

/** RFC 3339 with the offset of the zone. */
function inZone(date: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  const local = format.format(date).replace(' ', 'T')
  const offset = Math.round((Date.parse(`${local}Z`) - date.getTime()) / MINUTE)
  if (offset === 0) return `${local}Z`
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`
}
