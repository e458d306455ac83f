import type { ObjectRef } from '@proa/kube-client'
import { injectorConfigMapName } from '@proa/manifests'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Cluster } from '../harness/cluster.ts'
import { metric, readiness } from '../harness/until.ts'
import { INJECT, outcomeOf, podOf } from './objects.ts'
import { POLL } from './start.ts'

const REJECTED = 'proa_webhook_configuration_rejected_total'

export function describeConfiguration(cluster: Cluster): void {
  const { client, revision } = cluster
  const injected = `injected by ${revision}`
  const ref: ObjectRef = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: cluster.namespace,
    name: injectorConfigMapName(revision),
  }
  const read = async () => ((await client.get(ref)).data as { config: string }).config
  const write = (config: string) => client.patch(ref, { type: 'merge', body: { data: { config } } })
  /** What all injectors say of their configuration. */
  const problems = async () => {
    const reports = await Promise.all(cluster.injectors().map(readiness))
    return reports.map(({ ready, parts }) => ({ ready, hasProblem: parts.configuration?.problem !== undefined }))
  }
  const generations = async () =>
    (await Promise.all(cluster.injectors().map(readiness))).map(({ parts }) => parts.configuration?.generation ?? 0)

  /** Changes the text for one test, and waits until every injector has heard of it. */
  async function withConfig(change: (config: string) => string): Promise<void> {
    const before = await read()
    const old = await generations()
    onTestFinished(async () => {
      const changed = await generations()
      await write(before)
      await expect.poll(generations, POLL).toEqual(changed.map((generation) => generation + 1))
    })
    await write(change(before))
    await expect.poll(generations, POLL).toEqual(old.map((generation) => generation + 1))
  }

  describe('a changed ConfigMap', () => {
    it('takes effect without a restart: with the policy disabled, only who asks is injected', async () => {
      const namespace = await cluster.createNamespace(cluster.injected)
      const plain = podOf('web', namespace)
      const asking = podOf('web', namespace, { annotations: { [INJECT]: 'true' } })
      const asksByLabel = podOf('web', namespace, { labels: { [INJECT]: 'true' } })
      expect(await outcomeOf(client, plain)).toBe(injected)
      await withConfig((config) => config.replace(/^policy: .*$/m, 'policy: disabled'))
      expect(await outcomeOf(client, plain)).toBe('untouched')
      expect(await outcomeOf(client, asking)).toBe(injected)
      expect(await outcomeOf(client, asksByLabel)).toBe(injected)
    })

    it('that is broken is refused and told, while the last good one serves; mended, it is taken', async () => {
      const pod = podOf('web', await cluster.createNamespace(cluster.injected))
      const good = await read()
      const before = await Promise.all(cluster.injectors().map((each) => metric(each, REJECTED)))
      await write(`${good}\n  broken: [`)
      await expect.poll(problems, POLL).toEqual(cluster.injectors().map(() => ({ ready: true, hasProblem: true })))
      const after = await Promise.all(cluster.injectors().map((each) => metric(each, REJECTED)))
      expect(after).toEqual(before.map((count) => count + 1))
      for (const { log } of cluster.injectors()) {
        const told = () => log.find(({ msg }) => String(msg).startsWith('the newest configuration is refused'))
        await expect.poll(told, POLL).toMatchObject({ level: 'error', problem: expect.stringContaining(ref.name) })
      }
      expect(await outcomeOf(client, pod)).toBe(injected)
      await write(good)
      await expect.poll(problems, POLL).toEqual(cluster.injectors().map(() => ({ ready: true, hasProblem: false })))
      expect(await outcomeOf(client, pod)).toBe(injected)
    })
  })
}
