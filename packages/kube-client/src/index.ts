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
export { realTiming, type Timing } from './timing.ts'
export type * from './types.ts'
