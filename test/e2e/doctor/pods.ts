import type { JsonObject } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import { expect, it } from 'vitest'
import { INJECT } from '../suite/objects.ts'
import { POLL } from '../suite/start.ts'
import { DEPLOYMENT } from './objects.ts'
import { findingsOf, refOf, type Stage } from './stage.ts'

/** What is told of a Pod that is asked about by its name. */
export function itTellsOfPods(stage: () => Stage): void {
  it('INJ101: nothing is injected in kube-system; elsewhere the same Deployment is', async () => {
    const { client, afterwards, deploy, doctor, createNamespace } = stage()
    const asking = { labels: { [INJECT]: 'true' } }
    expect(await deploy('kube-system', asking)).toBe('untouched')
    afterwards(() => client.delete({ ...DEPLOYMENT, namespace: 'kube-system' }))
    const report = await doctor('deploy', 'kube-system/web')
    expect(findingsOf(report)[0]).toMatchObject({ id: 'INJ101', object: { namespace: 'kube-system', name: 'web' } })
    expect(report.exitCode).toBe(0)
    expect(await deploy(await createNamespace(), asking)).toBe('injected')
  })

  it('INJ332: the autoscaler does not evict a Pod with injected volumes, until the annotation is there', async () => {
    const { client, cluster, deploy, doctor, createNamespace } = stage()
    const namespace = await createNamespace(cluster.injected)
    await deploy(namespace)
    const name = await podIn(client, namespace)
    const { findings, exitCode } = await doctor('pod', `${namespace}/${name}`)
    expect(exitCode).toBe(0)
    expect(findings).toContainEqual(expect.objectContaining({ id: 'INJ332', severity: 'info' }))
    const target = ['doctor', 'deploy', `${namespace}/web`, '--fix', '--yes']
    // It is only a note: nothing is wrong that had to be repaired.
    const without = await cluster.proa(...target)
    expect(without.stdout).not.toContain(': done')
    const asked = await cluster.proa(...target, '--check', 'INJ332')
    expect(asked.stdout).toContain('(INJ332): done\nAfterwards: ')
    const { spec } = await client.get({ ...DEPLOYMENT, namespace })
    const { template } = spec as { readonly template: { readonly metadata: JsonObject } }
    expect(template.metadata.annotations).toEqual({
      'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes': expect.stringContaining('istio-data'),
    })
    const idsNow = async () => (await doctor('deploy', `${namespace}/web`)).findings.map(({ id }) => id)
    await expect.poll(idsNow, POLL).not.toContain('INJ332')
  })

  it('INJ333: tcpdump fails in the sidecar, and works in a debug container', async () => {
    const { client, cluster, deploy, doctor, createNamespace } = stage()
    const namespace = await createNamespace(cluster.injected)
    await deploy(namespace)
    const name = await podIn(client, namespace)
    const { findings } = await doctor('pod', `${namespace}/${name}`)
    const finding = findings.find(({ id }) => id === 'INJ333')
    expect(finding?.fix?.commands.join('\n')).toMatch(
      new RegExp(
        `^kubectl -n ${namespace} debug -it ${name} --image=\\S+ --target=istio-proxy --profile=netadmin -- tcpdump `,
      ),
    )
  })
}

async function podIn(client: KubeClient, namespace: string): Promise<string> {
  const { items } = await client.list({ apiVersion: 'v1', kind: 'Pod', namespace })
  const [pod = {}] = items
  return refOf(pod).name
}
