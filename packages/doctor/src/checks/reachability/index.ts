import type { Check } from '../../check.ts'
import { INJ163 } from './added-timeouts.ts'
import { INJ161 } from './api-server-proxy.ts'
import { INJ157 } from './firewall.ts'
import { INJ155 } from './injector-pods.ts'
import { INJ160 } from './injector-resources.ts'
import { INJ156 } from './network-policies.ts'
import { INJ153 } from './no-endpoints.ts'
import { INJ158 } from './pod-network.ts'
import { INJ151 } from './service-missing.ts'
import { INJ154 } from './service-ports.ts'
import { INJ159 } from './service-selector.ts'
import { INJ162 } from './webhook-timeout.ts'
import { INJ152 } from './webhook-url.ts'

export const REACHABILITY_CHECKS: readonly Check[] = [
  INJ151,
  INJ152,
  INJ153,
  INJ154,
  INJ155,
  INJ156,
  INJ157,
  INJ158,
  INJ159,
  INJ160,
  INJ161,
  INJ162,
  INJ163,
]
