import type { Json, JsonObject } from '@proa/kube'
import { columns, type TablePrinter } from './column.ts'
import { humanDuration, timeSince } from './human-duration.ts'
import { labelText, selectorText } from './labels.ts'
import { at, conditionStatus, numberAt, objectsAt, orNone, sizeAt, textAt } from './read.ts'

const WIDE = 'Containers!1 Images!1'
const name = (object: JsonObject): string => textAt(object, 'metadata', 'name')
const age = (object: JsonObject, now: number): string => timeSince(textAt(object, 'metadata', 'creationTimestamp'), now)

function containers(template: Json | undefined): [string, string] {
  const list = objectsAt(template, 'spec', 'containers')
  return [list.map((item) => textAt(item, 'name')).join(','), list.map((item) => textAt(item, 'image')).join(',')]
}

const replicaColumns = columns(`Name Desired:integer Current:integer Ready:integer Age ${WIDE} Selector!1`)

function replicaCells(object: JsonObject, now: number, selector: string): Json[] {
  return [
    name(object),
    numberAt(object, 'spec', 'replicas'),
    numberAt(object, 'status', 'replicas'),
    numberAt(object, 'status', 'readyReplicas'),
    age(object, now),
    ...containers(at(object, 'spec', 'template')),
    selector,
  ]
}

function jobStatus(job: JsonObject): string {
  const conditions: readonly (readonly [string, string])[] = [
    ['Suspended', 'Suspended'],
    ['FailureTarget', 'FailureTarget'],
    ['SuccessCriteriaMet', 'SuccessCriteriaMet'],
  ]
  if (conditionStatus(job, 'Complete') === 'True') return 'Complete'
  if (conditionStatus(job, 'Failed') === 'True') return 'Failed'
  if (at(job, 'metadata', 'deletionTimestamp') !== undefined) return 'Terminating'
  return conditions.find(([type]) => conditionStatus(job, type) === 'True')?.[1] ?? 'Running'
}

function jobCompletions(job: JsonObject): string {
  const succeeded = numberAt(job, 'status', 'succeeded')
  const wanted = at(job, 'spec', 'completions')
  if (typeof wanted === 'number') return `${succeeded}/${wanted}`
  const parallelism = numberAt(job, 'spec', 'parallelism')
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function jobDuration(job: JsonObject, now: number): string {
  const start = Date.parse(textAt(job, 'status', 'startTime'))
  const end = Date.parse(textAt(job, 'status', 'completionTime'))
  if (Number.isNaN(start)) return ''
  return humanDuration((Number.isNaN(end) ? now : end) - start)
}

export const WORKLOAD_PRINTERS: Readonly<Record<string, TablePrinter>> = {
  'apps/Deployment': {
    columns: columns(`Name Ready Up-to-date Available Age ${WIDE} Selector!1`),
    cells: (object, now) => [
      name(object),
      `${numberAt(object, 'status', 'readyReplicas')}/${numberAt(object, 'spec', 'replicas')}`,
      numberAt(object, 'status', 'updatedReplicas'),
      numberAt(object, 'status', 'availableReplicas'),
      age(object, now),
      ...containers(at(object, 'spec', 'template')),
      selectorText(at(object, 'spec', 'selector')),
    ],
  },
  'apps/ReplicaSet': {
    columns: replicaColumns,
    cells: (object, now) => replicaCells(object, now, orNone(selectorText(at(object, 'spec', 'selector')))),
  },
  '/ReplicationController': {
    columns: replicaColumns,
    cells: (object, now) => replicaCells(object, now, labelText(at(object, 'spec', 'selector'))),
  },
  'apps/StatefulSet': {
    columns: columns(`Name Ready Age ${WIDE}`),
    cells: (object, now) => [
      name(object),
      `${numberAt(object, 'status', 'readyReplicas')}/${numberAt(object, 'spec', 'replicas')}`,
      age(object, now),
      ...containers(at(object, 'spec', 'template')),
    ],
  },
  'apps/DaemonSet': {
    columns: columns(
      `Name Desired:integer Current:integer Ready:integer Up-to-date:integer Available:integer Node_Selector Age ${WIDE} Selector!1`,
    ),
    cells: (object, now) => [
      name(object),
      numberAt(object, 'status', 'desiredNumberScheduled'),
      numberAt(object, 'status', 'currentNumberScheduled'),
      numberAt(object, 'status', 'numberReady'),
      numberAt(object, 'status', 'updatedNumberScheduled'),
      numberAt(object, 'status', 'numberAvailable'),
      labelText(at(object, 'spec', 'template', 'spec', 'nodeSelector')),
      age(object, now),
      ...containers(at(object, 'spec', 'template')),
      orNone(selectorText(at(object, 'spec', 'selector'))),
    ],
  },
  'apps/ControllerRevision': {
    columns: columns('Name Controller Revision Age'),
    cells: (object, now) => {
      const owner = objectsAt(object, 'metadata', 'ownerReferences').find((entry) => entry.controller === true)
      const kind = textAt(owner, 'kind').toLowerCase()
      const group = textAt(owner, 'apiVersion').split('/').slice(0, -1).join('')
      const shown =
        owner === undefined ? '<none>' : `${kind}${group === '' ? '' : `.${group}`}/${textAt(owner, 'name')}`
      return [name(object), shown, numberAt(object, 'revision'), age(object, now)]
    },
  },
  'batch/Job': {
    columns: columns(`Name Status Completions Duration Age ${WIDE} Selector!1`),
    cells: (object, now) => [
      name(object),
      jobStatus(object),
      jobCompletions(object),
      jobDuration(object, now),
      age(object, now),
      ...containers(at(object, 'spec', 'template')),
      orNone(selectorText(at(object, 'spec', 'selector'))),
    ],
  },
  'batch/CronJob': {
    columns: columns(`Name Schedule Timezone Suspend:boolean Active:integer Last_Schedule Age ${WIDE} Selector!1`),
    cells: (object, now) => {
      const last = textAt(object, 'status', 'lastScheduleTime')
      const suspend = at(object, 'spec', 'suspend')
      return [
        name(object),
        textAt(object, 'spec', 'schedule'),
        orNone(textAt(object, 'spec', 'timeZone')),
        suspend === undefined ? '<unset>' : suspend === true ? 'True' : 'False',
        sizeAt(object, 'status', 'active'),
        last === '' ? '<none>' : timeSince(last, now),
        age(object, now),
        ...containers(at(object, 'spec', 'jobTemplate', 'spec', 'template')),
        orNone(selectorText(at(object, 'spec', 'jobTemplate', 'spec', 'selector'))),
      ]
    },
  },
  '/PodTemplate': {
    columns: columns('Name Containers Images Pod_Labels'),
    cells: (object) => [
      name(object),
      ...containers(at(object, 'template')),
      labelText(at(object, 'template', 'metadata', 'labels')),
    ],
  },
}
