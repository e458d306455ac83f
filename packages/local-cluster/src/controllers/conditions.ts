import type { JsonObject } from '@proa/kube'

export interface ConditionFacts {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

/** The list with this condition in it; its transition time changes only when its status does. */
export function setCondition(
  conditions: readonly JsonObject[],
  condition: ConditionFacts,
  now: string,
  extra: JsonObject = {},
): readonly JsonObject[] {
  const before = conditions.find((other) => other.type === condition.type)
  const lastTransitionTime = before?.status === condition.status ? (before.lastTransitionTime ?? now) : now
  return [...removeCondition(conditions, condition.type), { ...condition, ...extra, lastTransitionTime }]
}

export function removeCondition(conditions: readonly JsonObject[], type: string): readonly JsonObject[] {
  return conditions.filter((condition) => condition.type !== type)
}
