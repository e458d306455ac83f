import { deepEqual, getOwn, type JsonObject, parseLabelSelector, selectorMatches } from '@proa/kube'
import { isSet, listAt, numberAt, objectAt, optionalAt, pairsAt, textAt, valueAt } from './fields.ts'
import { checkAnnotations, checkLabels } from './metadata.ts'
import { checkPodSpec } from './pod-spec.ts'
import type { Problems } from './problems.ts'
import { checkSelector } from './selectors.ts'

const NOT_NEGATIVE = 'must be greater than or equal to 0'
const IMMUTABLE = 'field is immutable'

export function notNegative(spec: JsonObject, key: string, problems: Problems, field = 'spec'): void {
  const value = numberAt(spec, key) ?? 0
  if (value < 0) problems.invalid(`${field}.${key}`, value, NOT_NEGATIVE)
}

/** Labels, annotations and spec of a template. */
function checkTemplate(spec: JsonObject, problems: Problems, field = 'spec.template'): void {
  const template = objectAt(spec, 'template')
  const metadata = objectAt(template, 'metadata')
  checkLabels(metadata, `${field}.labels`, problems)
  checkAnnotations(metadata, `${field}.annotations`, problems)
  checkPodSpec(objectAt(template, 'spec'), `${field}.spec`, problems)
}

/** The selector must choose the template's Pods. */
function checkMatch(spec: JsonObject, problems: Problems): void {
  const metadata = objectAt(objectAt(spec, 'template'), 'metadata')
  const labels = Object.fromEntries(pairsAt(metadata, 'labels'))
  const selector = optionalAt(spec, 'selector')
  if (selector !== undefined && selectorMatches(parseLabelSelector(selector), labels)) return
  const words = '`selector` does not match template `labels`'
  problems.invalid('spec.template.metadata.labels', valueAt(metadata, 'labels'), words)
}

/** Returns whether the selector can be used further. */
function checkOwnSelector(spec: JsonObject, kind: string, problems: Problems, required = true): boolean {
  const selector = optionalAt(spec, 'selector')
  if (selector === undefined) {
    if (required) problems.required('spec.selector')
    return true
  }
  const fine = checkSelector(selector, 'spec.selector', problems)
  const empty = pairsAt(selector, 'matchLabels').length + listAt(selector, 'matchExpressions').length === 0
  if (empty) problems.invalid('spec.selector', {}, `empty selector is invalid for ${kind}`)
  if (!fine) problems.invalid('spec.selector', selector, 'invalid label selector')
  return fine && !empty
}

/** Long-running Pods restart always. */
function mustRestart(spec: JsonObject, problems: Problems): void {
  const policy = textAt(objectAt(objectAt(spec, 'template'), 'spec'), 'restartPolicy')
  if (policy !== 'Always') problems.unsupported('spec.template.spec.restartPolicy', policy, ['Always'])
}

