import { getOwn, isObject, type JsonObject } from '@proa/kube'
import { ConnectionError } from '@proa/kube-client'
import { bundleFingerprints, certificateFacts, chainVerifies } from '@proa/pki'
import { afterEach, describe, expect, it } from 'vitest'
import { type ManualTiming, manualTiming } from '../../testing/manual-timing.ts'
import { type MemoryCluster, memoryCluster } from '../../testing/memory-client.ts'
import { recordingLog, recordingMetrics } from '../../testing/quiet.ts'
import { SECRET_KEYS } from './secret-format.ts'
import { type SelfManagedCertificates, type SelfManagedOptions, selfManagedCertificates } from './self-managed.ts'

const DAY = 86_400_000
const SECRET = { apiVersion: 'v1', kind: 'Secret', namespace: 'proa-system', name: 'proa-ca' }
const HOOK = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', name: 'injector' }

const running: SelfManagedCertificates[] = []
afterEach(() => {
  for (const one of running.splice(0)) one.stop()
})

interface There {
  readonly cluster: MemoryCluster
  readonly timing: ManualTiming
  readonly log: ReturnType<typeof recordingLog>
  start(identity: string, options?: Partial<SelfManagedOptions>): SelfManagedCertificates
}

function there(): There {
  const [timing, log] = [manualTiming(), recordingLog()]
  const cluster = memoryCluster(timing.date)
  return {
    cluster,
    timing,
    log,
    start(identity, options) {
      const source = selfManagedCertificates({
        client: cluster.client,
        namespace: SECRET.namespace,
        secretName: SECRET.name,
        leaseName: 'proa',
        identity,
        revision: '',
        dnsNames: ['proa.proa-system.svc'],
        now: timing.date,
        timing,
        log,
        metrics: recordingMetrics(),
        ...options,
      })
      running.push(source)
      return source
    },
  }
}

/** As the caBundle patcher does it. */
function publish(cluster: MemoryCluster, bundle: string): void {
  const caBundle = Buffer.from(bundle).toString('base64')
  const webhooks = [{ name: 'rev.namespace.sidecar-injector.istio.io', clientConfig: { caBundle } }]
  cluster.put({
    apiVersion: HOOK.apiVersion,
    kind: HOOK.kind,
    metadata: { name: HOOK.name, labels: { 'istio.io/rev': 'default' } },
    webhooks,
  })
}

function dataOf(cluster: MemoryCluster): JsonObject {
  const data = getOwn(cluster.find(SECRET) ?? {}, 'data')
  return isObject(data) ? data : {}
}

const rootsOf = (source: SelfManagedCertificates): readonly string[] =>
  bundleFingerprints(source.current?.caBundle ?? '')

describe('a cold start', () => {
  it('makes an authority and a certificate that it verifies', async () => {
    const { start, timing } = there()
    const source = start('a')
    await timing.until(() => source.current !== undefined)
    const { certificate = '', caBundle = '', notAfter, caNotAfter } = source.current ?? {}
    expect(chainVerifies(certificate, caBundle, timing.date())).toBe(true)
    expect(certificateFacts(certificate).dnsNames).toEqual(['proa.proa-system.svc'])
    expect(Number(notAfter) - timing.date().getTime()).toBeGreaterThan(29 * DAY)
    expect(Number(caNotAfter) - timing.date().getTime()).toBeGreaterThan(364 * DAY)
    expect(source.problem).toBeUndefined()
  })

  it('of several replicas at once gives all of them the same', async () => {
    const { start, timing } = there()
    const sources = ['a', 'b', 'c', 'd'].map((identity) => start(identity))
    await timing.until(() => sources.every(({ current }) => current !== undefined))
    expect(new Set(sources.map(({ current }) => current?.certificate)).size).toBe(1)
    expect(new Set(sources.map(({ current }) => current?.privateKey)).size).toBe(1)
  })

  it('fills the empty Secret that the manifests bring, and keeps what others have written in it', async () => {
    const { cluster, start, timing } = there()
    cluster.put({
      ...SECRET,
      metadata: { name: SECRET.name, namespace: SECRET.namespace, labels: { app: 'proa' } },
      type: 'Opaque',
    })
    const source = start('a')
    await timing.until(() => source.current !== undefined)
    expect(cluster.find(SECRET)).toMatchObject({ type: 'Opaque', metadata: { labels: { app: 'proa' } } })
    expect(Object.keys(dataOf(cluster)).sort()).toEqual(['ca.crt', 'ca.key', 'rotation.json', 'tls.crt', 'tls.key'])
  })

  it('waits, and says so, while the API server cannot be reached', async () => {
    const { cluster, start, timing } = there()
    cluster.broken = new ConnectionError('connection refused')
    const source = start('a')
    await timing.until(() => source.problem !== undefined)
    expect(source).toMatchObject({ current: undefined, problem: 'connection refused' })
    cluster.broken = undefined
    await timing.until(() => source.current !== undefined)
    expect(source.problem).toBeUndefined()
  })
})

