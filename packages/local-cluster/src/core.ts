import { randomBytes, randomUUID } from 'node:crypto'
import { createAuthority, issueClientCertificate } from '@proa/pki'
import { createAdmission } from './admission/admission.ts'
import type { ProxySettings } from './admission/deps.ts'
import type { Backend } from './api/backend.ts'
import { createClusterApi } from './api/cluster-api.ts'
import { patchedReader } from './api/decode-patched.ts'
import { objectRules } from './api/object-rules.ts'
import { fieldOwnership } from './api/ownership.ts'
import { podLogs } from './api/pod-logs.ts'
import type { ClusterApi } from './api/types.ts'
import { createTokenSigner } from './authentication/token.ts'
import { createRbacAuthorizer } from './authorization/rbac.ts'
import type { Clock } from './controllers/clock.ts'
import type { PodLog } from './kubelet/pod-log.ts'
import { type ClusterNetwork, createNetwork } from './network/network.ts'
import { type ClusterSecrets, loadState } from './persistence/state-file.ts'
import { followDefinitions } from './resources/custom.ts'
import { forgetOldEvents } from './resources/event-lifetime.ts'
import { createRegistry } from './resources/registry.ts'
import { createStore } from './store/store.ts'

export interface CoreOptions {
  readonly clock: Clock
  /** File that keeps the state. */
  readonly data?: string | undefined
  readonly proxy?: ProxySettings | undefined
  /** Known once the controllers run. */
  readonly podLog: PodLog
}

/** The cluster without its server and its controllers: the state, and who may change it how. */
export interface Core {
  readonly backend: Backend
  readonly api: ClusterApi
  readonly network: ClusterNetwork
  readonly secrets: ClusterSecrets
  /** Aborted when the cluster stops. */
  readonly signal: AbortSignal
  readonly now: () => number
  /** Calls of webhooks that are under way fail. */
  abandonWebhooks(): void
  stop(): void
}

/** @throws StateFileError */
export async function createCore({ clock, data, proxy, podLog }: CoreOptions): Promise<Core> {
  const now = (): number => clock.now().getTime()
  const saved = data === undefined ? undefined : await loadState(data)
  // TLS looks at the clock of the machine, whatever `clock` says.
  const secrets = saved?.secrets ?? (await createSecrets(new Date()))
  const store = createStore(saved === undefined ? {} : { from: saved.store })
  const registry = createRegistry()
  const network = createNetwork()
  const stopping = new AbortController()
  const abandoning = new AbortController()
  const endings = [followDefinitions(store, registry), forgetOldEvents(store, clock)]
  const backend: Backend = {
    store,
    registry,
    rules: objectRules,
    ownership: fieldOwnership,
    admit: (attributes, prepare) => admission(attributes, prepare),
    tokens: createTokenSigner(secrets.tokenKey),
    authorizer: createRbacAuthorizer(store),
    logs: podLogs(podLog),
    now,
    uid: randomUUID,
    random: Math.random,
  }
  const api = createClusterApi(backend)
  const admission = createAdmission({
    objects: api,
    network,
    decode: patchedReader(registry),
    now,
    signal: abandoning.signal,
    ...(proxy === undefined ? {} : { proxy }),
  })
  return {
    backend,
    api,
    network,
    secrets,
    signal: stopping.signal,
    now,
    abandonWebhooks: () => abandoning.abort(),
    stop() {
      abandoning.abort()
      stopping.abort()
      for (const end of endings) end()
    },
  }
}

const YEAR = 365 * 24 * 3600 * 1000

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
