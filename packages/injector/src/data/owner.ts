import { isObject, type Json, type JsonObject } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import { LABEL } from '../names.ts'
import { labelOf, textOf } from './fields.ts'

/** The workload that a Pod belongs to, as templates see it in `.TypeMeta` and `.DeploymentMeta`. */
export interface Owner {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
  /** The workload's own metadata, where it is at hand; until 1.21 templates see all of it. */
  readonly metadata?: JsonObject
}

/**
 * Derives the workload from what a controller leaves in a Pod: its owner reference, its generated name and its labels.
 * A Pod with a name of its own belongs to itself.
 *
 * @param namespace what the Pod's namespace is taken to be
 */
export function ownerOf(pod: JsonObject, namespace: string, minor: number): Owner {
  const metadata = pod.metadata
  const name = textOf(metadata, 'name')
  // Until 1.21 the Pod's own metadata stood for that of its owner.
  const inherited = isObject(metadata) ? { metadata } : {}
  const self: Owner = { apiVersion: 'v1', kind: 'Pod', name, namespace, ...inherited }
  if (textOf(metadata, 'generateName') === '') return self
  const controller = controllerOf(metadata)
  if (controller === undefined) return self
  const owner: Owner = {
    apiVersion: textOf(controller, 'apiVersion'),
    kind: textOf(controller, 'kind'),
    name: textOf(controller, 'name'),
    namespace,
    ...inherited,
  }
  const derived = ownerOfOwner(owner, (key) => labelOf(metadata, key) ?? '', minor)
  return derived.name === '' ? { ...derived, name } : derived
}

function controllerOf(metadata: Json | undefined): JsonObject | undefined {
  const references = isObject(metadata) ? metadata.ownerReferences : undefined
  if (!Array.isArray(references)) return undefined
  return references.filter(isObject).find((reference) => reference.controller === true)
}

/** A ReplicaSet's Deployment, a Job's CronJob and so on. */
function ownerOfOwner(owner: Owner, label: (key: string) => string, minor: number): Owner {
  if (owner.kind === 'ReplicaSet') {
    const deployment = withoutSuffix(owner.name, label(LABEL.podTemplateHash))
    if (deployment !== undefined) return { ...owner, name: deployment, kind: 'Deployment' }
    const rollout = withoutSuffix(owner.name, label(LABEL.rolloutsPodTemplateHash))
    if (rollout !== undefined && behaves(minor, 'rollouts')) {
      return { ...owner, name: rollout, kind: 'Rollout', apiVersion: 'v1alpha1' }
    }
  }
  if (owner.kind === 'ReplicationController' && behaves(minor, 'deploymentConfigs')) {
    const name = label(LABEL.deploymentConfig)
    if (name !== '') return { ...owner, name, kind: 'DeploymentConfig' }
  }
  if (owner.kind === 'Job') {
    const pattern = behaves(minor, 'shortCronJobTimestamps') ? /^(.+)-\d{8,10}$/ : /^(.+)-\d{10}$/
    const name = pattern.exec(owner.name)?.[1]
    if (name !== undefined) {
      return {
        ...owner,
        name,
        kind: 'CronJob',
        apiVersion: behaves(minor, 'cronJobsAreV1') ? 'batch/v1' : 'batch/v1beta1',
      }
    }
  }
  return owner
}

/** The name before `-hash`; undefined when it does not end with the hash. */
function withoutSuffix(name: string, hash: string): string | undefined {
  if (hash === '' || !name.endsWith(hash)) return undefined
  return name.endsWith(`-${hash}`) ? name.slice(0, -hash.length - 1) : name
}
