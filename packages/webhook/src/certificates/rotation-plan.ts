import type { AuthorityState, Leaf, RetiredRoot, SigningRoot, TrustedRoot } from './rotation-state.ts'

/** All in milliseconds. */
export interface RotationPolicy {
  readonly rootValidFor: number
  readonly leafValidFor: number
  /** A leaf is renewed, and a root followed by the next, after this part of its life. */
  readonly renewAfter: number
  /** How long a bundle has to be in every webhook configuration before it counts as read by every API server. */
  readonly settle: number
  /** How far clocks may differ; a retired root is trusted that much longer than its last leaf lives. */
  readonly clockSkew: number
  /** Roots that may be waiting for their end at the same time; a bundle must not grow without end. */
  readonly maxRetired: number
}

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

export const DEFAULT_POLICY: RotationPolicy = {
  rootValidFor: 365 * DAY,
  leafValidFor: 30 * DAY,
  renewAfter: 2 / 3,
  settle: 10 * MINUTE,
  clockSkew: 60 * MINUTE,
  maxRetired: 4,
}

/** What the planner is told of the world outside of the Secret. */
export interface Observation {
  /**
   * Since when every webhook configuration of the revision has held the root that is being introduced (`next`, or `issuing`
   * while unsettled), without a break; by the same clock as `now`. Undefined: not in all, or not known.
   */
  readonly everywhereSince: number | undefined
  /** A human asked for it. */
  readonly requested: 'root' | 'leaf' | undefined
  readonly dnsNames: readonly string[]
  /** From when on they are valid, where they were made by a clock that was ahead. */
  readonly issuingBegins?: number | undefined
  readonly nextBegins?: number | undefined
  readonly leafBegins?: number | undefined
}

export type RotationAction =
  | { readonly action: 'publish'; readonly reason: string }
  | { readonly action: 'switch'; readonly reason: string }
  | { readonly action: 'settle' }
  | { readonly action: 'renew'; readonly reason: string }
  | { readonly action: 'drop'; readonly ids: readonly string[] }
  /** Nothing to do before `until`, when nothing else happens. */
  | { readonly action: 'wait'; readonly until: number }

/**
 * The next step of the authority. One step is one write of the Secret; after it the plan is made again.
 *
 * | state | step | when |
 * |---|---|---|
 * | a retired root | `drop` | all leaves that it signed have ended, and the clock skew is over |
 * | `next` published | `switch` | it has been in every webhook configuration for `settle`; or the root in use ends soon |
 * | unsettled (after a recovery) | `settle` | the root in use has been in every webhook configuration for `settle` |
 * | leaf old, or not for our names, or asked for | `renew` | at once: its root is trusted everywhere |
 * | root old, or asked for | `publish` | there is no `next`, and not too many are retired |
 * | a leaf or a root that begins in the future: a clock was wrong when it was made | `renew`, `publish`, `switch` | at once |
 */
export function rotationPlan(
  state: AuthorityState,
  now: number,
  observed: Observation,
  policy: RotationPolicy,
): RotationAction {
  const ended = state.retired.filter(({ until }) => until <= now).map(({ id }) => id)
  if (ended.length > 0) return { action: 'drop', ids: ended }
  const isEarly = (begins: number | undefined): boolean => begins !== undefined && begins > now
  if (state.next !== undefined && isEarly(observed.nextBegins)) {
    return { action: 'publish', reason: 'the next root is not valid yet' }
  }
  const introduced = observed.everywhereSince !== undefined && now - observed.everywhereSince >= policy.settle
  if (state.next !== undefined) {
    // Nobody trusts what it signs, so nothing is lost.
    if (isEarly(observed.issuingBegins)) return { action: 'switch', reason: 'the root in use is not valid yet' }
    if (introduced) return { action: 'switch', reason: 'every webhook configuration trusts the next root' }
    // Without a switch everything would fail with the end of the root; with it only what does not trust the next root yet.
    if (now >= lastCall(state, policy)) return { action: 'switch', reason: 'the root in use is about to end' }
  } else if (!state.settled && introduced) {
    return { action: 'settle' }
  }
  const renewal = renewalReason(state, now, observed, policy)
  if (renewal !== undefined) return { action: 'renew', reason: renewal }
  const rotation = rotationReason(state, now, observed, policy)
  if (rotation !== undefined) return { action: 'publish', reason: rotation }
  return { action: 'wait', until: nextMoment(state, now, observed, policy) }
}

