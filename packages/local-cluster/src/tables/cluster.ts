import type { Json, JsonObject } from '@proa/kube'
import { columns, type TablePrinter } from './column.ts'
import { timeSince } from './human-duration.ts'
import { at, conditionStatus, numberAt, objectsAt, orNone, sizeAt, textAt, textsAt } from './read.ts'

const name = (object: JsonObject): string => textAt(object, 'metadata', 'name')
const age = (object: JsonObject, now: number): string => timeSince(textAt(object, 'metadata', 'creationTimestamp'), now)

const ROLE_PREFIX = 'node-role.kubernetes.io/'

function nodeRoles(node: JsonObject): string {
  const labels = at(node, 'metadata', 'labels') ?? {}
  const roles = Object.entries(labels).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX)) return [key.slice(ROLE_PREFIX.length)]
    return key === 'kubernetes.io/role' ? [String(value)] : []
  })
  return orNone([...new Set(roles.filter((role) => role !== ''))].sort().join(','))
}

function nodeStatus(node: JsonObject): string {
  const ready = conditionStatus(node, 'Ready')
  const status = ready === '' ? 'Unknown' : ready === 'True' ? 'Ready' : 'NotReady'
  return at(node, 'spec', 'unschedulable') === true ? `${status},SchedulingDisabled` : status
}

function nodeAddress(node: JsonObject, type: string): string {
  return orNone(
    textAt(
      objectsAt(node, 'status', 'addresses').find((entry) => entry.type === type),
      'address',
    ),
  )
}

function nodeInfo(node: JsonObject, field: string): string {
  return textAt(node, 'status', 'nodeInfo', field) || '<unknown>'
}

const EVENT_COLUMNS = columns('Last_Seen Type Reason Object Subobject!1 Source!1 Message First_Seen!1 Count!1 Name!1')

function eventCells(event: JsonObject, now: number): Json[] {
  // The events of the two groups are the same with other names.
  const object = at(event, 'involvedObject') ?? at(event, 'regarding')
  const time = (...names: readonly string[]): string =>
    names.map((field) => textAt(event, field)).find((text) => text !== '') ?? ''
  const first = timeSince(time('firstTimestamp', 'deprecatedFirstTimestamp', 'eventTime'), now)
  const lastTime = time('lastTimestamp', 'deprecatedLastTimestamp')
  const series = at(event, 'series')
  const last = lastTime === '' ? first : timeSince(lastTime, now)
  const count = numberAt(event, 'count') || numberAt(event, 'deprecatedCount') || 1
  const kind = textAt(object, 'kind').toLowerCase()
  const target = textAt(object, 'name')
  const source = at(event, 'source') ?? at(event, 'deprecatedSource')
  const component =
    textAt(source, 'component') || textAt(event, 'reportingComponent') || textAt(event, 'reportingController')
  const instance = textAt(source, 'host') || textAt(event, 'reportingInstance')
  return [
    series === undefined ? last : timeSince(textAt(series, 'lastObservedTime'), now),
    textAt(event, 'type'),
    textAt(event, 'reason'),
    target === '' ? kind : `${kind}/${target}`,
    textAt(object, 'fieldPath'),
    instance === '' ? component : `${component}, ${instance}`,
    (textAt(event, 'message') || textAt(event, 'note')).trim(),
    first,
    series === undefined ? count : numberAt(series, 'count'),
    name(event),
  ]
}

