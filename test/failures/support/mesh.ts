import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import type { Cluster, Injector } from '../../e2e/harness/cluster.ts'
import { remoteCluster } from '../../e2e/harness/remote.ts'
import { metric, readiness } from '../../e2e/harness/until.ts'
import { type Gate, startGate } from './gate.ts'
import { type Outcome, outcomeOf, samplePod } from './hook.ts'
import type { TargetKind } from './target.ts'

/** Our installation on a cluster, with injectors that are processes and reach the API server through a gate. */
export interface Mesh extends Pick<Cluster, 'namespace' | 'revision' | 'runInjectors' | 'injectors' | 'kubeconfig'> {
  /** Not through the gate. */
  readonly client: KubeClient
  readonly gate: Gate
  /** What becomes of a Pod of the mesh (dry run). */
  tryPod(): Promise<Outcome>
  close(): Promise<void>
}

/** With failurePolicy Fail, so that nothing goes unseen. */
export async function openMesh(kind: TargetKind): Promise<Mesh> {
  // Without a Node the Pods of the Deployment stay nowhere: the processes stand for them.
  const target = await kind.open({ nodes: [] })
  const gate = await startGate(target.client.server)
  const folder = mkdtempSync(join(tmpdir(), 'proa-failures-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const gated = target.kubeconfig.replaceAll(target.client.server, gate.url)
  writeFileSync(kubeconfig, gated, { mode: 0o600 })
  const end = async () => {
    await gate.close()
    await target.close()
    rmSync(folder, { recursive: true, force: true })
  }
  const cluster = await remoteCluster({
    title: kind.name,
    kubeconfig,
    isAlone: !kind.isShared,
    lacks: {},
    ...(kind.isShared ? {} : { end }),
  })
  const installed = await cluster.proa(
    'install',
    '--failure-policy',
    'Fail',
    '--no-wait',
    '--no-check',
    ...cluster.flags,
  )
  if (installed.code !== 0) throw new Error(installed.stderr)
  const shop = await cluster.createNamespace(cluster.injected)
  const { namespace, revision, runInjectors, injectors } = cluster
  return {
    namespace,
    revision,
    runInjectors,
    injectors,
    kubeconfig,
    client: target.client,
    gate,
    tryPod: () => outcomeOf(target.client.create(samplePod(shop, { labels: { app: 'web' } }), { dryRun: true })),
    async close() {
      gate.open()
      await cluster.stop()
      if (kind.isShared) await end()
    },
  }
}

export function pidOf({ log }: Injector): number {
  return Number(log.find(({ msg }) => msg === 'listening')?.pid)
}

export const messagesOf = ({ log }: Injector): readonly string[] => log.map(({ msg }) => String(msg))

/** What the injector says of a part of it. */
export async function partOf(injector: Injector, part: string) {
  const { ready, parts } = await readiness(injector)
  return { ...parts[part], all: ready }
}

export { metric }

export const at = (object: JsonObject, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object)
