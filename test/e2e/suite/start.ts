import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import type { Cluster } from '../harness/cluster.ts'
import { isInjected, outcomeOf, podOf } from './objects.ts'

interface List {
  readonly items: readonly (JsonObject & { readonly kind: string; readonly metadata: { readonly name: string } })[]
}

/** Everything after this builds on the installation that is made here. */
export function describeStart(cluster: Cluster): void {
  const { client, flags, revision } = cluster
  describe('a cold start', () => {
    it('gets up by itself when the webhooks are there first and refuse Pods that nobody can look at', async () => {
      const shop = await cluster.createNamespace(cluster.injected)
      const { stdout } = await cluster.proa('manifests', '-o', 'json', '--failure-policy', 'Fail', ...flags)
      const { items } = JSON.parse(stdout) as List
      const webhooks = items.filter(({ kind }) => kind === 'MutatingWebhookConfiguration')
      const rest = items.filter((item) => !webhooks.includes(item))
      for (const object of [...webhooks, ...rest.filter(({ kind }) => kind === 'Namespace')]) await apply(object)
      const refused = expect.stringMatching(/^refused: .*failed calling webhook .*: failed to call webhook: Post/)
      await expect.poll(() => outcomeOf(client, podOf('web', shop)), POLL).toEqual(refused)
      for (const object of rest) await apply(object)
      // What a controller makes of the Deployment: its Pods are let in although their own webhook does not answer.
      const deployment = rest.find(({ kind }) => kind === 'Deployment')
      await client.create(podOfTemplate(deployment ?? {}), { dryRun: true })
      await cluster.runInjectors(2)
      await expect.poll(() => outcomeOf(client, podOf('web', shop)), POLL).toBe(`injected by ${revision}`)
    })

    it('proa install finds everything in place, and ends with a Pod that really gets its sidecar', async () => {
      const waits = cluster.lacks.kubelet === undefined ? [] : ['--no-wait']
      const { stdout, stderr, code } = await cluster.proa('install', '--failure-policy', 'Fail', ...flags, ...waits)
      expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
      expect(stdout).not.toMatch(/created|configured/)
      if (waits.length === 0) expect(stdout).toMatch(/\(dry run, istio.io\/rev=.*\) gets istio-init, istio-proxy\n$/)
    })

    it('works the same with the official client', async () => {
      const { CoreV1Api } = await import('@kubernetes/client-node')
      const namespace = await cluster.createNamespace(cluster.injected)
      const core = cluster.official.makeApiClient(CoreV1Api)
      const spec = { containers: [{ name: 'app', image: 'registry.example/app:1' }] }
      const created = await core.createNamespacedPod({ namespace, body: { metadata: { name: 'web' }, spec } })
      expect(isInjected(JSON.parse(JSON.stringify(created)))).toBe(true)
      const { items } = await core.listNamespacedPod({ namespace, fieldSelector: 'metadata.name=web' })
      expect(items.map(({ metadata }) => metadata?.uid)).toEqual([created.metadata?.uid])
    })
  })

  const apply = (object: JsonObject) => client.apply(object, { fieldManager: 'proa-install', force: true })

  function podOfTemplate(deployment: JsonObject): JsonObject {
    const { template } = deployment.spec as { template: { metadata: JsonObject; spec: JsonObject } }
    const metadata = { ...template.metadata, generateName: 'cold-', namespace: cluster.namespace }
    return { apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec }
  }
}

export const POLL = { timeout: 20_000, interval: 50 }