describe('renewal', () => {
  it('comes at two thirds of the life, signed by the same root, for every replica', async () => {
    const { start, timing } = there()
    const sources = ['a', 'b'].map((identity) => start(identity))
    await timing.until(() => sources.every(({ current }) => current !== undefined))
    const [first, roots] = [sources[0]?.current?.certificate, sources[0] && rootsOf(sources[0])]
    timing.advance(19 * DAY)
    expect(sources[0]?.current?.certificate).toBe(first)
    timing.advance(2 * DAY)
    await timing.until(() => sources.every(({ current }) => current?.certificate !== first))
    for (const source of sources) expect(rootsOf(source)).toEqual(roots)
  })

  it('can be asked for from any replica', async () => {
    const { cluster, start, timing } = there()
    const [a, b] = [start('a'), start('b')]
    await timing.until(() => a.current !== undefined && b.current !== undefined)
    const first = a.current?.certificate
    await b.rotateNow('leaf')
    await timing.until(() => a.current?.certificate !== first && b.current?.certificate === a.current?.certificate)
    expect(JSON.stringify(cluster.find(SECRET))).not.toContain('proa.dev/rotate')
  })

  it('is not kept from coming by an annotation that asks for nonsense', async () => {
    const { cluster, start, timing } = there()
    const source = start('a')
    await timing.until(() => source.current !== undefined)
    const first = source.current?.certificate
    const body = { metadata: { annotations: { 'proa.dev/rotate': 'constructor' } } }
    await cluster.client.patch(SECRET, { type: 'merge', body })
    timing.advance(21 * DAY)
    await timing.until(() => source.current?.certificate !== first)
    expect(source.problem).toBeUndefined()
  })
})

describe('a rotation of the root', () => {
  it('publishes the next root, waits until every configuration has it, switches, and drops the old one at last', async () => {
    const { cluster, start, timing } = there()
    const [a, b] = [start('a'), start('b')]
    await timing.until(() => a.current !== undefined && b.current !== undefined)
    const [old] = rootsOf(a)
    const first = a.current?.certificate
    publish(cluster, a.current?.caBundle ?? '')
    await a.rotateNow('root')
    await timing.until(() => rootsOf(a).length === 2 && rootsOf(b).length === 2)
    timing.advance(DAY)
    await timing.until(() => timing.now() > DAY + 60_000, 1000)
    expect(a.current?.certificate).toBe(first)

    publish(cluster, a.current?.caBundle ?? '')
    await timing.until(() => a.current?.certificate !== first && b.current?.certificate !== first, 1000)
    expect(certificateFacts(a.current?.certificate ?? '').notAfter > certificateFacts(first ?? '').notAfter).toBe(true)
    expect(rootsOf(a)).toHaveLength(2)
    expect(rootsOf(a)[1]).toBe(old)

    timing.advance(31 * DAY)
    await timing.until(() => rootsOf(a).length === 1 && rootsOf(b).length === 1, 1000)
    expect(rootsOf(a)).not.toContain(old)
  })

  it('comes at once when a clock was ahead by a year and is put right: what it made begins in the future', async () => {
    const { cluster, start, timing } = there()
    let ahead = 0
    const now = (): Date => new Date(timing.date().getTime() + ahead)
    const source = start('a', { now })
    const begins = (pem = '') => certificateFacts(pem).notBefore
    const isValid = () => begins(source.current?.certificate) <= now() && begins(source.current?.caBundle) <= now()
    await timing.until(() => source.current !== undefined)
    publish(cluster, source.current?.caBundle ?? '')
    const [old] = rootsOf(source)

    ahead = 364 * DAY
    let published = ''
    const follow = (): void => {
      const bundle = source.current?.caBundle ?? ''
      if (bundle !== published) publish(cluster, bundle)
      published = bundle
    }
    await timing.until(() => {
      follow()
      return rootsOf(source)[0] !== old
    }, 1000)
    ahead = 0
    expect(isValid()).toBe(false)
    await timing.until(isValid, 1000)
    expect(chainVerifies(source.current?.certificate ?? '', source.current?.caBundle ?? '', now())).toBe(true)
  })

  it('does not come because our own clock is behind', async () => {
    const { start, timing } = there()
    const source = start('a')
    await timing.until(() => source.current !== undefined)
    source.stop()
    const behind = start('b', { now: () => new Date('2000-01-01T00:00:00Z') })
    await timing.until(() => behind.current !== undefined && timing.now() > 600_000, 1000)
    expect(behind.current?.certificate).toBe(source.current?.certificate)
    expect(rootsOf(behind)).toEqual(rootsOf(source))
  })

  it('begins by itself before the root is old', async () => {
    const { start, timing } = there()
    const source = start('a', { policy: { rootValidFor: 90 * DAY } })
    await timing.until(() => source.current !== undefined)
    timing.advance(61 * DAY)
    await timing.until(() => rootsOf(source).length === 2, 1000)
  })

  it('goes on with the next leader when the first one dies in the middle', async () => {
    const { cluster, start, timing } = there()
    const [a, b] = [start('a'), start('b')]
    await timing.until(() => a.current !== undefined && b.current !== undefined)
    const first = b.current?.certificate
    await a.rotateNow('root')
    await timing.until(() => rootsOf(b).length === 2)
    a.stop()
    publish(cluster, b.current?.caBundle ?? '')
    await timing.until(() => b.current?.certificate !== first, 1000)
  })
})

