import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '@proa/kube'
import { expect, it } from 'vitest'
import type { JsonReport } from '../../../packages/doctor/src/report/json.ts'
import { runProa } from '../harness/proa.ts'
import { findingsOf, type Stage } from './stage.ts'

/** The doctor and the cluster as a whole. */
export function itLooksAtTheWhole(stage: () => Stage): void {
  it('finds nothing in an installation as proa install makes it, with a workload', async () => {
    const { cluster, deploy, doctor, createNamespace } = stage()
    const namespace = await createNamespace(cluster.injected)
    expect(await deploy(namespace, { replicas: 2 })).toBe('injected')
    expect(await doctor()).toMatchObject({ findings: [], notEvaluated: [], exitCode: 0 })
    for (const about of [['namespace', namespace], ['webhooks'], ['certs'], ['deploy', `${namespace}/web`]]) {
      const report = await doctor(...about, '--strict')
      expect({ about, exitCode: report.exitCode }).toEqual({ about, exitCode: 0 })
      expect(findingsOf(report).filter(({ severity }) => severity !== 'info')).toEqual([])
    }
  })

  it('finds the same in a snapshot that was saved', async () => {
    const { cluster, deploy, doctor, createNamespace } = stage()
    const namespace = await createNamespace({ 'istio-injection': 'enable' })
    await deploy(namespace)
    const saved = await cluster.proa('doctor', 'snapshot', '-o', 'snapshot.json.gz')
    expect(saved).toMatchObject({ code: 0, stdout: '' })
    for (const about of [[], ['deploy', `${namespace}/web`]]) {
      const [live, later] = [await doctor(...about), await doctor(...about, '-f', 'snapshot.json.gz')]
      expect(live.findings).not.toEqual([])
      expect(withoutTimes(later)).toEqual(withoutTimes(live))
    }
  })

  it('is what a running injector says of itself', async () => {
    const { cluster } = stage()
    const page = async (query = '') => {
      const pages = cluster.injectors().map(({ statusUrl }) => fetch(`${statusUrl}/debug/doctor${query}`))
      const [response] = await Promise.all(pages)
      expect(response?.status).toBe(200)
      return response?.text() ?? ''
    }
    const { findings, exitCode } = JSON.parse(await page()) as JsonReport
    expect({ findings, exitCode }).toEqual({ findings: [], exitCode: 0 })
    expect(await page('?output=text')).toContain('no problem found')
    expect(await page('?output=text&lang=zh')).toContain('退出码 0')
  })

  it('says what it may not see to a user with few rights', async () => {
    const { cluster, createNamespace, deploy } = stage()
    const namespace = await createNamespace({ 'istio-injection': 'enable' })
    await deploy(namespace)
    const kubeconfig = await kubeconfigOfReader(stage(), namespace)
    const everything = await runProa(cluster.folder, kubeconfig, ['doctor', '-o', 'json'])
    const report = JSON.parse(everything.stdout) as JsonReport
    expect({ code: everything.code, stderr: everything.stderr }).toEqual({ code: 3, stderr: '' })
    expect(report.notEvaluated).toContainEqual(
      expect.objectContaining({ missing: expect.arrayContaining([expect.objectContaining({ reason: 'forbidden' })]) }),
    )
    const one = await runProa(cluster.folder, kubeconfig, ['doctor', 'deploy', `${namespace}/web`])
    expect({ code: one.code, stderr: one.stderr }).toEqual({ code: 3, stderr: '' })
    expect(one.stdout).toMatch(/^Deployment \S+\/web: A new Pod would be: not known$/m)
    expect(one.stdout).toMatch(/^ {2}\? no permission to read: MutatingWebhookConfiguration$/m)
  })
}

/** A restart is written with the time at which it was proposed. */
function withoutTimes(report: JsonReport): string {
  return JSON.stringify(report, null, 1).replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'some time')
}

/** Somebody who may read Pods and Deployments of one namespace. */
async function kubeconfigOfReader({ client, cluster, create }: Stage, namespace: string): Promise<string> {
  const name = 'reader'
  const rbac = 'rbac.authorization.k8s.io'
  await create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } })
  await create({
    apiVersion: `${rbac}/v1`,
    kind: 'Role',
    metadata: { name, namespace },
    rules: [
      { apiGroups: ['', 'apps'], resources: ['pods', 'deployments', 'replicasets', 'events'], verbs: ['get', 'list'] },
    ],
  })
  await create({
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name, namespace },
    roleRef: { apiGroup: rbac, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  })
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`
  const asked = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } }
  const { status } = await client.request('POST', path, asked)
  const { token } = status as { readonly token: string }
  const file = join(cluster.folder, 'reader')
  writeFileSync(file, JSON.stringify(kubeconfigOf(cluster.cluster.url, cluster.cluster.ca, token, namespace)))
  return file
}

function kubeconfigOf(server: string, ca: string, token: string, namespace: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'it', cluster: { server, 'certificate-authority-data': btoa(ca) } }],
    users: [{ name: 'it', user: { token } }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it', namespace } }],
    'current-context': 'it',
  }
}
