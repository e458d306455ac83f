import { readdirSync } from 'node:fs'
import { isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIXTURES, fixturesOf, HEALTHY, loadFixture } from '../../testing/fixture.ts'
import { clusterOf } from '../cluster/cluster.ts'
import type { CheckOutcome } from '../finding.ts'
import { diagnose } from '../run/diagnose.ts'
import { KINDS } from '../snapshot/kinds.ts'
import type { Snapshot } from '../snapshot/types.ts'
import { CHECKS } from './catalogue.ts'

const SEED = 20_261_120
const TIME = 120_000

/** Words that checks look for, so that odd values stand where they are read. */
const KEYS = [
  ...['metadata', 'spec', 'status', 'data', 'name', 'namespace', 'labels', 'annotations', 'ownerReferences', 'uid'],
  ...['template', 'containers', 'initContainers', 'volumes', 'volumeMounts', 'env', 'ports', 'image', 'resources'],
  ...['limits', 'requests', 'cpu', 'securityContext', 'selector', 'matchLabels', 'matchExpressions', 'webhooks'],
  ...['clientConfig', 'service', 'caBundle', 'rules', 'hard', 'used', 'conditions', 'involvedObject', 'message'],
  ...['sidecar.istio.io/inject', 'sidecar.istio.io/status', 'istio.io/rev', 'istio-injection'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', 'a'],
]

const texts = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom(
    'true',
    'istio-proxy',
    'shop',
    'default',
    '100m',
    '1Gi',
    '15006',
    '2026-11-20T12:00:00Z',
    '{}',
    '[',
    '*',
  ),
)
const scalars: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, -1, 1.5, 15_012, 2 ** 53, 1e300),
  // What no text can be made of.
  fc.constant<Json>({ toString: null, valueOf: 1 }),
  texts,
)

const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalars,
    fc.array(tie('json'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.constantFrom(...KEYS), tie('json')), { maxLength: 5 })
      // As own properties, `__proto__` too.
      .map((entries): Json => Object.fromEntries(entries)),
  ),
}))

const facts = Object.values(KINDS)
const names = fc.constantFrom('cart', 'istiod', 'shop', 'istio', '__proto__', 'constructor')

/** An object of a kind that checks look at, with anything in it. */
const oddObject: fc.Arbitrary<JsonObject> = fc
  .tuple(fc.constantFrom(...facts), names, names, json, json, json, json)
  .map(([{ apiVersion, kind }, name, namespace, metadata, spec, status, data]) => ({
    apiVersion,
    kind,
    metadata: { ...(isObject(metadata) ? metadata : {}), name, namespace },
    spec,
    status,
    data,
    webhooks: data,
    involvedObject: spec,
  }))

interface Mutation {
  readonly object: number
  readonly steps: readonly number[]
  readonly value: Json | undefined
}

const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    object: fc.nat(),
    steps: fc.array(fc.nat(), { minLength: 1, maxLength: 9 }),
    value: fc.option(json, { nil: undefined, freq: 5 }),
  }),
  { minLength: 1, maxLength: 6 },
)

/** The value with another one somewhere inside; `undefined` takes what stands there away. */
function mutated(node: Json, steps: readonly number[], value: Json | undefined): Json | undefined {
  const [step, ...rest] = steps
  if (step === undefined) return value
  if (isArray(node) && node.length > 0) {
    const index = step % node.length
    return node.flatMap((item, i) => (i === index ? (mutated(item, rest, value) ?? []) : [item]))
  }
  const keys = isObject(node) ? Object.keys(node) : []
  const key = keys[step % Math.max(1, keys.length)]
  if (!isObject(node) || key === undefined) return value
  const entries = Object.entries(node).flatMap(([name, item]) => {
    const changed = name === key ? mutated(item, rest, value) : item
    return changed === undefined ? [] : [[name, changed] as const]
  })
  return Object.fromEntries(entries)
}

function mutate(snapshot: Snapshot, changes: readonly Mutation[]): Snapshot {
  const objects = [...snapshot.objects]
  for (const { object, steps, value } of changes) {
    const index = object % objects.length
    const changed = mutated(objects[index] ?? {}, steps, value)
    if (isObject(changed)) objects[index] = changed
  }
  return { ...snapshot, objects }
}

/** What is written to then throws. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) frozen(inner)
  return value
}

function outcomesOf(snapshot: Snapshot): Readonly<Record<string, readonly CheckOutcome[]>> {
  const cluster = clusterOf(snapshot)
  return Object.fromEntries(CHECKS.map((check) => [check.id, check.run(cluster)]))
}

/** No check throws or writes, what they say is JSON, and they say it again. */
function holdsTheLaws(snapshot: Snapshot): void {
  const outcomes = outcomesOf(frozen(snapshot))
  expect(JSON.parse(JSON.stringify(outcomes))).toEqual(outcomes)
  expect(outcomesOf(snapshot)).toEqual(outcomes)
}

