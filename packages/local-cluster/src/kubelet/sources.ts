/** What env entries and volumes are filled from: ConfigMaps, Secrets, fields of the Pod, resources of a container. */
import { getOwn, type JsonObject, parseQuantity } from '@proa/kube'
import {
  annotationsOf,
  at,
  labelsOf,
  nameOf,
  namespaceOf,
  objectAt,
  objectsAt,
  textAt,
  uidOf,
} from '../controllers/fields.ts'

/** The container cannot be started as it is written: `CreateContainerConfigError`, in the kubelet's words. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError'
}

/** Reads from the API, as the Node. */
export interface Sources {
  configMap(name: string): JsonObject | undefined
  secret(name: string): JsonObject | undefined
}

/** Facts of a running Pod that a fieldRef may ask for. */
export interface PodFieldFacts {
  readonly podIP: string
  readonly hostIP: string
}

/** All entries of a ConfigMap or a Secret. */
export function entriesOf(source: JsonObject): ReadonlyMap<string, Uint8Array> {
  const isSecret = source.kind === 'Secret'
  const entries = new Map<string, Uint8Array>()
  for (const [key, value] of Object.entries(objectAt(source, 'data'))) {
    if (typeof value === 'string') entries.set(key, Buffer.from(value, isSecret ? 'base64' : 'utf8'))
  }
  for (const [key, value] of Object.entries(objectAt(source, 'binaryData'))) {
    if (typeof value === 'string') entries.set(key, Buffer.from(value, 'base64'))
  }
  return entries
}

const SUBSCRIPT = /^metadata\.(labels|annotations)\['(.+)'\]$/

/** The text of a downward API field. */
export function podField(pod: JsonObject, fieldPath: string, facts: PodFieldFacts): string {
  const subscript = SUBSCRIPT.exec(fieldPath)
  if (subscript !== null) {
    const map = subscript[1] === 'labels' ? labelsOf(pod) : annotationsOf(pod)
    const value = getOwn(map, subscript[2] ?? '')
    return typeof value === 'string' ? value : ''
  }
  switch (fieldPath) {
    case 'metadata.name':
      return nameOf(pod)
    case 'metadata.namespace':
      return namespaceOf(pod)
    case 'metadata.uid':
      return uidOf(pod)
    case 'metadata.labels':
      return mapLines(labelsOf(pod))
    case 'metadata.annotations':
      return mapLines(annotationsOf(pod))
    case 'spec.nodeName':
    case 'spec.serviceAccountName':
      return textAt(pod, ...fieldPath.split('.'))
    case 'status.podIP':
    case 'status.podIPs':
      return facts.podIP
    case 'status.hostIP':
    case 'status.hostIPs':
      return facts.hostIP
    default:
      throw new ContainerConfigError(`field label not supported: ${fieldPath}`)
  }
}

function mapLines(map: JsonObject): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n')
}

const DEFAULT_DIVISOR = '1'

/** `limits.cpu`, rounded up to whole divisors, as the downward API gives it. Without the resource: 0. */
export function resourceField(pod: JsonObject, container: JsonObject, reference: JsonObject): string {
  const name = textAt(reference, 'containerName')
  const all = [...objectsAt(pod, 'spec', 'containers'), ...objectsAt(pod, 'spec', 'initContainers')]
  const asked = name === '' ? container : all.find((other) => other.name === name)
  const [list = '', ...rest] = textAt(reference, 'resource').split('.')
  const value = at(asked, 'resources', list, rest.join('.'))
  if (typeof value !== 'string' && typeof value !== 'number') return '0'
  const divisor = textAt(reference, 'divisor')
  const by = divisor === '' || divisor === '0' ? DEFAULT_DIVISOR : divisor
  return String(Math.ceil(numberOf(String(value)) / numberOf(by)))
}

function numberOf(quantity: string): number {
  const { unscaled, scale } = parseQuantity(quantity)
  return Number(unscaled) * 10 ** scale
}
