import type { JsonObject } from '@proa/kube'
import { timestamp } from '../clock.ts'
import { type Controller, type ControllerTools, ENDPOINT_SLICE, isKind, NODE, POD, SERVICE } from '../controller.ts'
import {
  annotationsOf,
  keyOf,
  labelsOf,
  nameOf,
  namespaceOf,
  objectAt,
  objectsAt,
  sameJson,
  splitKey,
  textAt,
} from '../fields.ts'
import { controllerReference, matchesSelector } from '../ownership.ts'
import {
  type EndpointFacts,
  type EndpointPort,
  endpointsOf,
  hostnameOf,
  isHeadless,
  isManaged,
  portsOn,
  targetReference,
} from './addresses.ts'

const SERVICE_NAME = 'kubernetes.io/service-name'
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const MANAGER = 'endpointslice-controller.k8s.io'
const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'
/** `--max-endpoints-per-slice` */
const SLICE_SIZE = 100

/** Services whose Pods a change may concern: those that select it now or did before. */
export function servicesOf(
  tools: ControllerTools,
  object: JsonObject,
  before: JsonObject | undefined,
): readonly string[] {
  return tools.api
    .list(SERVICE, namespaceOf(object))
    .filter(isManaged)
    .filter((service) => {
      const selects = matchesSelector({ matchLabels: objectAt(service, 'spec', 'selector') })
      return selects(object) || (before !== undefined && selects(before))
    })
    .map(keyOf)
}

export function endpointSliceController(tools: ControllerTools): Controller {
  const { api } = tools
  return {
    name: 'endpointslice-controller',
    kinds: [SERVICE, POD, ENDPOINT_SLICE],
    concerns({ object, before, type }) {
      if (isKind(object, SERVICE)) return [keyOf(object)]
      if (isKind(object, POD)) return servicesOf(tools, object, before)
      const service = textAt(object, 'metadata', 'labels', SERVICE_NAME)
      return type === 'ADDED' || service === '' ? [] : [`${namespaceOf(object)}/${service}`]
    },
    async reconcile(key) {
      const service = api.find({ ...SERVICE, ...splitKey(key) })
      const { namespace, name } = splitKey(key)
      const ours = (slice: JsonObject) =>
        labelsOf(slice)[SERVICE_NAME] === name && labelsOf(slice)[MANAGED_BY] === MANAGER
      const existing = api.list(ENDPOINT_SLICE, namespace).filter(ours)
      // Without their Service they go by garbage collection.
      if (service === undefined || !isManaged(service)) return undefined
      const pods = api
        .list(POD, namespace)
        .filter(matchesSelector({ matchLabels: objectAt(service, 'spec', 'selector') }))
      const wanted = slices(tools, service, endpointsOf(service, pods))
      await writeSlices(tools, service, existing, wanted)
      return undefined
    },
  }
}

interface Slice {
  readonly ports: readonly EndpointPort[]
  readonly endpoints: readonly JsonObject[]
}

/** One slice for each set of ports, and another for each further hundred of Pods. An empty one when there are no Pods. */
function slices(tools: ControllerTools, service: JsonObject, endpoints: readonly EndpointFacts[]): readonly Slice[] {
  const groups = new Map<string, { ports: readonly EndpointPort[]; endpoints: JsonObject[] }>()
  for (const facts of endpoints) {
    const ports = portsOn(service, facts.pod)
    const key = JSON.stringify(ports)
    const group = groups.get(key) ?? { ports, endpoints: [] }
    groups.set(key, group)
    group.endpoints.push(endpointJson(tools, service, facts))
  }
  if (groups.size === 0) return [{ ports: [], endpoints: [] }]
  return [...groups.values()].flatMap(({ ports, endpoints }) =>
    Array.from({ length: Math.ceil(endpoints.length / SLICE_SIZE) }, (_, index) => ({
      ports,
      endpoints: endpoints.slice(index * SLICE_SIZE, (index + 1) * SLICE_SIZE),
    })),
  )
}

function endpointJson(tools: ControllerTools, service: JsonObject, facts: EndpointFacts): JsonObject {
  const nodeName = textAt(facts.pod, 'spec', 'nodeName')
  const zone = tools.api.find({ ...NODE, name: nodeName, namespace: '' })
  const zoneName = zone === undefined ? '' : textAt(zone, 'metadata', 'labels', 'topology.kubernetes.io/zone')
  const hostname = hostnameOf(service, facts.pod)
  return {
    addresses: [facts.ip],
    conditions: { ready: facts.ready, serving: facts.serving, terminating: facts.terminating },
    targetRef: targetReference(facts.pod),
    nodeName,
    ...(hostname === '' ? {} : { hostname }),
    ...(zoneName === '' ? {} : { zone: zoneName }),
  }
}

async function writeSlices(
  tools: ControllerTools,
  service: JsonObject,
  existing: readonly JsonObject[],
  wanted: readonly Slice[],
): Promise<void> {
  const free = [...existing]
  const now = timestamp(tools.clock.now())
  for (const slice of wanted) {
    // The one that has these ports already, so that slices do not change places.
    const index = Math.max(
      0,
      free.findIndex((other) => sameJson(objectsAt(other, 'ports'), portsJson(slice.ports))),
    )
    const [known] = free.splice(index, 1)
    const object = sliceObject(service, slice, known, now)
    if (known === undefined) await tools.api.create(object)
    else if (!isSame(known, object)) await tools.api.update(object)
  }
  for (const surplus of free) await tools.api.delete({ ...ENDPOINT_SLICE, ...splitKey(keyOf(surplus)) })
}

function isSame(a: JsonObject, b: JsonObject): boolean {
  return sameJson(a.endpoints, b.endpoints) && sameJson(a.ports, b.ports) && sameJson(labelsOf(a), labelsOf(b))
}

function portsJson(ports: readonly EndpointPort[]): readonly JsonObject[] {
  return ports.map(({ appProtocol, ...port }) => ({ ...port, ...(appProtocol === undefined ? {} : { appProtocol }) }))
}

function sliceObject(service: JsonObject, slice: Slice, known: JsonObject | undefined, now: string): JsonObject {
  const headless: Readonly<Record<string, string>> = isHeadless(service) ? { 'service.kubernetes.io/headless': '' } : {}
  const labels = { ...labelsOf(service), [MANAGED_BY]: MANAGER, [SERVICE_NAME]: nameOf(service), ...headless }
  return {
    ...(known ?? {}),
    ...ENDPOINT_SLICE,
    metadata: {
      ...(known === undefined
        ? { generateName: `${nameOf(service)}-`, namespace: namespaceOf(service) }
        : objectAt(known, 'metadata')),
      labels,
      annotations: { ...(known === undefined ? {} : annotationsOf(known)), [TRIGGER_TIME]: now },
      ownerReferences: [controllerReference(service)],
    },
    addressType: 'IPv4',
    endpoints: slice.endpoints,
    ports: portsJson(slice.ports),
  }
}
