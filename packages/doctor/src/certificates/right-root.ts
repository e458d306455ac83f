import type { Cluster } from '../cluster/cluster.ts'
import { objectName } from '../cluster/cluster.ts'
import type { ObjectName } from '../finding.ts'
import { kubectl } from '../fixes/kubectl.ts'
import type { Injector } from '../mesh/injectors.ts'
import { toBase64 } from '../snapshot/base64.ts'
import { authorityOf } from './authority-secrets.ts'
import { type Bundle, encodedBundle, isUsable } from './bundle.ts'
import type { Certificate } from './certificate.ts'
import { makerOf } from './control-plane.ts'
import { injectorBundles, ROOT_CONFIG_MAP, ROOT_KEY, rootConfigMaps, secretName, servedChains } from './places.ts'
import { isSelfIssued, rootOf } from './trust.ts'

/** The bundle that a webhook should have, and where it was found. */
export interface RightRoot {
  readonly certificates: readonly Certificate[]
  /** For `caBundle`. */
  readonly encoded: string
  readonly object: ObjectName
  readonly path: string
  /** A shell expression that prints `encoded` from the cluster; absent where only the text itself will do. */
  readonly command?: string
  /** `likely`: what is really served is not known. */
  readonly confidence: 'certain' | 'likely'
}

type Candidate = Omit<RightRoot, 'confidence'>

/** Where a webhook may get its bundle from. What is served decides, where it is known; else whose injector it is. */
export function rightRoot(cluster: Cluster, injector: Injector): RightRoot | undefined {
  const chains = servedChains(cluster, injector)
    .map(({ chain }) => chain.certificates)
    .filter((chain) => chain.length > 0)
  const all = [
    ...(makerOf(injector) === 'istio' ? fromConfigMap(cluster, injector) : []),
    ...fromSecrets(cluster, injector),
    ...(makerOf(injector) === 'proa' ? fromConfigMap(cluster, injector) : []),
    ...fromOtherEntries(cluster, injector),
  ]
  if (chains.length === 0) {
    // Of proa's injector the root of the mesh says nothing.
    const own = makerOf(injector) === 'proa' ? all.filter(({ object }) => object.kind !== 'ConfigMap') : all
    return own[0] && { ...own[0], confidence: 'likely' }
  }
  const found = [...all, ...fromServed(cluster, injector)].find(({ certificates }) =>
    chains.every((chain) => rootOf(chain, certificates) !== undefined),
  )
  return found && { ...found, confidence: 'certain' }
}

function fromConfigMap(cluster: Cluster, { service }: Injector): readonly Candidate[] {
  const found = rootConfigMaps(cluster).get(service?.namespace ?? '')
  if (found === undefined || !isUsable(found.bundle)) return []
  const { text, bundle, object, namespace } = found
  const place = { object: objectName(object), path: `data["${ROOT_KEY}"]` }
  const isPlain = bundle.problems.length === 0 && /^[\t\n\r -~]*$/.test(text)
  if (!isPlain) return [{ ...place, certificates: bundle.certificates, encoded: encodedBundle(bundle.certificates) }]
  const get = `${kubectl({ namespace })} get configmap ${ROOT_CONFIG_MAP} -o jsonpath='{.data.root-cert\\.pem}'`
  return [
    {
      ...place,
      certificates: bundle.certificates,
      encoded: toBase64(text),
      command: `${get} | base64 | tr -d '\\n'`,
    },
  ]
}

function fromSecrets(cluster: Cluster, injector: Injector): readonly Candidate[] {
  return authorityOf(cluster, injector)
    .filter(({ role }) => role === 'root')
    .map((place) => ({
      certificates: place.bundle.certificates,
      encoded: encodedBundle(place.bundle.certificates),
      object: secretName(place),
      path: `data["${place.key}"]`,
    }))
}

/** Entries of one configuration call the same injector as a rule. */
function fromOtherEntries(cluster: Cluster, { service, configuration, index }: Injector): readonly Candidate[] {
  if (service === undefined) return []
  return injectorBundles(cluster)
    .filter(({ injector, bundle }) => {
      const sameServer = injector.service?.name === service.name && injector.service.namespace === service.namespace
      const same = injector.configuration === configuration && injector.index === index
      return sameServer && !same && isUsable(bundle) && bundle.problems.length === 0
    })
    .map(({ object, path, field, bundle, injector }) => ({
      certificates: bundle.certificates,
      encoded: field,
      object,
      path,
      command: `kubectl get mutatingwebhookconfiguration ${injector.configuration} -o jsonpath='{.webhooks[${injector.index}].clientConfig.caBundle}'`,
    }))
}

/** The server sent its root along, as Istio's does. */
function fromServed(cluster: Cluster, injector: Injector): readonly Candidate[] {
  return servedChains(cluster, injector).flatMap(({ chain, object }) => {
    const root = chain.certificates.find((one) => one.isCA && isSelfIssued(one))
    return root === undefined
      ? []
      : [{ certificates: [root], encoded: encodedBundle([root]), object, path: 'served certificate chain' }]
  })
}

/** SHA-256 of the certificates of a bundle, short enough to be compared by eye. */
export function printsOf({ certificates }: Pick<Bundle, 'certificates'>): string {
  return certificates.map(({ fingerprint, subject }) => `SHA-256 ${fingerprint.slice(0, 16)}… (${subject})`).join(', ')
}
