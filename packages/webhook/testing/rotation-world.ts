import { initialState, recoveryPlan } from '../src/certificates/recovery-plan.ts'
import { advance, materialFor, type RotationPolicy, rotationPlan } from '../src/certificates/rotation-plan.ts'
import {
  type AuthorityState,
  chooseLeaf,
  type Leaf,
  type SigningRoot,
  type TrustedRoot,
  trustedRoots,
} from '../src/certificates/rotation-state.ts'

/** A small world: a policy in which a life of a leaf is 10,000 ticks. */
export const POLICY: RotationPolicy = {
  rootValidFor: 1e12,
  leafValidFor: 10_000,
  renewAfter: 2 / 3,
  settle: 500,
  clockSkew: 1000,
  maxRetired: 3,
}

export interface Replica {
  /** How far its clock is off. */
  readonly skew: number
  seen: number
  served: Leaf | undefined
  memory: AuthorityState | undefined
  /** It had nothing to serve, and serves what is not published everywhere yet: there is nothing better to do. */
  desperate: boolean
  observed: { root: string; since: number } | undefined
  missingSince: number | undefined
  write: { base: number; state: AuthorityState } | undefined
  patch: { config: number; base: number; bundle: readonly TrustedRoot[] } | undefined
}

interface Versioned<T> {
  readonly at: number
  readonly value: T
}

/** All that can happen; the numbers choose among what there is. */
export type Happening =
  | { readonly what: 'time'; readonly by: number }
  | { readonly what: 'read' | 'observe' | 'plan' | 'commit' | 'recover' | 'crash'; readonly who: number }
  | { readonly what: 'readOne'; readonly who: number }
  | { readonly what: 'patchBegin'; readonly who: number; readonly config: number; readonly late: number }
  | { readonly what: 'patchCommit'; readonly who: number }
  | { readonly what: 'cache'; readonly server: number; readonly config: number }
  | { readonly what: 'request' | 'lose' }
  | { readonly what: 'round'; readonly who: number }

export interface World {
  readonly replicas: readonly Replica[]
  readonly counts: Record<string, number>
  happen(happening: Happening): void
  /** A sentence for each served certificate that some API server would not trust. */
  violations(): readonly string[]
}

const CONFIGS = 2
const SERVERS = 2

