import type { JsonObject } from '@proa/kube'
import { ApiError } from '../api/status.ts'
import { CONTROLLER_REVISION, type Controller, type ControllerTools, isKind, POD, STATEFUL_SET } from './controller.ts'
import {
  isBeingDeleted,
  keyOf,
  labelsOf,
  nameOf,
  namespaceOf,
  numberAt,
  objectAt,
  objectsAt,
  sameJson,
  splitKey,
  textAt,
} from './fields.ts'
import { claim, isControlledBy, matchesSelector, ownerKeys } from './ownership.ts'
import { isNamespaceGoing, podFromTemplate } from './pods/create.ts'
import { hasEnded, isReady, untilAvailable } from './pods/facts.ts'
import { type Revision, syncRevision } from './revision-history.ts'

const HASH_LABEL = 'controller-revision-hash'
const NAME_LABEL = 'statefulset.kubernetes.io/pod-name'
const INDEX_LABEL = 'apps.kubernetes.io/pod-index'

/** Pods with names and an order: each waits for the one before it. Volume claims are named, not made. */
export function statefulSetController(tools: ControllerTools): Controller {
  const { api } = tools
  return {
    name: 'statefulset-controller',
    kinds: [STATEFUL_SET, POD],
    concerns({ object, before }) {
      if (isKind(object, STATEFUL_SET)) return [keyOf(object)]
      return [object, ...(before === undefined ? [] : [before])].flatMap((pod) => ownerKeys(pod, STATEFUL_SET))
    },
    async reconcile(key) {
      const set = api.find({ ...STATEFUL_SET, ...splitKey(key) })
      if (set === undefined || isBeingDeleted(set)) return undefined
      const revision = await syncRevision(tools, set)
      const matches = matchesSelector(objectAt(set, 'spec', 'selector'))
      const fits = (pod: JsonObject) => matches(pod) && ordinalOf(set, pod) !== undefined
      await claim(api.list(POD, namespaceOf(set)), { api, owner: set, matches: fits, adopts: () => true })
      let failure: unknown
      await step(tools, set, revision).catch((error: unknown) => {
        failure = error
      })
      const again = await updateStatus(tools, set, revision)
      if (failure !== undefined && !isNamespaceGoing(failure)) throw failure
      return again
    },
  }
}

function ordinalOf(set: JsonObject, pod: JsonObject): number | undefined {
  const prefix = `${nameOf(set)}-`
  const name = nameOf(pod)
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : ''
  return /^(0|[1-9]\d*)$/.test(rest) ? Number(rest) : undefined
}

function podsOf(tools: ControllerTools, set: JsonObject): readonly JsonObject[] {
  return tools.api
    .list(POD, namespaceOf(set))
    .filter((pod) => isControlledBy(pod, set) && ordinalOf(set, pod) !== undefined)
}

/** Does what can be done now; the rest comes when a Pod has changed. */
async function step(tools: ControllerTools, set: JsonObject, revision: Revision): Promise<void> {
  const pods = new Map(podsOf(tools, set).map((pod) => [ordinalOf(set, pod) ?? 0, pod]))
  const start = numberAt(set, 0, 'spec', 'ordinals', 'start')
  const end = start + numberAt(set, 1, 'spec', 'replicas')
  const parallel = textAt(set, 'spec', 'podManagementPolicy') === 'Parallel'
  const minReady = numberAt(set, 0, 'spec', 'minReadySeconds')
  const isUp = (pod: JsonObject) => untilAvailable(pod, minReady, tools.clock.now()) === 0 && !isBeingDeleted(pod)
  for (let ordinal = start; ordinal < end; ordinal += 1) {
    const pod = pods.get(ordinal)
    if (pod === undefined) await createMember(tools, set, ordinal, revision)
    else if (hasEnded(pod) && !isBeingDeleted(pod)) await deleteMember(tools, set, pod)
    if (!parallel && (pod === undefined || !isUp(pod))) return
  }
  const surplus = [...pods].filter(([ordinal]) => ordinal < start || ordinal >= end).sort(([a], [b]) => b - a)
  for (const [, pod] of surplus) {
    if (!isBeingDeleted(pod)) await deleteMember(tools, set, pod)
    if (!parallel) return
  }
  await update(tools, set, pods, start, end, revision, isUp)
}

/** From the last to the first, one at a time, down to the partition. */
async function update(
  tools: ControllerTools,
  set: JsonObject,
  pods: ReadonlyMap<number, JsonObject>,
  start: number,
  end: number,
  revision: Revision,
  isUp: (pod: JsonObject) => boolean,
): Promise<void> {
  if (textAt(set, 'spec', 'updateStrategy', 'type') === 'OnDelete') return
  const partition = numberAt(set, 0, 'spec', 'updateStrategy', 'rollingUpdate', 'partition')
  for (let ordinal = end - 1; ordinal >= Math.max(start, partition); ordinal -= 1) {
    const pod = pods.get(ordinal)
    if (pod === undefined) return
    if (labelsOf(pod)[HASH_LABEL] !== revision.name) {
      if (!isBeingDeleted(pod)) await deleteMember(tools, set, pod)
      return
    }
    if (!isUp(pod)) return
  }
}

