import { isObject, type Json } from '@proa/kube'
import type { IstioMinor } from './descriptor.ts'
import { itemsOf, textOf } from './message-access.ts'
import { joined, none, type Problems, problem } from './problems.ts'
import type { Message } from './read.ts'

const TOPOLOGY_LABELS: readonly Json[] = [
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
]

/** MeshConfig.localityLbSetting. */
export function checkLocalityLb(setting: Message | undefined, minor: IstioMinor): Problems {
  if (setting === undefined) return none
  const distribute = itemsOf(setting, 'distribute').filter(isObject)
  const failover = itemsOf(setting, 'failover').filter(isObject)
  if (distribute.length > 0 && failover.length > 0) {
    return problem("can not simultaneously specify 'distribute' and 'failover'")
  }
  const label = itemsOf(setting, 'failoverPriority').find((name) => TOPOLOGY_LABELS.includes(name))
  if (failover.length > 0 && label !== undefined) {
    return problem(`can not simultaneously set 'failover' and topology label '${label}' in 'failover_priority'`)
  }
  const parts: Problems[] = []
  for (const entry of distribute) {
    const weights = isObject(entry.to) ? entry.to : {}
    const wrong = checkWeights(Object.values(weights).map(Number), minor)
    if (wrong.errors.length > 0) return joined([...parts, wrong])
    parts.push(checkLocalities(Object.keys(weights)))
  }
  parts.push(checkLocalities(distribute.map((entry) => textOf(entry, 'from'))))
  for (const entry of failover) {
    parts.push(minor >= 13 ? checkFailover(entry, LOCALITY_TEXTS) : checkEarlyFailover(entry))
  }
  // Before 1.14 the first problem ended the check.
  const all = joined(parts)
  return minor >= 14 ? all : { errors: all.errors.slice(0, 1), list: false }
}

/** MeshConfig.zoneAwareLbSetting (1.31). */
export function checkZoneAwareLb(setting: Message | undefined): Problems {
  if (setting === undefined) return none
  const labels = itemsOf(setting, 'failoverPriority').filter((name) => TOPOLOGY_LABELS.includes(name))
  return joined([
    ...labels.map((label) =>
      problem(
        `'failover_priority' for zone aware lb must not use topology label '${label}'; region- and zone-level routing are handled automatically`,
      ),
    ),
    ...itemsOf(setting, 'failover')
      .filter(isObject)
      .map((entry) => checkFailover(entry, ZONE_TEXTS)),
  ])
}

/** Before 1.13: zones were not thought of, and only the target was looked at for a wildcard. */
function checkEarlyFailover(entry: Message): Problems {
  if (textOf(entry, 'from') === textOf(entry, 'to')) return problem(LOCALITY_TEXTS.same)
  return textOf(entry, 'to').includes('*') ? problem(LOCALITY_TEXTS.star) : none
}

interface FailoverTexts {
  readonly same: string
  readonly slash: string
  readonly star: string
}

const LOCALITY_TEXTS: FailoverTexts = {
  same: 'locality lb failover settings must specify different regions',
  slash: 'locality lb failover only specify region',
  star: "locality lb failover region should not contain '*' wildcard",
}
const ZONE_TEXTS: FailoverTexts = {
  same: 'zone aware lb failover settings must specify different regions',
  slash: 'zone aware lb failover only specifies region; zone and subzone failover are handled automatically',
  star: "zone aware lb failover region should not contain '*' wildcard",
}

function checkFailover(entry: Message, texts: FailoverTexts): Problems {
  const from = textOf(entry, 'from')
  const to = textOf(entry, 'to')
  return joined([
    from === to ? problem(texts.same) : none,
    `${from}${to}`.includes('/') ? problem(texts.slash) : none,
    `${from}${to}`.includes('*') ? problem(texts.star) : none,
  ])
}

function checkWeights(weights: readonly number[], minor: IstioMinor): Problems {
  const most = minor >= 12 ? 100 : Number.POSITIVE_INFINITY
  if (weights.some((weight) => weight <= 0 || weight > most))
    return problem('locality weight must be in range [1, 100]')
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return total === 100 ? none : problem(`total locality weight ${total} != 100`)
}

/** Localities are `region/zone/subzone` with an optional `*` at the end; none may cover another. */
function checkLocalities(localities: readonly string[]): Problems {
  const seen: string[][] = []
  for (const locality of localities) {
    const stars = locality.split('*').length - 1
    if (stars > 1 || (stars === 1 && !locality.endsWith('*'))) {
      return problem(`locality ${locality} wildcard '*' number can not exceed 1 and must be in the end`)
    }
    const slash = locality.split('/')
    const parts = slash.length > 3 ? [...slash.slice(0, 2), slash.slice(2).join('/')] : slash
    if (parts.includes('')) return problem(`locality ${locality} must not contain empty region/zone/subzone info`)
    const key = parts.filter((part) => part !== '*')
    if (seen.some((other) => covers(other, key) || covers(key, other))) {
      return problem(`locality ${locality} overlap with previous specified ones`)
    }
    seen.push(key)
  }
  return none
}

function covers(wide: readonly string[], narrow: readonly string[]): boolean {
  return wide.length <= narrow.length && wide.every((part, index) => part === narrow[index])
}
