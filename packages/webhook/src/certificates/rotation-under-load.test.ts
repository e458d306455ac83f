import { once } from 'node:events'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { getOwn, isObject } from '@proa/kube'
import { watchObjects } from '@proa/kube-client'
import { bundleFingerprints } from '@proa/pki'
import { describe, expect, it } from 'vitest'
import { hurried } from '../../testing/manual-timing.ts'
import { memoryCluster } from '../../testing/memory-client.ts'
import { recordingLog, recordingMetrics } from '../../testing/quiet.ts'
import { runCaBundlePatcher } from '../ca-bundle/patcher.ts'
import { type Watched, watchable } from '../watched.ts'
import { type SelfManagedCertificates, selfManagedCertificates } from './self-managed.ts'

const NAME = 'proa.proa-system.svc'
const HOOK = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', name: 'injector' }

/** Two replicas with a patcher each, two HTTPS servers, and a client that trusts what the webhook configuration says. */
function system() {
  const [cluster, timing, log, metrics] = [memoryCluster(), hurried(100), recordingLog(), recordingMetrics()]
  const stop = new AbortController()
  const webhooks = [{ name: 'x.sidecar-injector.istio.io', clientConfig: {} }]
  cluster.put({ ...HOOK, metadata: { name: HOOK.name, labels: { 'istio.io/rev': 'default' } }, webhooks })
  const shared = { client: cluster.client, revision: '', timing, log, metrics }
  const replicas = ['a', 'b'].map((identity) => {
    const source = selfManagedCertificates({
      ...shared,
      namespace: 'proa-system',
      secretName: 'proa-ca',
      leaseName: 'proa',
      identity,
      dnsNames: [NAME],
      // Roots follow each other fast here; everything else is as in real life.
      policy: { settle: 0, leafValidFor: 60_000, clockSkew: 0, maxRetired: 50 },
    })
    const patcher = runCaBundlePatcher({ ...shared, bundle: source, freshBundle: source.freshBundle }, stop.signal)
    return { source, patcher }
  })
  const caBundle = (): string => {
    const entries = (cluster.find(HOOK)?.webhooks ?? []) as (typeof webhooks)[number][]
    const client = entries[0]?.clientConfig
    const value = isObject(client) ? getOwn(client, 'caBundle') : undefined
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString() : ''
  }
  // Told by the API server, as to whoever else watches.
  const published = watchable<string>()
  const watching = watchObjects(cluster.client, HOOK, { changed: () => caBundle() !== '' && published.set(caBundle()) })
  stop.signal.addEventListener('abort', () => watching.stop())
  return { log, replicas, caBundle, published, stop }
}

function changed<T>(value: Watched<T>, condition: (now: T | undefined) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!condition(value.current)) return
      unsubscribe()
      resolve()
    }
    const unsubscribe = value.subscribe(look)
    look()
  })
}

async function serve(source: SelfManagedCertificates): Promise<{ port: number; close(): Promise<void> }> {
  const pair = () => ({
    cert: source.current?.certificate,
    key: source.current?.privateKey,
    minVersion: 'TLSv1.2' as const,
  })
  const server = https.createServer(pair(), (_, response) => response.end('admitted'))
  const unsubscribe = source.subscribe(() => server.setSecureContext(pair()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      unsubscribe()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** A new connection each time, so that each time the certificate is verified. */
function admit(port: number, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    https
      .get({ host: '127.0.0.1', port, servername: NAME, ca, agent: false }, (response) => {
        response.setEncoding('utf8').once('data', resolve)
      })
      .once('error', reject)
  })
}

describe('over real TLS, with a client that trusts only what is published at that moment', () => {
  it('a thousand new certificates, and new roots all the while, and no admission fails', async () => {
    const { replicas, caBundle, published, stop, log } = system()
    const sources = replicas.map(({ source }) => source)
    await Promise.all(sources.map((source) => changed(source, (now) => now !== undefined)))
    await changed(published, (bundle) => bundle !== undefined)
    const servers = await Promise.all(sources.map(serve))
    const served = new Set<string>()
    const roots = new Set<string>()
    let admissions = 0
    const failures: unknown[] = []
    const admitted = (port: number): Promise<unknown> =>
      admit(port, caBundle()).then(
        () => {
          admissions += 1
        },
        (error: unknown) => failures.push(error),
      )
    const [leader] = sources
    if (leader === undefined) throw new Error('no replica')
    for (const source of sources) {
      source.subscribe(() => {
        served.add(source.current?.certificate ?? '')
        for (const root of bundleFingerprints(source.current?.caBundle ?? '')) roots.add(root)
      })
    }
    for (let round = 1; served.size < 1000; round += 1) {
      const [before, root] = [leader.current, round % 50 === 0]
      // On their way while everything changes, in both replicas.
      const requests = servers.map(({ port }) => admitted(port))
      await leader.rotateNow(root ? 'root' : 'leaf')
      await changed(leader, (now) => now !== before)
      await Promise.all(requests)
    }
    for (const source of sources) source.stop()
    stop.abort()
    await Promise.all([...replicas.map(({ patcher }) => patcher), ...servers.map((server) => server.close())])
    expect(failures.slice(0, 3)).toEqual([])
    expect(admissions).toBeGreaterThan(1500)
    expect(served.size).toBeGreaterThanOrEqual(1000)
    expect(roots.size).toBeGreaterThan(15)
    expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([])
  }, 180_000)
})