export function checkDeployment(deployment: JsonObject, problems: Problems): void {
  const spec = objectAt(deployment, 'spec')
  notNegative(spec, 'replicas', problems)
  if (checkOwnSelector(spec, 'deployment', problems)) {
    checkMatch(spec, problems)
    checkTemplateOf(spec, problems)
  }
  const strategy = objectAt(spec, 'strategy')
  const type = textAt(strategy, 'type')
  if (type === 'Recreate' && isSet(strategy, 'rollingUpdate')) {
    problems.forbidden('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'")
  } else if (type !== 'Recreate' && type !== 'RollingUpdate') {
    const shown = { Type: type, RollingUpdate: valueAt(strategy, 'rollingUpdate') }
    problems.unsupported('spec.strategy', shown, ['Recreate', 'RollingUpdate'])
  }
  const rolling = objectAt(strategy, 'rollingUpdate')
  const isZero = (key: string) => [0, '0%'].includes(valueAt(rolling, key) as number | string)
  if (type === 'RollingUpdate' && isZero('maxSurge') && isZero('maxUnavailable')) {
    const words = 'may not be 0 when `maxSurge` is 0'
    problems.invalid('spec.strategy.rollingUpdate.maxUnavailable', valueAt(rolling, 'maxUnavailable'), words)
  }
  notNegative(spec, 'minReadySeconds', problems)
  notNegative(spec, 'revisionHistoryLimit', problems)
}

/** The API server names the restart policy only where the rest of the template is right or wrong alike. */
function checkTemplateOf(spec: JsonObject, problems: Problems): void {
  checkTemplate(spec, problems)
  const policy = textAt(objectAt(objectAt(spec, 'template'), 'spec'), 'restartPolicy')
  if (['Always', 'OnFailure', 'Never'].includes(policy)) mustRestart(spec, problems)
}

/** ReplicaSets, StatefulSets and DaemonSets. */
export function checkSet(object: JsonObject, problems: Problems): void {
  const spec = objectAt(object, 'spec')
  const kind = textAt(object, 'kind')
  notNegative(spec, 'replicas', problems)
  if (!checkOwnSelector(spec, kind.toLowerCase(), problems, kind !== 'DaemonSet')) return
  checkMatch(spec, problems)
  checkTemplateOf(spec, problems)
}

export function checkReplicationController(controller: JsonObject, problems: Problems): void {
  const spec = objectAt(controller, 'spec')
  notNegative(spec, 'minReadySeconds', problems)
  const selector = objectAt(spec, 'selector')
  const none = Object.keys(selector).length === 0
  if (none) problems.required('spec.selector')
  notNegative(spec, 'replicas', problems)
  if (optionalAt(spec, 'template') === undefined) problems.required('spec.template')
  else if (!none) {
    checkMatch({ ...spec, selector: { matchLabels: selector } }, problems)
    checkTemplateOf(spec, problems)
  }
}

export function checkSelectorUpdate(object: JsonObject, old: JsonObject, problems: Problems): void {
  const now = valueAt(objectAt(object, 'spec'), 'selector')
  const before = valueAt(objectAt(old, 'spec'), 'selector')
  if (!deepEqual(now, before)) problems.invalid('spec.selector', now, IMMUTABLE)
}

const STATEFUL_SET_FIELDS = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

export function checkStatefulSetUpdate(object: JsonObject, old: JsonObject, problems: Problems): void {
  const fixed = (one: JsonObject) =>
    Object.fromEntries(Object.entries(objectAt(one, 'spec')).filter(([key]) => !STATEFUL_SET_FIELDS.includes(key)))
  if (deepEqual(fixed(object), fixed(old))) return
  const quoted = STATEFUL_SET_FIELDS.map((name) => `'${name}'`)
  const list = `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`
  problems.forbidden('spec', `updates to statefulset spec for fields other than ${list} are forbidden`)
}

const JOB_NUMBERS = ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished']

export function checkJob(job: JsonObject, problems: Problems): void {
  const spec = objectAt(job, 'spec')
  checkJobSpec(spec, 'spec', problems)
  const selector = optionalAt(spec, 'selector')
  const manual = getOwn(spec, 'manualSelector') === true
  if (selector === undefined) {
    // The server makes it, where nobody wanted to choose it.
    if (manual) problems.required('spec.selector')
  } else if (!manual && !isGenerated(selector)) {
    problems.invalid('spec.selector', selector, '`selector` not auto-generated')
  }
  if (selector !== undefined || manual) checkMatch(spec, problems)
}

function isGenerated(selector: JsonObject): boolean {
  const labels = pairsAt(selector, 'matchLabels').map(([key]) => key)
  return labels.join() === 'batch.kubernetes.io/controller-uid' && listAt(selector, 'matchExpressions').length === 0
}

function checkJobSpec(spec: JsonObject, field: string, problems: Problems): void {
  for (const key of JOB_NUMBERS) notNegative(spec, key, problems, field)
  checkTemplate(spec, problems, `${field}.template`)
  const policy = textAt(objectAt(objectAt(spec, 'template'), 'spec'), 'restartPolicy')
  if (policy === 'Always') {
    problems.required(`${field}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"')
  }
}

export function checkJobUpdate(job: JsonObject, old: JsonObject, problems: Problems): void {
  checkSelectorUpdate(job, old, problems)
  const now = objectAt(job, 'spec')
  const before = objectAt(old, 'spec')
  for (const key of ['completions', 'template']) {
    if (!deepEqual(valueAt(now, key), valueAt(before, key)))
      problems.invalid(`spec.${key}`, valueAt(now, key), IMMUTABLE)
  }
}

const CONCURRENCY = ['Allow', 'Forbid', 'Replace']

export function checkCronJob(cronJob: JsonObject, problems: Problems): void {
  const spec = objectAt(cronJob, 'spec')
  const schedule = textAt(spec, 'schedule')
  if (schedule === '') problems.required('spec.schedule')
  else checkSchedule(schedule, problems)
  const policy = textAt(spec, 'concurrencyPolicy')
  if (!CONCURRENCY.includes(policy)) problems.unsupported('spec.concurrencyPolicy', policy, CONCURRENCY)
  checkJobSpec(objectAt(objectAt(spec, 'jobTemplate'), 'spec'), 'spec.jobTemplate.spec', problems)
  for (const key of ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit']) {
    notNegative(spec, key, problems)
  }
}

function checkSchedule(schedule: string, problems: Problems): void {
  if (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly|every .+)$/.test(schedule)) return
  const fields = schedule.trim().split(/\s+/)
  if (fields.length === 5) return
  problems.invalid(
    'spec.schedule',
    schedule,
    `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`,
  )
}
