import { isObject, type JsonObject, parseYaml, YamlError } from '@proa/kube'
import type { Cluster } from '../../cluster/cluster.ts'
import { type Revision, revisions } from '../../mesh/revisions.ts'
import { annotationOf, at, objectsAt, textAt } from '../../reading.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import type { Subject } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { envOf } from './proxied.ts'

/** The Service behind a discovery address. */
export interface ControlPlaneAddress {
  readonly text: string
  readonly namespace: string
  readonly name: string
  readonly port: number
}

/** `istiod.istio-system.svc:15012`; undefined for a host outside the cluster. */
function parseAddress(text: string): ControlPlaneAddress | undefined {
  const groups = /^(?<name>[a-z0-9-]+)\.(?<namespace>[a-z0-9-]+)\.svc(?:\.[\w.-]+)?:(?<port>\d{1,5})$/.exec(
    text,
  )?.groups
  if (groups === undefined) return undefined
  return { text, name: groups.name ?? '', namespace: groups.namespace ?? '', port: Number(groups.port) }
}

/** What the mesh configuration of a control plane tells its proxies. */
export function meshAddress({ configuration }: Revision): ControlPlaneAddress | undefined {
  if (configuration.kind !== 'loaded') return undefined
  return parseAddress(textAt(configuration.configuration.mesh, 'defaultConfig', 'discoveryAddress'))
}

/** The control plane that a live Pod's proxy belongs to, or that would inject the subject. */
export function revisionOf(cluster: Cluster, subject: Subject, pod?: JsonObject): Revision | undefined {
  const name = pod === undefined ? undefined : sidecarOf(pod).revision
  if (name !== undefined) {
    const named = revisions(cluster).filter((revision) => revision.name === name)
    if (named.length === 1) return named[0]
  }
  return verdictOf(cluster, subject).revision
}

/** Where the proxies of a subject connect to; their own setting beats the mesh. */
export function addressOf(cluster: Cluster, subject: Subject, pod: JsonObject): ControlPlaneAddress | undefined {
  const own = ownAddress(pod)
  if (own !== undefined) return parseAddress(own)
  const revision = revisionOf(cluster, subject, pod)
  return revision === undefined ? undefined : meshAddress(revision)
}

function ownAddress(pod: JsonObject): string | undefined {
  const container = sidecarOf(pod).container
  const texts = [container && envOf(container, 'PROXY_CONFIG'), annotationOf(pod, 'proxy.istio.io/config')]
  for (const text of texts) {
    if (text === undefined || !text.includes('discoveryAddress')) continue
    const address = textAt(readConfig(text), 'discoveryAddress')
    if (address !== '') return address
  }
  return undefined
}

function readConfig(text: string): JsonObject {
  try {
    const value = parseYaml(text)
    return isObject(value) ? value : {}
  } catch (error) {
    if (error instanceof YamlError) return {}
    throw error
  }
}

/** The port of the Pods behind a port of the Service; undefined when it is named or absent. */
export function targetPort(service: JsonObject | undefined, port: number): number | undefined {
  const found = objectsAt(service, 'spec', 'ports').find((one) => at(one, 'port') === port)
  if (found === undefined) return undefined
  const target = at(found, 'targetPort')
  return target === undefined ? port : typeof target === 'number' ? target : undefined
}
