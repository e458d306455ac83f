import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { manualClock } from '../controllers/clock.ts'
import { createStore } from '../store/store.ts'
import { forgetOldEvents } from './event-lifetime.ts'

const MINUTE = 60_000
const key = (name: string) => ({ bucket: 'events', namespace: 'default', name })
const event = (name: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { namespace: 'default', name },
})

describe('Events', () => {
  it('go an hour after they were last written', () => {
    const clock = manualClock('2026-01-01T00:00:00Z')
    const store = createStore()
    const end = forgetOldEvents(store, clock)
    const names = () => store.list('events').map((one) => (one.metadata as JsonObject).name)
    store.put(key('a'), event('a'))
    store.put(key('b'), event('b'))
    clock.advance(30 * MINUTE)
    store.put(key('a'), event('a'))
    store.put(key('c'), event('c'))
    store.remove(key('c'))
    clock.advance(30 * MINUTE)
    expect(names()).toEqual(['a'])
    clock.advance(30 * MINUTE)
    expect(names()).toEqual([])
    store.put(key('d'), event('d'))
    end()
    clock.advance(60 * MINUTE)
    expect(names()).toEqual(['d'])
  })

  it('of a loaded state go an hour after its start', () => {
    const clock = manualClock('2026-01-01T00:00:00Z')
    const store = createStore({ from: { revision: 7, objects: [{ key: key('old'), object: event('old') }] } })
    forgetOldEvents(store, clock)
    clock.advance(60 * MINUTE)
    expect(store.list('events')).toEqual([])
  })

  it('are all that goes', () => {
    const clock = manualClock('2026-01-01T00:00:00Z')
    const store = createStore()
    forgetOldEvents(store, clock)
    store.put({ bucket: 'pods', namespace: 'default', name: 'a' }, event('a'))
    clock.advance(600 * MINUTE)
    expect(store.list('pods').length).toBe(1)
  })
})
