import { writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import type { JsonObject } from '@proa/kube'
import { createClient, type KubeClient, loadKubeConfig } from '@proa/kube-client'
import { injectorName } from '@proa/manifests'
import type { Cluster, Injector } from './cluster.ts'
import { temporaryFolder } from './folders.ts'
import { type InjectorProcess, startInjector } from './injector-process.ts'
import { ownObjects } from './own-objects.ts'
import { runProa } from './proa.ts'
import { readiness } from './until.ts'

const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' }
const SLICE = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }

export interface RemoteOptions extends Pick<Cluster, 'title' | 'lacks' | 'kubeconfig'> {
  /** The default revision and its namespace, or names of this run. */
  readonly isAlone: boolean
  readonly auditAnnotations?: Cluster['auditAnnotations']
  /** Ends what was started for the cluster. */
  readonly end?: () => Promise<void>
}

/**
 * A cluster outside of this process. Its Pods do not run here, so the injectors run as processes of this machine, with the arguments
 * of the Deployment and a token of its ServiceAccount; an EndpointSlice for each tells the API server where.
 */
export async function remoteCluster(options: RemoteOptions): Promise<Cluster> {
  const { kubeconfig, isAlone } = options
  const folder = temporaryFolder()
  const client = createClient(await loadKubeConfig({ kubeconfig, env: {} }))
  const official = new KubeConfig()
  official.loadFromFile(kubeconfig)
  const own = ownObjects(client)
  const address = process.env.PROA_E2E_ADDRESS ?? ownAddress()
  const revision = isAlone ? 'default' : own.name('rev')
  const namespace = isAlone ? 'istio-system' : own.name('system')
  const replicas: (Injector & { readonly revision: string; readonly port: number })[] = []
  const processes = new Set<InjectorProcess>()
  const proa: Cluster['proa'] = (...args) => runProa(folder.path, kubeconfig, args)
  const ours = (wanted: string) => replicas.filter((replica) => replica.revision === wanted)
  const isOld = client.request('GET', '/version').then(({ minor }) => Number.parseInt(String(minor), 10) < 33)
  let count = 0

  /** Before 1.33 or so an API server looks at Endpoints, which hold all replicas in one object. */
  async function publishEndpoints(of: string): Promise<void> {
    if (!(await isOld)) return
    const subsets = ours(of).map(({ port }) => ({
      addresses: [{ ip: address }],
      ports: [{ name: 'https', port, protocol: 'TCP' }],
    }))
    const metadata = { name: injectorName(of), namespace }
    await client.apply(
      { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets },
      { fieldManager: 'proa-e2e', force: true },
    )
  }

  async function startReplica(revision: string): Promise<void> {
    count += 1
    const name = `${injectorName(revision)}-${count}`
    const deployment = await client.get({ ...DEPLOYMENT, namespace, name: injectorName(revision) })
    const own = join(folder.path, `${name}.kubeconfig`)
    writeFileSync(own, await accountKubeconfig(client, official, namespace, injectorName(revision)), { mode: 0o600 })
    const env = { KUBECONFIG: own, POD_NAME: name, POD_NAMESPACE: namespace }
    const started = await startInjector({ args: containerArgs(deployment), env, address })
    processes.add(started)
    await ready(started)
    await client.create(endpointSlice(namespace, revision, name, { address, port: started.port }))
    const leave = async () => {
      await client.delete({ ...SLICE, namespace, name })
      await publishEndpoints(revision)
    }
    const forget = () => {
      processes.delete(started)
      const index = replicas.indexOf(replica)
      if (index !== -1) replicas.splice(index, 1)
    }
    const replica = {
      name,
      revision,
      ...started,
      async remove() {
        forget()
        await leave()
        process.kill(started.pid, 'SIGTERM')
      },
      kill() {
        forget()
        process.kill(started.pid, 'SIGKILL')
        // As a kubelet does that sees its container end.
        void started.exited.then(leave)
      },
    }
    replicas.push(replica)
    await publishEndpoints(revision)
  }

  return {
    ...options,
    folder: folder.path,
    client,
    official,
    namespace,
    revision,
    address,
    flags: isAlone ? [] : ['--namespace', namespace, '--revision', revision],
    injected: isAlone ? { 'istio-injection': 'enabled' } : { 'istio.io/rev': revision },
    ...own,
    proa,
    injectors: () => ours(revision),
    async runInjectors(wanted, of = revision) {
      while (ours(of).length < wanted) await startReplica(of)
      return ours(of)
    },
    webhookUrl: (port) => `https://${address.includes(':') ? `[${address}]` : address}:${port}`,
    auditAnnotations: options.auditAnnotations ?? (() => Promise.reject(new Error('the audit log is not ours'))),
    async stop() {
      const failures: unknown[] = []
      const attempt = (step: Promise<unknown>) => step.catch((error: unknown) => failures.push(error))
      await attempt(Promise.all([...processes].map(({ end }) => end())))
      if (options.end === undefined) {
        await attempt(proa('uninstall', '--namespace', namespace, '--revision', revision))
        await attempt(client.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }))
        await attempt(own.removeAll())
      }
      client.close()
      await attempt(options.end?.() ?? Promise.resolve())
      folder.remove()
      if (failures.length > 0) throw failures[0]
    },
  }
}

/** Ready is ready: the API server is told of it only then, as a kubelet does. */
async function ready(started: InjectorProcess): Promise<void> {
  const late = AbortSignal.timeout(30_000)
  const isReady = async () => (await readiness({ ...started, name: '', remove: async () => {}, kill() {} })).ready
  // A kubelet asks again and again, too; there is nothing to wait for but the answer.
  while (!(await isReady())) {
    if (late.aborted) throw new Error(`the injector does not get ready: ${JSON.stringify(started.log)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function containerArgs(deployment: JsonObject): readonly string[] {
  const { template } = deployment.spec as { template: { spec: { containers: readonly { args: readonly string[] }[] } } }
  return template.spec.containers[0]?.args ?? []
}

function endpointSlice(
  namespace: string,
  revision: string,
  name: string,
  { address, port }: { readonly address: string; readonly port: number },
): JsonObject {
  const labels = {
    'kubernetes.io/service-name': injectorName(revision),
    'endpointslice.kubernetes.io/managed-by': 'proa-e2e',
  }
  return {
    ...SLICE,
    metadata: { name, namespace, labels },
    addressType: address.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  }
}

/** A kubeconfig with a token of the ServiceAccount: an injector may do here just what its roles allow. */
async function accountKubeconfig(
  client: KubeClient,
  official: KubeConfig,
  namespace: string,
  account: string,
): Promise<string> {
  const answer = await client.request('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  })
  const { token } = answer.status as { readonly token: string }
  const config = new KubeConfig()
  const cluster = official.getCurrentCluster()
  if (cluster === null) throw new Error('the kubeconfig names no cluster')
  config.loadFromClusterAndUser(cluster, { name: account, token })
  return config.exportConfig()
}

/** EndpointSlices may not hold loopback addresses. */
export function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  const found =
    all.find(({ internal, family }) => !internal && family === 'IPv4') ?? all.find(({ internal }) => !internal)
  if (found === undefined) throw new Error('this machine has no address but loopback; set PROA_E2E_ADDRESS')
  return found.address
}
