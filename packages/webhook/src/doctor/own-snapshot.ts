import type { BundleVerdict, Kind, Probe, Snapshot } from '@proa/doctor'
import { findInjectors } from '@proa/injector'
import { getOwn, isArray, isObject, type JsonObject } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import { chainVerifies, checkServingPair, PkiError } from '@proa/pki'
import { takeSnapshot } from '@proa/snapshot'
import { configMapNames } from '../configuration/config-maps.ts'
import type { LoadedConfiguration, ServingCertificate } from '../contracts.ts'

/** What the server knows of itself; no API server has to be asked for it. */
export interface OwnFacts {
  readonly namespace: string
  readonly revision: string
  readonly configuration: LoadedConfiguration | undefined
  readonly certificate: ServingCertificate | undefined
}

/** What the manifests let the injector read: its webhooks, and what stands in its own namespace. */
const KINDS: readonly Kind[] = [
  'MutatingWebhookConfiguration',
  'Node',
  'Service',
  'EndpointSlice',
  'Pod',
  'Deployment',
  'ReplicaSet',
  'PodDisruptionBudget',
  'ProxyConfig',
]

/** The snapshot of a webhook: of its own namespace, with the configuration and the certificate that it really uses. */
export async function takeOwnSnapshot(
  client: KubeClient,
  facts: OwnFacts,
  options: { readonly now: () => Date; readonly signal: AbortSignal },
): Promise<Snapshot> {
  const own = { namespaces: [facts.namespace], only: true, kinds: KINDS, probes: false }
  const taken = await takeSnapshot(client, { ...options, ...own })
  return withOwnFacts(taken, facts, options.now())
}

/** Pure: adds what the server knows of itself. */
export function withOwnFacts(snapshot: Snapshot, facts: OwnFacts, now: Date): Snapshot {
  return {
    ...snapshot,
    objects: [...snapshot.objects, ...ownConfigMaps(facts)],
    probes: [...snapshot.probes, ...ownCertificates(snapshot, facts, now)],
  }
}

/** The texts in use, in the ConfigMaps that they would stand in: they may come from files. */
function ownConfigMaps({ namespace, revision, configuration }: OwnFacts): JsonObject[] {
  if (configuration === undefined) return []
  const names = configMapNames(namespace, revision)
  const { config, values, mesh } = configuration.sources
  const data = (texts: Readonly<Record<string, string | undefined>>): JsonObject =>
    Object.fromEntries(Object.entries(texts).filter((entry): entry is [string, string] => entry[1] !== undefined))
  const configMap = (name: string, texts: Readonly<Record<string, string | undefined>>): JsonObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data: data(texts),
  })
  const injector =
    config === undefined ? [] : [configMap(names.injector, { config: config.text, values: values?.text })]
  return [...injector, ...(mesh === undefined ? [] : [configMap(names.mesh, { mesh: mesh.text })])]
}

/** What a handshake would show, for each service that webhooks of this revision name: without a connection to itself. */
function ownCertificates(snapshot: Snapshot, { namespace, revision, certificate }: OwnFacts, now: Date): Probe[] {
  if (certificate === undefined) return []
  const wanted = revision === '' ? 'default' : revision
  const configurations = snapshot.objects.filter(({ kind }) => kind === 'MutatingWebhookConfiguration')
  const mine = findInjectors(configurations).filter(
    (injector) => injector.revision === wanted && injector.service?.namespace === namespace,
  )
  const services = Map.groupBy(mine, ({ service }) => service?.name ?? '')
  return [...services].map(([name, injectors]) => ({
    kind: 'served-certificate',
    service: { namespace, name, port: 443 },
    outcome: {
      kind: 'served',
      chain: certificate.certificate,
      verifiedBy: injectors.map(({ configuration, index }) =>
        verdict(bundleOf(configurations, configuration, index), certificate, { configuration, index }, now),
      ),
    },
  }))
}

function bundleOf(configurations: readonly JsonObject[], name: string, index: number): string {
  const found = configurations.find(({ metadata }) => isObject(metadata) && metadata.name === name)
  const webhooks = found?.webhooks
  const entry = isArray(webhooks) ? webhooks.filter(isObject)[index] : undefined
  const clientConfig = entry === undefined ? undefined : getOwn(entry, 'clientConfig')
  const bundle = isObject(clientConfig) ? getOwn(clientConfig, 'caBundle') : undefined
  return typeof bundle === 'string' ? Buffer.from(bundle, 'base64').toString('utf8') : ''
}

function verdict(
  bundle: string,
  { certificate, privateKey }: ServingCertificate,
  entry: Pick<BundleVerdict, 'configuration' | 'index'>,
  now: Date,
): BundleVerdict {
  if (chainVerifies(certificate, bundle, now)) return { ...entry, verifies: true }
  try {
    checkServingPair({ certificate, privateKey, bundle }, [], now)
    return { ...entry, verifies: false }
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    return { ...entry, verifies: false, problem: error.message }
  }
}
