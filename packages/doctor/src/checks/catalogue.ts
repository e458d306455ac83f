import type { Check } from '../check.ts'
import { CERTIFICATE_CHECKS } from './certificates/index.ts'
import { DECISION_CHECKS } from './decision/index.ts'
import { POD_CHECKS } from './pod/index.ts'
import { POLICY_CHECKS } from './policy/index.ts'
import { REACHABILITY_CHECKS } from './reachability/index.ts'

/** Every check, by id. */
export const CHECKS: readonly Check[] = [
  ...DECISION_CHECKS,
  ...REACHABILITY_CHECKS,
  ...CERTIFICATE_CHECKS,
  ...POLICY_CHECKS,
  ...POD_CHECKS,
].toSorted((a, b) => (a.id < b.id ? -1 : 1))
