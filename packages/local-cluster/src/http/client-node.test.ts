import {
  ADD,
  AppsV1Api,
  CoreV1Api,
  DELETE,
  KubeConfig,
  KubernetesObjectApi,
  type ListWatch,
  makeInformer,
  UPDATE,
  type V1ConfigMap,
  VersionApi,
} from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalCluster, startLocalCluster } from '../start.ts'

describe('@kubernetes/client-node', () => {
  let cluster: LocalCluster
  const config = new KubeConfig()
  beforeAll(async () => {
    cluster = await startLocalCluster()
    config.loadFromString(cluster.kubeconfig)
  })
  afterAll(() => cluster.stop())

  it('reads the kubeconfig, and the version', async () => {
    expect((await config.makeApiClient(VersionApi).getCode()).major).toBe('1')
  })

  it('creates, reads, replaces, lists and deletes', async () => {
    const core = config.makeApiClient(CoreV1Api)
    const created = await core.createNamespacedConfigMap({
      namespace: 'default',
      body: { metadata: { name: 'a', labels: { l: '1' } }, data: { x: 'y' } },
    })
    expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date)
    const replaced = await core.replaceNamespacedConfigMap({
      namespace: 'default',
      name: 'a',
      body: { ...created, data: { x: 'z' } },
    })
    expect(replaced.data).toEqual({ x: 'z' })
    await expect(
      core.replaceNamespacedConfigMap({ namespace: 'default', name: 'a', body: created }),
    ).rejects.toMatchObject({ code: 409 })
    expect((await core.listNamespacedConfigMap({ namespace: 'default', labelSelector: 'l=1' })).items).toHaveLength(1)
    await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'a' })
    await expect(core.readNamespacedConfigMap({ namespace: 'default', name: 'a' })).rejects.toMatchObject({ code: 404 })
  })

  it('runs a Deployment to the Pods that it wants', async () => {
    const apps = config.makeApiClient(AppsV1Api)
    const labels = { app: 'web' }
    const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } }
    await apps.createNamespacedDeployment({
      namespace: 'default',
      body: { metadata: { name: 'web' }, spec: { replicas: 2, selector: { matchLabels: labels }, template } },
    })
    await cluster.quiet()
    expect((await apps.readNamespacedDeployment({ namespace: 'default', name: 'web' })).status?.readyReplicas).toBe(2)
  })

  it('finds kinds by discovery', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config)
    await objects.create({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'n', namespace: 'default' },
      spec: { podSelector: {} },
    } as never)
    const found = await objects.read({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'n', namespace: 'default' },
    })
    expect(found.metadata?.generation).toBe(1)
  })

  it('keeps an informer up to date', async () => {
    const core = config.makeApiClient(CoreV1Api)
    const list = () => core.listNamespacedConfigMap({ namespace: 'kube-public' })
    const informer = makeInformer<V1ConfigMap>(
      config,
      '/api/v1/namespaces/kube-public/configmaps',
      list as ConstructorParameters<typeof ListWatch<V1ConfigMap>>[2],
    )
    const seen: string[] = []
    const done = new Promise<void>((resolve) => {
      for (const verb of [ADD, UPDATE, DELETE] as const) {
        informer.on(verb, (object) => {
          if (object.metadata?.name !== 'i') return
          seen.push(verb)
          if (verb === DELETE) resolve()
        })
      }
    })
    await informer.start()
    const body = { metadata: { name: 'i' }, data: { a: '1' } }
    await core.createNamespacedConfigMap({ namespace: 'kube-public', body })
    await core.replaceNamespacedConfigMap({ namespace: 'kube-public', name: 'i', body: { ...body, data: { a: '2' } } })
    await core.deleteNamespacedConfigMap({ namespace: 'kube-public', name: 'i' })
    await done
    await informer.stop()
    expect(seen).toEqual(['add', 'update', 'delete'])
  })
})
