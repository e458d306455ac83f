/** For tests: a local cluster with an injector, whose webhook is a real HTTPS server of the test. */
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { JsonObject } from '@proa/kube'
import { createClient, type KubeClient, loadKubeConfig } from '@proa/kube-client'
import { type LocalCluster, startLocalCluster } from '@proa/local-cluster'
import { type Authority, createAuthority, issueServingCertificate } from '@proa/pki'
import { onTestFinished } from 'vitest'

const DAY = 86_400_000
export const SERVICE = { namespace: 'istio-system', name: 'istiod', port: 443 }

export interface TestMesh {
  readonly cluster: LocalCluster
  readonly client: KubeClient
  readonly authority: Authority
  /** Who may do what the rules say: everywhere, or in one namespace. */
  as(name: string, rules: readonly JsonObject[], namespace?: string): Promise<KubeClient>
}

export interface MeshSettings {
  /** In base64 what the webhooks trust; default: the certificate of the authority. */
  readonly caBundle?: string
  /** Whether something listens at the port of the injector's Pod. Default true. */
  readonly listens?: boolean
  readonly failurePolicy?: 'Fail' | 'Ignore'
  readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64')

let made: Promise<Authority> | undefined

function testAuthority(): Promise<Authority> {
  made ??= createAuthority({ commonName: 'root of the test', validFor: DAY, now: new Date() })
  return made
}

export async function testMesh(settings: MeshSettings = {}): Promise<TestMesh> {
  const cluster = await startLocalCluster()
  onTestFinished(() => cluster.stop())
  const client = createClient(await loadKubeConfig({ text: cluster.kubeconfig, env: {} }))
  onTestFinished(() => client.close())
  const authority = await testAuthority()
  const { namespaces = { shop: { 'istio-injection': 'enabled' } } } = settings
  for (const [name, labels] of Object.entries({ 'istio-system': {}, ...namespaces })) {
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
  }
  for (const object of injector()) await client.create(object)
  await cluster.quiet()
  if (settings.listens !== false) await listen(cluster, client, authority)
  const { caBundle = base64(authority.certificate), failurePolicy = 'Fail' } = settings
  await client.create(webhooks(caBundle, failurePolicy))
  return {
    cluster,
    client,
    authority,
    as: (name, rules, namespace) => user(cluster, client, { name, rules, namespace }),
  }
}

function injector(): readonly JsonObject[] {
  const metadata = { name: SERVICE.name, namespace: SERVICE.namespace }
  const labels = { app: 'istiod' }
  const container = { name: 'discovery', image: 'pilot:1', ports: [{ containerPort: 15017 }] }
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ name: 'https-webhook', port: 443, targetPort: 15017 }] },
    },
  ]
}

function webhooks(caBundle: string, failurePolicy: string): JsonObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'istio-sidecar-injector', labels: { 'istio.io/rev': 'default' } },
    webhooks: [
      {
        name: 'namespace.sidecar-injector.istio.io',
        clientConfig: { service: { ...SERVICE, path: '/inject' }, ...(caBundle === '' ? {} : { caBundle }) },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
        namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
        sideEffects: 'None',
        failurePolicy,
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 5,
      },
    ],
  }
}

/** Adds a label, so that an injected Pod is known. */
async function listen(cluster: LocalCluster, client: KubeClient, authority: Authority): Promise<void> {
  const { certificate, privateKey } = await issueServingCertificate(authority, {
    dnsNames: ['istiod.istio-system.svc'],
    validFor: DAY,
    now: new Date(),
  })
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { uid } = (JSON.parse(Buffer.concat(chunks).toString()) as { request: { uid: string } }).request
      const patch = base64(JSON.stringify([{ op: 'add', path: '/metadata/labels/injected', value: 'yes' }]))
      const review = { uid, allowed: true, patchType: 'JSONPatch', patch, warnings: ['it was injected'] }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: review }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { items } = await client.list({ apiVersion: 'v1', kind: 'Pod', namespace: SERVICE.namespace })
  const { port } = server.address() as AddressInfo
  for (const pod of items) {
    cluster.network.listen(String((pod.status as JsonObject).podIP), 15017, { host: '127.0.0.1', port })
  }
}

interface UserFacts {
  readonly name: string
  readonly rules: readonly JsonObject[]
  readonly namespace: string | undefined
}

async function user(
  cluster: LocalCluster,
  client: KubeClient,
  { name, rules, namespace }: UserFacts,
): Promise<KubeClient> {
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  const where = namespace === undefined ? {} : { namespace }
  const scope = namespace === undefined ? 'Cluster' : ''
  await client.create({ apiVersion, kind: `${scope}Role`, metadata: { name, ...where }, rules })
  await client.create({
    apiVersion,
    kind: `${scope}RoleBinding`,
    metadata: { name, ...where },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: `${scope}Role`, name },
    subjects: [{ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' }],
  })
  const config = `${cluster.kubeconfig.replace(/^( *)user:\n/m, (line, indent: string) => `${line}${indent}  as: ${name}\n`)}`
  const acting = createClient(await loadKubeConfig({ text: config, env: {} }))
  onTestFinished(() => acting.close())
  return acting
}
