import type { JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type VirtualTime, virtualTime } from '../../testing/virtual-time.ts'
import { ConnectionError, holdLease, type KubeClient, StatusError } from '../index.ts'

type LeaseClient = Pick<KubeClient, 'find' | 'create' | 'replace'>

/** The one Lease on a server; it refuses what was not read last, as the API server does. */
interface LeaseServer {
  readonly lease: JsonObject | undefined
  put(object: JsonObject, isNew: boolean): JsonObject
}

function leaseServer(): LeaseServer {
  let lease: JsonObject | undefined
  let version = 0
  return {
    get lease() {
      return lease
    },
    put(object, isNew) {
      const metadata = object.metadata as JsonObject
      if (isNew && lease !== undefined) throw new StatusError('exists', 409, 'AlreadyExists', {})
      const newest = (lease?.metadata ?? {}) as JsonObject
      if (!isNew && metadata.resourceVersion !== newest.resourceVersion) {
        throw new StatusError('modified', 409, 'Conflict', {})
      }
      lease = { ...object, metadata: { ...metadata, resourceVersion: String(++version) } }
      return lease
    },
  }
}

/** The way to the server: how long requests and answers take, and whether they arrive. */
interface Network {
  readonly delay: () => number
  readonly fails: () => boolean
}

function clientOf(server: LeaseServer, time: VirtualTime, { delay, fails }: Network): LeaseClient {
  const travel = async <T>(work: () => T): Promise<T> => {
    await time.sleep(delay())
    if (fails()) throw new ConnectionError('lost on the way')
    const result = work()
    await time.sleep(delay())
    // The server did it, and nobody hears of it.
    if (fails()) throw new ConnectionError('lost on the way back')
    return result
  }
  return {
    find: () => travel(() => server.lease),
    create: (object) => travel(() => server.put(object, true)),
    replace: (object) => travel(() => server.put(object, false)),
  }
}

const good: Network = { delay: () => 5, fails: () => false }
const spec = (server: LeaseServer): JsonObject => (server.lease?.spec ?? {}) as JsonObject

interface Contender {
  readonly stop: AbortController
  readonly done: Promise<void>
  isLeading: boolean
  readonly log: string[]
}

function contend(
  client: LeaseClient,
  identity: string,
  time: VirtualTime,
  clock = time.clock(0, 1, () => 0.5),
): Contender {
  const stop = new AbortController()
  const log: string[] = []
  const handlers = {
    acquired(leading: AbortSignal) {
      log.push('acquired')
      contender.isLeading = true
      leading.addEventListener('abort', () => {
        contender.isLeading = false
      })
    },
    lost: () => void log.push('lost'),
    failed: (error: Error) => void log.push(error.message),
  }
  const options = { namespace: 'ns', name: 'lead', identity, timing: clock, date: () => new Date(time.now) }
  const contender: Contender = { stop, log, isLeading: false, done: holdLease(client, options, handlers, stop.signal) }
  return contender
}

