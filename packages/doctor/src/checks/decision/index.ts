import type { Check } from '../../check.ts'

import { INJ116, INJ117, INJ118 } from './config-selectors.ts'
import { INJ121 } from './deactivated-webhooks.ts'
import { INJ102 } from './host-network.ts'
import { INJ101 } from './ignored-namespaces.ts'
import { INJ109 } from './ignored-revision.ts'
import { INJ112 } from './invalid-value.ts'
import { INJ110, INJ111 } from './label-and-annotation.ts'
import { INJ124 } from './match-conditions.ts'
import { INJ113 } from './misplaced.ts'
import { INJ106 } from './namespace-both.ts'
import { INJ105 } from './namespace-forbids.ts'
import { INJ103 } from './namespace-opt-in.ts'
import { INJ104 } from './namespace-opt-out.ts'
import { INJ120 } from './no-webhook.ts'
import { INJ119 } from './older-pods.ts'
import { INJ122 } from './overlapping-webhooks.ts'
import { INJ114, INJ115 } from './policy.ts'
import { INJ108 } from './stale-tag.ts'
import { INJ100 } from './summary.ts'
import { INJ107 } from './unknown-revision.ts'
import { INJ123 } from './webhook-rules.ts'

export const DECISION_CHECKS: readonly Check[] = [
  INJ100,
  INJ101,
  INJ102,
  INJ103,
  INJ104,
  INJ105,
  INJ106,
  INJ107,
  INJ108,
  INJ109,
  INJ110,
  INJ111,
  INJ112,
  INJ113,
  INJ114,
  INJ115,
  INJ116,
  INJ117,
  INJ118,
  INJ119,
  INJ120,
  INJ121,
  INJ122,
  INJ123,
  INJ124,
]
