/** How many replicas a ReplicaSet of a Deployment is to have next: numbers only. */

/** `25%` or 3, of a total. A percentage is rounded up or down. */
export function resolveIntOrPercent(value: number | string | undefined, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  const percent = /^(\d+)%$/.exec(value ?? '')?.[1]
  if (percent === undefined) return 0
  const exact = (Number(percent) * total) / 100
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact)
}

export interface Limits {
  readonly maxSurge: number
  readonly maxUnavailable: number
}

/** Both limits as numbers. Were both 0, nothing could ever move: then one may be unavailable. */
export function resolveLimits(
  maxSurge: number | string | undefined,
  maxUnavailable: number | string | undefined,
  replicas: number,
): Limits {
  const surge = resolveIntOrPercent(maxSurge, replicas, 'up')
  const unavailable = resolveIntOrPercent(maxUnavailable, replicas, 'down')
  if (surge === 0 && unavailable === 0) return { maxSurge: 0, maxUnavailable: 1 }
  return { maxSurge: surge, maxUnavailable: Math.min(unavailable, replicas) }
}

/** What is counted of one ReplicaSet. */
export interface SetCounts {
  /** `spec.replicas` */
  readonly replicas: number
  /** `status.availableReplicas` */
  readonly available: number
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

/** Replicas of the new ReplicaSet in a rolling update: up, as far as maxSurge allows. */
export function nextNewReplicas(wanted: number, limits: Limits, newSet: number, allReplicas: number): number {
  if (newSet >= wanted) return wanted
  const room = wanted + limits.maxSurge - allReplicas
  return room <= 0 ? newSet : newSet + Math.min(room, wanted - newSet)
}

/**
 * Replicas of the old ReplicaSets (oldest first) in a rolling update: first those that are not available anyway go, then
 * as many available ones as maxUnavailable allows.
 */
export function nextOldReplicas(
  wanted: number,
  limits: Limits,
  newSet: SetCounts,
  olds: readonly SetCounts[],
): readonly number[] {
  const minAvailable = wanted - limits.maxUnavailable
  const total = newSet.replicas + sum(olds.map((old) => old.replicas))
  let removable = total - minAvailable - Math.max(0, newSet.replicas - newSet.available)
  const next = olds.map((old) => old.replicas)
  if (removable <= 0) return next
  olds.forEach((old, index) => {
    const gone = Math.min(Math.max(removable, 0), Math.max(0, old.replicas - old.available))
    next[index] = old.replicas - gone
    removable -= gone
  })
  let surplus = newSet.available + sum(olds.map((old) => old.available)) - minAvailable
  next.forEach((replicas, index) => {
    if (surplus <= 0) return
    const gone = Math.min(replicas, surplus)
    next[index] = replicas - gone
    surplus -= gone
  })
  return next
}

export interface ScaledSet {
  readonly replicas: number
  /** The annotation `deployment.kubernetes.io/max-replicas`: the total that the share was taken of. */
  readonly maxReplicas: number
}

/**
 * Scaling in the middle of a rollout: each active ReplicaSet (biggest first, then newest) gets its share of what is added
 * or taken; what rounding leaves over goes to the first.
 */
export function proportionalReplicas(wanted: number, maxSurge: number, sets: readonly ScaledSet[]): readonly number[] {
  const current = sum(sets.map((set) => set.replicas))
  const allowed = wanted > 0 ? wanted + maxSurge : 0
  const change = allowed - current
  let left = change
  const next = sets.map((set) => {
    if (change === 0) return set.replicas
    const share = proportion(set, change, left, allowed, wanted, current)
    left -= share
    return set.replicas + share
  })
  if (next[0] !== undefined) next[0] = Math.max(0, next[0] + left)
  return next
}

function proportion(
  set: ScaledSet,
  change: number,
  left: number,
  allowed: number,
  wanted: number,
  current: number,
): number {
  if (set.replicas === 0 || left === 0) return 0
  if (wanted === 0) return -set.replicas
  const of = set.maxReplicas > 0 ? set.maxReplicas : current
  const share = Math.round((set.replicas * allowed) / of) - set.replicas
  return change > 0 ? Math.min(share, left) : Math.max(share, left)
}
