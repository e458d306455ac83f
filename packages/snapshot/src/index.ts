export type { WorkloadName } from './probes/pod-creation.ts'
export { type ProgressStep, type TakeOptions, takeSnapshot } from './take/take-snapshot.ts'
