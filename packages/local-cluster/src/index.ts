export { ApiError } from './api/status.ts'
export type { ApiUser, ClusterApi, ObjectChange, ObjectKey, ResourceType } from './api/types.ts'
export type { ContainerRunner, PodEnvironment, RunningContainer } from './kubelet/types.ts'
export type { ClusterNetwork, ListeningAddress } from './network/network.ts'