describe('a lease', () => {
  it('is made by the first, and taken by another when it is released', async () => {
    const time = virtualTime()
    const server = leaseServer()
    const first = contend(clientOf(server, time, good), 'first', time)
    await time.pass(100)
    const second = contend(clientOf(server, time, good), 'second', time)
    await time.pass(20_000)
    expect([first.isLeading, second.isLeading]).toEqual([true, false])
    expect(spec(server)).toMatchObject({ holderIdentity: 'first', leaseDurationSeconds: 15, leaseTransitions: 0 })
    expect(spec(server).renewTime).toMatch(/^1970-01-01T00:00:\d\d\.\d{6}Z$/)
    first.stop.abort()
    await time.pass(3000)
    await first.done
    expect(first.log).toEqual(['acquired', 'lost'])
    expect([first.isLeading, second.isLeading]).toEqual([false, true])
    expect(spec(server)).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 })
    second.stop.abort()
    await time.pass(1000)
    expect(spec(server).holderIdentity).toBe('')
  })

  it('is given up when it cannot be renewed for ten seconds, and taken by another after fifteen', async () => {
    const time = virtualTime()
    const server = leaseServer()
    let isCut = false
    const first = contend(clientOf(server, time, { delay: () => 5, fails: () => isCut }), 'first', time)
    await time.pass(1000)
    const second = contend(clientOf(server, time, good), 'second', time)
    await time.pass(5000)
    isCut = true
    await time.pass(11_000)
    expect([first.isLeading, second.isLeading]).toEqual([false, false])
    await time.pass(7000)
    expect(second.isLeading).toBe(true)
    isCut = false
    await time.pass(20_000)
    expect([first.isLeading, second.isLeading]).toEqual([false, true])
    for (const one of [first, second]) one.stop.abort()
    await time.pass(1000)
  })

  it('is given up in time also when a renewal hangs', async () => {
    const time = virtualTime()
    const server = leaseServer()
    let delay = 5
    const first = contend(clientOf(server, time, { delay: () => delay, fails: () => false }), 'first', time)
    await time.pass(5000)
    delay = 60_000
    await time.pass(12_500)
    expect(first.isLeading).toBe(false)
    delay = 5
    first.stop.abort()
    await time.pass(500_000)
    await first.done
  })

  it('keeps what others wrote into the object', async () => {
    const time = virtualTime()
    const server = leaseServer()
    server.put({ metadata: { name: 'lead', labels: { a: 'b' } }, spec: { holderIdentity: '', strategy: 'x' } }, true)
    const first = contend(clientOf(server, time, good), 'first', time)
    await time.pass(100)
    expect(server.lease).toMatchObject({
      metadata: { labels: { a: 'b' } },
      spec: { holderIdentity: 'first', strategy: 'x' },
    })
    first.stop.abort()
    await time.pass(100)
  })

  it('needs times that make sense', async () => {
    const options = { namespace: 'ns', name: 'lead', identity: 'me', durationSeconds: 10 }
    const client = clientOf(leaseServer(), virtualTime(), good)
    await expect(holdLease(client, options, { acquired() {} }, new AbortController().signal)).rejects.toThrow(
      RangeError,
    )
  })

  it('is never held by two at once, whatever the network does and however the clocks stand; and in the end by one', async () => {
    const phase = fc.record({
      who: fc.nat({ max: 2 }),
      what: fc.constantFrom('slow', 'lossy', 'cut', 'good', 'restart'),
      for: fc.integer({ min: 500, max: 25_000 }),
    })
    const clocks = fc.array(
      fc.record({ offset: fc.nat({ max: 1e9 }), rate: fc.double({ min: 0.95, max: 1.05, noNaN: true }) }),
      { minLength: 3, maxLength: 3 },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(phase, { maxLength: 12 }), clocks, fc.integer(), async (phases, offsets, seed) => {
        let state = seed >>> 0
        const random = (): number => {
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0
          return state / 2 ** 32
        }
        const time = virtualTime()
        const server = leaseServer()
        const networks = offsets.map(() => ({ what: 'good' }))
        const start = (index: number): Contender => {
          const network: Network = {
            delay: () => (networks[index]?.what === 'slow' ? random() * 20_000 : random() * 100),
            fails: () => networks[index]?.what === 'cut' || (networks[index]?.what === 'lossy' && random() < 0.5),
          }
          const { offset, rate } = offsets[index] ?? { offset: 0, rate: 1 }
          return contend(clientOf(server, time, network), `c${index}`, time, time.clock(offset, rate, random))
        }
        const contenders = offsets.map((_, index) => start(index))
        const watch = async (milliseconds: number): Promise<void> => {
          for (let passed = 0; passed < milliseconds; passed += 250) {
            await time.pass(250)
            expect(contenders.filter((one) => one.isLeading).length).toBeLessThanOrEqual(1)
          }
        }
        for (const { who, what, for: lasting } of phases) {
          const network = networks[who]
          if (network !== undefined) network.what = what === 'restart' ? 'good' : what
          if (what === 'restart') {
            const old = contenders[who]
            old?.stop.abort()
            // It ends by itself while another process of the same name is not yet there.
            await watch(50_000)
            await old?.done
            contenders[who] = start(who)
          }
          await watch(lasting)
        }
        for (const network of networks) network.what = 'good'
        await watch(90_000)
        expect(contenders.filter((one) => one.isLeading)).toHaveLength(1)
        for (const one of contenders) one.stop.abort()
        await time.pass(200_000)
        await Promise.all(contenders.map((one) => one.done))
      }),
      { numRuns: 25, seed: 20261120 },
    )
  })
})
