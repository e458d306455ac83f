export * from './ca-bundle/index.ts'
export * from './certificates/index.ts'
export { type ConfigMapNames, configMapNames } from './configuration/config-maps.ts'
export {
  type ConfigMapSourceOptions,
  configurationFromConfigMaps,
  configurationFromFiles,
  type FileSourceOptions,
} from './configuration/configuration-source.ts'
export type { ConfigurationFiles } from './configuration/files.ts'
export type { ConfigurationLog } from './configuration/text-source.ts'
export type * from './contracts.ts'
export { type OwnFacts, takeOwnSnapshot } from './doctor/own-snapshot.ts'
export { type SelfDiagnosis, startSelfDiagnosis } from './doctor/self-diagnosis.ts'
export {
  type Refusal,
  type RefusalRecorder,
  type RefusalRecorderOptions,
  refusalRecorder,
} from './events/refusal-recorder.ts'
export { type ListenAddress, parseListenAddress } from './http/address.ts'
export { createLogger, type LogFormat, type Logger, type LoggerOptions, type LogLevel } from './log/logger.ts'
export { createMetrics, type ServerMetrics } from './metrics/metrics.ts'
export type { PartReport, Readiness, ReadinessReport } from './readiness/readiness.ts'
export type { ReviewOutcome, ReviewReason } from './review/reasons.ts'
export { review } from './review/review.ts'
export type { PodOwner, Reviewed, ReviewFacts } from './review/types.ts'
export {
  DEFAULT_DRAIN_DELAY,
  DEFAULT_DRAIN_LIMIT,
  DEFAULT_HTTPS_PORT,
  type RunningWebhook,
  startWebhook,
  type WebhookOptions,
} from './start.ts'
export { type Watchable, type Watched, watchable } from './watched.ts'
