import type { Check } from '../../check.ts'
import { INJ251 } from './availability.ts'
import { INJ250 } from './cold-start.ts'
import { INJ254 } from './dependency-cycle.ts'
import { INJ253 } from './failed-open.ts'
import { INJ252 } from './guard.ts'
import { INJ256 } from './reinvocation.ts'
import { INJ255 } from './side-effects.ts'

export const POLICY_CHECKS: readonly Check[] = [INJ250, INJ251, INJ252, INJ253, INJ254, INJ255, INJ256]
