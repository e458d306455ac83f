import type { JsonObject } from '@proa/kube'
import { afterEach, describe, expect, it } from 'vitest'
import { instantTiming } from '../../testing/instant-timing.ts'
import { answer, type ScriptedServer, scriptedServer, statusOf } from '../../testing/scripted-server.ts'
import { type ClusterEvent, type EventRecorder, eventRecorder } from '../index.ts'
import { cutMessage } from './event-object.ts'

let server: ScriptedServer
afterEach(() => server.close())

/** A server that keeps Events. */
async function start(): Promise<{
  recorder: EventRecorder
  events: Map<string, JsonObject>
  timing: ReturnType<typeof instantTiming>
}> {
  const events = new Map<string, JsonObject>()
  server = await scriptedServer(({ method, path, body }, response) => {
    const sent = JSON.parse(body) as JsonObject
    if (method === 'POST') {
      events.set(`${path}/${(sent.metadata as JsonObject).name}`, sent)
      return answer(response, 201, sent)
    }
    const known = events.get(path)
    if (known === undefined) return answer(response, 404, statusOf(404, 'NotFound', 'events not found'))
    events.set(path, { ...known, ...sent })
    answer(response, 200, {})
  })
  const timing = instantTiming()
  let next = 0
  const random = (): number => ++next / 1e6
  const recorder = eventRecorder(await server.client(), {
    component: 'proa-injector',
    instance: 'pod-1',
    timing: { ...timing, random },
    date: () => new Date('2026-11-20T16:00:00.500Z'),
  })
  return { recorder, events, timing }
}

const EVENT: ClusterEvent = {
  regarding: { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: 'shop', name: 'web-1', uid: 'u1' },
  type: 'Warning',
  reason: 'InjectionFailed',
  message: 'no',
}

describe('events', () => {
  it('are written as kubectl shows them', async () => {
    const { recorder, events } = await start()
    expect(await recorder.record(EVENT)).toBe('created')
    const [[path, event] = []] = [...events]
    expect(path).toMatch(/^\/api\/v1\/namespaces\/shop\/events\/web-1\.[0-9a-f]{13}$/)
    expect(event).toMatchObject({
      involvedObject: { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: 'shop', name: 'web-1', uid: 'u1' },
      type: 'Warning',
      reason: 'InjectionFailed',
      message: 'no',
      count: 1,
      source: { component: 'proa-injector', host: 'pod-1' },
      firstTimestamp: '2026-11-20T16:00:00Z',
      lastTimestamp: '2026-11-20T16:00:00Z',
    })
  })

  it('of a Namespace are kept in it, those of other cluster-scoped objects in default', async () => {
    const { recorder, events } = await start()
    await recorder.record({ ...EVENT, regarding: { apiVersion: 'v1', kind: 'Namespace', name: 'shop' } })
    await recorder.record({ ...EVENT, regarding: { apiVersion: 'v1', kind: 'Node', name: 'n1' } })
    expect(
      [...events.values()].map(({ metadata, involvedObject }) => [
        (metadata as JsonObject).namespace,
        (involvedObject as JsonObject).namespace,
      ]),
    ).toEqual([
      ['shop', 'shop'],
      ['default', undefined],
    ])
  })

  it('that are the same are counted, also when they come at once', async () => {
    const { recorder, events } = await start()
    await Promise.all([1, 2, 3].map(() => recorder.record(EVENT)))
    expect([...events.values()].map(({ count }) => count)).toEqual([3])
  })

  it('that the server has forgotten are written anew', async () => {
    const { recorder, events } = await start()
    await recorder.record(EVENT)
    events.clear()
    expect(await recorder.record(EVENT)).toBe('created')
    expect(events.size).toBe(1)
  })

  it('that differ in their message only become one after ten', async () => {
    const { recorder, events } = await start()
    for (let number = 0; number < 14; number++) await recorder.record({ ...EVENT, message: `Pod ${number}` })
    expect(events.size).toBe(11)
    expect([...events.values()].at(-1)).toMatchObject({ message: '(combined from similar events): Pod 13', count: 4 })
  })

  it('about one object are 25 at most, and one more every five minutes', async () => {
    const { recorder, timing } = await start()
    const results: string[] = []
    for (let number = 0; number < 30; number++) results.push(await recorder.record(EVENT))
    expect(results.filter((one) => one === 'dropped')).toHaveLength(5)
    expect(await recorder.record({ ...EVENT, regarding: { ...EVENT.regarding, name: 'other' } })).toBe('created')
    await timing.sleep(300_000, new AbortController().signal)
    expect(await recorder.record(EVENT)).toBe('counted')
    expect(await recorder.record(EVENT)).toBe('dropped')
  })

  it('that cannot be written fail, and the next one is tried again', async () => {
    const { recorder, events } = await start()
    const ready = Promise.withResolvers<void>()
    server.server.once('secureConnection', (socket) => {
      socket.destroy()
      ready.resolve()
    })
    await expect(recorder.record(EVENT)).rejects.toThrow(/cannot reach the API server/)
    await ready.promise
    expect(await recorder.record(EVENT)).toBe('created')
    expect(events.size).toBeGreaterThan(0)
  })

  it('have a message of 1024 bytes, cut between characters', async () => {
    await start()
    expect(cutMessage('a'.repeat(1024))).toHaveLength(1024)
    const cut = cutMessage('€'.repeat(500))
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(1024)
    expect(cut).toBe(`${'€'.repeat(340)}…`)
  })
})
