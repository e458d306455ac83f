import type { Cluster } from '@proa/doctor'
import type { JsonObject } from '@proa/kube'
import { labelOf, objects, part, text } from '../take/shapes.ts'

export interface ServicePort {
  readonly namespace: string
  readonly name: string
  /** Undefined: no matter which. */
  readonly port: number | undefined
}

/** One address behind a Service. */
export interface Endpoint {
  readonly address: string
  /** Of the Pod; 0 when no port was asked for. */
  readonly port: number
  readonly ready: boolean
  readonly pod: { readonly namespace: string; readonly name: string } | undefined
}

/** As the API server goes: the Service's port by its number, then the port of the same name in its EndpointSlices. */
export function endpointsOf(cluster: Cluster, { namespace, name, port }: ServicePort): readonly Endpoint[] {
  const service = cluster.find('Service', namespace, name)
  const ports = objects(part(service, 'spec').ports)
  const wanted = port === undefined ? undefined : ports.find((one) => one.port === port)
  if (port !== undefined && wanted === undefined) return []
  const slices = cluster
    .inNamespace('EndpointSlice', namespace)
    .filter((slice) => labelOf(slice, 'kubernetes.io/service-name') === name)
  return slices.flatMap((slice) => ofSlice(slice, namespace, wanted))
}

function ofSlice(slice: JsonObject, namespace: string, wanted: JsonObject | undefined): readonly Endpoint[] {
  const found = objects(slice.ports).find((one) => text(one, 'name') === text(wanted, 'name'))?.port
  if (wanted !== undefined && typeof found !== 'number') return []
  const port = typeof found === 'number' ? found : 0
  return objects(slice.endpoints).flatMap((endpoint): Endpoint[] => {
    const addresses = Array.isArray(endpoint.addresses) ? endpoint.addresses : []
    const target = part(endpoint, 'targetRef')
    const isPod = text(target, 'kind') === 'Pod'
    const pod = isPod ? { namespace: text(target, 'namespace') || namespace, name: text(target, 'name') } : undefined
    const ready = part(endpoint, 'conditions').ready !== false
    return typeof addresses[0] === 'string' ? [{ address: addresses[0], port, ready, pod }] : []
  })
}
