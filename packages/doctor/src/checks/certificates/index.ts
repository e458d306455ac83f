import type { Check } from '../../check.ts'

import { INJ201 } from './ca-bundle.ts'

export const CERTIFICATE_CHECKS: readonly Check[] = [INJ201]
