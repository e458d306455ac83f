import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Happening, POLICY, world } from '../../testing/rotation-world.ts'
import { initialState } from './recovery-plan.ts'
import { advance, type Observation, type RotationAction, rotationPlan } from './rotation-plan.ts'
import { type AuthorityState, chooseLeaf, type Leaf, type SigningRoot, trustedRoots } from './rotation-state.ts'

const START = 1_000_000
const root = (id: string, notAfter = START + 1e12): SigningRoot => ({
  id,
  certificate: id,
  privateKey: 'key',
  notAfter,
})
const leaf = (signer: string, issuedAt = START): Leaf => ({
  root: signer,
  certificate: `leaf of ${signer}`,
  privateKey: 'key',
  issuedAt,
  notAfter: issuedAt + POLICY.leafValidFor,
  dnsNames: ['a'],
})
const quiet: Observation = { everywhereSince: undefined, requested: undefined, dnsNames: ['a'] }
const fresh = initialState(root('one'), leaf('one'), [])
const published: AuthorityState = { ...fresh, next: root('two') }

const plan = (state: AuthorityState, now: number, observed: Partial<Observation> = {}): RotationAction =>
  rotationPlan(state, now, { ...quiet, ...observed }, POLICY)

describe('the next step of the authority', () => {
  it('waits until the certificate is old', () => {
    expect(plan(fresh, START)).toEqual({ action: 'wait', until: START + (POLICY.leafValidFor * 2) / 3 })
  })

  it('renews an old certificate, one for other names, and one that somebody asks to renew', () => {
    expect(plan(fresh, START + 7000)).toMatchObject({ action: 'renew', reason: 'the certificate is old' })
    expect(plan(fresh, START, { dnsNames: ['a', 'b'] })).toMatchObject({ action: 'renew' })
    expect(plan(fresh, START, { requested: 'leaf' })).toMatchObject({ action: 'renew', reason: 'it was asked for' })
  })

  it('publishes the next root before it is needed, or when asked', () => {
    const old = initialState(root('one', START + 1000), leaf('one'), [])
    expect(plan(old, START)).toMatchObject({ action: 'publish', reason: 'the root in use is old' })
    expect(plan(fresh, START, { requested: 'root' })).toMatchObject({ action: 'publish' })
    expect(plan(published, START, { requested: 'root' })).toMatchObject({ action: 'wait' })
  })

  it('replaces at once what was made while a clock was ahead, for no API server takes it; the root comes first', () => {
    const later = START + 1000
    expect(plan(fresh, START, { leafBegins: later })).toMatchObject({ action: 'renew' })
    expect(plan(fresh, START, { issuingBegins: later, leafBegins: later })).toMatchObject({ action: 'publish' })
    expect(plan(published, START, { issuingBegins: later })).toMatchObject({ action: 'switch' })
    expect(plan(published, START, { nextBegins: later, everywhereSince: 0 })).toMatchObject({ action: 'publish' })
    expect(plan(published, later, { nextBegins: later, everywhereSince: 0 })).toMatchObject({ action: 'switch' })
  })

  it('publishes no more roots than a bundle should hold', () => {
    const retired = ['x', 'y', 'z'].map((id) => ({ id, certificate: id, notAfter: START + 1e9, until: START + 5000 }))
    expect(plan({ ...fresh, retired }, START, { requested: 'root' })).toEqual({ action: 'wait', until: START + 5000 })
  })

  it('switches only when the next root has been in every webhook configuration for a while', () => {
    expect(plan(published, START + 600)).toMatchObject({ action: 'wait' })
    expect(plan(published, START + 600, { everywhereSince: START + 200 })).toEqual({
      action: 'wait',
      until: START + 700,
    })
    expect(plan(published, START + 700, { everywhereSince: START + 200 })).toMatchObject({ action: 'switch' })
  })

  it('switches at the last moment although a configuration does not follow: with the end of the root all would fail', () => {
    const ending = { ...published, issuing: root('one', START + 8000), leaf: leaf('one', START + 4000) }
    expect(plan(ending, START + 6000)).toMatchObject({ action: 'wait' })
    expect(plan(ending, START + 6500)).toMatchObject({ action: 'switch', reason: 'the root in use is about to end' })
  })

  it('after the switch trusts the old root until its last certificate has ended, with a margin for clocks', () => {
    const renewed = advance(published, { action: 'renew', reason: '' }, { leaf: leaf('one', START + 300) }, POLICY)
    const switched = advance(renewed, { action: 'switch', reason: '' }, { leaf: leaf('two', START + 700) }, POLICY)
    const until = START + 300 + POLICY.leafValidFor + POLICY.clockSkew
    expect(switched).toMatchObject({
      issuing: { id: 'two' },
      next: undefined,
      leaf: { root: 'two' },
      retired: [{ id: 'one', until }],
    })
    expect(switched.retired[0]).not.toHaveProperty('privateKey')
    expect(plan(switched, until - 1)).not.toMatchObject({ action: 'drop' })
    expect(plan(switched, until)).toEqual({ action: 'drop', ids: ['one'] })
    expect(trustedRoots(advance(switched, { action: 'drop', ids: ['one'] }, {}, POLICY)).map(({ id }) => id)).toEqual([
      'two',
    ])
  })

  it('keeps the certificate that is trusted already, until the root of a recovery is known to be everywhere', () => {
    const old = leaf('lost')
    const recovered = initialState(root('new'), leaf('new'), [
      { id: 'lost', certificate: '', notAfter: START + 9e9, until: START + 9e9 },
    ])
    expect(chooseLeaf(old, recovered, START)).toBe(old)
    expect(chooseLeaf(undefined, recovered, START)).toBe(recovered.leaf)
    expect(chooseLeaf(leaf('strange'), recovered, START)).toBe(recovered.leaf)
    expect(plan(recovered, START + 600, { everywhereSince: START })).toEqual({ action: 'settle' })
    expect(chooseLeaf(old, { ...recovered, settled: true }, START)).toBe(recovered.leaf)
  })
})

