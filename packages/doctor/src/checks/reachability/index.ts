import type { Check } from '../../check.ts'

export const REACHABILITY_CHECKS: readonly Check[] = []
