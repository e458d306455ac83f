import type { JsonObject } from '@proa/kube'
import type { ApiUser, ClusterApi, ObjectChange, ResourceType } from '../api/types.ts'
import type { Activity } from './activity.ts'
import type { Clock } from './clock.ts'
import type { Recorder } from './events/recorder.ts'

export interface Kind {
  readonly apiVersion: string
  readonly kind: string
}

/** One loop: which keys a change concerns, and what brings the world of one key to what is wanted. */
export interface Controller {
  readonly name: string
  /** Kinds whose changes it looks at. All objects of these kinds that exist at the start are shown as added. */
  readonly kinds: readonly Kind[] | 'all'
  concerns(change: ObjectChange): readonly string[]
  /**
   * Looks at the newest state only, so that it does not matter how often it is called. Returns after how many
   * milliseconds to look again, if not only after a change. A rejection is tried again, with growing waits.
   */
  reconcile(key: string): Promise<number | undefined>
  /** All stops: whatever `reconcile` waits for outside of the API is to end soon. */
  hurry?(): void
  /** Takes down what it holds besides the queue, when no key is worked on any more. */
  stop?(): Promise<void>
}

export type ControllerLog = (level: 'debug' | 'warn', message: string) => void

/** What each controller is made with. */
export interface ControllerTools {
  /** As the controller's own user. */
  readonly api: ClusterApi
  readonly clock: Clock
  readonly recorder: Recorder
  readonly activity: Activity
  readonly log: ControllerLog
}

/** Cluster facts that a few controllers need. */
export interface ClusterFacts {
  /** PEM of the API server's CA, for the ConfigMap `kube-root-ca.crt`. */
  readonly rootCa: string
  /** All kinds that the API serves. */
  readonly resources: () => readonly ResourceType[]
}

/** The user that a controller of kube-controller-manager acts as. */
export function controllerUser(name: string): ApiUser {
  return {
    username: `system:serviceaccount:kube-system:${name}`,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
  }
}

export function isKind(object: JsonObject, kind: Kind): boolean {
  return object.kind === kind.kind && object.apiVersion === kind.apiVersion
}

export const POD: Kind = { apiVersion: 'v1', kind: 'Pod' }
export const NODE: Kind = { apiVersion: 'v1', kind: 'Node' }
export const NAMESPACE: Kind = { apiVersion: 'v1', kind: 'Namespace' }
export const SERVICE: Kind = { apiVersion: 'v1', kind: 'Service' }
export const DEPLOYMENT: Kind = { apiVersion: 'apps/v1', kind: 'Deployment' }
export const REPLICA_SET: Kind = { apiVersion: 'apps/v1', kind: 'ReplicaSet' }
export const STATEFUL_SET: Kind = { apiVersion: 'apps/v1', kind: 'StatefulSet' }
export const DAEMON_SET: Kind = { apiVersion: 'apps/v1', kind: 'DaemonSet' }
export const CONTROLLER_REVISION: Kind = { apiVersion: 'apps/v1', kind: 'ControllerRevision' }
export const REPLICATION_CONTROLLER: Kind = { apiVersion: 'v1', kind: 'ReplicationController' }
export const JOB: Kind = { apiVersion: 'batch/v1', kind: 'Job' }
export const CRON_JOB: Kind = { apiVersion: 'batch/v1', kind: 'CronJob' }
export const ENDPOINTS: Kind = { apiVersion: 'v1', kind: 'Endpoints' }
export const ENDPOINT_SLICE: Kind = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }
export const DISRUPTION_BUDGET: Kind = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' }
