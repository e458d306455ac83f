import { getOwn, isArray, isObject, type JsonObject } from '@proa/kube'
import { part } from '../api/metadata.ts'
import type { Store } from '../store/store.ts'

const PREFIX = '10.96.'
/** `10.96.0.1` is the Service of the API server itself. */
const FIRST = 10
const SPAN = 256 * 256 - 2
const FIRST_NODE_PORT = 30_000
const NODE_PORTS = 2768

/** Gives a Service its addresses and node ports: the lowest that are free. */
export function allocateService(service: JsonObject, store: Store): JsonObject {
  const spec = part(service, 'spec')
  if (spec.type === 'ExternalName') return service
  const address = typeof spec.clusterIP === 'string' && spec.clusterIP !== '' ? spec.clusterIP : freeAddress(store)
  return {
    ...service,
    spec: {
      ...spec,
      clusterIP: address,
      clusterIPs: isArray(spec.clusterIPs) && spec.clusterIPs.length > 0 ? spec.clusterIPs : [address],
      ...(spec.ipFamilies === undefined ? { ipFamilies: ['IPv4'] } : {}),
      ...(spec.ipFamilyPolicy === undefined ? { ipFamilyPolicy: 'SingleStack' } : {}),
      ...nodePorts(spec, store),
    },
  }
}

function freeAddress(store: Store): string {
  const used = new Set(store.list('services').map((one) => part(one, 'spec').clusterIP))
  for (let host = FIRST; host < SPAN; host++) {
    const address = `${PREFIX}${Math.floor(host / 256)}.${host % 256}`
    if (!used.has(address)) return address
  }
  return ''
}

function nodePorts(spec: JsonObject, store: Store): { ports?: readonly JsonObject[] } {
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return {}
  const used = new Set(
    store.list('services').flatMap((one) => portsOf(part(one, 'spec')).map((port) => getOwn(port, 'nodePort'))),
  )
  const ports = portsOf(spec).map((port) => {
    if (typeof port.nodePort === 'number' && port.nodePort > 0) return port
    let free = FIRST_NODE_PORT
    while (used.has(free) && free < FIRST_NODE_PORT + NODE_PORTS) free++
    used.add(free)
    return { ...port, nodePort: free }
  })
  return ports.length === 0 ? {} : { ports }
}

function portsOf(spec: JsonObject): readonly JsonObject[] {
  const ports = getOwn(spec, 'ports')
  return isArray(ports) ? ports.filter((one) => isObject(one)) : []
}
