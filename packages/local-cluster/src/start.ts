import { once } from 'node:events'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { issueServingCertificate } from '@proa/pki'
import type { ProxySettings } from './admission/deps.ts'
import type { ClusterApi } from './api/types.ts'
import { kubeconfigText } from './authentication/kubeconfig.ts'
import { type Clock, systemClock } from './controllers/clock.ts'
import { type Controllers, startControllers } from './controllers/start.ts'
import { type Core, createCore } from './core.ts'
import { createHttpServer } from './http/server.ts'
import { closeUpgraded } from './http/upgrade.ts'
import type { NodeFacts } from './kubelet/node.ts'
import type { ContainerRunner } from './kubelet/types.ts'
import type { ClusterNetwork } from './network/network.ts'
import { keepState } from './persistence/keeper.ts'
import { writeAtomically } from './persistence/state-file.ts'
import { bootstrap, KUBERNETES_SERVICE_IP } from './resources/bootstrap.ts'
import { tableRenderer } from './tables/renderer.ts'

export interface LocalClusterOptions {
  /** Default: any that is free. */
  readonly port?: number
  /** Default: 127.0.0.1. Another address makes the cluster reachable from outside of this machine. */
  readonly host?: string
  /** File that keeps the state. Default: nothing is kept. */
  readonly data?: string
  /** File that the kubeconfig is written to, readable by its owner alone. */
  readonly kubeconfig?: string
  readonly runContainer?: ContainerRunner
  /** The API server calls webhooks through this proxy. */
  readonly proxy?: ProxySettings
  /** Default: the clock of the machine. */
  readonly clock?: Clock
  /** Default: one, `local`. */
  readonly nodes?: readonly NodeFacts[]
  /** What the Nodes say that their kubelet is. Default `v1.36.3`. */
  readonly kubeletVersion?: string
  readonly log?: (level: 'debug' | 'warn', message: string) => void
}

/** A Kubernetes API in this process, for development and tests. Not for production. */
export interface LocalCluster {
  /** `https://127.0.0.1:6443` */
  readonly url: string
  /** A kubeconfig of an administrator: a secret. */
  readonly kubeconfig: string
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string
  readonly api: ClusterApi
  readonly network: ClusterNetwork
  /** Resolves when the controllers have nothing to do at the moment. */
  quiet(): Promise<void>
  stop(): Promise<void>
}

const YEAR = 365 * 24 * 3600 * 1000
const BOOKMARK_EVERY = 60_000

/** What has to be taken down again, the last thing first. */
type Endings = (() => unknown)[]

/**
 * Starts a cluster. Nothing of it is left when that fails.
 *
 * @throws StateFileError when the file of the state cannot be used
 */
export async function startLocalCluster(options: LocalClusterOptions = {}): Promise<LocalCluster> {
  const endings: Endings = []
  try {
    return await start(options, endings)
  } catch (error) {
    await takeDown(endings).catch(() => {})
    throw error
  }
}

/** All of it, also when a part of it cannot be ended well; rejects with the first such failure. */
async function takeDown(endings: Endings): Promise<void> {
  const failures: unknown[] = []
  for (let end = endings.pop(); end !== undefined; end = endings.pop()) {
    try {
      await end()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}

async function start(options: LocalClusterOptions, endings: Endings): Promise<LocalCluster> {
  const { log = () => {}, clock = systemClock, data, proxy } = options
  const running: { controllers?: Controllers } = {}
  const core = await createCore({
    clock,
    data,
    proxy,
    podLog: (...request) => running.controllers?.podLog(...request),
  })
  const { api, network, secrets } = core
  endings.push(core.stop)
  const ca = secrets.authority.certificate
  const { url, host, port } = await listen(core, options, endings)
  await bootstrap(api, { host, port })
  const controllers = await startControllers({
    api,
    network,
    resources: core.backend.registry.all,
    rootCa: ca,
    nodes: options.nodes ?? [{ name: 'local', address: '172.18.0.2' }],
    version: options.kubeletVersion ?? 'v1.36.3',
    clock,
    apiServer: { url, ca },
    log,
    ...(options.runContainer === undefined ? {} : { runner: options.runContainer }),
  })
  running.controllers = controllers
  // Nobody waits for a webhook that hangs.
  endings.push(controllers.stop, core.abandonWebhooks)
  if (data !== undefined) {
    const failed = (error: Error): void => log('warn', `the state cannot be written: ${error.message}`)
    const keeper = keepState({ file: data, store: core.backend.store, secrets, failed })
    // When nobody changes anything any more.
    endings.unshift(keeper.stop)
  }
  const kubeconfig = kubeconfigText({ url, ca, client: secrets.admin })
  if (options.kubeconfig !== undefined) await writeAtomically(options.kubeconfig, kubeconfig)
  return { url, kubeconfig, ca, api, network, quiet: controllers.quiet, stop: () => takeDown(endings) }
}

interface Listening {
  readonly url: string
  /** Where clients on this machine reach it. */
  readonly host: string
  readonly port: number
}

async function listen(core: Core, options: LocalClusterOptions, endings: Endings): Promise<Listening> {
  const { host = '127.0.0.1', log = () => {} } = options
  const { backend, secrets, now } = core
  const serving = await issueServingCertificate(secrets.authority, {
    dnsNames: [
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
    ],
    ipAddresses: [...new Set(['127.0.0.1', KUBERNETES_SERVICE_IP, ...(host === '0.0.0.0' ? [] : [host])])],
    now: new Date(),
    validFor: YEAR,
  })
  let address = ''
  const server = createHttpServer({
    serving: {
      backend,
      render: tableRenderer(now),
      signal: core.signal,
      bookmarkEvery: BOOKMARK_EVERY,
      network: core.network,
    },
    credentials: { store: backend.store, tokens: backend.tokens, adminToken: secrets.adminToken, now },
    certificate: serving.certificate,
    privateKey: serving.privateKey,
    clientCa: secrets.authority.certificate,
    address: () => address,
    log,
  })
  server.listen(options.port ?? 0, host)
  await once(server, 'listening')
  endings.push(() => close(server))
  const { port } = server.address() as AddressInfo
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host
  address = `${reachable}:${port}`
  return { url: `https://${address}`, host: reachable, port }
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  closeUpgraded(server)
  await closed
}
