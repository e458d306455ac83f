import type { Check } from '../../check.ts'

import { INJ116, INJ117, INJ118 } from './config-selectors.ts'
import { INJ132 } from './configuration-problems.ts'
import { INJ135 } from './custom-controllers.ts'
import { INJ121 } from './deactivated-webhooks.ts'
import { INJ131 } from './failing-templates.ts'
import { INJ102 } from './host-network.ts'
import { INJ101 } from './ignored-namespaces.ts'
import { INJ109 } from './ignored-revision.ts'
import { INJ129 } from './image-auto.ts'
import { INJ125 } from './injected-by-hand.ts'
import { INJ134 } from './invalid-pods.ts'
import { INJ112 } from './invalid-value.ts'
import { INJ110, INJ111 } from './label-and-annotation.ts'
import { INJ124 } from './match-conditions.ts'
import { INJ113 } from './misplaced.ts'
import { INJ106 } from './namespace-both.ts'
import { INJ105 } from './namespace-forbids.ts'
import { INJ103 } from './namespace-opt-in.ts'
import { INJ104 } from './namespace-opt-out.ts'
import { INJ137 } from './new-namespaces.ts'
import { INJ120 } from './no-webhook.ts'
import { INJ119 } from './older-pods.ts'
import { INJ122 } from './overlapping-webhooks.ts'
import { INJ128 } from './platform.ts'
import { INJ114, INJ115 } from './policy.ts'
import { INJ133 } from './removed-sidecar.ts'
import { INJ108 } from './stale-tag.ts'
import { INJ127 } from './static-pods.ts'
import { INJ136 } from './status-annotation.ts'
import { INJ100 } from './summary.ts'
import { INJ126 } from './two-sidecars.ts'
import { INJ107 } from './unknown-revision.ts'
import { INJ130 } from './unknown-templates.ts'
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
  INJ125,
  INJ126,
  INJ127,
  INJ128,
  INJ129,
  INJ130,
  INJ131,
  INJ132,
  INJ133,
  INJ134,
  INJ135,
  INJ136,
  INJ137,
]
