import { type Cluster, injectors, isOfMesh, redactObject, type Unread } from '@proa/doctor'
import type { JsonObject } from '@proa/kube'
import type { Collected } from './collected.ts'
import { type Reader, unread } from './reader.ts'
import { nameOf } from './shapes.ts'

const USUAL_NAMESPACE = 'istio-system'
const DEFAULT_REVISION = 'default'

/** Where control planes are: the namespaces of the services behind injection webhooks, and the usual one. */
export function controlPlaneNamespaces(cluster: Cluster): readonly string[] {
  const found = injectors(cluster).flatMap(({ service }) => (service === undefined ? [] : [service.namespace]))
  const exists = cluster.all('Namespace').length === 0 || cluster.find('Namespace', '', USUAL_NAMESPACE) !== undefined
  return [...new Set([...found, ...(exists ? [USUAL_NAMESPACE] : [])])].filter((name) => name !== '')
}

/** The revisions that webhooks name; the one without a suffix always. */
export function revisionNames(cluster: Cluster): readonly string[] {
  return [...new Set([DEFAULT_REVISION, ...injectors(cluster).map(({ revision }) => revision)])]
}

const suffixed = (name: string, revision: string): string =>
  revision === DEFAULT_REVISION ? name : `${name}-${revision}`

/** Read with those of all namespaces; and Kubernetes' own, which looks alike. */
const NOT_HERE: ReadonlySet<string> = new Set(['istio-ca-root-cert', 'kube-root-ca.crt'])

const isWanted = (configMap: JsonObject): boolean => isOfMesh(configMap) && !NOT_HERE.has(nameOf(configMap))

/** ConfigMaps of injectors and meshes. Who may not list them may yet be allowed to read them by their names. */
export async function readMeshConfigMaps(
  reader: Reader,
  namespace: string,
  revisions: readonly string[],
): Promise<Collected> {
  const all = await reader.list('ConfigMap', { namespace })
  if (all.kind === 'objects') return { objects: all.objects.filter(isWanted), unread: [] }
  const names = revisions.flatMap((one) => [suffixed('istio-sidecar-injector', one), suffixed('istio', one)])
  const found = await readByName(reader, 'ConfigMap', namespace, names)
  return found.objects.length > 0 && found.unread.length === 0
    ? found
    : { objects: found.objects, unread: [unread('ConfigMap', all.refusal, { namespace })] }
}

/** Secrets that hold authorities of control planes. Only their certificates are kept; the keys are not stored anywhere. */
export async function readAuthorities(
  reader: Reader,
  namespace: string,
  revisions: readonly string[],
): Promise<Collected> {
  const names = [
    'cacerts',
    'istio-ca-secret',
    'istiod-tls',
    ...revisions.map((one) => `${suffixed('proa-injector', one)}-ca`),
  ]
  const { objects, unread: refused } = await readByName(reader, 'Secret', namespace, names)
  return { objects: objects.map(redactObject), unread: refused }
}

async function readByName(
  reader: Reader,
  kind: 'ConfigMap' | 'Secret',
  namespace: string,
  names: readonly string[],
): Promise<Collected> {
  const answers = await Promise.all(names.map((name) => reader.get(kind, namespace, name)))
  const objects = answers.flatMap((answer) => (answer.kind === 'objects' ? answer.objects : []))
  const refused = answers.flatMap((answer): Unread[] =>
    answer.kind === 'refused' ? [unread(kind, answer.refusal, { namespace })] : [],
  )
  return { objects, unread: refused.slice(0, 1) }
}

/** The root certificate that Istio copies into every namespace. */
export const ROOT_CERTIFICATE = { fieldSelector: 'metadata.name=istio-ca-root-cert' } as const
