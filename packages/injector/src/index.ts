export {
  type AnnotationFacts,
  annotationFacts,
  type UnknownAnnotation,
  unknownAnnotations,
} from './annotations/known.ts'
export { type AnnotationProblem, annotationProblems } from './annotations/validate.ts'
export { behaves } from './behaviour.ts'
export { builtinSources } from './builtin/index.ts'
export { loadConfiguration } from './config/load.ts'
export type * from './config/types.ts'
export { decide } from './decision/decide.ts'
export { describeReason, describeStep, type Language } from './decision/describe.ts'
export { type InjectValue, ignoredNamespaces, readInjectValue } from './decision/rules.ts'
export type * from './decision/types.ts'
export {
  type ConfigurationProblem,
  InjectionConfigurationError,
  InjectionError,
  type InjectionErrorCode,
} from './errors.ts'
export {
  type ExplainedStep,
  type ExplainOptions,
  type ExplainResult,
  type Explanation,
  type ExplanationReason,
  explainWorkload,
} from './explain/explain-workload.ts'
export { renderExplanationMermaid } from './explain/render-mermaid.ts'
export { type Paint, renderExplanationText, type TextOptions } from './explain/render-text.ts'
export type { Turnaround } from './explain/turnaround.ts'
export { type InjectionResult, injectPod } from './inject.ts'
export { type UnknownField, unknownProxyConfigFields } from './mesh/unknown-fields.ts'
export {
  describeOrigins,
  type LineRange,
  type OriginPart,
  type OriginSummary,
  summarizeOrigins,
} from './provenance/summary.ts'
export type { FieldChange, FieldOrigin, Origin, TemplateLine } from './provenance/types.ts'
export { CURRENT_MINOR, type Release } from './release.ts'
export type { InjectionRequest } from './request.ts'
export { nearest } from './suggest.ts'
export { type WebhookWording, webhookWording } from './text/webhooks.ts'
export { type UninjectResult, uninjectWorkload } from './uninject/uninject-workload.ts'
export type { InjectionWarning } from './warnings.ts'
export * from './webhooks/index.ts'
export { type AddedSummary, summarizeAdded } from './workload/added.ts'
export { injectWorkload, type WorkloadOptions, type WorkloadResult } from './workload/inject-workload.ts'
export { podOfWorkload, type WorkloadPod } from './workload/pod-of-workload.ts'
