/** Which Pods a Service leads to, and by which ports: data for Endpoints and EndpointSlices. */
import type { JsonObject } from '@proa/kube'
import { at, isBeingDeleted, nameOf, namespaceOf, numberAt, objectAt, objectsAt, textAt, uidOf } from '../fields.ts'
import { hasEnded, isReady } from '../pods/facts.ts'

export interface EndpointPort {
  readonly name: string
  readonly port: number
  readonly protocol: string
  readonly appProtocol: string | undefined
}

export interface EndpointFacts {
  readonly pod: JsonObject
  readonly ip: string
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
}

/** Pods that have an address and have not ended; those that are going are there too, marked so. */
export function endpointsOf(service: JsonObject, pods: readonly JsonObject[]): readonly EndpointFacts[] {
  const publishAll = at(service, 'spec', 'publishNotReadyAddresses') === true
  return pods
    .filter((pod) => textAt(pod, 'status', 'podIP') !== '' && !hasEnded(pod))
    .map((pod) => {
      const [serving, terminating] = [isReady(pod), isBeingDeleted(pod)]
      const ready = publishAll || (serving && !terminating)
      return { pod, ip: textAt(pod, 'status', 'podIP'), ready, serving, terminating }
    })
    .sort((a, b) => (nameOf(a.pod) < nameOf(b.pod) ? -1 : 1))
}

/** The Service's ports on that Pod: a named target port may differ from Pod to Pod, or be missing. */
export function portsOn(service: JsonObject, pod: JsonObject): readonly EndpointPort[] {
  return objectsAt(service, 'spec', 'ports').flatMap((entry) => {
    const port = targetPort(entry, pod)
    if (port === undefined) return []
    const appProtocol = textAt(entry, 'appProtocol')
    return [
      {
        name: textAt(entry, 'name'),
        port,
        protocol: textAt(entry, 'protocol') || 'TCP',
        appProtocol: appProtocol === '' ? undefined : appProtocol,
      },
    ]
  })
}

function targetPort(entry: JsonObject, pod: JsonObject): number | undefined {
  const target = entry.targetPort ?? entry.port
  if (typeof target === 'number') return target === 0 ? numberAt(entry, 0, 'port') : target
  const protocol = textAt(entry, 'protocol') || 'TCP'
  const containers = [...objectsAt(pod, 'spec', 'containers'), ...sidecars(pod)]
  const named = containers
    .flatMap((container) => objectsAt(container, 'ports'))
    .find((port) => port.name === target && (textAt(port, 'protocol') || 'TCP') === protocol)
  return named === undefined ? undefined : numberAt(named, 0, 'containerPort')
}

function sidecars(pod: JsonObject): readonly JsonObject[] {
  return objectsAt(pod, 'spec', 'initContainers').filter((container) => container.restartPolicy === 'Always')
}

export function targetReference(pod: JsonObject): JsonObject {
  return { kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod), uid: uidOf(pod) }
}

/** A headless Service names Pods that say which host they are. */
export function hostnameOf(service: JsonObject, pod: JsonObject): string {
  return textAt(pod, 'spec', 'subdomain') === nameOf(service) ? textAt(pod, 'spec', 'hostname') : ''
}

export function isHeadless(service: JsonObject): boolean {
  return at(service, 'spec', 'clusterIP') === 'None'
}

/** Services without a selector, and those that are only a name, are left to their makers. */
export function isManaged(service: JsonObject): boolean {
  return (
    Object.keys(objectAt(service, 'spec', 'selector')).length > 0 && textAt(service, 'spec', 'type') !== 'ExternalName'
  )
}
