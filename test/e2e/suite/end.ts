import { describe, expect, it } from 'vitest'
import type { Cluster } from '../harness/cluster.ts'
import { outcomeOf, podOf } from './objects.ts'
import { POLL } from './start.ts'

const RBAC = 'rbac.authorization.k8s.io/v1'
const KINDS = [
  ['v1', 'ServiceAccount'],
  ['v1', 'ConfigMap'],
  ['v1', 'Secret'],
  ['v1', 'Service'],
  ['apps/v1', 'Deployment'],
  ['policy/v1', 'PodDisruptionBudget'],
  ['coordination.k8s.io/v1', 'Lease'],
  [RBAC, 'Role'],
  [RBAC, 'RoleBinding'],
] as const
const CLUSTER_WIDE = [
  [RBAC, 'ClusterRole'],
  [RBAC, 'ClusterRoleBinding'],
  ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration'],
] as const

export function describeEnd(cluster: Cluster): void {
  const { client, namespace, revision } = cluster

  describe('proa uninstall', () => {
    it('leaves nothing of ours, and Pods are created as they are', async () => {
      const pod = podOf('web', await cluster.createNamespace(cluster.injected))
      expect(await outcomeOf(client, pod)).toBe(`injected by ${revision}`)
      const { stderr, code } = await cluster.proa('uninstall', ...cluster.flags)
      expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
      await expect.poll(() => outcomeOf(client, pod), POLL).toBe('untouched')
      expect(await remains()).toEqual([])
    })
  })

  async function remains(): Promise<readonly string[]> {
    const labelSelector = `app.kubernetes.io/part-of=proa,istio.io/rev=${revision}`
    const refs = [
      ...KINDS.map(([apiVersion, kind]) => ({ apiVersion, kind, namespace, labelSelector })),
      ...CLUSTER_WIDE.map(([apiVersion, kind]) => ({ apiVersion, kind, labelSelector })),
    ]
    const lists = await Promise.all(refs.map((ref) => client.list(ref)))
    return lists.flatMap(({ items }, index) =>
      items.map(({ metadata }) => `${refs[index]?.kind} ${JSON.stringify(metadata)}`),
    )
  }
}
