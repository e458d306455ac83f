/** A root whose certificate clients are told to trust. Times are milliseconds since 1970. */
export interface TrustedRoot {
  /** SHA-256 of its DER, hexadecimal. */
  readonly id: string
  /** PEM. */
  readonly certificate: string
  readonly notAfter: number
}

/** A root that can sign. */
export interface SigningRoot extends TrustedRoot {
  /** PEM. */
  readonly privateKey: string
}

/** A root that signs no more, and is trusted until the last certificate that it signed has ended. */
export interface RetiredRoot extends TrustedRoot {
  readonly until: number
}

/** What servers serve with. */
export interface Leaf {
  /** `id` of the root that signed it. */
  readonly root: string
  /** PEM. */
  readonly certificate: string
  /** PEM. */
  readonly privateKey: string
  readonly issuedAt: number
  readonly notAfter: number
  readonly dnsNames: readonly string[]
}

/**
 * Everything that the replicas share, kept in one Secret, so that it changes in one step.
 *
 * Only what was once written in the Secret is ever served, so the state knows the end of every certificate that some
 * replica may still serve, however late it reads.
 */
export interface AuthorityState {
  /** One more with each change. */
  readonly generation: number
  readonly issuing: SigningRoot
  readonly leaf: Leaf
  /** The latest end of all leaves that `issuing` has signed. */
  readonly leavesEnd: number
  /** Published in the bundle already, and not signing yet. */
  readonly next: SigningRoot | undefined
  readonly retired: readonly RetiredRoot[]
  /**
   * False from a recovery on until the bundle with the new root is known to be everywhere. Until then a replica that still has
   * a good older certificate goes on serving it.
   */
  readonly settled: boolean
}

/** All roots of the bundle, the one in use first. */
export function trustedRoots(state: AuthorityState): readonly TrustedRoot[] {
  return [state.issuing, ...(state.next === undefined ? [] : [state.next]), ...state.retired]
}

/** What has to be published everywhere: PEM. */
export function bundleOf(state: AuthorityState): string {
  return trustedRoots(state)
    .map(({ certificate }) => certificate)
    .join('')
}

/** What a replica serves after it has read `state`, when it has served `current` so far. */
export function chooseLeaf(current: Leaf | undefined, state: AuthorityState, now: number): Leaf {
  if (state.settled || current === undefined || current.notAfter <= now) return state.leaf
  return trustedRoots(state).some(({ id }) => id === current.root) ? current : state.leaf
}
