import type { JsonObject, MutableJsonObject } from '@proa/kube'
import { objectOf } from '../data/fields.ts'
import { asksAgent } from '../finish/agent-path.ts'

const PROBES = ['readinessProbe', 'livenessProbe', 'startupProbe'] as const
const LIFECYCLE = ['preStop', 'postStart'] as const

/**
 * The user's settings of a container without the probes and lifecycle handlers that an earlier injection sent to the
 * agent: laid over once more, they would stand beside the agent's, and a probe may have one handler only.
 *
 * @param current the container that the settings are laid over
 */
export function withoutRewrittenHandlers(settings: JsonObject, current: JsonObject | undefined): JsonObject {
  const probed = without(settings, current, PROBES)
  const lifecycle = objectOf(probed, 'lifecycle')
  if (lifecycle === undefined) return probed
  const kept = without(lifecycle, objectOf(current, 'lifecycle'), LIFECYCLE)
  return kept === lifecycle ? probed : { ...probed, lifecycle: kept }
}

function without(settings: JsonObject, current: JsonObject | undefined, fields: readonly string[]): JsonObject {
  const rewritten = fields.filter((field) => Object.hasOwn(settings, field) && asksAgent(objectOf(current, field)))
  if (rewritten.length === 0) return settings
  const kept: MutableJsonObject = { ...settings }
  for (const field of rewritten) delete kept[field]
  return kept
}
