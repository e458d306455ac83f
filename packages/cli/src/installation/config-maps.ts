import type { JsonObject } from '@proa/kube'
import { isConflict, type KubeClient, StatusError } from '@proa/kube-client'
import { FIELD_MANAGER, LABEL } from '@proa/manifests'
import { type Applier, applyAll } from './apply.ts'
import { describeConflicts, fieldConflicts } from './conflicts.ts'
import { describeRef, labelOf, refOf } from './objects.ts'

/**
 * ConfigMaps are the user's to edit: one that belongs to somebody else (Istio's installation), or that was edited since,
 * stays as it is.
 * @param given whether the user gave texts with this command: then they are meant.
 */
export async function applyConfigMaps(
  applying: Applier,
  objects: readonly JsonObject[],
  given: boolean,
): Promise<void> {
  const { client, progress, settings } = applying
  for (const object of objects) {
    const ref = refOf(object)
    const existing = await client.find(ref)
    if (existing !== undefined && labelOf(existing, LABEL.name) !== labelOf(object, LABEL.name)) {
      progress.kept(`${describeRef(ref)} belongs to somebody else and is used as it is`)
      continue
    }
    if (existing !== undefined && !given && !settings.force) {
      const owners = await editors(client, object)
      if (owners !== '') {
        progress.kept(`${describeRef(ref)} is left as it was edited: ${owners}`)
        continue
      }
    }
    await applyAll(applying, [object])
  }
}

/** Whose edits applying would undo. */
async function editors(client: KubeClient, object: JsonObject): Promise<string> {
  try {
    await client.apply(object, { fieldManager: FIELD_MANAGER, dryRun: true })
    return ''
  } catch (error) {
    const conflicts = isConflict(error) && error instanceof StatusError ? fieldConflicts(error) : []
    if (conflicts.length === 0) throw error
    return describeConflicts(conflicts)
  }
}