/** The Secret, the webhook configurations with the caches of the API servers, and replicas that read and write when it pleases them. */
export function world(skews: readonly number[]): World {
  let now = 1_000_000
  let names = 0
  let requested = false
  const counts: Record<string, number> = {}
  const count = (name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1
  }
  const root = (): SigningRoot => {
    names += 1
    return { id: `root-${names}`, certificate: `root-${names}`, privateKey: 'key', notAfter: now + POLICY.rootValidFor }
  }
  const leafOf = (signer: SigningRoot, at: number): Leaf => ({
    root: signer.id,
    certificate: '',
    privateKey: '',
    issuedAt: at,
    notAfter: at + POLICY.leafValidFor,
    dnsNames: [],
  })
  const secret: (AuthorityState | undefined)[] = [undefined]
  const configs = Array.from({ length: CONFIGS }, () => [{ at: now, value: [] }] as Versioned<readonly TrustedRoot[]>[])
  const caches = Array.from({ length: SERVERS }, () => configs.map(() => 0))
  const replicas = skews.map(
    (skew): Replica => ({
      skew,
      seen: 0,
      served: undefined,
      memory: undefined,
      desperate: false,
      observed: undefined,
      missingSince: undefined,
      write: undefined,
      patch: undefined,
    }),
  )
  const current = (config: number): readonly TrustedRoot[] => configs[config]?.at(-1)?.value ?? []

  function read(replica: Replica, version: number): void {
    replica.seen = version
    const state = secret[version]
    if (state === undefined) {
      replica.missingSince ??= now + replica.skew
      return
    }
    replica.missingSince = undefined
    const before = replica.served
    replica.served = chooseLeaf(before, state, now + replica.skew)
    if (replica.served !== before) {
      const hadNothing = before === undefined || before.notAfter <= now + replica.skew || replica.desperate
      replica.desperate = hadNothing && !trustedEverywhere(replica.served)
    }
    replica.memory = state
  }

  function trustedEverywhere(leaf: Leaf | undefined): boolean {
    return caches.every((cache) =>
      cache.every((version, config) => (configs[config]?.[version]?.value ?? []).some(({ id }) => id === leaf?.root)),
    )
  }

  function observe(replica: Replica): void {
    const state = secret.at(-1)
    const awaited = state?.next ?? (state?.settled === false ? state.issuing : undefined)
    const everywhere = configs.every((_, config) => current(config).some(({ id }) => id === awaited?.id))
    if (awaited === undefined || !everywhere) replica.observed = undefined
    else if (replica.observed?.root !== awaited.id) replica.observed = { root: awaited.id, since: now + replica.skew }
  }

  function plan(replica: Replica): void {
    const [state, own] = [secret.at(-1), now + replica.skew]
    if (state === undefined) return
    const awaited = state.next ?? state.issuing
    const everywhereSince = replica.observed?.root === awaited.id ? replica.observed.since : undefined
    const observed = { everywhereSince, requested: requested ? ('root' as const) : undefined, dnsNames: [] }
    const step = rotationPlan(state, own, observed, POLICY)
    if (step.action === 'wait') return
    const { leafBy } = materialFor(state, step)
    const material = leafBy === undefined ? { root: root() } : { leaf: leafOf(leafBy, own) }
    if (step.action === 'publish') requested = false
    count(step.action)
    replica.write = { base: secret.length, state: advance(state, step, material, POLICY) }
  }

  function recover(replica: Replica): void {
    if (secret.at(-1) !== undefined) return
    const own = now + replica.skew
    replica.missingSince ??= own
    const step = recoveryPlan(
      {
        secret: 'missing',
        remembered: replica.memory,
        published: configs.map((_, config) => current(config)).filter((roots) => roots.length > 0),
        salvaged: [],
        leading: true,
        since: replica.missingSince,
      },
      own,
      2000,
      POLICY,
    )
    if (step.action === 'wait') return
    count(step.action)
    const signer = root()
    const state = step.action === 'restore' ? step.state : initialState(signer, leafOf(signer, own), step.inherited)
    replica.write = { base: secret.length, state }
  }

  function commit(replica: Replica): void {
    const { write } = replica
    replica.write = undefined
    if (write === undefined) return
    if (write.base === secret.length) secret.push(write.state)
    else count('conflict')
  }

  function patchCommit(replica: Replica): void {
    const { patch } = replica
    replica.patch = undefined
    const versions = configs[patch?.config ?? -1]
    if (patch === undefined || versions === undefined) return
    if (patch.base === versions.length) versions.push({ at: now, value: patch.bundle })
    else count('stale patch')
  }

  function patchBegin(replica: Replica, config: number, late: number): void {
    const state = secret.at(-1)
    const versions = configs[config]
    if (state === undefined || versions === undefined) return
    replica.patch = { config, base: Math.max(1, versions.length - late), bundle: trustedRoots(state) }
  }

  /** No API server is behind by more than `settle`. */
  function refreshCaches(): void {
    for (const cache of caches) {
      for (const [config, versions] of configs.entries()) {
        const due = versions.findLastIndex(({ at }) => at + POLICY.settle <= now)
        cache[config] = Math.max(cache[config] ?? 0, due)
      }
    }
  }

  /** Everything as it goes when nothing is slow. */
  function round(replica: Replica): void {
    recover(replica)
    commit(replica)
    read(replica, secret.length - 1)
    observe(replica)
    plan(replica)
    commit(replica)
    for (const config of configs.keys()) {
      patchBegin(replica, config, 0)
      patchCommit(replica)
    }
  }

  const anyone = (who: number): Replica => {
    const replica = replicas[who % replicas.length]
    if (replica === undefined) throw new Error('a world needs replicas')
    return replica
  }

  return {
    replicas,
    counts,
    happen(happening) {
      switch (happening.what) {
        case 'time':
          now += happening.by
          return refreshCaches()
        case 'read':
          return read(anyone(happening.who), secret.length - 1)
        case 'readOne': {
          const replica = anyone(happening.who)
          return read(replica, Math.min(replica.seen + 1, secret.length - 1))
        }
        case 'observe':
          return observe(anyone(happening.who))
        case 'plan':
          return plan(anyone(happening.who))
        case 'recover':
          return recover(anyone(happening.who))
        case 'commit':
          return commit(anyone(happening.who))
        case 'crash': {
          const { skew: _, ...fresh } = emptied(anyone(happening.who))
          return void Object.assign(anyone(happening.who), fresh)
        }
        case 'patchBegin':
          return patchBegin(anyone(happening.who), happening.config % CONFIGS, happening.late)
        case 'patchCommit':
          return patchCommit(anyone(happening.who))
        case 'cache': {
          const cache = caches[happening.server % SERVERS]
          const config = happening.config % CONFIGS
          if (cache !== undefined) cache[config] = (configs[config]?.length ?? 1) - 1
          return
        }
        case 'request':
          requested = true
          return
        case 'lose':
          if (secret.at(-1) !== undefined) secret.push(undefined)
          return count('lost')
        case 'round':
          return round(anyone(happening.who))
      }
    },
    violations() {
      for (const replica of replicas) if (trustedEverywhere(replica.served)) replica.desperate = false
      return replicas.flatMap(({ served, desperate }, replica) => {
        if (served === undefined || desperate || served.notAfter <= now) return []
        return caches.flatMap((cache, server) =>
          cache.flatMap((version, config) => {
            const trusted = configs[config]?.[version]?.value ?? []
            const trusts = trusted.length === 0 || trusted.some(({ id }) => id === served.root)
            return trusts
              ? []
              : [
                  `API server ${server} trusts ${trusted.map(({ id }) => id)} in ${config}; ${replica} serves ${served.root}`,
                ]
          }),
        )
      })
    },
  }
}

function emptied({ skew }: Replica): Replica {
  return {
    skew,
    seen: 0,
    served: undefined,
    memory: undefined,
    desperate: false,
    observed: undefined,
    missingSince: undefined,
    write: undefined,
    patch: undefined,
  }
}
