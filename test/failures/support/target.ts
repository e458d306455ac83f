import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { createClient, type KubeClient, loadKubeConfig } from '@proa/kube-client'
import { type LocalClusterOptions, startLocalCluster } from '@proa/local-cluster'
import { startApiServer } from '../../e2e/harness/api-server.ts'

/** A cluster that is to fail in the same words, whichever it is. */
export interface Target {
  readonly client: KubeClient
  /** Text of an administrator's kubeconfig. */
  readonly kubeconfig: string
  close(): Promise<void>
}

export interface TargetKind {
  readonly name: string
  /** Others use it as well, and it goes on after us. */
  readonly isShared: boolean
  readonly isReal: boolean
  open(options?: OpenOptions): Promise<Target>
}

export interface OpenOptions extends Pick<LocalClusterOptions, 'nodes'> {
  /** The proxy that the API server is told to use, and for what it shall not. Not for a cluster that is there already. */
  readonly proxy?: { readonly httpsProxy: string; readonly noProxy?: string }
}

const local: TargetKind = {
  name: 'the local cluster',
  isShared: false,
  isReal: false,
  async open(options = {}) {
    const cluster = await startLocalCluster(options)
    return targetOf(cluster.kubeconfig, () => cluster.stop())
  },
}

function own(assets: string): TargetKind {
  return {
    name: 'an API server of KUBEBUILDER_ASSETS',
    isShared: false,
    isReal: true,
    async open({ proxy } = {}) {
      const env = proxy && { HTTPS_PROXY: proxy.httpsProxy, NO_PROXY: proxy.noProxy ?? '' }
      const started = await startApiServer(assets, env)
      return targetOf(readFileSync(started.kubeconfig, 'utf8'), () => started.stop())
    },
  }
}

function existing(file: string): TargetKind {
  return {
    name: 'the API server of KUBECONFIG',
    isShared: true,
    isReal: true,
    open: () => targetOf(readFileSync(file, 'utf8'), async () => {}),
  }
}

async function targetOf(kubeconfig: string, end: () => Promise<void>): Promise<Target> {
  const client = createClient(await loadKubeConfig({ text: kubeconfig, env: {} }))
  return {
    client,
    kubeconfig,
    async close() {
      client.close()
      await end()
    },
  }
}

const { KUBEBUILDER_ASSETS: assets = '', KUBECONFIG: file = '' } = process.env

/** The local cluster, and real API servers where they are given. */
export const TARGETS: readonly TargetKind[] = [
  local,
  ...(assets === '' ? [] : [own(assets)]),
  ...(file === '' ? [] : [existing(file)]),
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
