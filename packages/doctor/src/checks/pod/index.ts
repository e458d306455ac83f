import type { Check } from '../../check.ts'

import { INJ308 } from './annotations.ts'
import { INJ309 } from './capture-annotations.ts'
import { INJ312 } from './capture-rules.ts'
import { INJ322 } from './control-plane-reach.ts'
import { INJ306 } from './drain.ts'
import { INJ332 } from './eviction/safe-to-evict.ts'
import { INJ324 } from './image-pull.ts'
import { INJ304 } from './init-containers.ts'
import { INJ303 } from './jobs.ts'
import { INJ302 } from './native-sidecars.ts'
import { INJ310 } from './pod-security.ts'
import { INJ326 } from './ports.ts'
import { INJ307 } from './probes.ts'
import { INJ323 } from './proxy-image.ts'
import { INJ321 } from './proxy-ready.ts'
import { INJ320 } from './proxy-token.ts'
import { INJ311 } from './proxy-user.ts'
import { INJ331 } from './resource-annotations.ts'
import { INJ330 } from './resources/sidecar-resources.ts'
import { INJ305 } from './start-order.ts'
import { INJ333 } from './tcpdump/tcpdump.ts'
import { INJ325 } from './volumes.ts'

export const POD_CHECKS: readonly Check[] = [
  INJ302,
  INJ303,
  INJ304,
  INJ305,
  INJ306,
  INJ307,
  INJ308,
  INJ309,
  INJ310,
  INJ311,
  INJ312,
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
