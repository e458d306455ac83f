import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAuthority, issueClientCertificate, issueServingCertificate } from '@proa/pki'
import { createAdmission } from './admission/admission.ts'
import type { ProxySettings } from './admission/deps.ts'
import type { Backend } from './api/backend.ts'
import { createClusterApi } from './api/cluster-api.ts'
import { decodeAs } from './api/decode.ts'
import { objectRules } from './api/object-rules.ts'
import { fieldOwnership } from './api/ownership.ts'
import { podLogs } from './api/pod-logs.ts'
import type { ClusterApi } from './api/types.ts'
import { kubeconfigText } from './authentication/kubeconfig.ts'
import { createTokenSigner } from './authentication/token.ts'
import { createRbacAuthorizer } from './authorization/rbac.ts'
import { type Clock, systemClock } from './controllers/clock.ts'
import { startControllers } from './controllers/start.ts'
import { createHttpServer } from './http/server.ts'
import type { NodeFacts } from './kubelet/node.ts'
import type { ContainerRunner } from './kubelet/types.ts'
import { type ClusterNetwork, createNetwork } from './network/network.ts'
import { keepState } from './persistence/keeper.ts'
import { type ClusterSecrets, loadState, writeAtomically } from './persistence/state-file.ts'
import { bootstrap, KUBERNETES_SERVICE_IP } from './resources/bootstrap.ts'
import { followDefinitions } from './resources/custom.ts'
import { createRegistry } from './resources/registry.ts'
import { createStore } from './store/store.ts'
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

export async function startLocalCluster(options: LocalClusterOptions = {}): Promise<LocalCluster> {
  const { host = '127.0.0.1', log = () => {} } = options
  const clock = options.clock ?? systemClock
  const now = (): number => clock.now().getTime()
  const stopping = new AbortController()
  const saved = options.data === undefined ? undefined : await loadState(options.data)
  const store = createStore(saved === undefined ? {} : { from: saved.store })
  const registry = createRegistry()
  const network = createNetwork()
  const unfollow = followDefinitions(store, registry)
  // TLS looks at the clock of the machine, whatever `clock` says.
  const secrets = saved?.secrets ?? (await createSecrets(new Date()))
  const { authority, adminToken } = secrets
  const tokens = createTokenSigner(secrets.tokenKey)
  const backend: Backend = {
    store,
    registry,
    rules: objectRules,
    ownership: fieldOwnership,
    admit: (attributes, prepare) => admission(attributes, prepare),
    tokens,
    authorizer: createRbacAuthorizer(store),
    logs: (pod, query, signal) => podLogs(controllers.podLog)(pod, query, signal),
    now,
    uid: randomUUID,
    random: Math.random,
  }
  const api = createClusterApi(backend)
  const admission = createAdmission({
    objects: api,
    network,
    decode: ({ group, version, resource }, object, refuse) => {
      const type = registry.byPath(group, version, resource)
      return type === undefined ? object : decodeAs(type, object, refuse).object
    },
    now,
    signal: stopping.signal,
    ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
  })
  const serving = await issueServingCertificate(authority, {
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
    serving: { backend, render: tableRenderer(now), signal: stopping.signal, bookmarkEvery: BOOKMARK_EVERY },
    credentials: { store, tokens, adminToken, now },
    certificate: serving.certificate,
    privateKey: serving.privateKey,
    clientCa: authority.certificate,
    address: () => address,
    log,
  })
  server.listen(options.port ?? 0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host
  address = `${reachable}:${port}`
  const url = `https://${address}`
  await bootstrap(api, { host: reachable, port })
  const controllers = await startControllers({
    api,
    network,
    resources: registry.all,
    rootCa: authority.certificate,
    nodes: options.nodes ?? [{ name: 'local', address: '172.18.0.2' }],
    version: options.kubeletVersion ?? 'v1.36.3',
    clock,
    apiServer: { url, ca: authority.certificate },
    log,
    ...(options.runContainer === undefined ? {} : { runner: options.runContainer }),
  })
  const keeper =
    options.data === undefined
      ? undefined
      : keepState({
          file: options.data,
          store,
          secrets,
          failed: (error) => log('warn', `the state cannot be written: ${error.message}`),
        })
  const kubeconfig = kubeconfigText({ url, ca: authority.certificate, client: secrets.admin })
  if (options.kubeconfig !== undefined) await writeAtomically(options.kubeconfig, kubeconfig)
  return {
    url,
    kubeconfig,
    ca: authority.certificate,
    api,
    network,
    quiet: controllers.quiet,
    async stop() {
      await controllers.stop()
      stopping.abort()
      unfollow()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      await keeper?.stop()
    },
  }
}

/** Keys of a new cluster. */
async function createSecrets(now: Date): Promise<ClusterSecrets> {
  const authority = await createAuthority({ commonName: 'local-cluster', now, validFor: 10 * YEAR })
  const organizations = ['system:masters']
  const admin = await issueClientCertificate(authority, {
    commonName: 'kubernetes-admin',
    organizations,
    now,
    validFor: 10 * YEAR,
  })
  return {
    authority,
    admin,
    adminToken: randomBytes(32).toString('base64url'),
    tokenKey: createTokenSigner().privateKey,
  }
}
