import type { JsonObject } from '@proa/kube'
import { StatusError } from '@proa/kube-client'
import { createAuthority } from '@proa/pki'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { manualTiming } from '../../testing/manual-timing.ts'
import { memoryCluster } from '../../testing/memory-client.ts'
import { recordingLog, recordingMetrics } from '../../testing/quiet.ts'
import { watchable } from '../watched.ts'
import { type CaBundlePatcherOptions, runCaBundlePatcher } from './patcher.ts'

const KIND = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' }
const base64 = (text: string): string => Buffer.from(text).toString('base64')
let roots: readonly string[] = []
beforeAll(async () => {
  const create = () => createAuthority({ commonName: 'root', validFor: 1e9, now: new Date() })
  roots = (await Promise.all([create(), create()])).map(({ certificate }) => certificate)
})

const running: AbortController[] = []
const ended: Promise<void>[] = []
afterEach(async () => {
  for (const one of running.splice(0)) one.abort()
  await Promise.all(ended.splice(0))
})

function there() {
  const [cluster, timing, log, metrics] = [memoryCluster(), manualTiming(), recordingLog(), recordingMetrics()]
  const bundle = watchable<{ readonly caBundle: string | undefined }>()
  const reported: (string | undefined)[] = []
  return {
    cluster,
    timing,
    log,
    metrics,
    bundle,
    reported,
    start(options: Partial<CaBundlePatcherOptions> = {}): AbortController {
      const abort = new AbortController()
      running.push(abort)
      const report = (_: JsonObject, problem: string | undefined): void => void reported.push(problem)
      ended.push(
        runCaBundlePatcher(
          { client: cluster.client, revision: '', bundle, timing, log, metrics, report, ...options },
          abort.signal,
        ),
      )
      return abort
    },
    put(name: string, caBundle: string | undefined, labels: JsonObject = { 'istio.io/rev': 'default' }): void {
      const clientConfig = caBundle === undefined ? {} : { caBundle: base64(caBundle) }
      const managedFields = [{ manager: 'argocd', operation: 'Apply', time: '2030-01-01T00:00:00Z' }]
      cluster.put({
        ...KIND,
        metadata: { name, labels, managedFields },
        webhooks: [{ name: 'x.sidecar-injector.istio.io', clientConfig }],
      })
    },
    trusted(name: string): string | undefined {
      const [entry] = (cluster.find({ ...KIND, name })?.webhooks ?? []) as { clientConfig: { caBundle?: string } }[]
      const { caBundle } = entry?.clientConfig ?? {}
      return caBundle === undefined ? undefined : Buffer.from(caBundle, 'base64').toString()
    },
  }
}

const first = (): string => roots[0] ?? ''
const both = (): string => roots.join('')

describe('the bundle of every configuration of the revision', () => {
  it('is written when it is missing, also in those that come later, and in tags; others are not touched', async () => {
    const { start, put, trusted, bundle, timing } = there()
    put('injector', undefined)
    put('canary', undefined, { 'istio.io/rev': 'canary' })
    bundle.set({ caBundle: first() })
    start()
    await timing.until(() => trusted('injector') === first())
    put('tag', undefined, { 'istio.io/rev': 'default', 'istio.io/tag': 'prod' })
    await timing.until(() => trusted('tag') === first())
    expect(trusted('canary')).toBeUndefined()
  })

  it('follows a rotation', async () => {
    const { start, put, trusted, bundle, timing } = there()
    for (const name of ['a', 'b']) put(name, undefined)
    bundle.set({ caBundle: first() })
    start()
    await timing.until(() => trusted('a') === first() && trusted('b') === first())
    bundle.set({ caBundle: both() })
    await timing.until(() => trusted('a') === both() && trusted('b') === both())
  })

  it.each([
    ['empty', ''],
    ['wrong', 'hello'],
    ['removed', undefined],
  ])('is healed when somebody makes it %s', async (_, broken) => {
    const { start, put, trusted, bundle, timing, metrics } = there()
    put('injector', undefined)
    bundle.set({ caBundle: first() })
    start()
    await timing.until(() => trusted('injector') === first())
    put('injector', broken)
    await timing.until(() => trusted('injector') === first())
    expect(metrics.counted.filter((one) => one === 'injector patched')).toHaveLength(2)
  })

  it('is not written while there is none, or it is broken', async () => {
    const { start, put, trusted, bundle, timing, metrics, reported, cluster } = there()
    put('injector', undefined)
    start()
    bundle.set({ caBundle: undefined })
    bundle.set({ caBundle: 'hello' })
    await timing.until(() => metrics.counted.includes('injector failed bad-bundle'))
    expect(reported).toEqual(['the caBundle of injector is not written: the bundle holds no certificate'])
    expect(cluster.writes).toBe(0)
    bundle.set({ caBundle: first() })
    await timing.until(() => trusted('injector') === first())
    expect(reported.at(-1)).toBeUndefined()
  })

  it('is tried again, with pauses, after a failure', async () => {
    const { start, put, trusted, bundle, timing, cluster, reported } = there()
    put('injector', undefined)
    bundle.set({ caBundle: first() })
    const forbidden = new StatusError('may not patch', 403, 'Forbidden', {})
    let allowed = false
    const patch: typeof cluster.client.patch = (...request) =>
      allowed ? cluster.client.patch(...request) : Promise.reject(forbidden)
    start({ client: { ...cluster.client, patch } })
    await timing.until(() => reported.length > 0)
    expect(reported).toEqual(['the caBundle of injector cannot be written: may not patch'])
    allowed = true
    await timing.until(() => trusted('injector') === first())
    expect(reported.at(-1)).toBeUndefined()
  })
})

