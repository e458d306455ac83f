export { explainWebhooks } from './explain.ts'
export { findInjectors } from './injectors.ts'
export type {
  InjectorVerdict,
  InjectorWebhook,
  LabelChange,
  LabelEdit,
  PodNamespace,
  WebhookExplanation,
  WebhookFinding,
  WebhookFindingCode,
  WebhookOutcome,
  WebhookQuestion,
} from './types.ts'