const who = fc.nat(2)
const what = <T extends string>(...names: T[]) => fc.constantFrom(...names)
const ticks = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: 300, max: 3000 }),
  fc.constantFrom(500, 10_000, 11_000),
)
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('time' as const), by: ticks }) },
  { weight: 8, arbitrary: fc.record({ what: what('read', 'readOne', 'observe', 'plan', 'commit'), who }) },
  {
    weight: 5,
    arbitrary: fc.record({ what: fc.constant('patchBegin' as const), who, config: fc.nat(1), late: fc.nat(2) }),
  },
  { weight: 5, arbitrary: fc.record({ what: fc.constant('patchCommit' as const), who }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('cache' as const), server: fc.nat(1), config: fc.nat(1) }) },
  { weight: 6, arbitrary: fc.record({ what: fc.constant('round' as const), who }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('request' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: what('crash', 'recover'), who }) },
)
const losing: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 12, arbitrary: happening },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('lose' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('recover' as const), who }) },
)
const skews = fc.array(fc.integer({ min: -POLICY.clockSkew / 2, max: POLICY.clockSkew / 2 }), {
  minLength: 2,
  maxLength: 3,
})

function run(happenings: fc.Arbitrary<Happening>, numRuns: number): Record<string, number> {
  const total: Record<string, number> = {}
  fc.assert(
    fc.property(skews, fc.array(happenings, { minLength: 40, maxLength: 160, size: 'max' }), (clocks, list) => {
      const there = world(clocks)
      for (const one of list) {
        there.happen(one)
        const [violation] = there.violations()
        if (violation !== undefined) throw new Error(violation)
      }
      for (const [name, count] of Object.entries(there.counts)) total[name] = (total[name] ?? 0) + count
    }),
    { seed: 20, numRuns },
  )
  return total
}

describe('whatever is late, crashes, or is done twice: every served certificate is trusted by every API server', () => {
  it('with replicas that read late, stale leaders, late patches, slow caches, crashes and wrong clocks', () => {
    const counts = run(happening, 600)
    for (const step of ['publish', 'switch', 'renew', 'drop', 'conflict', 'stale patch'])
      expect(counts[step], step).toBeGreaterThan(50)
  })

  it('also when the Secret is deleted again and again', () => {
    const counts = run(losing, 600)
    for (const step of ['lost', 'restore', 'create', 'settle', 'switch']) expect(counts[step], step).toBeGreaterThan(10)
  })
})
