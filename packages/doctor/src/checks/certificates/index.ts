import type { Check } from '../../check.ts'
import { INJ207, INJ208 } from './bundle-rivals.ts'
import { INJ201 } from './ca-bundle.ts'
import { INJ204, INJ205 } from './expiry.ts'
import { INJ202 } from './foreign-bundle.ts'
import { INJ203 } from './malformed-bundle.ts'
import { INJ206 } from './names.ts'
import { INJ209 } from './root-config-map.ts'

export const CERTIFICATE_CHECKS: readonly Check[] = [
  INJ201,
  INJ202,
  INJ203,
  INJ204,
  INJ205,
  INJ206,
  INJ207,
  INJ208,
  INJ209,
]
