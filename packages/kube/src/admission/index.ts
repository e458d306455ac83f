export * from './configuration.ts'
export {
  type ExpressionOutcome,
  evaluatePolicyExpression,
  expressionProblem,
  type PolicyInputs,
  type PolicyVariable,
} from './policy.ts'
export {
  type AdmissionRequest,
  type GroupVersionResource,
  type LabelMap,
  NAMESPACE_NAME_LABEL,
  podCreation,
  type UserInfo,
} from './request.ts'
export { DEFAULT_EQUIVALENCES } from './rules.ts'
export { type SelectOptions, selectWebhooks } from './select.ts'
export type {
  ConditionResult,
  Found,
  StepOutcome,
  WebhookReason,
  WebhookStep,
  WebhookStepId,
  WebhookVerdict,
} from './verdict.ts'
