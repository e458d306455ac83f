import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import { injectorName, leaseName } from '@proa/manifests'
import { onTestFinished } from 'vitest'
import { program } from '../../e2e/harness/bundle.ts'
import type { Cluster, Injector } from '../../e2e/harness/cluster.ts'
import { startInjector } from '../../e2e/harness/injector-process.ts'
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
  /** Name of the Lease. */
  readonly lease: string
  /** Takes an injector out of the endpoints. */
  leave(injector: Injector): Promise<void>
  /** Starts one more with the arguments of the Deployment, which is no endpoint and ends without a delay; it ends with the test. */
  startBeside(name: string): Promise<Injector>
  /** The same without waiting for anything. */
  spawn(): Promise<ChildProcess>
  /** What becomes of a Pod of the mesh (dry run). */
  tryPod(): Promise<Outcome>
  close(): Promise<void>
}

const SLICE = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }

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
  const environment = (name: string) => ({ KUBECONFIG: kubeconfig, POD_NAME: name, POD_NAMESPACE: namespace })
  const args = async () => {
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: injectorName(revision) }
    const containers = at(await target.client.get(ref), 'spec', 'template', 'spec', 'containers')
    const given = (containers as readonly { args: string[] }[])[0]?.args ?? []
    return given.map((one) => one.replace(/^--drain-seconds=.*/, '--drain-seconds=0'))
  }
  return {
    namespace,
    revision,
    runInjectors,
    injectors,
    kubeconfig,
    client: target.client,
    gate,
    lease: leaseName(revision),
    leave: async ({ name }) => void (await target.client.delete({ ...SLICE, namespace, name })),
    async startBeside(name) {
      const started = await startInjector({ args: await args(), env: environment(name), address: '127.0.0.1' })
      const kill = () => void process.kill(started.pid, 'SIGKILL')
      onTestFinished(() => {
        // It may have ended long ago.
        if (!hasEnded) kill()
      })
      let hasEnded = false
      void started.exited.then(() => {
        hasEnded = true
      })
      return { name, ...started, kill, remove: async () => kill() }
    },
    async spawn() {
      const flags = (await args()).map((one) => one.replace(/^(--(?:https|metrics)-address)=.*$/, '$1=127.0.0.1:0'))
      const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...environment('bare') }
      const child = spawn(process.execPath, [...program(), ...flags], { env, stdio: 'ignore' })
      onTestFinished(() => void child.kill('SIGKILL'))
      return child
    },
    tryPod: () => outcomeOf(target.client.create(samplePod(shop, { labels: { app: 'web' } }), { dryRun: true })),
    async close() {
      gate.open()
      await cluster.stop()
      if (kind.isShared) await end()
    },
  }
}

const listening = ({ log }: Injector) => log.find(({ msg }) => msg === 'listening') ?? {}

export const pidOf = (injector: Injector): number => Number(listening(injector).pid)

export const portOf = (injector: Injector): number => Number(listening(injector).port)

export const messagesOf = ({ log }: Injector): readonly string[] => log.map(({ msg }) => String(msg))

/** What the injector says of a part of it. */
export async function partOf(injector: Injector, part: string) {
  const { ready, parts } = await readiness(injector)
  return { ...parts[part], all: ready }
}

export { metric }

export const at = (object: JsonObject, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object)