async function createMember(
  tools: ControllerTools,
  set: JsonObject,
  ordinal: number,
  revision: Revision,
): Promise<void> {
  const name = `${nameOf(set)}-${ordinal}`
  const template = objectAt(set, 'spec', 'template')
  const claims = objectsAt(set, 'spec', 'volumeClaimTemplates').map((claimTemplate) => nameOf(claimTemplate))
  const volumes = objectsAt(template, 'spec', 'volumes').filter((volume) => !claims.includes(textAt(volume, 'name')))
  const pod = podFromTemplate(set, template, {
    name,
    labels: { [NAME_LABEL]: name, [HASH_LABEL]: revision.name, [INDEX_LABEL]: String(ordinal) },
    spec: {
      hostname: name,
      ...(textAt(set, 'spec', 'serviceName') === '' ? {} : { subdomain: textAt(set, 'spec', 'serviceName') }),
      ...(claims.length + volumes.length === 0
        ? {}
        : {
            volumes: [
              ...claims.map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: `${claim}-${name}` } })),
              ...volumes,
            ],
          }),
    },
  })
  try {
    await tools.api.create(pod)
    tell(tools, set, 'create', name, undefined)
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'AlreadyExists') return
    if (error instanceof ApiError && !isNamespaceGoing(error)) tell(tools, set, 'create', name, error)
    throw error
  }
}

async function deleteMember(tools: ControllerTools, set: JsonObject, pod: JsonObject): Promise<void> {
  try {
    await tools.api.delete(
      { ...POD, name: nameOf(pod), namespace: namespaceOf(pod) },
      { propagationPolicy: 'Background' },
    )
    tell(tools, set, 'delete', nameOf(pod), undefined)
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'NotFound') return
    if (error instanceof ApiError) tell(tools, set, 'delete', nameOf(pod), error)
    throw error
  }
}

/** This controller has words of its own for its Events. */
function tell(
  tools: ControllerTools,
  set: JsonObject,
  verb: 'create' | 'delete',
  pod: string,
  error: ApiError | undefined,
): void {
  const reason = verb === 'create' ? 'Create' : 'Delete'
  const subject = `${reason} Pod ${pod} in StatefulSet ${nameOf(set)}`
  if (error === undefined) tools.recorder.event(set, 'Normal', `Successful${reason}`, `${subject} successful`)
  else tools.recorder.event(set, 'Warning', `Failed${reason}`, `${subject} failed error: ${error.message}`)
}

async function updateStatus(tools: ControllerTools, set: JsonObject, revision: Revision): Promise<number | undefined> {
  const newest = tools.api.find({ ...STATEFUL_SET, ...splitKey(keyOf(set)) })
  if (newest === undefined) return undefined
  const pods = podsOf(tools, set)
  const minReady = numberAt(set, 0, 'spec', 'minReadySeconds')
  const waits = pods.map((pod) => untilAvailable(pod, minReady, tools.clock.now()))
  const updated = pods.filter((pod) => labelsOf(pod)[HASH_LABEL] === revision.name && !isBeingDeleted(pod))
  const before = textAt(newest, 'status', 'currentRevision')
  const complete =
    updated.length === pods.length && pods.length === numberAt(set, 1, 'spec', 'replicas') && pods.every(isReady)
  const current = before === '' || complete || !revisionExists(tools, set, before) ? revision.name : before
  const counts = {
    readyReplicas: pods.filter(isReady).length,
    currentReplicas: pods.filter((pod) => labelsOf(pod)[HASH_LABEL] === current && !isBeingDeleted(pod)).length,
    updatedReplicas: updated.length,
  }
  const status: JsonObject = {
    observedGeneration: numberAt(newest, 1, 'metadata', 'generation'),
    replicas: pods.length,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    currentRevision: current,
    updateRevision: revision.name,
    collisionCount: 0,
    availableReplicas: waits.filter((wait) => wait === 0).length,
  }
  if (!sameJson(status, objectAt(newest, 'status')))
    await tools.api.update({ ...newest, status }, { subresource: 'status' })
  const next = waits.filter((wait): wait is number => wait !== undefined && wait > 0)
  return next.length === 0 ? undefined : Math.min(...next)
}

function revisionExists(tools: ControllerTools, set: JsonObject, name: string): boolean {
  return tools.api.find({ ...CONTROLLER_REVISION, name, namespace: namespaceOf(set) }) !== undefined
}
