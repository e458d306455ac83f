import type { JsonObject } from '@proa/kube'
import type { ObjectName } from '../finding.ts'
import { labelOf } from '../reading.ts'

/**
 * The workload above a ReplicaSet, a Job or a ReplicationController that is not in the snapshot, from what controllers leave
 * in names and labels; the object itself where they leave nothing.
 */
export function derivedOwner(between: ObjectName, pod: JsonObject): ObjectName {
  switch (between.kind) {
    case 'ReplicaSet':
      return (
        named(between, 'Deployment', 'apps/v1', withoutSuffix(between.name, labelOf(pod, 'pod-template-hash'))) ??
        named(
          between,
          'Rollout',
          'argoproj.io/v1alpha1',
          withoutSuffix(between.name, labelOf(pod, 'rollouts-pod-template-hash')),
        ) ??
        between
      )
    case 'Job':
      // CronJob controller v2 writes minutes since the epoch, the old one seconds.
      return named(between, 'CronJob', 'batch/v1', /^(.+)-\d{8,10}$/.exec(between.name)?.[1]) ?? between
    case 'ReplicationController':
      return named(between, 'DeploymentConfig', 'apps.openshift.io/v1', labelOf(pod, 'deploymentconfig')) ?? between
    default:
      return between
  }
}

function named(from: ObjectName, kind: string, apiVersion: string, name: string | undefined): ObjectName | undefined {
  return name === undefined || name === '' ? undefined : { ...from, apiVersion, kind, name }
}

function withoutSuffix(name: string, hash: string | undefined): string | undefined {
  return hash === undefined || hash === '' || !name.endsWith(`-${hash}`) ? undefined : name.slice(0, -hash.length - 1)
}
