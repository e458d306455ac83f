import type { JsonObject } from '@proa/kube'
import { type Cluster, objectName, remembered } from '../cluster/cluster.ts'
import type { ObjectName } from '../finding.ts'
import { type Injector, injectors } from '../mesh/injectors.ts'
import { nameOf, namespaceOf, numberAt, textAt, textsAt } from '../reading.ts'
import type { ServedCertificateProbe } from '../snapshot/types.ts'
import { type Bundle, readBundle, readEncodedBundle } from './bundle.ts'

/** Istio's default; `PILOT_CA_CERT_CONFIGMAP` changes it, and nobody does. */
export const ROOT_CONFIG_MAP = 'istio-ca-root-cert'
export const ROOT_KEY = 'root-cert.pem'

const HTTPS_PORT = 443

const pemTexts: (cluster: Cluster) => Map<string, Bundle> = remembered(() => new Map())
const encodedTexts: (cluster: Cluster) => Map<string, Bundle> = remembered(() => new Map())

/** Thousands of namespaces hold the same root: each text is read once. */
function known(texts: Map<string, Bundle>, text: string, read: (text: string) => Bundle): Bundle {
  const found = texts.get(text) ?? read(text)
  texts.set(text, found)
  return found
}

export function bundleOf(cluster: Cluster, pem: string): Bundle {
  return known(pemTexts(cluster), pem, readBundle)
}

/** The caBundle of an injection webhook. */
export interface InjectorBundle {
  readonly injector: Injector
  readonly object: ObjectName & { readonly apiVersion: string }
  readonly path: string
  /** As it stands there. */
  readonly field: string
  readonly bundle: Bundle
}

/** Of the webhooks that are called: what is deactivated may hold anything. */
export const injectorBundles: (cluster: Cluster) => readonly InjectorBundle[] = remembered((cluster) =>
  injectors(cluster)
    .filter(({ deactivated }) => !deactivated)
    .map((injector) => {
      const field = textAt(injector.entry, 'clientConfig', 'caBundle')
      return {
        injector,
        object: objectName(injector.object),
        path: `webhooks[${injector.index}].clientConfig.caBundle`,
        field,
        bundle: known(encodedTexts(cluster), field, readEncodedBundle),
      }
    }),
)

/** What something behind a webhook really serves. */
export interface ServedChain {
  readonly probe: ServedCertificateProbe
  /** Leaf first. */
  readonly chain: Bundle
  /** `istio-system/istiod:443`, or the URL. */
  readonly address: string
  /** The Pod that was asked, or the Service. */
  readonly object: ObjectName
}

const served: (cluster: Cluster) => ReadonlyMap<string, readonly ServedChain[]> = remembered((cluster) => {
  const chains = cluster.probes.flatMap((probe): ServedChain[] => {
    if (probe.kind !== 'served-certificate' || probe.outcome.kind !== 'served') return []
    const address = addressText(probe)
    return [{ probe, chain: bundleOf(cluster, probe.outcome.chain), address, object: askedObject(probe) }]
  })
  return Map.groupBy(chains, ({ address }) => address)
})

function addressText({ service, url }: Pick<ServedCertificateProbe, 'service' | 'url'>): string {
  return service === undefined ? (url ?? '') : `${service.namespace}/${service.name}:${service.port}`
}

function askedObject({ pod, service, url }: ServedCertificateProbe): ObjectName {
  if (pod !== undefined) return { apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, name: pod.name }
  if (service === undefined) return { kind: 'URL', name: url ?? '' }
  return { apiVersion: 'v1', kind: 'Service', namespace: service.namespace, name: service.name }
}

/** The chains that the replicas behind a webhook serve; none when nobody asked them. */
export function servedChains(cluster: Cluster, { service, url, entry }: Injector): readonly ServedChain[] {
  const port = numberAt(entry, 'clientConfig', 'service', 'port') || HTTPS_PORT
  const address = addressText(service === undefined ? { url: url ?? '' } : { service: { ...service, port } })
  return served(cluster).get(address) ?? []
}

/** The name by which the API server calls a webhook. */
export function serverName({ service, url }: Injector): string {
  if (service !== undefined) return `${service.name}.${service.namespace}.svc`
  return /^https:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)/.exec(url ?? '')?.[1] ?? ''
}

/** The root certificate that Istio copies into each namespace. */
export interface RootConfigMap {
  readonly namespace: string
  readonly object: JsonObject
  readonly text: string
  readonly bundle: Bundle
}

export const rootConfigMaps: (cluster: Cluster) => ReadonlyMap<string, RootConfigMap> = remembered((cluster) => {
  const maps = cluster.all('ConfigMap').filter((object) => nameOf(object) === ROOT_CONFIG_MAP)
  return new Map(
    maps.map((object): [string, RootConfigMap] => {
      const [namespace, text] = [namespaceOf(object), textAt(object, 'data', ROOT_KEY)]
      return [namespace, { namespace, object, text, bundle: bundleOf(cluster, text) }]
    }),
  )
})

/** Certificates in a Secret of a control plane. */
export interface AuthorityCertificates {
  readonly namespace: string
  readonly secret: string
  readonly key: string
  /** `serving`: a leaf for servers. */
  readonly role: 'root' | 'issuer' | 'serving'
  readonly bundle: Bundle
}

const SECRET_KEYS: readonly (readonly [RegExp, Readonly<Record<string, AuthorityCertificates['role']>>])[] = [
  [/^proa-injector(?:-.+)?-ca$/, { 'ca.crt': 'root', 'tls.crt': 'serving' }],
  [/^cacerts$/, { 'root-cert.pem': 'root', 'ca-cert.pem': 'issuer' }],
  [/^istio-ca-secret$/, { 'root-cert.pem': 'root', 'ca-cert.pem': 'issuer' }],
  [/^istiod-tls$/, { 'ca.crt': 'root', 'tls.crt': 'serving' }],
]

/** Only certificates are looked at; keys are none of the doctor's business. */
export const authorityCertificates: (cluster: Cluster) => readonly AuthorityCertificates[] = remembered((cluster) =>
  cluster.all('Secret').flatMap((object) => {
    const [namespace, secret] = [namespaceOf(object), nameOf(object)]
    const keys = SECRET_KEYS.find(([pattern]) => pattern.test(secret))?.[1] ?? {}
    const data = textsAt(object, 'data')
    return Object.entries(keys).flatMap(([key, role]): AuthorityCertificates[] => {
      const field = Object.hasOwn(data, key) ? (data[key] ?? '') : ''
      const bundle = known(encodedTexts(cluster), field, readEncodedBundle)
      return bundle.certificates.length === 0 ? [] : [{ namespace, secret, key, role, bundle }]
    })
  }),
)

export function secretName({ namespace, secret }: AuthorityCertificates): ObjectName {
  return { apiVersion: 'v1', kind: 'Secret', namespace, name: secret }
}
