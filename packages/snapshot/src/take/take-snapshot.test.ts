import { clusterOf, type PodCreationProbe, type ServedCertificateProbe, type Snapshot } from '@proa/doctor'
import type { JsonObject } from '@proa/kube'
import { ConnectionError, createClient, type KubeClient, loadKubeConfig } from '@proa/kube-client'
import { createAuthority } from '@proa/pki'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answer, scriptedServer } from '../../../kube-client/testing/scripted-server.ts'
import { base64, SERVICE, type TestMesh, testMesh } from '../../testing/mesh.ts'
import { type ProgressStep, rulesJson, type TakeOptions, takeSnapshot } from '../index.ts'

const now = () => new Date()
const take = (client: KubeClient, options: Partial<TakeOptions> = {}): Promise<Snapshot> =>
  takeSnapshot(client, { now, ...options })

const served = ({ probes }: Snapshot): readonly ServedCertificateProbe[] =>
  probes.filter((probe) => probe.kind === 'served-certificate')
const created = ({ probes }: Snapshot): readonly PodCreationProbe[] =>
  probes.filter((probe) => probe.kind === 'pod-creation')
const names = (snapshot: Snapshot, kind: string): unknown[] =>
  snapshot.objects.filter((object) => object.kind === kind).map((object) => (object.metadata as JsonObject).name)
const reasons = (snapshot: Snapshot): string[] =>
  snapshot.unread.map(({ kind, namespace, name, reason }) => [kind, namespace, name, reason].filter(Boolean).join(' '))

async function put({ client, cluster }: TestMesh, ...objects: readonly JsonObject[]): Promise<void> {
  for (const object of objects) await client.create(object)
  await cluster.quiet()
}

const configMap = (name: string, namespace: string, data: JsonObject = { a: 'b' }): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
})

const deployment = (name: string, spec: JsonObject = {}): JsonObject => {
  const labels = { app: name }
  const template = { metadata: { labels }, spec: { containers: [{ name, image: `${name}:1` }], ...spec } }
  const selector = { matchLabels: labels }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop' },
    spec: { selector, template },
  }
}

