import type { Json, JsonObject } from '@proa/kube'
import { columns, type TablePrinter } from './column.ts'
import { timeSince } from './human-duration.ts'
import { labelText, selectorText } from './labels.ts'
import { at, numberAt, objectsAt, orNone, sizeAt, textAt, textsAt } from './read.ts'

const name = (object: JsonObject): string => textAt(object, 'metadata', 'name')
const age = (object: JsonObject, now: number): string => timeSince(textAt(object, 'metadata', 'creationTimestamp'), now)
/** Lists are cut after this many. */
const SHOWN = 3

function cut(items: readonly string[]): string {
  const shown = items.slice(0, SHOWN).join(',')
  return items.length > SHOWN ? `${shown} + ${items.length - SHOWN} more...` : shown
}

function loadBalancerAddresses(object: JsonObject): string {
  const found = objectsAt(object, 'status', 'loadBalancer', 'ingress').map(
    (entry) => textAt(entry, 'ip') || textAt(entry, 'hostname'),
  )
  return [...new Set(found.filter((text) => text !== ''))].sort().join(',')
}

function externalAddress(service: JsonObject): string {
  const external = textsAt(service, 'spec', 'externalIPs').join(',')
  switch (textAt(service, 'spec', 'type')) {
    case 'ExternalName':
      return textAt(service, 'spec', 'externalName')
    case 'LoadBalancer': {
      const addresses = [loadBalancerAddresses(service), external].filter((text) => text !== '')
      return addresses.length === 0 ? '<pending>' : addresses.join(',')
    }
    case 'ClusterIP':
    case 'NodePort':
      return orNone(external)
    default:
      return '<unknown>'
  }
}

function servicePort(port: JsonObject): string {
  const node = numberAt(port, 'nodePort')
  return `${numberAt(port, 'port')}${node > 0 ? `:${node}` : ''}/${textAt(port, 'protocol')}`
}

function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function endpointsText(object: JsonObject): string {
  const subsets = objectsAt(object, 'subsets')
  if (subsets.length === 0) return '<none>'
  const items = subsets.flatMap((subset) => {
    const addresses = objectsAt(subset, 'addresses').map((entry) => textAt(entry, 'ip'))
    const ports = objectsAt(subset, 'ports')
    return ports.length === 0
      ? addresses
      : ports.flatMap((port) => addresses.map((address) => hostPort(address, numberAt(port, 'port'))))
  })
  return cut(items)
}

function slicePorts(object: JsonObject): string {
  const ports = objectsAt(object, 'ports').map((port) => {
    const number = at(port, 'port')
    return typeof number === 'number' ? String(number) : textAt(port, 'name') || '*'
  })
  return ports.length === 0 ? '<unset>' : cut(ports)
}

function sliceEndpoints(object: JsonObject): string {
  const endpoints = objectsAt(object, 'endpoints')
  return endpoints.length === 0 ? '<unset>' : cut(endpoints.flatMap((endpoint) => textsAt(endpoint, 'addresses')))
}

function ingressHosts(object: JsonObject): string {
  const hosts = objectsAt(object, 'spec', 'rules')
    .map((rule) => textAt(rule, 'host'))
    .filter((host) => host !== '')
  return hosts.length === 0 ? '*' : cut(hosts)
}

export const NETWORK_PRINTERS: Readonly<Record<string, TablePrinter>> = {
  '/Service': {
    columns: columns('Name Type Cluster-IP External-IP Port(s) Age Selector!1'),
    cells: (object, now): Json[] => [
      name(object),
      textAt(object, 'spec', 'type'),
      orNone(textsAt(object, 'spec', 'clusterIPs')[0] ?? ''),
      externalAddress(object),
      orNone(objectsAt(object, 'spec', 'ports').map(servicePort).join(',')),
      age(object, now),
      labelText(at(object, 'spec', 'selector')),
    ],
  },
  '/Endpoints': {
    columns: columns('Name Endpoints Age'),
    cells: (object, now) => [name(object), endpointsText(object), age(object, now)],
  },
  'discovery.k8s.io/EndpointSlice': {
    columns: columns('Name AddressType Ports Endpoints Age'),
    cells: (object, now) => [
      name(object),
      textAt(object, 'addressType'),
      slicePorts(object),
      sliceEndpoints(object),
      age(object, now),
    ],
  },
  'networking.k8s.io/Ingress': {
    columns: columns('Name Class Hosts Address Ports Age'),
    cells: (object, now) => [
      name(object),
      orNone(textAt(object, 'spec', 'ingressClassName')),
      ingressHosts(object),
      loadBalancerAddresses(object),
      sizeAt(object, 'spec', 'tls') > 0 ? '80, 443' : '80',
      age(object, now),
    ],
  },
  'networking.k8s.io/IngressClass': {
    columns: columns('Name Controller Parameters Age'),
    cells: (object, now) => {
      const kind = textAt(object, 'spec', 'parameters', 'kind')
      const group = textAt(object, 'spec', 'parameters', 'apiGroup')
      const parameters =
        kind === ''
          ? '<none>'
          : `${kind}${group === '' ? '' : `.${group}`}/${textAt(object, 'spec', 'parameters', 'name')}`
      return [name(object), textAt(object, 'spec', 'controller'), parameters, age(object, now)]
    },
  },
  'networking.k8s.io/NetworkPolicy': {
    columns: columns('Name Pod-Selector Age'),
    cells: (object, now) => [name(object), orNone(selectorText(at(object, 'spec', 'podSelector'))), age(object, now)],
  },
}
