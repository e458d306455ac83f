import type { Check } from '../../check.ts'

import { INJ322 } from './control-plane-reach.ts'
import { INJ332 } from './eviction/safe-to-evict.ts'
import { INJ324 } from './image-pull.ts'
import { INJ326 } from './ports.ts'
import { INJ323 } from './proxy-image.ts'
import { INJ321 } from './proxy-ready.ts'
import { INJ320 } from './proxy-token.ts'
import { INJ331 } from './resource-annotations.ts'
import { INJ330 } from './resources/sidecar-resources.ts'
import { INJ333 } from './tcpdump/tcpdump.ts'
import { INJ325 } from './volumes.ts'

export const POD_CHECKS: readonly Check[] = [
  INJ320,
  INJ321,
  INJ322,
  INJ323,
  INJ324,
  INJ325,
  INJ326,
  INJ330,
  INJ331,
  INJ332,
  INJ333,
]
