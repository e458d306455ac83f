import type { Json } from '@proa/kube'
import { objectOf, textOf } from '../data/fields.ts'

const AGENT_PATH = /^\/app-(?:health|lifecycle)\/[^/]*\/(?:readyz|livez|startupz|prestopz|poststartz)$/

/** Whether a probe or lifecycle handler was sent to the agent by an injection: its path says so. */
export function asksAgent(handler: Json | undefined): boolean {
  return AGENT_PATH.test(textOf(objectOf(handler, 'httpGet'), 'path'))
}
