export { type ClientOptions, createClient } from './client.ts'
export type { Environment } from './config/find.ts'
export { type ClusterConnection, type KubeConfigOptions, loadKubeConfig } from './config/load.ts'
export {
  ConnectionError,
  isAlreadyExists,
  isConflict,
  isExpired,
  isForbidden,
  isNotFound,
  KubeConfigError,
  StatusError,
} from './errors.ts'
export { type EventRecorder, type EventRecorderOptions, eventRecorder } from './events/recorder.ts'
export type { ClusterEvent } from './events/types.ts'
export { holdLease, type LeaseHandlers, type LeaseOptions } from './lease/hold-lease.ts'
export { backoff, realTiming, type Timing } from './timing.ts'
export type * from './types.ts'
export { watchObjects } from './watch/watch-objects.ts'
