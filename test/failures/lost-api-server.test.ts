/** The API server goes away, comes back, or is not there yet: admission goes on, and everything else takes up its work again. */
import { injectorConfigMapName, leaseName } from '@proa/manifests'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Injector } from '../e2e/harness/cluster.ts'
import { at, type Mesh, messagesOf, openMesh, partOf } from './support/mesh.ts'
import { TARGETS } from './support/target.ts'

const POLL = { timeout: 45_000, interval: 100 }

describe.each(TARGETS)('the API server goes away, on $name', (kind) => {
  let mesh: Mesh
  let injector: Injector
  beforeAll(async () => {
    mesh = await openMesh(kind)
    const [first] = await mesh.runInjectors(1)
    if (first === undefined) throw new Error('there is no injector')
    injector = first
    await untilInjected()
  })
  afterAll(() => mesh.close())

  it('every part says so, while Pods are injected as before', async () => {
    mesh.gate.cut()
    await expect.poll(() => partOf(injector, 'certificate'), POLL).toMatchObject({ ready: true, all: true })
    await expect.poll(() => messagesOf(injector).join('\n'), POLL).toMatch(/webhook configurations cannot be watched/)
    await expect.poll(() => messagesOf(injector).join('\n'), POLL).toMatch(/the lease could not be renewed or taken/)
    expect(await mesh.tryPod()).toEqual({ kind: 'injected' })
  })

  it('and when it is back, it finds what was changed meanwhile', async () => {
    const { namespace, revision, client } = mesh
    const webhooks = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' }
    const { items } = await client.list({ ...webhooks, labelSelector: `istio.io/rev=${revision}` })
    const name = String(at(items[0] ?? {}, 'metadata', 'name'))
    const bundle = { op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: '' } as const
    await client.patch({ ...webhooks, name }, { type: 'json', operations: [bundle] })
    const map = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: injectorConfigMapName(revision) }
    const { data } = await client.get(map)
    await client.patch(map, { type: 'merge', body: { data: { config: 'templates: {broken: "{{"}' } } })
    mesh.gate.open()
    await expect.poll(() => partOf(injector, 'configuration'), POLL).toMatchObject({ ready: true, problem: /./ })
    await expect.poll(mesh.tryPod, POLL).toEqual({ kind: 'injected' })
    await client.patch(map, { type: 'merge', body: { data: data ?? {} } })
    await expect.poll(() => partOf(injector, 'configuration'), POLL).not.toHaveProperty('problem')
  })

  it('the lease is held again', async () => {
    const { client, namespace, revision } = mesh
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name: leaseName(revision) }
    const { spec } = await client.get(lease)
    await expect.poll(async () => (await client.get(lease)).spec, POLL).not.toEqual(spec)
  })

  it('an injector that starts before it waits for it, and says what for', async () => {
    mesh.gate.cut()
    const early = await mesh.startBeside('early')
    await expect
      .poll(() => partOf(early, 'configuration'), POLL)
      .toMatchObject({ all: false, problem: /cannot be read|reach/ })
    expect(await partOf(early, 'certificate')).toMatchObject({
      ready: false,
      problem: expect.stringContaining('reach'),
    })
    mesh.gate.open()
    await expect.poll(() => partOf(early, 'injection'), POLL).toMatchObject({ all: true })
  })

  const untilInjected = () =>
    vi.waitFor(async () => expect(await mesh.tryPod()).toEqual({ kind: 'injected' }), {
      timeout: 30_000,
      interval: 100,
    })
})
