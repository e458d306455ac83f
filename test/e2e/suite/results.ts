import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, type JsonObject } from '@proa/kube'
import { injectorConfigMapName, meshConfigMapName } from '@proa/manifests'
import { describe, expect, it, onTestFinished } from 'vitest'
import { authority, serverCertificate } from '../../../packages/local-cluster/testing/admission/certificates.ts'
import { webhookServer } from '../../../packages/local-cluster/testing/admission/webhook-server.ts'
import type { Cluster } from '../harness/cluster.ts'
import { podOf, viewOf } from './objects.ts'
import { POLL } from './start.ts'

/** A Pod with something of everything that injection touches. */
const RICH: JsonObject = {
  terminationGracePeriodSeconds: 45,
  securityContext: { runAsUser: 1000 },
  volumes: [{ name: 'cache', emptyDir: {} }],
  initContainers: [{ name: 'migrate', image: 'registry.example/migrate:1' }],
  containers: [
    {
      name: 'app',
      image: 'registry.example/app:1',
      ports: [{ name: 'http', containerPort: 8080 }],
      readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
      livenessProbe: { tcpSocket: { port: 8080 } },
      volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
    },
    { name: 'metrics', image: 'registry.example/metrics:1', ports: [{ containerPort: 9100 }] },
  ],
}

const CONFIGURATION = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' }

export function describeResults(cluster: Cluster): void {
  const { client, revision } = cluster

  describe('what the webhook makes of a Pod', () => {
    it('is what "proa inject" makes of it', async () => {
      const [injected, plain] = [await cluster.createNamespace(cluster.injected), await cluster.createNamespace()]
      const annotations = { 'sidecar.istio.io/proxyCPU': '200m', 'proxy.istio.io/config': '{"concurrency": 3}' }
      const shape = podOf('web', plain, { labels: { app: 'web', version: 'v1' }, annotations, spec: RICH })
      // With its defaults filled in: so a webhook gets to see it, and some of them end up in texts that injection writes.
      const { spec } = await client.create(shape, { dryRun: true })
      const pod = { ...shape, spec: spec ?? null }
      const file = (name: string, text: string) => {
        writeFileSync(join(cluster.folder, name), text)
        return name
      }
      const flags = [
        ...['--injectConfigFile', file('config', await text(injectorConfigMapName(revision), 'config'))],
        ...['--valuesFile', file('values', await text(injectorConfigMapName(revision), 'values'))],
        ...['--meshConfigFile', file('mesh', await text(meshConfigMapName(revision), 'mesh'))],
      ]
      const files = ['-f', file('pod.json', JSON.stringify(pod)), '--revision', revision, '--nodes', 'cluster']
      const { stdout, stderr, code } = await cluster.proa('inject', ...files, ...flags)
      expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
      const byCommand = await client.create(JSON.parse(stdout), { dryRun: true })
      const byWebhook = await client.create(
        { ...pod, metadata: { ...pod.metadata, namespace: injected } },
        { dryRun: true },
      )
      expect(comparable(byWebhook, injected)).toEqual(comparable(byCommand, plain))
    })

    it('counts containers that a later webhook adds: it is asked again', async () => {
      const namespace = await cluster.createNamespace({ ...cluster.injected, late: cluster.name('late') })
      const root = await authority('late')
      const server = await webhookServer(
        await serverCertificate(root, { addresses: [cluster.address] }),
        ({ review, answer }) => {
          const { uid, object } = review.request as { uid: string; object: JsonObject }
          const added = JSON.stringify(object).includes('"late"')
            ? []
            : [{ op: 'add', path: '/spec/containers/-', value: LATE }]
          const patch = Buffer.from(JSON.stringify(added)).toString('base64')
          answer({ uid, allowed: true, patchType: 'JSONPatch', patch })
        },
      )
      onTestFinished(() => server.close())
      const name = cluster.name('zz-late')
      cluster.remember({ ...CONFIGURATION, name })
      await client.create({
        ...CONFIGURATION,
        // Webhooks are asked in the order of these names.
        metadata: { name },
        webhooks: [
          {
            name: 'late.example.com',
            clientConfig: { url: `${cluster.webhookUrl(server.port)}/add`, caBundle: btoa(root.pem) },
            rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
            namespaceSelector: { matchLabels: { late: cluster.name('late') } },
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
          },
        ],
      })
      const created = async () => viewOf(await client.create(podOf('web', namespace), { dryRun: true })).spec
      const late = async () => (await created()).containers.find(({ name }) => name === 'late')
      await expect.poll(late, POLL).toBeDefined()
      // Its probe goes through the proxy, which only an injector does.
      expect(await late()).toMatchObject({
        livenessProbe: { httpGet: { path: '/app-health/late/livez', port: 15020 } },
      })
      await client.delete({ ...CONFIGURATION, name })
      await expect.poll(late, POLL).toBeUndefined()
    })
  })

  async function text(name: string, key: string): Promise<string> {
    const map = await client.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: cluster.namespace, name })
    const value = isObject(map.data) ? map.data[key] : undefined
    return typeof value === 'string' ? value : ''
  }
}

const LATE = {
  name: 'late',
  image: 'registry.example/late:1',
  livenessProbe: { httpGet: { path: '/alive', port: 7000 } },
}

/**
 * Without what differs for other reasons: the namespace, and the order of mounts, as the API server mounts the token into new
 * containers after a webhook has named them and before a command has.
 */
function comparable(pod: JsonObject, namespace: string): unknown {
  const { metadata, spec } = viewOf(pod)
  const { labels, annotations } = metadata
  const sorted = JSON.stringify({ labels, annotations, spec }, (_, value: unknown) =>
    Array.isArray(value) && value.every(isNamed) ? value.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) : value,
  )
  const same = sorted.replaceAll(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access').replaceAll(namespace, 'NAMESPACE')
  return JSON.parse(same)
}

const isNamed = (item: unknown): item is { name: string; mountPath?: string } =>
  typeof item === 'object' && item !== null && 'name' in item && !('image' in item)
const keyOf = ({ name, mountPath = '' }: { name: string; mountPath?: string }): string => `${name} ${mountPath}`