function renewalReason(
  { leaf }: AuthorityState,
  now: number,
  { requested, dnsNames, issuingBegins = now, leafBegins = now }: Observation,
  policy: RotationPolicy,
): string | undefined {
  // No certificate begins before its root does: the root comes first.
  if (issuingBegins > now) return undefined
  if (requested === 'leaf') return 'it was asked for'
  if (!dnsNames.every((name) => leaf.dnsNames.includes(name))) return 'the certificate is not for all names'
  if (now >= renewLeafAt(leaf, policy)) return 'the certificate is old'
  if (leafBegins > now) return 'the certificate is not valid yet'
  return undefined
}

function rotationReason(
  state: AuthorityState,
  now: number,
  { requested, issuingBegins = now }: Observation,
  policy: RotationPolicy,
): string | undefined {
  if (state.next !== undefined) return undefined
  if (issuingBegins > now) return 'the root in use is not valid yet'
  if (!state.settled || state.retired.length >= policy.maxRetired) return undefined
  if (requested === 'root') return 'it was asked for'
  if (now >= renewRootAt(state.issuing, policy)) return 'the root in use is old'
  return undefined
}

function renewLeafAt({ issuedAt, notAfter }: Leaf, { renewAfter }: RotationPolicy): number {
  return issuedAt + (notAfter - issuedAt) * renewAfter
}

/** At the latest one life of a leaf before its end, so that no leaf has to be shorter than wanted. */
function renewRootAt({ notAfter }: TrustedRoot, { rootValidFor, renewAfter, leafValidFor }: RotationPolicy): number {
  return notAfter - Math.max(rootValidFor * (1 - renewAfter), Math.min(leafValidFor, rootValidFor / 2))
}

/** Half-way between the time when the leaf should have been renewed and the end of the root, and before the clocks differ. */
function lastCall({ issuing }: AuthorityState, { leafValidFor, renewAfter, clockSkew }: RotationPolicy): number {
  return issuing.notAfter - Math.max((leafValidFor * (1 - renewAfter)) / 2, clockSkew)
}

function nextMoment(state: AuthorityState, now: number, observed: Observation, policy: RotationPolicy): number {
  const { everywhereSince } = observed
  const moments = [
    ...state.retired.map(({ until }) => until),
    renewLeafAt(state.leaf, policy),
    ...(state.next === undefined ? [renewRootAt(state.issuing, policy)] : [lastCall(state, policy)]),
    ...(everywhereSince === undefined ? [] : [everywhereSince + policy.settle]),
  ]
  return Math.min(...moments.filter((moment) => moment > now), now + DAY)
}

/** What a step needs that a pure function cannot make. */
export interface Material {
  readonly root?: SigningRoot
  readonly leaf?: Leaf
}

/** Which of the two a step needs, and signed by whom. */
export function materialFor(
  state: AuthorityState,
  step: RotationAction,
): { readonly root: boolean; readonly leafBy: SigningRoot | undefined } {
  const leafBy = step.action === 'switch' ? state.next : step.action === 'renew' ? state.issuing : undefined
  return { root: step.action === 'publish', leafBy }
}

/** The state after a step. */
export function advance(
  state: AuthorityState,
  step: RotationAction,
  { root, leaf }: Material,
  policy: RotationPolicy,
): AuthorityState {
  const changed = { ...state, generation: state.generation + 1 }
  if (step.action === 'drop') return { ...changed, retired: state.retired.filter(({ id }) => !step.ids.includes(id)) }
  if (step.action === 'settle') return { ...changed, settled: true }
  if (step.action === 'publish' && root !== undefined) return { ...changed, next: root }
  if (step.action === 'renew' && leaf !== undefined) {
    return { ...changed, leaf, leavesEnd: Math.max(state.leavesEnd, leaf.notAfter) }
  }
  if (step.action === 'switch' && leaf !== undefined && state.next !== undefined) {
    const { privateKey: _, ...old } = state.issuing
    const retired: RetiredRoot = { ...old, until: state.leavesEnd + policy.clockSkew }
    const issuing = state.next
    return {
      ...changed,
      issuing,
      next: undefined,
      leaf,
      leavesEnd: leaf.notAfter,
      retired: [...state.retired, retired],
    }
  }
  return state
}
