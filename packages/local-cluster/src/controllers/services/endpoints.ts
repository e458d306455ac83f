import type { JsonObject } from '@proa/kube'
import { timestamp } from '../clock.ts'
import { type Controller, type ControllerTools, ENDPOINTS, isKind, POD, SERVICE } from '../controller.ts'
import {
  keyOf,
  labelsOf,
  nameOf,
  namespaceOf,
  objectAt,
  objectsAt,
  sameJson,
  splitKey,
  textAt,
  withMetadata,
} from '../fields.ts'
import { matchesSelector } from '../ownership.ts'
import {
  type EndpointFacts,
  endpointsOf,
  hostnameOf,
  isHeadless,
  isManaged,
  portsOn,
  targetReference,
} from './addresses.ts'
import { servicesOf } from './endpoint-slices.ts'

const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'
const MANAGED_BY = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }
const HEADLESS = { 'service.kubernetes.io/headless': '' }

/** The older form of EndpointSlices: one object per Service, with Pods that are not ready in a list of their own. */
export function endpointsController(tools: ControllerTools): Controller {
  const { api } = tools
  return {
    name: 'endpoint-controller',
    kinds: [SERVICE, POD],
    concerns({ object, before }) {
      return isKind(object, SERVICE) ? [keyOf(object)] : servicesOf(tools, object, before)
    },
    async reconcile(key) {
      const service = api.find({ ...SERVICE, ...splitKey(key) })
      const known = api.find({ ...ENDPOINTS, ...splitKey(key) })
      if (service === undefined) {
        if (known !== undefined && textAt(known, 'metadata', 'labels', 'endpoints.kubernetes.io/managed-by') !== '') {
          await api.delete({ ...ENDPOINTS, ...splitKey(key) })
        }
        return undefined
      }
      if (!isManaged(service)) return undefined
      const selects = matchesSelector({ matchLabels: objectAt(service, 'spec', 'selector') })
      const pods = api.list(POD, namespaceOf(service)).filter(selects)
      const subsets = subsetsOf(
        service,
        endpointsOf(service, pods).filter((facts) => facts.ready || !facts.terminating),
      )
      const labels = { ...labelsOf(service), ...MANAGED_BY, ...(isHeadless(service) ? HEADLESS : {}) }
      if (known !== undefined && sameJson(objectsAt(known, 'subsets'), subsets) && sameJson(labelsOf(known), labels))
        return undefined
      const base = known ?? { ...ENDPOINTS, metadata: { name: nameOf(service), namespace: namespaceOf(service) } }
      const annotations = { [TRIGGER_TIME]: timestamp(tools.clock.now()) }
      const object: JsonObject = { ...withMetadata(base, { labels, annotations }), subsets }
      if (known === undefined) await api.create(object)
      else await api.update(object)
      return undefined
    },
  }
}

interface Group {
  readonly addresses: JsonObject[]
  readonly notReadyAddresses: JsonObject[]
  readonly ports: readonly JsonObject[]
}

/** One subset for each set of ports. */
function subsetsOf(service: JsonObject, endpoints: readonly EndpointFacts[]): readonly JsonObject[] {
  const groups = new Map<string, Group>()
  for (const facts of endpoints) {
    const ports = portsOn(service, facts.pod).map(({ name, appProtocol, ...port }) => ({
      ...port,
      ...(name === '' ? {} : { name }),
      ...(appProtocol === undefined ? {} : { appProtocol }),
    }))
    // A headless Service may have no ports; any other leads nowhere without one.
    if (ports.length === 0 && !isHeadless(service)) continue
    const key = JSON.stringify(ports)
    const group: Group = groups.get(key) ?? { addresses: [], notReadyAddresses: [], ports }
    groups.set(key, group)
    const hostname = hostnameOf(service, facts.pod)
    const address = {
      ip: facts.ip,
      ...(hostname === '' ? {} : { hostname }),
      nodeName: textAt(facts.pod, 'spec', 'nodeName'),
      targetRef: targetReference(facts.pod),
    }
    if (facts.ready) group.addresses.push(address)
    else group.notReadyAddresses.push(address)
  }
  return [...groups.values()].map((group) =>
    Object.fromEntries(Object.entries(group).filter(([, list]) => list.length > 0)),
  )
}
