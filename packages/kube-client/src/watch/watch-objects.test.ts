import { setImmediate } from 'node:timers/promises'
import type { JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instantTiming, until } from '../../testing/instant-timing.ts'
import { type ModelServer, modelServer } from '../../testing/model-server.ts'
import { watchObjects } from './watch-objects.ts'

const REF = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ns' }

type Step =
  | { readonly do: 'put' | 'remove'; readonly name: string }
  | { readonly do: 'compact' | 'bookmark' | 'breathe' }
  | { readonly do: 'end'; readonly how: 'clean' | 'cut' | 'error' | 'garbage' | 'expired' }
  | { readonly do: 'fail'; readonly how: 'reset' | 'error' | 'expired' }

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('put', 'remove'), name }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('compact', 'bookmark', 'breathe') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('end'),
      how: fc.constantFrom('clean', 'cut', 'error', 'garbage', 'expired'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail'), how: fc.constantFrom('reset', 'error', 'expired') }) },
) as fc.Arbitrary<Step>

async function play(server: ModelServer, one: Step): Promise<void> {
  if (one.do === 'put') server.put(one.name)
  else if (one.do === 'remove') server.remove(one.name)
  else if (one.do === 'compact') server.compact()
  else if (one.do === 'bookmark') server.bookmark()
  else if (one.do === 'end') server.endWatches(one.how)
  else if (one.do === 'fail') server.failNext(one.how)
  else for (let turn = 0; turn < 20; turn++) await setImmediate()
}

const versionOf = (object: JsonObject): number => Number((object.metadata as JsonObject).resourceVersion)
const nameOf = (object: JsonObject): string => String((object.metadata as JsonObject).name)
const named = (objects: readonly JsonObject[]): string[] =>
  objects.map((one) => `${nameOf(one)}@${versionOf(one)}`).sort()

describe('a watched collection', () => {
  it('ends with what the server has, and tells each difference once, whatever breaks on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const server = await modelServer()
        for (const first of ['a', 'b', 'c']) server.put(first)
        const client = await server.client()
        const told = new Map<string, JsonObject>()
        const newest = new Map<string, number>()
        const watched = watchObjects(
          client,
          REF,
          {
            changed(now, before) {
              const key = nameOf((now ?? before) as JsonObject)
              // The history is consistent: what was before is what was told last.
              expect(told.get(key)).toBe(before)
              if (now === undefined) told.delete(key)
              else {
                expect(versionOf(now)).toBeGreaterThan(newest.get(key) ?? 0)
                newest.set(key, versionOf(now))
                told.set(key, now)
              }
            },
            // An expectation above that fails comes here.
            failed(error) {
              if (error.name === 'AssertionError') problems.push(error)
            },
          },
          instantTiming(),
        )
        const problems: Error[] = []
        try {
          for (const one of steps) await play(server, one)
          await watched.synced
          const wanted = (): string => named([...server.objects().values()]).join()
          await until(() => named(watched.items).join() === wanted() || problems.length > 0)
          expect(problems).toEqual([])
          expect(named([...told.values()]).join()).toBe(wanted())
        } finally {
          watched.stop()
          await server.close()
        }
      }),
      { numRuns: 60, seed: 20261120 },
    )
  })

  it('says what is wrong while the server is away, and goes on when it is back', async () => {
    const server = await modelServer()
    server.put('a')
    const failures: string[] = []
    const timing = instantTiming()
    const client = await server.client()
    const watched = watchObjects(client, REF, { failed: (error) => failures.push(error.message) }, timing)
    await watched.synced
    await until(() => server.watches === 1)
    for (let times = 0; times < 4; times++) server.failNext('error')
    server.endWatches('error')
    await until(() => failures.length >= 4)
    server.put('b')
    await until(() => watched.items.length === 2 && server.watches === 1)
    await until(() => watched.problem === undefined)
    expect(failures.slice(0, 2)).toEqual(['boom', 'etcdserver: leader changed'])
    // Growing, and never longer than half a minute.
    expect(timing.pauses.slice(0, 4)).toEqual([600, 1200, 2400, 4800])
    watched.stop()
    await server.close()
  })

  it('does not ask a server without a pause that ends every watch at once', async () => {
    const server = await modelServer()
    const timing = instantTiming()
    const failures: string[] = []
    const client = await server.client()
    const ending = {
      list: client.list,
      async *watch() {},
    }
    const watched = watchObjects(ending, REF, { failed: (error) => failures.push(error.message) }, timing)
    await until(() => failures.length >= 8)
    watched.stop()
    expect(failures[0]).toBe('the watch of ConfigMap ended at once')
    expect(Math.max(...timing.pauses)).toBe(22_500)
    await server.close()
  })

  it('does not ask a server without a pause that forgets every list at once', async () => {
    const server = await modelServer()
    const timing = instantTiming()
    const watched = watchObjects(await server.client(), REF, {}, timing)
    server.compact()
    await watched.synced
    await until(() => server.watches === 1)
    for (let times = 0; times < 12; times++) {
      server.endWatches('expired')
      await until(() => server.watches === 1)
    }
    expect(timing.pauses.length).toBeGreaterThanOrEqual(11)
    watched.stop()
    await server.close()
  })

  it('keeps only what is asked for', async () => {
    const server = await modelServer()
    server.put('a')
    const keep = ({ metadata }: JsonObject): JsonObject => ({ metadata: metadata ?? {} })
    const watched = watchObjects(await server.client(), REF, { keep }, instantTiming())
    await watched.synced
    server.put('a')
    await until(() => versionOf(watched.get('a', 'ns') ?? {}) === 12)
    expect(watched.items).toEqual([{ metadata: expect.objectContaining({ name: 'a' }) }])
    watched.stop()
    await server.close()
  })
})
