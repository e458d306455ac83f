import type { BundleVerdict, Kind, Probe, Snapshot } from '@proa/doctor'
import { findInjectors } from '@proa/injector'
import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import { chainVerifies, checkServingPair, PkiError } from '@proa/pki'
import { takeSnapshot } from '@proa/snapshot'
import { type ConfigMapNames, configMapNames } from '../configuration/config-maps.ts'
import type { LoadedConfiguration, ServingCertificate } from '../contracts.ts'

/** What the server knows of itself. */
export interface OwnFacts {
  readonly namespace: string
  readonly revision: string
  /** The configuration in use. */
  readonly configuration: LoadedConfiguration | undefined
  readonly certificate: ServingCertificate | undefined
  /** Where the configuration comes from, unless that is files. The newest text counts: a replica that starts now gets it. */
  readonly configMaps?: Pick<ConfigMapNames, 'injector' | 'mesh'>
}

/** The ConfigMaps as they are now, whether or not the server has taken them over. */
interface NewestTexts {
  readonly injector: JsonObject | undefined
  readonly mesh: JsonObject | undefined
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
  return withOwnFacts(taken, facts, options.now(), await newestTexts(client, facts, options.signal))
}

async function newestTexts(
  client: KubeClient,
  { namespace, configMaps }: OwnFacts,
  signal: AbortSignal,
): Promise<NewestTexts | undefined> {
  if (configMaps === undefined) return undefined
  const find = (name: string): Promise<JsonObject | undefined> =>
    client.find({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name }, { signal }).catch(() => undefined)
  const [injector, mesh] = await Promise.all([find(configMaps.injector), find(configMaps.mesh)])
  return { injector, mesh }
}

/** Pure: adds what the server knows of itself. */
export function withOwnFacts(snapshot: Snapshot, facts: OwnFacts, now: Date, newest?: NewestTexts): Snapshot {
  const configMaps = ownConfigMaps(facts, newest)
  return {
    ...snapshot,
    objects: [...snapshot.objects, ...configMaps],
    // Of the ConfigMaps all is known that is about this server.
    unread: configMaps.length === 0 ? snapshot.unread : snapshot.unread.filter(({ kind }) => kind !== 'ConfigMap'),
    probes: [...snapshot.probes, ...ownCertificates(snapshot, facts, now)],
  }
}

/** The texts in the ConfigMaps that they would stand in: they may come from files, or from ConfigMaps of other names. */
function ownConfigMaps(
  { namespace, revision, configuration }: OwnFacts,
  newest: NewestTexts | undefined,
): JsonObject[] {
  const names = configMapNames(namespace, revision)
  const { config, values, mesh } = configuration?.sources ?? {}
  const injectorData = newest?.injector?.data ?? texts({ config: config?.text, values: values?.text })
  const meshData = newest?.mesh?.data ?? texts({ mesh: mesh?.text })
  const configMap = (name: string, data: Json | undefined): JsonObject[] =>
    data === undefined ? [] : [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }]
  return [...configMap(names.injector, injectorData), ...configMap(names.mesh, meshData)]
}

/** Undefined when there is none of them. */
function texts(all: Readonly<Record<string, string | undefined>>): JsonObject | undefined {
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length === 0 ? undefined : Object.fromEntries(given)
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
