import { getOwn, setOwn } from '@proa/kube'
import { TEMPLATE_GENERATION } from '../resources/template-generation.ts'
import { type Draft, fill, part, partOrEmpty, parts, textIn } from './fill.ts'
import { fillTemplate } from './pod.ts'
import { fillClaim } from './volumes.ts'

export function fillDeployment(deployment: Draft): void {
  const spec = partOrEmpty(deployment, 'spec')
  fillTemplate(spec)
  fill(spec, 'replicas', 1)
  fill(spec, 'revisionHistoryLimit', 10)
  fill(spec, 'progressDeadlineSeconds', 600)
  const strategy = partOrEmpty(spec, 'strategy')
  fill(strategy, 'type', 'RollingUpdate')
  if (textIn(strategy, 'type') !== 'RollingUpdate') return
  const rolling = partOrEmpty(strategy, 'rollingUpdate')
  fill(rolling, 'maxUnavailable', '25%')
  fill(rolling, 'maxSurge', '25%')
}

export function fillReplicaSet(replicaSet: Draft): void {
  const spec = partOrEmpty(replicaSet, 'spec')
  fill(spec, 'replicas', 1)
  fillTemplate(spec)
}

export function fillReplicationController(controller: Draft): void {
  const spec = partOrEmpty(controller, 'spec')
  fill(spec, 'replicas', 1)
  fillTemplate(spec)
  const labels = part(part(part(spec, 'template'), 'metadata'), 'labels')
  if (labels !== undefined) {
    fill(spec, 'selector', { ...labels })
    const metadata = partOrEmpty(controller, 'metadata')
    if (Object.keys(part(metadata, 'labels') ?? {}).length === 0) setOwn(metadata, 'labels', { ...labels })
  }
}

export function fillStatefulSet(statefulSet: Draft): void {
  const spec = partOrEmpty(statefulSet, 'spec')
  fill(spec, 'podManagementPolicy', 'OrderedReady')
  fill(spec, 'serviceName', '')
  const strategy = partOrEmpty(spec, 'updateStrategy')
  fill(strategy, 'type', 'RollingUpdate')
  if (textIn(strategy, 'type') === 'RollingUpdate') fill(partOrEmpty(strategy, 'rollingUpdate'), 'partition', 0)
  const retention = partOrEmpty(spec, 'persistentVolumeClaimRetentionPolicy')
  fill(retention, 'whenDeleted', 'Retain')
  fill(retention, 'whenScaled', 'Retain')
  fill(spec, 'replicas', 1)
  fill(spec, 'revisionHistoryLimit', 10)
  fillTemplate(spec)
  for (const claim of parts(spec, 'volumeClaimTemplates')) {
    fill(claim, 'apiVersion', 'v1')
    fill(claim, 'kind', 'PersistentVolumeClaim')
    fillClaim(part(claim, 'spec'))
    fill(partOrEmpty(claim, 'status'), 'phase', 'Pending')
  }
}

export function fillDaemonSet(daemonSet: Draft): void {
  // The first real value comes when it is created; before that, it is what a number is in Go that nobody has set.
  fill(partOrEmpty(partOrEmpty(daemonSet, 'metadata'), 'annotations'), TEMPLATE_GENERATION, '0')
  const spec = partOrEmpty(daemonSet, 'spec')
  fillTemplate(spec)
  fill(spec, 'revisionHistoryLimit', 10)
  const strategy = partOrEmpty(spec, 'updateStrategy')
  fill(strategy, 'type', 'RollingUpdate')
  if (textIn(strategy, 'type') !== 'RollingUpdate') return
  const rolling = partOrEmpty(strategy, 'rollingUpdate')
  fill(rolling, 'maxUnavailable', 1)
  fill(rolling, 'maxSurge', 0)
}

export function fillJob(job: Draft): void {
  fillJobSpec(partOrEmpty(job, 'spec'))
  const labels = part(part(part(part(job, 'spec'), 'template'), 'metadata'), 'labels')
  const metadata = partOrEmpty(job, 'metadata')
  if (labels !== undefined && Object.keys(part(metadata, 'labels') ?? {}).length === 0) {
    setOwn(metadata, 'labels', { ...labels })
  }
}

function fillJobSpec(spec: Draft, bare = false): void {
  if (!bare) {
    const hasNone = getOwn(spec, 'completions') === undefined && getOwn(spec, 'parallelism') === undefined
    if (hasNone) setOwn(spec, 'completions', 1)
    fill(spec, 'parallelism', 1)
    fill(spec, 'backoffLimit', getOwn(spec, 'backoffLimitPerIndex') === undefined ? 6 : 2_147_483_647)
    fill(spec, 'completionMode', 'NonIndexed')
    fill(spec, 'suspend', false)
    fill(spec, 'manualSelector', false)
    const failures = getOwn(spec, 'podFailurePolicy') === undefined ? 'TerminatingOrFailed' : 'Failed'
    fill(spec, 'podReplacementPolicy', failures)
  }
  for (const rule of parts(part(spec, 'podFailurePolicy'), 'rules')) {
    for (const condition of parts(rule, 'onPodConditions')) fill(condition, 'status', 'True')
  }
  fillTemplate(spec)
}

/** The job inside is completed only when it is created. */
export function fillCronJob(cronJob: Draft): void {
  const spec = partOrEmpty(cronJob, 'spec')
  fill(spec, 'concurrencyPolicy', 'Allow')
  fill(spec, 'suspend', false)
  fill(spec, 'successfulJobsHistoryLimit', 3)
  fill(spec, 'failedJobsHistoryLimit', 1)
  const template = partOrEmpty(spec, 'jobTemplate')
  partOrEmpty(template, 'metadata')
  fillJobSpec(partOrEmpty(template, 'spec'), true)
}
