import type { Check } from '../../check.ts'

import { INJ101 } from './ignored-namespaces.ts'

export const DECISION_CHECKS: readonly Check[] = [INJ101]
