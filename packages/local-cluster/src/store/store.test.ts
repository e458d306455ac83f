import type { JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStore, type StoreChange, type StoreKey } from './store.ts'

const NAMES = ['a', 'b', 'c'] as const
const SPACES = ['', 'one', 'two'] as const

interface Step {
  readonly key: StoreKey
  /** Undefined removes. */
  readonly value: number | undefined
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    key: fc.record({
      bucket: fc.constantFrom('pods', 'nodes'),
      namespace: fc.constantFrom(...SPACES),
      name: fc.constantFrom(...NAMES),
    }),
    value: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined, freq: 3 }),
  }),
  { maxLength: 60 },
)

function object({ namespace, name }: StoreKey, value: number): JsonObject {
  return { metadata: { name, namespace }, value }
}

/** The states of a plain map after each write that changed something. */
function model(all: readonly Step[]): ReadonlyMap<string, number>[] {
  const states: Map<string, number>[] = [new Map()]
  for (const { key, value } of all) {
    const next = new Map(states.at(-1))
    const id = `${key.bucket}|${key.namespace}/${key.name}`
    if (value === undefined && !next.delete(id)) continue
    if (value !== undefined) next.set(id, value)
    states.push(next)
  }
  return states
}

function shown(bucket: string, objects: readonly JsonObject[]): Record<string, number> {
  return Object.fromEntries(
    objects.map((one) => {
      const { namespace, name } = one.metadata as { namespace: string; name: string }
      return [`${bucket}|${namespace}/${name}`, Number(one.value)]
    }),
  )
}

function run(all: readonly Step[], window: number): ReturnType<typeof createStore> {
  const store = createStore({ window })
  for (const { key, value } of all) {
    if (value === undefined) store.remove(key)
    else store.put(key, object(key, value))
  }
  return store
}

function bucketOf(state: ReadonlyMap<string, number>, bucket: string): Record<string, number> {
  return Object.fromEntries([...state].filter(([id]) => id.startsWith(`${bucket}|`)))
}

describe('the store', () => {
  it('shows the state after every revision that it still keeps, as a map would have it', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const store = run(all, 1000)
        model(all).forEach((state, revision) => {
          const listed = store.listAt(revision, 'pods')
          expect(shown('pods', listed ?? [])).toEqual(bucketOf(state, 'pods'))
        })
      }),
      { seed: 1 },
    )
  })

  it('loses no change and tells none twice: replayed from any revision they give the newest state', () => {
    fc.assert(
      fc.property(steps, fc.nat(), fc.integer({ min: 1, max: 7 }), (all, start, limit) => {
        const states = model(all)
        const store = run(all, 1000)
        const from = start % states.length
        const replayed = new Map(states[from])
        let revision = from
        for (;;) {
          const changes = store.changesAfter(revision, limit) ?? []
          if (changes.length === 0) break
          for (const change of changes) {
            expect(change.revision).toBe(revision + 1)
            revision = change.revision
            apply(replayed, change)
          }
        }
        expect(Object.fromEntries(replayed)).toEqual(Object.fromEntries(states.at(-1) ?? []))
      }),
      { seed: 2 },
    )
  })

  it('forgets old changes and says so, whatever it keeps is whole', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const store = run(all, 3)
        for (let revision = 0; revision <= store.revision; revision++) {
          const changes = store.changesAfter(revision, 100)
          if (revision < store.compacted) expect(changes).toBeUndefined()
          else expect(changes?.length).toBe(store.revision - revision)
        }
        expect(store.revision - store.compacted).toBeLessThan(6)
      }),
      { seed: 3 },
    )
  })

  it('goes on from a snapshot with the revisions that follow', () => {
    const store = run([{ key: { bucket: 'pods', namespace: 'one', name: 'a' }, value: 1 }], 10)
    const next = createStore({ from: store.snapshot() })
    expect(next.list('pods')).toEqual(store.list('pods'))
    expect(next.put({ bucket: 'pods', namespace: 'one', name: 'b' }, { metadata: {} })).toEqual({
      metadata: { resourceVersion: '2' },
    })
    expect(next.changesAfter(0, 10)).toBeUndefined()
    expect(next.changesAfter(1, 10)?.map(({ revision }) => revision)).toEqual([2])
  })

  it('lists by namespace and name', () => {
    const store = createStore()
    for (const [namespace, name] of [
      ['b', 'x'],
      ['a', 'z'],
      ['a', 'y'],
    ] as const) {
      store.put({ bucket: 'pods', namespace, name }, { metadata: { namespace, name } })
    }
    expect(store.list('pods').map((one) => (one.metadata as JsonObject).name)).toEqual(['y', 'z', 'x'])
  })

  it('forgets changes sooner when they are large', () => {
    const store = createStore({ windowBytes: 10_000 })
    const key = { bucket: 'configmaps', namespace: 'a', name: 'large' }
    for (let round = 0; round < 50; round++) store.put(key, { metadata: { name: 'large' }, data: 'x'.repeat(1000) })
    expect(store.revision - store.compacted).toBeGreaterThan(1)
    expect(store.revision - store.compacted).toBeLessThan(12)
    expect(store.changesAfter(store.compacted, 100)?.length).toBe(store.revision - store.compacted)
    expect(store.changesAfter(store.compacted - 1, 100)).toBeUndefined()
  })

  it('hands out what nobody can change', () => {
    const stored = createStore().put({ bucket: 'pods', namespace: '', name: 'a' }, { metadata: { labels: { a: 'b' } } })
    expect(Object.isFrozen((stored.metadata as JsonObject).labels)).toBe(true)
  })
})

function apply(state: Map<string, number>, { key, type, object: now }: StoreChange): void {
  const id = `${key.bucket}|${key.namespace}/${key.name}`
  if (type === 'DELETED') state.delete(id)
  else state.set(id, Number(now.value))
}
