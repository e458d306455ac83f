/**
 * The whole overlap of roots, again and again, while Pods are created: new root, published in every webhook configuration, then
 * used; the old one trusted until its last certificate has ended. `PROA_E2E_ROTATIONS` says how often: 50 by default, 100 in
 * continuous integration.
 */
import type { JsonObject } from '@proa/kube'
import { createClient, type KubeClient, loadKubeConfig } from '@proa/kube-client'
import { type LocalCluster, startLocalCluster } from '@proa/local-cluster'
import { HTTPS_PORT, injectorName, installationManifests } from '@proa/manifests'
import { bundleFingerprints } from '@proa/pki'
import {
  createLogger,
  createMetrics,
  runCaBundlePatcher,
  type SelfManagedCertificates,
  selfManagedCertificates,
  startWebhook,
} from '@proa/webhook'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../packages/local-cluster/src/controllers/clock.ts'
import { hurried } from '../../packages/webhook/testing/manual-timing.ts'
import { configurationsOf } from '../../packages/webhook/testing/sources.ts'
import { outcomeOf, podOf } from './suite/objects.ts'

const ROTATIONS = Number(process.env.PROA_E2E_ROTATIONS ?? 50)
const NAMESPACE = 'istio-system'
/** Time passes faster, so that certificates end and their roots go while the test runs; one clock for everybody. */
const SPEED = 20
const began = Date.now()
const now = (): Date => new Date(began + (Date.now() - began) * SPEED)
/** By that clock. */
const LEAF_VALID_FOR = 120_000

interface Replica {
  readonly certificates: SelfManagedCertificates
  readonly served: ReadonlySet<string>
  readonly roots: ReadonlySet<string>
}

it(`${ROTATIONS} times a new root and a new certificate, and no admission fails`, async () => {
  const cluster = await startLocalCluster({ clock: { ...systemClock, now } })
  onTestFinished(() => cluster.stop())
  const client = createClient(await loadKubeConfig({ text: cluster.kubeconfig, env: {} }))
  onTestFinished(() => client.close())
  for (const object of installationManifests()) {
    // The replicas run in this process.
    if (object.kind !== 'Deployment') await client.apply(object, { fieldManager: 'proa-install' })
  }
  const [leader] = [await startReplica(cluster, client, true), await startReplica(cluster, client, false)]
  await client.create({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { 'istio-injection': 'enabled' } },
  })
  const outcomes = new Set<string>()
  let admissions = 0
  const admit = async (): Promise<void> => {
    admissions += 1
    outcomes.add(await outcomeOf(client, podOf(`web-${admissions}`, 'shop')))
  }
  for (let count = 0; count < ROTATIONS; count += 1) {
    const before = leader.certificates.current?.certificate
    const renewed = changed(leader.certificates, () => leader.certificates.current?.certificate !== before)
    // Some are on their way while everything changes, and one comes right after.
    const underway = [admit(), admit()]
    await leader.certificates.rotateNow('root')
    await renewed
    await Promise.all([...underway, admit()])
  }
  expect([...outcomes]).toEqual(['injected by default'])
  expect(leader.served.size).toBeGreaterThanOrEqual(ROTATIONS)
  expect(leader.roots.size).toBeGreaterThanOrEqual(ROTATIONS)
}, 600_000)

/** A webhook server of this process, at an address of a Pod. */
async function startReplica(cluster: LocalCluster, client: KubeClient, leading: boolean): Promise<Replica> {
  const [timing, metrics] = [hurried(200), createMetrics()]
  const logger = await createLogger({ level: 'silent', format: 'json' })
  const certificates = selfManagedCertificates({
    client,
    timing,
    metrics,
    now,
    log: logger,
    namespace: NAMESPACE,
    revision: 'default',
    secretName: `${injectorName('default')}-ca`,
    leaseName: injectorName('default'),
    leadership: { leading, subscribe: () => () => {} },
    identity: leading ? 'a' : 'b',
    dnsNames: [`${injectorName('default')}.${NAMESPACE}.svc`],
    // This API server reads a bundle at the moment when it is written.
    policy: { settle: 0, clockSkew: 0, leafValidFor: LEAF_VALID_FOR, maxRetired: 1000 },
  })
  const [served, roots] = [new Set<string>(), new Set<string>()]
  certificates.subscribe(() => {
    served.add(certificates.current?.certificate ?? '')
    for (const root of bundleFingerprints(certificates.current?.caBundle ?? '')) roots.add(root)
  })
  const ended = new AbortController()
  const patcher = runCaBundlePatcher(
    {
      client,
      revision: 'default',
      bundle: certificates,
      freshBundle: certificates.freshBundle,
      timing,
      metrics,
      log: logger,
    },
    ended.signal,
  )
  await changed(certificates, () => certificates.current !== undefined)
  const webhook = await startWebhook({
    certificates,
    configurations: configurationsOf(),
    logger,
    metrics,
    httpsAddress: { host: '127.0.0.1', port: 0 },
    drainDelay: 0,
  })
  onTestFinished(async () => {
    certificates.stop()
    ended.abort()
    await patcher
    await webhook.kill()
  })
  const ip = cluster.network.allocate()
  cluster.network.listen(ip, HTTPS_PORT, { host: '127.0.0.1', port: webhook.address.port })
  await client.create(endpointSlice(leading ? 'a' : 'b', ip))
  return { certificates, served, roots }
}

function endpointSlice(name: string, ip: string): JsonObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': injectorName('default') } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [ip], conditions: { ready: true } }],
    ports: [{ name: 'https', port: HTTPS_PORT, protocol: 'TCP' }],
  }
}

function changed(value: Pick<SelfManagedCertificates, 'subscribe'>, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isSo()) return
      unsubscribe()
      resolve()
    }
    const unsubscribe = value.subscribe(look)
    look()
  })
}