describe('a Secret that somebody deletes or breaks', () => {
  const change = (cluster: MemoryCluster, key: string, value: string): void => {
    const secret = cluster.find(SECRET) ?? {}
    cluster.put({ ...secret, data: { ...dataOf(cluster), [key]: Buffer.from(value).toString('base64') } })
  }

  it('is written again as it was: nobody notices', async () => {
    const { cluster, start, timing } = there()
    const [a, b] = [start('a'), start('b')]
    await timing.until(() => a.current !== undefined && b.current !== undefined)
    const served = a.current
    publish(cluster, served?.caBundle ?? '')
    cluster.remove(SECRET)
    await timing.until(() => cluster.find(SECRET) !== undefined)
    await timing.until(() => a.problem === undefined && b.problem === undefined)
    expect([a.current?.certificate, b.current?.certificate]).toEqual([served?.certificate, served?.certificate])
    expect(rootsOf(a)).toEqual(bundleFingerprints(served?.caBundle ?? ''))
  })

  it.each([
    [SECRET_KEYS.certificate, 'nonsense'],
    [SECRET_KEYS.privateKey, ''],
    [SECRET_KEYS.bundle, '-----BEGIN CERTIFICATE-----'],
    [SECRET_KEYS.issuingKey, 'x'],
    [SECRET_KEYS.record, '{'],
    [SECRET_KEYS.record, '{"generation":1,"issuing":"__proto__","issuedAt":"2030-01-01","leavesEnd":"2030-01-01"}'],
  ])('with a wrong %s is mended by the leader, and what is served stays', async (key, value) => {
    const { cluster, start, timing } = there()
    const source = start('a')
    await timing.until(() => source.current !== undefined)
    const served = source.current
    publish(cluster, served?.caBundle ?? '')
    change(cluster, key, value)
    const broken = dataOf(cluster)
    await timing.until(() => dataOf(cluster) !== broken)
    await timing.until(() => source.problem === undefined)
    expect(source.current).toEqual(served)
  })

  it('and nobody remembers: the old root stays trusted, and who still serves its certificate goes on', async () => {
    const { cluster, start, timing, log } = there()
    const first = start('a')
    await timing.until(() => first.current !== undefined)
    const [oldRoot] = rootsOf(first)
    const old = first.current?.certificate ?? ''
    publish(cluster, first.current?.caBundle ?? '')
    first.stop()
    cluster.remove(SECRET)

    const second = start('b')
    await timing.until(() => second.current !== undefined, 1000)
    expect(rootsOf(second)).toHaveLength(2)
    expect(rootsOf(second)).toContain(oldRoot)
    expect(chainVerifies(old, second.current?.caBundle ?? '', timing.date())).toBe(true)
    expect(log.lines.join()).toContain('is gone or empty')
  })

  it('never shows a key in the log', async () => {
    const { cluster, start, timing, log } = there()
    const source = start('a')
    await timing.until(() => source.current !== undefined)
    const key = source.current?.privateKey.slice(40, 80) ?? '?'
    change(cluster, SECRET_KEYS.certificate, source.current?.privateKey ?? '')
    await timing.until(() => log.lines.some((line) => line.includes('cannot be used')))
    expect(log.lines.join()).not.toContain(key)
  })
})
