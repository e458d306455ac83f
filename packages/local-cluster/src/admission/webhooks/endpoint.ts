import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import type { AdmissionDeps } from '../deps.ts'

export interface ServiceReference {
  readonly namespace: string
  readonly name: string
  readonly port: number
}

/** A service has nobody who could answer. The message is the API server's. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError'
}

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/**
 * A ready endpoint of the service (apiserver, util/proxy ResolveEndpoint): the service's port by its number, then the
 * EndpointSlices' port of the same name. Endpoints objects count only where there is no slice.
 *
 * @throws EndpointError
 */
export function resolveEndpoint(
  objects: AdmissionDeps['objects'],
  { namespace, name, port }: ServiceReference,
  random: () => number,
): Endpoint {
  const service = objects.find({ apiVersion: 'v1', kind: 'Service', namespace, name })
  if (service === undefined) throw new EndpointError(`service ${JSON.stringify(name)} not found`)
  const spec = objectAt(service, 'spec')
  const type = getOwn(spec, 'type') ?? 'ClusterIP'
  if (type === 'ExternalName') throw new EndpointError('unsupported service type "ExternalName"')
  const servicePort = listAt(spec, 'ports').find((one) => getOwn(one, 'port') === port)
  if (servicePort === undefined) {
    throw new EndpointError(`no service port ${port} found for service ${JSON.stringify(name)}`)
  }
  const portName = getOwn(servicePort, 'name') ?? ''
  const found = endpointsOf(objects, { namespace, name, portName }, random)
  const chosen = found[Math.floor(random() * found.length)]
  if (chosen === undefined) throw new EndpointError(`no endpoints available for service ${JSON.stringify(name)}`)
  return chosen
}

function endpointsOf(
  objects: AdmissionDeps['objects'],
  { namespace, name, portName }: { readonly namespace: string; readonly name: string; readonly portName: Json },
  random: () => number,
): readonly Endpoint[] {
  const slices = objects
    .list({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }, namespace)
    .filter((slice) => getOwn(labelsOf(slice), 'kubernetes.io/service-name') === name)
  if (slices.length === 0) return ofEndpoints(objects, namespace, name, portName)
  // The API server goes through the slices in an order drawn by lot, and takes the first with a ready endpoint behind the port.
  const usable = slices.map((slice) => ofSlice(slice, portName)).filter((ready) => ready.length > 0)
  return usable[Math.floor(random() * usable.length)] ?? []
}

function ofSlice(slice: JsonObject, portName: Json): readonly Endpoint[] {
  const port = listAt(slice, 'ports').find((one) => (getOwn(one, 'name') ?? '') === portName)
  const number = port === undefined ? undefined : getOwn(port, 'port')
  if (typeof number !== 'number') return []
  return listAt(slice, 'endpoints').flatMap((endpoint) => {
    if (getOwn(objectAt(endpoint, 'conditions'), 'ready') === false) return []
    const addresses = getOwn(endpoint, 'addresses')
    const host = isArray(addresses) ? addresses[0] : undefined
    return typeof host === 'string' ? [{ host, port: number }] : []
  })
}

function ofEndpoints(
  objects: AdmissionDeps['objects'],
  namespace: string,
  name: string,
  portName: Json,
): readonly Endpoint[] {
  const endpoints = objects.find({ apiVersion: 'v1', kind: 'Endpoints', namespace, name })
  if (endpoints === undefined) return []
  return listAt(endpoints, 'subsets').flatMap((subset) => {
    const port = listAt(subset, 'ports').find((one) => (getOwn(one, 'name') ?? '') === portName)
    const number = port === undefined ? undefined : getOwn(port, 'port')
    if (typeof number !== 'number') return []
    return listAt(subset, 'addresses').flatMap((address) => {
      const host = getOwn(address, 'ip')
      return typeof host === 'string' ? [{ host, port: number }] : []
    })
  })
}

function labelsOf(object: JsonObject): JsonObject {
  return objectAt(objectAt(object, 'metadata'), 'labels')
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = getOwn(object, key)
  return isObject(value) ? value : {}
}

function listAt(object: JsonObject, key: string): readonly JsonObject[] {
  const value = getOwn(object, key)
  return isArray(value) ? value.filter(isObject) : []
}
