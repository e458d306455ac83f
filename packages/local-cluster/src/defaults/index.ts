import { apiGroup, clone, getOwn, type Json, type JsonObject } from '@proa/kube'
import { fillPolicy, fillPolicyBinding, fillWebhookConfiguration } from './admission-registration.ts'
import { type Draft, part } from './fill.ts'
import {
  fillAutoscaler,
  fillDefinition,
  fillNamespace,
  fillPersistentVolumeClaim,
  fillPriorityClass,
  fillRoleBinding,
  fillSecret,
} from './others.ts'
import { fillPod, fillTemplate } from './pod.ts'
import { fillEndpointSlice, fillEndpoints, fillIngress, fillNetworkPolicy, fillService } from './services.ts'
import {
  fillCronJob,
  fillDaemonSet,
  fillDeployment,
  fillJob,
  fillReplicaSet,
  fillReplicationController,
  fillStatefulSet,
} from './workloads.ts'

/** By `group/Kind`; the core group is `''`. */
const FILLERS: ReadonlyMap<string, (object: Draft) => void> = new Map([
  ['/Endpoints', fillEndpoints],
  ['/Namespace', fillNamespace],
  ['/PersistentVolumeClaim', fillPersistentVolumeClaim],
  ['/Pod', fillPod],
  ['/PodTemplate', fillTemplate],
  ['/ReplicationController', fillReplicationController],
  ['/Secret', fillSecret],
  ['/Service', fillService],
  ['admissionregistration.k8s.io/MutatingAdmissionPolicy', fillPolicy],
  ['admissionregistration.k8s.io/MutatingAdmissionPolicyBinding', fillPolicyBinding],
  ['admissionregistration.k8s.io/MutatingWebhookConfiguration', fillWebhookConfiguration],
  ['admissionregistration.k8s.io/ValidatingAdmissionPolicy', fillPolicy],
  ['admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding', fillPolicyBinding],
  ['admissionregistration.k8s.io/ValidatingWebhookConfiguration', fillWebhookConfiguration],
  ['apiextensions.k8s.io/CustomResourceDefinition', fillDefinition],
  ['apps/DaemonSet', fillDaemonSet],
  ['apps/Deployment', fillDeployment],
  ['apps/ReplicaSet', fillReplicaSet],
  ['apps/StatefulSet', fillStatefulSet],
  ['autoscaling/HorizontalPodAutoscaler', fillAutoscaler],
  ['batch/CronJob', fillCronJob],
  ['batch/Job', fillJob],
  ['discovery.k8s.io/EndpointSlice', fillEndpointSlice],
  ['networking.k8s.io/Ingress', fillIngress],
  ['networking.k8s.io/NetworkPolicy', fillNetworkPolicy],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', fillRoleBinding],
  ['rbac.authorization.k8s.io/RoleBinding', fillRoleBinding],
  ['scheduling.k8s.io/PriorityClass', fillPriorityClass],
])

/**
 * The object with the values that the API server fills in when it decodes one. Values that are there stay, so that applying
 * the defaults twice is the same as once. Objects of unknown kinds come back as they are; the given one is never changed.
 *
 * Not here: what is filled in when an object is stored (names, addresses of Services, status).
 */
export function applyDefaults(object: JsonObject): JsonObject {
  const fillIn = FILLERS.get(`${apiGroup(getOwn(object, 'apiVersion'))}/${text(getOwn(object, 'kind'))}`)
  if (fillIn === undefined) return object
  const draft: Draft = clone(object)
  fillIn(draft)
  if (part(draft, 'metadata') === undefined) draft.metadata = {}
  return draft
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