describe('an outdated replica', () => {
  it('does not write an older bundle over a newer one', async () => {
    const { start, put, trusted, bundle, timing, metrics } = there()
    put('injector', both())
    bundle.set({ caBundle: first() })
    start({ freshBundle: () => Promise.resolve(both()) })
    await timing.until(() => metrics.counted.includes('injector unchanged up-to-date'))
    expect(trusted('injector')).toBe(both())
  })

  it('writes nothing while the source of the bundle is broken', async () => {
    const { start, put, trusted, bundle, timing } = there()
    put('injector', undefined)
    bundle.set({ caBundle: first() })
    let [asked, fresh]: [number, string | undefined] = [0, undefined]
    const freshBundle = (): Promise<string | undefined> => {
      asked += 1
      return Promise.resolve(fresh)
    }
    start({ freshBundle })
    await timing.until(() => asked > 2)
    expect(trusted('injector')).toBeUndefined()
    fresh = both()
    await timing.until(() => trusted('injector') === both())
  })

  it('several patchers agree, with conflicts and without a fight', async () => {
    const { start, put, trusted, bundle, timing, reported } = there()
    put('injector', undefined)
    bundle.set({ caBundle: first() })
    for (const _ of [1, 2, 3]) start({ freshBundle: () => Promise.resolve(first()) })
    await timing.until(() => trusted('injector') === first())
    await timing.until(() => timing.now() > 10_000)
    expect(reported.filter((one) => one !== undefined)).toEqual([])
  })
})

describe('somebody who writes the same field again and again', () => {
  it('is mended ever more slowly and named once; peace ends it', async () => {
    const { start, put, trusted, bundle, timing, reported, metrics } = there()
    put('injector', undefined)
    bundle.set({ caBundle: first() })
    start()
    const times: number[] = []
    for (let round = 0; round < 8; round += 1) {
      await timing.until(() => trusted('injector') === first())
      times.push(timing.now())
      put('injector', '')
    }
    await timing.until(() => trusted('injector') === first())
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    expect(pauses.at(-1)).toBeGreaterThan(30_000)
    expect(reported).toHaveLength(1)
    expect(reported[0]).toContain('somebody else keeps changing the caBundle of injector: argocd (Apply)')
    expect(metrics.counted).toContain('injector failed rival')
    await timing.until(() => reported.length === 2, 10_000)
    expect(reported[1]).toBeUndefined()
  })
})

describe('replicas with files of their own', () => {
  it('do not write over each other: the holder of the lease writes, and the other when it ends', async () => {
    const { cluster, timing, start, put, trusted } = there()
    put('hook', undefined)
    const replicas = roots.map((caBundle, index) => {
      const bundle = watchable<{ readonly caBundle: string | undefined }>()
      bundle.set({ caBundle })
      const lease = { namespace: 'proa-system', name: 'proa', identity: `replica-${index}`, date: timing.date }
      return { caBundle, end: start({ bundle, lease }) }
    })
    await timing.until(() => trusted('hook') !== undefined)
    const holder = replicas.find(({ caBundle }) => caBundle === trusted('hook'))
    const other = replicas.find((one) => one !== holder)
    // Several renewals later it is still the same.
    const { writes } = cluster
    await timing.until(() => cluster.writes > writes + 10)
    expect(trusted('hook')).toBe(holder?.caBundle)
    holder?.end.abort()
    await timing.until(() => trusted('hook') === other?.caBundle)
  })
})
