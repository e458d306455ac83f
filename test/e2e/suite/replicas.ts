import type { JsonObject } from '@proa/kube'
import { injectorName } from '@proa/manifests'
import { describe, expect, it } from 'vitest'
import type { Cluster } from '../harness/cluster.ts'
import { steadyLoad } from '../harness/load.ts'
import { untilAll } from '../harness/until.ts'
import { itNeeds } from './needs.ts'
import { isInjected, outcomeOf, podOf } from './objects.ts'
import { POLL } from './start.ts'

/**
 * One of two replicas goes under load, with failurePolicy Fail.
 *
 * Told to go (its Pod is deleted, a roll-out, a drained Node), it serves on until nobody calls it any more: no admission fails.
 * Killed, it cannot do so. An API server sends a review to one address, once: what was on its way to the dead replica fails, and so
 * does what picks its address before the EndpointSlice says that it is gone. No Pod slips through without its sidecar: who
 * creates it is told to try again, as controllers do.
 */
export function describeReplicas(cluster: Cluster): void {
  const { client, revision } = cluster
  const injected = `injected by ${revision}`
  const slices = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    namespace: cluster.namespace,
    labelSelector: `kubernetes.io/service-name=${injectorName(revision)}`,
  }

  const oneLess = () => untilAll(client, slices, 'one address less', (all) => all.flatMap(readyAddresses).length === 1)

  describe('one of two replicas', () => {
    it('that is told to go drains, and no admission fails', async () => {
      const [first] = await cluster.runInjectors(2)
      const shop = await cluster.createNamespace(cluster.injected)
      const load = steadyLoad(client, (index) => podOf(`web-${index}`, shop))
      await load.more(50)
      await first?.remove()
      await first?.exited
      await load.more(50)
      await load.stop()
      expect([...load.outcomes.keys()]).toEqual([injected])
    })

    itNeeds(cluster, 'controllers')('that is killed keeps no workload from getting all its Pods', async () => {
      const [first] = await cluster.runInjectors(2)
      const namespace = await cluster.createNamespace(cluster.injected)
      const labels = { app: 'web' }
      const pods = { apiVersion: 'v1', kind: 'Pod', namespace }
      const { spec } = podOf('web', namespace)
      await client.create({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace },
        spec: { replicas: 40, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
      })
      await untilAll(client, pods, 'the first Pods', ({ length }) => length >= 5)
      const noticed = oneLess()
      first?.kill()
      const all = await untilAll(client, pods, 'all Pods', ({ length }) => length === 40)
      expect(all.every(isInjected)).toBe(true)
      await client.delete({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'web' })
      await noticed
    })

    it('that is killed takes with it only what was on its way, and lets no Pod through without its sidecar', async ({
      annotate,
    }) => {
      const [first] = await cluster.runInjectors(2)
      const shop = await cluster.createNamespace(cluster.injected)
      const load = steadyLoad(client, (index) => podOf(`web-${index}`, shop))
      await load.more(50)
      const noticed = oneLess()
      first?.kill()
      await first?.exited
      await noticed
      // Whoever was refused tries again; an API server hears of the change a moment later than others.
      await expect.poll(() => outcomeOf(client, podOf('again', shop)), POLL).toBe(injected)
      await load.more(20)
      const failedUntilThen = refusals(load.outcomes)
      await cluster.runInjectors(2)
      await load.more(100)
      await load.stop()
      expect(refusals(load.outcomes)).toEqual(failedUntilThen)
      for (const refusal of failedUntilThen.keys()) expect(refusal).toMatch(LOST)
      expect([...load.outcomes.keys()].filter((outcome) => !LOST.test(outcome))).toEqual([injected])
      const failed = [...failedUntilThen.values()].reduce((sum, count) => sum + count, 0)
      await annotate(
        `${failed} of ${load.outcomes.get(injected)} admissions: ${[...failedUntilThen.keys()].join('; ')}`,
      )
    })
  })
}

/** How a real API server tells that a webhook's connection broke or was refused. */
const LOST =
  /^refused: Internal error occurred: failed calling webhook ".*": failed to call webhook: .*(EOF|refused|reset by peer|broken pipe|closed)/s

function readyAddresses(slice: JsonObject): readonly unknown[] {
  const { endpoints } = slice as { endpoints?: readonly { conditions: { ready?: boolean } }[] | null }
  return (endpoints ?? []).filter(({ conditions }) => conditions.ready !== false)
}

function refusals(outcomes: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...outcomes].filter(([outcome]) => !outcome.startsWith('injected')))
}
