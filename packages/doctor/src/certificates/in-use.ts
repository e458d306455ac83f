import { type Cluster, objectName, remembered } from '../cluster/cluster.ts'
import type { Evidence, ObjectName } from '../finding.ts'
import type { Text } from '../language.ts'
import type { Injector } from '../mesh/injectors.ts'
import { timeText } from '../reading.ts'
import type { Certificate } from './certificate.ts'
import {
  authorityCertificates,
  type InjectorBundle,
  injectorBundles,
  ROOT_KEY,
  rootConfigMaps,
  type ServedChain,
  secretName,
  servedChains,
} from './places.ts'
import { isSelfIssued, rootOf } from './trust.ts'

/** A certificate that something depends on, and all the places where it stands. */
export interface CertificateInUse {
  readonly certificate: Certificate
  /** `serving`: the leaf of a webhook's server. */
  readonly role: 'serving' | 'authority'
  /** Whom it is about: the Service, the webhook configuration, the Secret or the ConfigMap. */
  readonly object: ObjectName
  readonly places: readonly Place[]
  /** Of the webhook that depends on it. */
  readonly injector: Injector | undefined
}

export interface Place {
  readonly object: ObjectName
  readonly path: string
  readonly label: Text
}

interface Use extends Place {
  readonly key: string
  readonly certificate: Certificate
  readonly role: CertificateInUse['role']
  /** Whom a finding is about, when it is not the place itself. */
  readonly about?: ObjectName
  readonly injector?: Injector
}

/**
 * Of a bundle only the certificate that lasts: beside a new root the old one may end. Of several replicas the certificate that
 * ends first.
 */
export const certificatesInUse: (cluster: Cluster) => readonly CertificateInUse[] = remembered((cluster) => {
  const uses = [...servedUses(cluster), ...bundleUses(cluster), ...secretUses(cluster), ...rootUses(cluster)]
  return [...Map.groupBy(uses, ({ key }) => key).values()].flatMap((group) => {
    const [first] = group.toSorted((a, b) => a.certificate.notAfter - b.certificate.notAfter)
    if (first === undefined) return []
    const { certificate, role, about, object, injector } = first
    const places = group.map((use): Place => ({ object: use.object, path: use.path, label: use.label }))
    return [{ certificate, role, object: about ?? object, places, injector }]
  })
})

const SERVED: Text = { en: 'really served', zh: '实际提供的证书' }
const BUNDLE: Text = { en: 'caBundle of the webhook', zh: 'webhook 的 caBundle' }
const SECRET: Text = { en: 'authority of the control plane', zh: '控制平面的 CA' }
const ROOT: Text = { en: 'root certificate in the namespace', zh: '命名空间中的根证书' }

function servedUses(cluster: Cluster): readonly Use[] {
  const byAddress = Map.groupBy(
    injectorBundles(cluster).flatMap(({ injector, object }) =>
      servedChains(cluster, injector).map((chain) => ({ injector, object, chain })),
    ),
    ({ chain }) => chain.address,
  )
  return [...byAddress.values()].flatMap((all) => {
    const [first] = all
    if (first === undefined) return []
    const { injector } = first
    const { service } = injector
    const about =
      service === undefined
        ? first.object
        : { apiVersion: 'v1', kind: 'Service', namespace: service.namespace, name: service.name }
    const chains = new Set(all.map(({ chain }) => chain))
    return [...chains].flatMap((chain) => chainUses(chain, { about, injector }))
  })
}

/** A root that is sent along is not looked at by anybody: what counts is the one in the bundle. */
function chainUses(served: ServedChain, rest: { readonly about: ObjectName; readonly injector: Injector }): Use[] {
  return served.chain.certificates.flatMap((certificate, index): Use[] => {
    if (index > 0 && isSelfIssued(certificate)) return []
    const role = index === 0 ? 'serving' : 'authority'
    const key = index === 0 ? `served ${served.address}` : certificate.fingerprint
    return [{ ...rest, key, certificate, role, object: served.object, path: 'served certificate', label: SERVED }]
  })
}

function bundleUses(cluster: Cluster): readonly Use[] {
  return injectorBundles(cluster).flatMap((place): Use[] => {
    const certificate = lastingRoot(cluster, place)
    if (certificate === undefined) return []
    const { object, path, injector } = place
    return [{ key: certificate.fingerprint, certificate, role: 'authority', object, path, label: BUNDLE, injector }]
  })
}

/** The root that is needed for what is served; where that is not known, the one that lasts. */
function lastingRoot(cluster: Cluster, { injector, bundle }: InjectorBundle): Certificate | undefined {
  const { certificates } = bundle
  const valid = certificates.filter((one) => isValid(one, cluster.now.getTime()))
  const [served] = servedChains(cluster, injector)
  const chain = served?.chain.certificates ?? []
  return rootOf(chain, valid) ?? rootOf(chain, certificates) ?? lasting(certificates, cluster.now)
}

/** The one that ends last, of those that have begun. */
function lasting(certificates: readonly Certificate[], now: Date): Certificate | undefined {
  const begun = certificates.filter(({ notBefore }) => notBefore <= now.getTime())
  return (begun.length > 0 ? begun : certificates).toSorted((a, b) => b.notAfter - a.notAfter)[0]
}

const isValid = ({ notBefore, notAfter }: Certificate, now: number): boolean => notBefore <= now && now <= notAfter

function secretUses(cluster: Cluster): readonly Use[] {
  const served = new Set(servedUses(cluster).map(({ certificate }) => certificate.fingerprint))
  return authorityCertificates(cluster).flatMap((place): Use[] => {
    const { certificates } = place.bundle
    const certificate = place.role === 'root' ? lasting(certificates, cluster.now) : certificates[0]
    if (certificate === undefined || served.has(certificate.fingerprint)) return []
    return [
      {
        key: certificate.fingerprint,
        certificate,
        role: place.role === 'serving' ? 'serving' : 'authority',
        object: secretName(place),
        path: `data["${place.key}"]`,
        label: SECRET,
      },
    ]
  })
}

/** Thousands of namespaces: those with the same text are one place. */
const MOST_NAMESPACES = 3

function rootUses(cluster: Cluster): readonly Use[] {
  const groups = Map.groupBy(rootConfigMaps(cluster).values(), ({ bundle }) => bundle)
  return [...groups].flatMap(([bundle, maps]): Use[] => {
    const certificate = lasting(bundle.certificates, cluster.now)
    if (certificate === undefined) return []
    const shown = maps.slice(0, MOST_NAMESPACES)
    const rest = maps.length - shown.length
    return shown.map((map, index) => ({
      key: certificate.fingerprint,
      certificate,
      role: 'authority',
      object: objectName(map.object),
      path: `data["${ROOT_KEY}"]`,
      label: index === 0 && rest > 0 ? andOthers(rest) : ROOT,
    }))
  })
}

function andOthers(rest: number): Text {
  return { en: `${ROOT.en}, and in ${rest} others`, zh: `${ROOT.zh}，另有 ${rest} 个命名空间相同` }
}

/** What every place of a certificate says of it. */
export function placeEvidence({ object, path, label }: Place, certificate: Certificate): Evidence {
  return { object, path, value: certificateText(certificate), label }
}

/** `CN=istiod…, SHA-256 414b18d3d28f5288…, valid 2026-10-31T23:00:00Z to 2027-11-01T00:00:00Z` */
export function certificateText({ subject, fingerprint, notBefore, notAfter }: Certificate): string {
  return `${subject}, SHA-256 ${fingerprint.slice(0, 16)}…, valid ${timeText(notBefore)} to ${timeText(notAfter)}`
}