const ACCESS_MODES: readonly (readonly [string, string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
]

function accessModes(modes: readonly string[]): string {
  return ACCESS_MODES.filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(',')
}

function volumePhase(object: JsonObject): string {
  return at(object, 'metadata', 'deletionTimestamp') === undefined ? textAt(object, 'status', 'phase') : 'Terminating'
}

export const CLUSTER_PRINTERS: Readonly<Record<string, TablePrinter>> = {
  '/Namespace': {
    columns: columns('Name Status Age'),
    cells: (object, now) => [name(object), textAt(object, 'status', 'phase'), age(object, now)],
  },
  '/Node': {
    columns: columns(
      'Name Status Roles Age Version Internal-IP!1 External-IP!1 OS-Image!1 Kernel-Version!1 Container-Runtime!1',
    ),
    cells: (object, now) => [
      name(object),
      nodeStatus(object),
      nodeRoles(object),
      age(object, now),
      textAt(object, 'status', 'nodeInfo', 'kubeletVersion'),
      nodeAddress(object, 'InternalIP'),
      nodeAddress(object, 'ExternalIP'),
      nodeInfo(object, 'osImage'),
      nodeInfo(object, 'kernelVersion'),
      nodeInfo(object, 'containerRuntimeVersion'),
    ],
  },
  '/Event': { columns: EVENT_COLUMNS, cells: eventCells },
  'events.k8s.io/Event': { columns: EVENT_COLUMNS, cells: eventCells },
  '/ConfigMap': {
    columns: columns('Name Data Age'),
    cells: (object, now) => [name(object), sizeAt(object, 'data') + sizeAt(object, 'binaryData'), age(object, now)],
  },
  '/Secret': {
    columns: columns('Name Type Data Age'),
    cells: (object, now) => [name(object), textAt(object, 'type'), sizeAt(object, 'data'), age(object, now)],
  },
  '/ServiceAccount': { columns: columns('Name Age'), cells: (object, now) => [name(object), age(object, now)] },
  '/PersistentVolumeClaim': {
    columns: columns('Name Status Volume Capacity Access_Modes StorageClass VolumeAttributesClass Age VolumeMode!1'),
    cells: (object, now) => {
      const bound = textAt(object, 'spec', 'volumeName') !== ''
      return [
        name(object),
        volumePhase(object),
        textAt(object, 'spec', 'volumeName'),
        bound ? textAt(object, 'status', 'capacity', 'storage') || '0' : '',
        bound ? accessModes(textsAt(object, 'status', 'accessModes')) : '',
        textAt(object, 'spec', 'storageClassName'),
        textAt(object, 'spec', 'volumeAttributesClassName') || '<unset>',
        age(object, now),
        textAt(object, 'spec', 'volumeMode') || '<unset>',
      ]
    },
  },
  '/PersistentVolume': {
    columns: columns(
      'Name Capacity Access_Modes Reclaim_Policy Status Claim StorageClass VolumeAttributesClass Reason Age VolumeMode!1',
    ),
    cells: (object, now) => {
      const claim = at(object, 'spec', 'claimRef')
      return [
        name(object),
        textAt(object, 'spec', 'capacity', 'storage'),
        accessModes(textsAt(object, 'spec', 'accessModes')),
        textAt(object, 'spec', 'persistentVolumeReclaimPolicy'),
        volumePhase(object),
        claim === undefined ? '' : `${textAt(claim, 'namespace')}/${textAt(claim, 'name')}`,
        textAt(object, 'spec', 'storageClassName'),
        textAt(object, 'spec', 'volumeAttributesClassName') || '<unset>',
        textAt(object, 'status', 'reason'),
        age(object, now),
        textAt(object, 'spec', 'volumeMode') || '<unset>',
      ]
    },
  },
  'coordination.k8s.io/Lease': {
    columns: columns('Name Holder Age'),
    cells: (object, now) => [name(object), textAt(object, 'spec', 'holderIdentity'), age(object, now)],
  },
  'scheduling.k8s.io/PriorityClass': {
    columns: columns('Name Value:integer Global-Default:boolean Age PreemptionPolicy'),
    cells: (object, now) => [
      name(object),
      numberAt(object, 'value'),
      at(object, 'globalDefault') === true,
      age(object, now),
      textAt(object, 'preemptionPolicy'),
    ],
  },
  'storage.k8s.io/StorageClass': {
    columns: columns('Name Provisioner ReclaimPolicy VolumeBindingMode AllowVolumeExpansion Age'),
    cells: (object, now) => {
      const standard =
        textAt(object, 'metadata', 'annotations', 'storageclass.kubernetes.io/is-default-class') === 'true'
      return [
        standard ? `${name(object)} (default)` : name(object),
        textAt(object, 'provisioner'),
        textAt(object, 'reclaimPolicy') || 'Delete',
        textAt(object, 'volumeBindingMode') || 'Immediate',
        at(object, 'allowVolumeExpansion') === true,
        age(object, now),
      ]
    },
  },
}
