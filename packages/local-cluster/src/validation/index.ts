import { getOwn, type JsonObject } from '@proa/kube'
import { type Cause, invalid } from '../api/errors.ts'
import type { ResourceType } from '../api/types.ts'
import { checkPolicy, checkPolicyBinding, checkWebhookConfiguration } from './admission-registration.ts'
import { checkDefinition } from './definitions.ts'
import { objectAt, textAt } from './fields.ts'
import { checkMetadata, checkMetadataUpdate } from './metadata.ts'
import {
  checkConfigMap,
  checkDataUpdate,
  checkRole,
  checkRoleBinding,
  checkRoleBindingUpdate,
  checkSecret,
} from './others.ts'
import { checkPodSpec } from './pod-spec.ts'
import { checkPodUpdate } from './pod-update.ts'
import { newProblems, type Problems } from './problems.ts'
import { checkService, checkServiceUpdate } from './services.ts'
import {
  checkCronJob,
  checkDeployment,
  checkJob,
  checkJobUpdate,
  checkReplicationController,
  checkSelectorUpdate,
  checkSet,
  checkStatefulSetUpdate,
} from './workloads.ts'

interface Rules {
  create(object: JsonObject, problems: Problems): void
  update?(object: JsonObject, old: JsonObject, problems: Problems): void
}

const checkPod = (pod: JsonObject, problems: Problems) => checkPodSpec(objectAt(pod, 'spec'), 'spec', problems)
const webhooks: Rules = { create: checkWebhookConfiguration }
const roles: Rules = { create: checkRole }
const bindings: Rules = { create: checkRoleBinding, update: checkRoleBindingUpdate }
const sets: Rules = { create: checkSet, update: checkSelectorUpdate }

/** By `group/Kind`. */
const RULES: ReadonlyMap<string, Rules> = new Map<string, Rules>([
  ['/ConfigMap', { create: checkConfigMap, update: checkDataUpdate }],
  ['/Pod', { create: checkPod, update: checkPodUpdate }],
  ['/ReplicationController', { create: checkReplicationController }],
  ['/Secret', { create: checkSecret, update: checkDataUpdate }],
  ['/Service', { create: checkService, update: checkServiceUpdate }],
  ['admissionregistration.k8s.io/MutatingWebhookConfiguration', webhooks],
  ['admissionregistration.k8s.io/ValidatingAdmissionPolicy', { create: checkPolicy }],
  ['admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding', { create: checkPolicyBinding }],
  ['admissionregistration.k8s.io/ValidatingWebhookConfiguration', webhooks],
  ['apiextensions.k8s.io/CustomResourceDefinition', { create: checkDefinition }],
  ['apps/DaemonSet', sets],
  ['apps/Deployment', { create: checkDeployment, update: checkSelectorUpdate }],
  ['apps/ReplicaSet', sets],
  ['apps/StatefulSet', { create: checkSet, update: checkStatefulSetUpdate }],
  ['batch/CronJob', { create: checkCronJob }],
  ['batch/Job', { create: checkJob, update: checkJobUpdate }],
  ['rbac.authorization.k8s.io/ClusterRole', roles],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', bindings],
  ['rbac.authorization.k8s.io/Role', roles],
  ['rbac.authorization.k8s.io/RoleBinding', bindings],
])

/**
 * Checks a new object with all defaults and its final name. Of kinds that are not known here only the metadata.
 *
 * @throws ApiError 422 in the API server's words, with `details.causes`
 */
export function validateCreate(object: JsonObject, type: ResourceType): void {
  const problems = newProblems()
  checkMetadata(object, type, problems)
  RULES.get(`${type.group}/${type.kind}`)?.create(object, problems)
  refuse(object, type, problems.causes)
}

/**
 * Checks a change. Nothing but metadata is looked at when a subresource is written.
 *
 * @throws ApiError 422
 */
export function validateUpdate(object: JsonObject, old: JsonObject, type: ResourceType, subresource = ''): void {
  const problems = newProblems()
  checkMetadata(object, type, problems)
  checkMetadataUpdate(object, old, problems)
  const rules = subresource === '' ? RULES.get(`${type.group}/${type.kind}`) : undefined
  rules?.create(object, problems)
  rules?.update?.(object, old, problems)
  refuse(object, type, problems.causes)
}

function refuse(object: JsonObject, type: ResourceType, causes: readonly Cause[]): void {
  if (causes.length === 0) return
  const metadata = getOwn(object, 'metadata')
  const name = metadata === undefined ? '' : textAt(objectAt(object, 'metadata'), 'name')
  throw invalid(type, name, causes)
}
