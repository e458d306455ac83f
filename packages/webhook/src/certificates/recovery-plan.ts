import type { RotationPolicy } from './rotation-plan.ts'
import {
  type AuthorityState,
  type Leaf,
  type RetiredRoot,
  type SigningRoot,
  type TrustedRoot,
  trustedRoots,
} from './rotation-state.ts'

/** What is left when the Secret is gone, empty, or holds what cannot be used. */
export interface Remains {
  readonly secret: 'missing' | 'corrupt'
  /** The last good state that this replica has read. */
  readonly remembered: AuthorityState | undefined
  /** Our roots in each webhook configuration's bundle (empty ones left out): what API servers trust right now. */
  readonly published: readonly (readonly TrustedRoot[])[]
  /** Roots that can still be read in a corrupt Secret. */
  readonly salvaged: readonly TrustedRoot[]
  readonly leading: boolean
  /** Since when this replica knows. */
  readonly since: number
}

export type Recovery =
  /** The state is written again as it was. */
  | { readonly action: 'restore'; readonly state: AuthorityState }
  /** A new root signs; these are trusted for as long as somebody may serve what they signed. */
  | { readonly action: 'create'; readonly inherited: readonly RetiredRoot[] }
  /** Somebody else is to do it, or may know more. */
  | { readonly action: 'wait'; readonly until: number }

/**
 * Restoring needs no leader: it writes only when nobody has written in between, and the webhook configurations prove that the
 * memory is not an outdated one. A corrupt Secret is left to the leader, for who broke it may be at it still.
 *
 * @param grace how long (milliseconds) a replica without memory leaves the others the chance to restore
 */
export function recoveryPlan(remains: Remains, now: number, grace: number, policy: RotationPolicy): Recovery {
  const { remembered, published, salvaged, leading, since } = remains
  if (remains.secret === 'corrupt' && !leading) return { action: 'wait', until: Number.POSITIVE_INFINITY }
  if (remembered !== undefined && isTrusted(remembered, published, now)) {
    return { action: 'restore', state: withDoubt(remembered, published.flat(), now, policy) }
  }
  const known = [...salvaged, ...published.flat(), ...(remembered === undefined ? [] : trustedRoots(remembered))]
  const inherited = inheritedRoots(known, now, policy)
  if (remembered === undefined && inherited.length > 0 && now - since < grace) {
    return { action: 'wait', until: since + grace }
  }
  return { action: 'create', inherited }
}

/** The root that signs in this memory still can, and is trusted wherever something of ours is trusted. */
function isTrusted(state: AuthorityState, published: Remains['published'], now: number): boolean {
  return state.issuing.notAfter > now && published.every((roots) => roots.some(({ id }) => id === state.issuing.id))
}

/**
 * A memory may be a little old: what was signed and published since then, somebody may serve. So every root is trusted for
 * as long as something that was signed before now can live.
 */
function withDoubt(
  state: AuthorityState,
  published: readonly TrustedRoot[],
  now: number,
  policy: RotationPolicy,
): AuthorityState {
  const known = new Set(trustedRoots(state).map(({ id }) => id))
  const missing = published.filter(({ id }) => !known.has(id))
  const until = new Map(state.retired.map((root) => [root.id, root.until]))
  const retired = inheritedRoots([...state.retired, ...missing], now, policy).map((root) => ({
    ...root,
    until: Math.max(root.until, until.get(root.id) ?? 0),
  }))
  const leavesEnd = Math.max(state.leavesEnd, Math.min(state.issuing.notAfter, now + policy.leafValidFor))
  return { ...state, generation: state.generation + 1, leavesEnd, retired }
}

/** Nobody knows any more what they have signed, only that it was signed before now and lives no longer than a leaf. */
function inheritedRoots(roots: readonly TrustedRoot[], now: number, policy: RotationPolicy): readonly RetiredRoot[] {
  return unique(roots.filter(({ notAfter }) => notAfter > now)).map((root) => ({
    ...root,
    until: Math.min(root.notAfter, now + policy.leafValidFor) + policy.clockSkew,
  }))
}

/** Without private keys and times that belong to another state. */
function unique(roots: readonly TrustedRoot[]): readonly TrustedRoot[] {
  return [...new Map(roots.map(({ id, certificate, notAfter }) => [id, { id, certificate, notAfter }])).values()]
}

/** The first state of an authority, or the first after everything was lost. */
export function initialState(root: SigningRoot, leaf: Leaf, inherited: readonly RetiredRoot[]): AuthorityState {
  return {
    generation: 1,
    issuing: root,
    leaf,
    leavesEnd: leaf.notAfter,
    next: undefined,
    retired: inherited,
    settled: inherited.length === 0,
  }
}
