import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StatusError } from '@proa/kube-client'
import { expect, it } from 'vitest'
import { testCluster } from '../../testing/cluster.ts'
import { hintOf } from './connect.ts'

it('names the permission that is missing, and where', () => {
  const refused = (message: string) => hintOf(new StatusError(message, 403, 'Forbidden', {}))
  expect(
    refused(
      'clusterroles.rbac.authorization.k8s.io is forbidden: User "ann" cannot create resource "clusterroles" in API group "rbac.authorization.k8s.io" at the cluster scope',
    ),
  ).toBe(
    '"ann" lacks the permission "create" on "clusterroles.rbac.authorization.k8s.io" in the whole cluster (a ClusterRole). Whoever administers the cluster can give it.',
  )
  expect(
    refused(
      'configmaps is forbidden: User "ann" cannot list resource "configmaps" in API group "" in the namespace "a"',
    ),
  ).toBe(
    '"ann" lacks the permission "list" on "configmaps" in the namespace "a". Whoever administers the cluster can give it.',
  )
})

it('tells whoever may not install what is missing, and has changed nothing', async () => {
  const { proa, client, folder } = await testCluster()
  await client.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'ann', namespace: 'default' } })
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'default', name: 'ann' }
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
  const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`
  const { status } = (await client.request('POST', path, request)) as { status: { token: string } }
  const kubeconfig = folder
    .read('kubeconfig')
    .replace(/^(\s*)(?:token|client-\w+-data): .*$/gm, `$1token: ${status.token}`)
  writeFileSync(join(folder.folder, 'kubeconfig'), kubeconfig)
  const { code, stdout, stderr } = await proa('install')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(
    'lacks the permission "list" on "mutatingwebhookconfigurations.admissionregistration.k8s.io"',
  )
})