const files = readdirSync(FIXTURES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => fixturesOf(name))
  .map(({ file }) => file)

const loaded = new Map<string, Snapshot>()
function fixture(file: string): Snapshot {
  const known = loaded.get(file)
  if (known !== undefined) return known
  const snapshot = loadFixture(file)
  loaded.set(file, snapshot)
  return snapshot
}

describe('every check, on any snapshot', () => {
  const healthy = loadFixture(HEALTHY)

  it('survives objects that are nothing like Kubernetes', { timeout: TIME }, () => {
    const objects = fc.array(oddObject, { maxLength: 12 })
    fc.assert(
      fc.property(objects, (odd) => holdsTheLaws({ ...healthy, objects: odd })),
      { seed: SEED, numRuns: 150 },
    )
  })

  it('survives odd objects in a cluster that is otherwise healthy', { timeout: TIME }, () => {
    const objects = fc.array(oddObject, { minLength: 1, maxLength: 6 })
    fc.assert(
      // The first of two objects of one name stands.
      fc.property(objects, (odd) => holdsTheLaws({ ...healthy, objects: [...odd, ...healthy.objects] })),
      { seed: SEED, numRuns: 1000 },
    )
  })

  it('survives anything in any place of a cluster', { timeout: TIME }, () => {
    fc.assert(
      fc.property(fc.constantFrom(HEALTHY, ...files), mutations, (file, changes) =>
        holdsTheLaws(mutate(fixture(file), changes)),
      ),
      { seed: SEED, numRuns: 200 },
    )
  })

  it('survives anything in logs', { timeout: TIME }, () => {
    const tails = files.flatMap((file) => fixture(file).logs.map(({ tail }) => tail))
    const lines = fc.array(
      fc
        .tuple(fc.constantFrom('', ...tails), fc.nat({ max: 400 }), texts)
        .map(([tail, at, text]) => tail.slice(0, at) + text),
    )
    const namesOfPods = fc.constantFrom(
      ['shop', 'cart-5f6d-x1', 'istio-proxy'],
      ['istio-system', 'istiod-7d4b9c-a', 'discovery'],
    )
    fc.assert(
      fc.property(lines, namesOfPods, fc.boolean(), (all, [namespace = '', pod = '', container = ''], previous) =>
        holdsTheLaws({ ...healthy, logs: [{ namespace, pod, container, previous, tail: all.join('\n') }] }),
      ),
      { seed: SEED, numRuns: 1000 },
    )
  })

  it('finds the same whatever the order of the objects', { timeout: TIME }, () => {
    const order = fc.infiniteStream(fc.nat())
    fc.assert(
      fc.property(fc.constantFrom(...files), order, (file, stream) => {
        const { objects, ...rest } = fixture(file)
        const ranked = objects.map((object) => ({ object, rank: stream.next().value ?? 0 }))
        const shuffled = ranked.toSorted((a, b) => a.rank - b.rank).map(({ object }) => object)
        expect(keysOf(outcomesOf({ ...rest, objects: shuffled }))).toEqual(keysOf(outcomesOf({ ...rest, objects })))
      }),
      { seed: SEED, numRuns: 100 },
    )
  })

  it('is reported in JSON, whatever is asked about', { timeout: TIME }, () => {
    const targets = fc.constantFrom(
      { kind: 'everything' } as const,
      { kind: 'workload', workload: 'Deployment', namespace: 'shop', name: 'cart' } as const,
      { kind: 'workload', workload: 'Pod', namespace: 'shop', name: 'cart-5f6d-x1' } as const,
      { kind: 'namespace', name: 'shop' } as const,
      { kind: 'webhooks' } as const,
      { kind: 'certs' } as const,
    )
    fc.assert(
      fc.property(targets, mutations, (target, changes) => {
        const report = diagnose(frozen(mutate(healthy, changes)), { target, rethrow: true })
        expect(() => JSON.stringify(report)).not.toThrow()
      }),
      { seed: SEED, numRuns: 1000 },
    )
  })
})

/** What was found where, without the words: these may name things in the order in which they stand. */
function keysOf(outcomes: ReturnType<typeof outcomesOf>): readonly string[] {
  return Object.entries(outcomes)
    .flatMap(([id, all]) =>
      all.map((one) => {
        const { kind = '', namespace = '', name = '' } = one.object ?? {}
        const marks = one.outcome === 'found' ? [one.severity, one.routine, one.confidence] : []
        return [id, one.outcome, kind, namespace, name, ...marks].join(' ')
      }),
    )
    .toSorted()
}