describe('objects', () => {
  it('are those that checks look at; of ConfigMaps and Secrets only the mesh’s', async () => {
    const mesh = await testMesh()
    const secret = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque' } as const
    const data = {
      'root-cert.pem': base64(mesh.authority.certificate),
      'ca-key.pem': base64(mesh.authority.privateKey),
    }
    await put(
      mesh,
      deployment('web'),
      configMap('settings', 'shop'),
      configMap('istio-ca-root-cert', 'shop', { 'root-cert.pem': mesh.authority.certificate }),
      configMap('istio', 'istio-system'),
      configMap('istio-sidecar-injector-canary', 'istio-system'),
      configMap('grafana', 'istio-system'),
      { ...secret, metadata: { name: 'cacerts', namespace: 'istio-system' }, data },
      { ...secret, metadata: { name: 'other', namespace: 'istio-system' }, data },
    )
    const snapshot = await take(mesh.client, { probes: false })
    expect(names(snapshot, 'Deployment')).toEqual(['istiod', 'web'])
    expect(names(snapshot, 'ConfigMap')).toEqual(['istio-ca-root-cert', 'istio', 'istio-sidecar-injector-canary'])
    expect(names(snapshot, 'Secret')).toEqual(['cacerts'])
    expect(snapshot.objects.find(({ kind }) => kind === 'Secret')?.data).toEqual({
      'root-cert.pem': base64(mesh.authority.certificate),
      'ca-key.pem': base64('redacted'),
    })
    expect(snapshot).toMatchObject({ source: { kind: 'cluster', server: mesh.client.server }, probes: [], logs: [] })
    expect(snapshot.kubernetesVersion).toMatch(/^v1\.\d+/)
    // Without a definition the server has no such kind, which is as good as none.
    expect(reasons(snapshot)).toContain('ProxyConfig not-served')
    expect(snapshot.unread.filter(({ reason }) => reason !== 'not-served')).toEqual([])
  })

  it('are, when asked, those of some namespaces, of control planes and of kube-system', async () => {
    const mesh = await testMesh({ namespaces: { shop: {}, other: {} } })
    await put(mesh, deployment('web'), configMap('istio-ca-root-cert', 'other'))
    const snapshot = await take(mesh.client, {
      namespaces: ['shop'],
      kinds: ['Namespace', 'Deployment', 'ConfigMap', 'MutatingWebhookConfiguration'],
      probes: false,
    })
    expect(names(snapshot, 'Namespace').toSorted()).toEqual(['istio-system', 'kube-system', 'shop'])
    expect(names(snapshot, 'Deployment').toSorted()).toEqual(['istiod', 'web'])
    expect(names(snapshot, 'ConfigMap')).toEqual([])
    expect(reasons(snapshot)).toContain('Pod not-given')
  })

  it('are those of some namespaces and no others, where that is wanted', async () => {
    const mesh = await testMesh({ namespaces: { shop: {}, other: {} } })
    await put(mesh, deployment('web'))
    const jane = await mesh.as('jane', [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list'] }], 'shop')
    const snapshot = await take(jane, { namespaces: ['shop'], only: true, kinds: ['Deployment', 'Pod'], probes: false })
    expect(names(snapshot, 'Deployment')).toEqual(['web'])
    expect(reasons(snapshot).filter((reason) => reason.endsWith('forbidden'))).toEqual([])
    // Another control plane is there; it is only not looked at.
    expect(clusterOf(snapshot).unread('Deployment', 'istio-system')?.reason).toBe('not-given')
  })

  it('tells how far it is', async () => {
    const mesh = await testMesh()
    const seen: ProgressStep[] = []
    await take(mesh.client, { progress: (step) => seen.push(step) })
    expect(seen.map(({ done }) => done)).toEqual(seen.map((_, index) => index + 1))
    expect(seen.at(-1)).toMatchObject({ done: seen.length, all: seen.length })
  })
})

describe('who may not read everything', () => {
  it('gets what may be read, and the reason for the rest', async () => {
    const mesh = await testMesh()
    const rules = [{ apiGroups: ['', 'apps'], resources: ['namespaces', 'pods', 'deployments'], verbs: ['list'] }]
    const snapshot = await take(await mesh.as('jane', rules))
    expect(names(snapshot, 'Deployment')).toEqual(['istiod'])
    const missing = reasons(snapshot)
    for (const kind of ['Node', 'Service', 'MutatingWebhookConfiguration', 'Event', 'ConfigMap']) {
      expect(missing).toContain(`${kind} forbidden`)
    }
    expect(missing).toContain('Secret istio-system forbidden')
    for (const kind of ['Namespace', 'Pod', 'Deployment']) expect(missing).not.toContain(`${kind} forbidden`)
    expect(snapshot.unread.find(({ kind }) => kind === 'Node')?.message).toMatch(
      /^nodes is forbidden: User "jane" cannot list/,
    )
  })

  it('with rights in one namespace gets that namespace', async () => {
    const mesh = await testMesh({ namespaces: { shop: {}, other: {} } })
    await put(mesh, deployment('web'))
    await mesh.as('jane', [{ apiGroups: [''], resources: ['namespaces'], verbs: ['list'] }])
    const jane = await mesh.as('jane', [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list'] }], 'shop')
    const snapshot = await take(jane)
    expect(names(snapshot, 'Deployment')).toEqual(['web'])
    expect(names(snapshot, 'Namespace').toSorted()).toEqual(['istio-system', 'shop'])
    expect(reasons(snapshot)).toContain('Namespace other forbidden')
    const cluster = clusterOf(snapshot)
    expect(cluster.unread('Deployment', 'shop')).toBeUndefined()
    expect(cluster.unread('Deployment', 'istio-system')?.reason).toBe('forbidden')
  })

  it('and may not list namespaces either, reads those that are asked for', async () => {
    const mesh = await testMesh()
    await put(mesh, deployment('web'))
    const jane = await mesh.as('jane', [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list'] }], 'shop')
    const snapshot = await take(jane, { namespaces: ['shop'] })
    expect(names(snapshot, 'Deployment')).toEqual(['web'])
    expect(names(snapshot, 'Namespace')).toEqual(['shop'])
  })

  it('and knows of no namespace, reads those that are likely', async () => {
    const mesh = await testMesh()
    await put(mesh, deployment('web'))
    const jane = await mesh.as('jane', [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list'] }], 'shop')
    expect(names(await take(jane), 'Deployment')).toEqual([])
    const snapshot = await take(jane, { likely: ['shop', 'default'] })
    expect(names(snapshot, 'Deployment')).toEqual(['web'])
    expect(clusterOf(snapshot).unread('Deployment', 'shop')).toBeUndefined()
  })

  it('with the rules of SNAPSHOT_RULES gets everything', async () => {
    const mesh = await testMesh()
    await put(mesh, configMap('istio', 'istio-system'))
    await mesh.as('jane', rulesJson('objects', 'logs', 'podCreation'))
    const jane = await mesh.as('jane', rulesJson('controlPlane', 'portForward'), 'istio-system')
    const snapshot = await take(jane)
    expect(snapshot.unread.filter(({ reason }) => reason !== 'not-served')).toEqual([])
    expect(names(snapshot, 'ConfigMap')).toEqual(['istio'])
    expect(snapshot.probes.map(({ outcome }) => outcome.kind)).toEqual(['served', 'created'])
  })
})

describe('a server in trouble', () => {
  it('that hangs at one kind is waited for so long, and the rest is read', async () => {
    const server = await scriptedServer(({ path }, response) => {
      if (path === '/api/v1/nodes') return
      if (path === '/version') answer(response, 200, { gitVersion: 'v1.36.3' })
      else answer(response, 200, { kind: 'List', metadata: {}, items: [], resources: [] })
    })
    onTestFinished(() => server.close())
    const snapshot = await take(await server.client(), { requestTimeout: 100 })
    expect(reasons(snapshot).filter((text) => !text.endsWith('not-served'))).toEqual(['Node timeout'])
  })

  it('that cannot be reached is an error', async () => {
    const server = await scriptedServer(() => undefined)
    await server.close()
    const client = createClient(await loadKubeConfig({ text: server.kubeconfig(), env: {} }))
    await expect(take(client)).rejects.toBeInstanceOf(ConnectionError)
  })

  it.each([
    ['knows nothing', 404, { kind: 'Status', code: 404 }],
    ['has the same answer for everything', 200, {}],
  ])('that is no API server is an error, not a cluster without problems: it %s', async (_, code, body) => {
    const server = await scriptedServer((_request, response) => answer(response, code, body))
    onTestFinished(() => server.close())
    await expect(take(await server.client())).rejects.toThrow(/is no API server/)
  })

  it('is given up when nobody wants it any more', async () => {
    const server = await scriptedServer(({ path }, response) => {
      if (path === '/version') answer(response, 200, { gitVersion: 'v1.36.3' })
      else ending.abort(new Error('enough'))
    })
    onTestFinished(() => server.close())
    const ending = new AbortController()
    await expect(take(await server.client(), { signal: ending.signal })).rejects.toThrow('enough')
    await expect(take(await server.client(), { signal: ending.signal })).rejects.toThrow('enough')
  })
})

describe('served certificates', () => {
  it('are fetched from each Pod behind the service, and judged by each bundle', async () => {
    const mesh = await testMesh()
    const [probe, ...others] = served(await take(mesh.client))
    expect(others).toEqual([])
    expect(probe).toMatchObject({
      service: SERVICE,
      pod: { namespace: 'istio-system', port: 15017 },
      outcome: { kind: 'served', verifiedBy: [{ configuration: 'istio-sidecar-injector', index: 0, verifies: true }] },
    })
  })

  it('of another authority than the bundle’s do not verify', async () => {
    const other = await createAuthority({ commonName: 'other', validFor: 86_400_000, now: now() })
    const mesh = await testMesh({ caBundle: base64(other.certificate) })
    const snapshot = await take(mesh.client)
    const outcome = served(snapshot)[0]?.outcome
    expect(outcome?.kind === 'served' ? outcome.verifiedBy[0] : outcome).toMatchObject({
      verifies: false,
      problem: expect.stringContaining('is not signed by the CA bundle'),
    })
    expect(created(snapshot)[0]?.outcome).toMatchObject({
      kind: 'refused',
      code: 500,
      message: expect.stringContaining('x509: certificate signed by unknown authority'),
    })
  })

  it('say when the bundle is empty', async () => {
    const mesh = await testMesh({ caBundle: '' })
    const outcome = served(await take(mesh.client))[0]?.outcome
    expect(outcome?.kind === 'served' ? outcome.verifiedBy[0]?.problem : outcome).toBe('the caBundle is empty')
  })

  it('cannot be fetched where nothing listens', async () => {
    const mesh = await testMesh({ listens: false })
    expect(served(await take(mesh.client))[0]?.outcome).toMatchObject({
      kind: 'failed',
      at: 'connect',
      message: expect.stringContaining('connection refused'),
    })
  })

  it('cannot be fetched from a service without Pods', async () => {
    const mesh = await testMesh()
    await mesh.client.delete({ apiVersion: 'apps/v1', kind: 'Deployment', ...SERVICE })
    await mesh.cluster.quiet()
    expect(served(await take(mesh.client))[0]?.outcome).toMatchObject({ kind: 'failed', at: 'not-possible' })
  })
})

describe('tried Pods', () => {
  it('one for each webhook, where and with labels for which it is called; nothing is stored', async () => {
    const mesh = await testMesh({ failurePolicy: 'Ignore' })
    const snapshot = await take(mesh.client)
    const [probe, ...others] = created(snapshot)
    expect(others).toEqual([])
    expect(probe).toMatchObject({
      namespace: 'shop',
      labels: { 'sidecar.istio.io/inject': 'true' },
      outcome: { kind: 'created', warnings: ['it was injected'], pod: { metadata: { labels: { injected: 'yes' } } } },
    })
    const { items } = await mesh.client.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop' })
    expect(items).toEqual([])
  })

  it('that of the workload that is asked about, by any of its names', async () => {
    const mesh = await testMesh()
    await put(mesh, deployment('web', { serviceAccountName: 'default' }))
    const pod = String(
      (await mesh.client.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop' })).items.map(
        (one) => (one.metadata as JsonObject).name,
      )[0],
    )
    for (const [kind, name] of [
      ['Deployment', 'web'],
      ['Pod', pod],
    ] as const) {
      const snapshot = await take(mesh.client, { workload: { kind, namespace: 'shop', name } })
      expect(created(snapshot)).toMatchObject([
        { namespace: 'shop', workload: { kind, name }, labels: { app: 'web' }, outcome: { kind: 'created' } },
      ])
    }
    expect(
      created(await take(mesh.client, { workload: { kind: 'Deployment', namespace: 'shop', name: 'nobody' } })),
    ).toEqual([])
  })

  it('cannot be tried by who may not create any', async () => {
    const mesh = await testMesh()
    const snapshot = await take(await mesh.as('jane', rulesJson('objects')))
    expect(created(snapshot)[0]?.outcome).toMatchObject({
      kind: 'not-possible',
      message: expect.stringContaining('cannot create resource "pods"'),
    })
    expect(served(snapshot)[0]?.outcome).toMatchObject({
      kind: 'failed',
      at: 'not-possible',
      message: expect.stringContaining('forbidden'),
    })
  })
})
