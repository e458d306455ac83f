import { networkInterfaces } from 'node:os'
import { createClient, type KubeClient, loadKubeConfig } from '@proa/kube-client'
import { startLocalCluster } from '@proa/local-cluster'

/** A cluster that is to fail in the same words, whichever it is. */
export interface Target {
  readonly client: KubeClient
  /** Text of an administrator's kubeconfig. */
  readonly kubeconfig: string
  close(): Promise<void>
}

export interface TargetKind {
  readonly name: string
  open(): Promise<Target>
}

const local: TargetKind = {
  name: 'the local cluster',
  async open() {
    const cluster = await startLocalCluster()
    const client = createClient(await loadKubeConfig({ text: cluster.kubeconfig, env: {} }))
    return {
      client,
      kubeconfig: cluster.kubeconfig,
      async close() {
        client.close()
        await cluster.stop()
      },
    }
  },
}

function real(file: string): TargetKind {
  return {
    name: 'the API server of KUBECONFIG',
    async open() {
      const { readFileSync } = await import('node:fs')
      const text = readFileSync(file, 'utf8')
      const client = createClient(await loadKubeConfig({ text, env: {} }))
      return { client, kubeconfig: text, close: async () => client.close() }
    },
  }
}

/** The local cluster, and the one of KUBECONFIG when there is one. */
export const TARGETS: readonly TargetKind[] = [
  local,
  ...(process.env.KUBECONFIG === undefined || process.env.KUBECONFIG === '' ? [] : [real(process.env.KUBECONFIG)]),
]

/** An address of this machine that an EndpointSlice may hold: API servers refuse loopback there. */
export function machineAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? [])
  const found = all.find(({ internal, family }) => !internal && family === 'IPv4')
  if (found === undefined) throw new Error('this machine has no address but loopback')
  return found.address
}

/** So that several runs on one cluster do not meet. */
export const RUN: string = Math.random().toString(36).slice(2, 7)
