import type { Check } from '../../check.ts'

export const POLICY_CHECKS: readonly Check[] = []
