/** What others do to the objects that the injector lives on: it goes on serving, says what is wrong, and mends what it may. */
import { X509Certificate } from 'node:crypto'
import type { JsonObject } from '@proa/kube'
import {
  authoritySecretName,
  clusterName,
  injectorConfigMapName,
  injectorName,
  leaseName,
  resolveOptions,
} from '@proa/manifests'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Injector } from '../e2e/harness/cluster.ts'
import { at, type Mesh, messagesOf, openMesh, partOf } from './support/mesh.ts'
import { TARGETS } from './support/target.ts'

const POLL = { timeout: 40_000, interval: 100 }
const INJECTED = { kind: 'injected' } as const

describe.each(TARGETS)('somebody touches what the injector needs, on $name', (kind) => {
  let mesh: Mesh
  let injectors: readonly Injector[]
  beforeAll(async () => {
    mesh = await openMesh(kind)
    injectors = await mesh.runInjectors(2)
    await vi.waitFor(async () => expect(await mesh.tryPod()).toEqual(INJECTED), POLL)
  })
  afterAll(() => mesh.close())

  const inNamespace = (apiVersion: string, kindName: string, name: string) => ({
    apiVersion,
    kind: kindName,
    namespace: mesh.namespace,
    name,
  })
  const secretRef = () => inNamespace('v1', 'Secret', authoritySecretName(mesh.revision))
  const leaseRef = () => inNamespace('coordination.k8s.io/v1', 'Lease', leaseName(mesh.revision))
  const mapRef = () => inNamespace('v1', 'ConfigMap', injectorConfigMapName(mesh.revision))
  const everybody = (isSo: (injector: Injector) => boolean) => injectors.every(isSo)
  const somebodySaid = (text: RegExp) => injectors.some((one) => messagesOf(one).some((message) => text.test(message)))
  const bytesOf = (secret: JsonObject | undefined) => secret?.data as Record<string, string> | undefined

  it('the Secret is emptied: it is written again as it was', async () => {
    const before = await mesh.client.get(secretRef())
    await mesh.client.patch(secretRef(), { type: 'json', operations: [{ op: 'remove', path: '/data' }] })
    await expect.poll(async () => bytesOf(await mesh.client.get(secretRef())) !== undefined, POLL).toBe(true)
    const after = await mesh.client.get(secretRef())
    expect(bytesOf(after)?.['ca.crt']).toEqual(bytesOf(before)?.['ca.crt'])
    expect(await mesh.tryPod()).toEqual(INJECTED)
  })

  it('a key of the Secret is garbage: it is replaced, and Pods are injected all the time', async () => {
    const { resourceVersion } = (await mesh.client.get(secretRef())).metadata as { resourceVersion: string }
    const garbage = Buffer.from('garbage').toString('base64')
    const keys = Object.keys(bytesOf(await mesh.client.get(secretRef())) ?? {})
    const data = Object.fromEntries(keys.map((key) => [key, garbage]))
    await mesh.client.patch(secretRef(), { type: 'merge', body: { data } })
    await expect
      .poll(async () => isCertificate(bytesOf(await mesh.client.get(secretRef()))?.['tls.crt']), POLL)
      .toBe(true)
    expect((await mesh.client.get(secretRef())).metadata).not.toMatchObject({ resourceVersion })
    expect(somebodySaid(/cannot be used and will be written anew/)).toBe(true)
    await expect.poll(mesh.tryPod, POLL).toEqual(INJECTED)
  })

  it('the Secret is deleted: it is told what to do, Pods are injected all the time, and the Secret is filled when it is back', async () => {
    const { apiVersion, kind: kindName, metadata, type } = await mesh.client.get(secretRef())
    await mesh.client.delete(secretRef())
    await expect
      .poll(
        () => everybody((one) => messagesOf(one).some((said) => /may not create it; apply the manifests/.test(said))),
        POLL,
      )
      .toBe(true)
    const [first] = injectors
    expect(await partOf(first as Injector, 'certificate')).toMatchObject({
      ready: true,
      problem: /apply the manifests again/,
    })
    expect(await mesh.tryPod()).toEqual(INJECTED)
    const { name, namespace, labels } = metadata as { name: string; namespace: string; labels: JsonObject }
    await mesh.client.create({
      apiVersion: String(apiVersion),
      kind: String(kindName),
      metadata: { name, namespace, labels },
      type: String(type),
    })
    await expect
      .poll(async () => isCertificate(bytesOf(await mesh.client.get(secretRef()))?.['tls.crt']), POLL)
      .toBe(true)
    await expect.poll(() => partOf(first as Injector, 'certificate'), POLL).not.toHaveProperty('problem')
    await expect.poll(mesh.tryPod, POLL).toEqual(INJECTED)
  })

  it('the Lease is deleted: it is told what to do, and it is held when it is back', async () => {
    const { metadata, apiVersion, kind: kindName } = await mesh.client.get(leaseRef())
    await mesh.client.delete(leaseRef())
    await expect.poll(() => somebodySaid(/the lease could not .* apply the manifests again/), POLL).toBe(true)
    const { name, namespace } = metadata as { name: string; namespace: string }
    await mesh.client.create({ apiVersion: String(apiVersion), kind: String(kindName), metadata: { name, namespace } })
    const holder = async () => at(await mesh.client.get(leaseRef()), 'spec', 'holderIdentity')
    await expect.poll(async () => injectors.map((one) => one.name).includes(String(await holder())), POLL).toBe(true)
  })

  it('the ConfigMap is deleted: the last good one serves, /readyz says so, and a new one is taken over', async () => {
    const { metadata, ...rest } = await mesh.client.get(mapRef())
    await mesh.client.delete(mapRef())
    const [first] = injectors
    await expect
      .poll(() => partOf(first as Injector, 'configuration'), POLL)
      .toMatchObject({ ready: true, problem: /./, all: true })
    expect(await mesh.tryPod()).toEqual(INJECTED)
    const { name, namespace } = metadata as { name: string; namespace: string }
    await mesh.client.create({ ...rest, metadata: { name, namespace } })
    await expect.poll(() => partOf(first as Injector, 'configuration'), POLL).not.toHaveProperty('problem')
  })

  it('its roles are taken away and given back: a bundle that was broken meanwhile is mended then', async () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1' }
    const installation = resolveOptions({ revision: mesh.revision, namespace: mesh.namespace })
    const clusterWide = { ...role, kind: 'ClusterRoleBinding', name: clusterName(installation) }
    const here = { ...role, kind: 'RoleBinding', namespace: mesh.namespace, name: injectorName(mesh.revision) }
    const kept = await Promise.all([mesh.client.get(clusterWide), mesh.client.get(here)])
    await mesh.client.delete(clusterWide)
    await mesh.client.delete(here)
    const webhooks = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' }
    const { items } = await mesh.client.list({ ...webhooks, labelSelector: `istio.io/rev=${mesh.revision}` })
    const configuration = { ...webhooks, name: String(at(items[0] ?? {}, 'metadata', 'name')) }
    await mesh.client.patch(configuration, {
      type: 'json',
      operations: [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: '' }],
    })
    await expect.poll(() => somebodySaid(/the caBundle of .* cannot be written/), POLL).toBe(true)
    const withProblem = injectors.map((one) => partOf(one, 'caBundle').then(({ problem = '' }) => problem))
    expect((await Promise.all(withProblem)).join()).toMatch(/the caBundle of .* cannot be written: .* is forbidden/)
    for (const { metadata, ...rest } of kept) {
      const { name, namespace } = metadata as { name: string; namespace?: string }
      await mesh.client.create({ ...rest, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } })
    }
    await expect.poll(mesh.tryPod, POLL).toEqual(INJECTED)
    await expect
      .poll(() => Promise.all(injectors.map(async (one) => (await partOf(one, 'caBundle')).problem)), POLL)
      .toEqual([undefined, undefined])
  })
})

function isCertificate(base64 = ''): boolean {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).subject !== undefined
  } catch {
    return false
  }
}
