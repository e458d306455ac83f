/** ControllerRevisions: what `kubectl rollout history|undo` of StatefulSets and DaemonSets reads. */
import type { JsonObject } from '@proa/kube'
import { CONTROLLER_REVISION, type ControllerTools } from './controller.ts'
import { annotationsOf, labelsOf, nameOf, namespaceOf, numberAt, objectAt, sameJson } from './fields.ts'
import { controllerReference, isControlledBy } from './ownership.ts'
import { templateHash } from './template-hash.ts'

export interface Revision {
  readonly name: string
  /** The value of the label `controller-revision-hash`. */
  readonly hash: string
}

/** The revision of the owner's template, made or moved to the end of the history when needed; old ones are removed. */
export async function syncRevision(tools: ControllerTools, owner: JsonObject): Promise<Revision> {
  const template = objectAt(owner, 'spec', 'template')
  const data = { spec: { template: { ...template, $patch: 'replace' } } }
  const all = tools.api
    .list(CONTROLLER_REVISION, namespaceOf(owner))
    .filter((revision) => isControlledBy(revision, owner))
  const last = Math.max(0, ...all.map(numberOf))
  const known = all.find((revision) => sameJson(revision.data, data))
  if (known !== undefined) {
    if (numberOf(known) < last) await tools.api.update({ ...known, revision: last + 1 })
    return { name: nameOf(known), hash: hashOf(known) }
  }
  const hash = templateHash(data, undefined)
  const name = `${nameOf(owner)}-${hash}`
  await tools.api.create({
    ...CONTROLLER_REVISION,
    metadata: {
      name,
      namespace: namespaceOf(owner),
      labels: { ...labelsOf(template), 'controller-revision-hash': hash },
      annotations: annotationsOf(owner),
      ownerReferences: [controllerReference(owner)],
    },
    data,
    revision: last + 1,
  })
  await trim(tools, owner, all)
  return { name, hash }
}

const numberOf = (revision: JsonObject) => numberAt(revision, 0, 'revision')
const hashOf = (revision: JsonObject) => String(labelsOf(revision)['controller-revision-hash'] ?? '')

async function trim(tools: ControllerTools, owner: JsonObject, old: readonly JsonObject[]): Promise<void> {
  const limit = numberAt(owner, 10, 'spec', 'revisionHistoryLimit')
  const surplus = [...old].sort((a, b) => numberOf(a) - numberOf(b)).slice(0, Math.max(0, old.length - limit))
  for (const revision of surplus) {
    await tools.api.delete({ ...CONTROLLER_REVISION, name: nameOf(revision), namespace: namespaceOf(revision) })
  }
}
