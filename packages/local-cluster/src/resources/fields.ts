import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'

/** The value at a path of plain keys, as a field selector compares it: missing is the empty text. */
export function fieldText(object: JsonObject, path: string, missing = ''): string {
  let node: Json | undefined = object
  for (const step of path.split('.')) node = isObject(node) ? getOwn(node, step) : undefined
  return node === undefined || node === null || typeof node === 'object' ? missing : String(node)
}

type Fields = Readonly<Record<string, (object: JsonObject) => string>>

function paths(...names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, (object: JsonObject) => fieldText(object, name)]))
}

function podIp(object: JsonObject): string {
  const status = getOwn(object, 'status')
  const ips = isObject(status) ? getOwn(status, 'podIPs') : undefined
  const first = isArray(ips) ? ips[0] : undefined
  return isObject(first) ? fieldText(first, 'ip') : ''
}

const INVOLVED = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const

/**
 * The fields that the API server lets a selector name, per resource, beside metadata.name and metadata.namespace. Any other
 * is refused.
 */
export const SELECTABLE: Readonly<Record<string, Fields>> = {
  pods: {
    ...paths(
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'status.phase',
      'status.nominatedNodeName',
    ),
    'spec.hostNetwork': (object) => fieldText(object, 'spec.hostNetwork', 'false'),
    'status.podIP': podIp,
  },
  events: {
    ...paths(...INVOLVED.map((name) => `involvedObject.${name}`), 'reason', 'reportingComponent', 'type'),
    source: (object) => fieldText(object, 'source.component') || fieldText(object, 'reportingComponent'),
  },
  'events.events.k8s.io': {
    ...Object.fromEntries(
      INVOLVED.map((name) => [`regarding.${name}`, (object: JsonObject) => fieldText(object, `regarding.${name}`)]),
    ),
    ...paths('reason', 'type'),
    reportingController: (object) => fieldText(object, 'reportingController'),
  },
  secrets: paths('type'),
  services: paths('spec.clusterIP', 'spec.type'),
  namespaces: { ...paths('status.phase'), name: (object) => fieldText(object, 'metadata.name') },
  nodes: { 'spec.unschedulable': (object) => fieldText(object, 'spec.unschedulable', 'false') },
  replicationcontrollers: { 'status.replicas': (object) => fieldText(object, 'status.replicas', '0') },
  'replicasets.apps': { 'status.replicas': (object) => fieldText(object, 'status.replicas', '0') },
  'jobs.batch': { 'status.successful': (object) => fieldText(object, 'status.succeeded', '0') },
  persistentvolumes: { name: (object) => fieldText(object, 'metadata.name') },
  persistentvolumeclaims: { name: (object) => fieldText(object, 'metadata.name') },
}
