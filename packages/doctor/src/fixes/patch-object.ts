import type { JsonObject, JsonPatchOperation } from '@proa/kube'
import type { Change, ObjectName } from '../finding.ts'
import { apiVersionOf, kubectl, resourceOf, shellWord } from './kubectl.ts'

export type PatchBody = Extract<Change, { kind: 'patch' }>['patch']

/** One step of a fix: the command that a person types, and the same as a change. */
export interface Step {
  readonly commands: readonly string[]
  readonly changes: readonly Change[]
}

export const NO_STEP: Step = { commands: [], changes: [] }

/** What loosens a rule, turns something off, or may lose data is for people to decide: `--fix` prints it and does not make it. */
export function leftToPeople({ commands }: Step): Step {
  return { commands, changes: [] }
}

export function allSteps(...steps: readonly Step[]): Step {
  return { commands: steps.flatMap(({ commands }) => commands), changes: steps.flatMap(({ changes }) => changes) }
}

/** RFC 7396. For kinds that are not built in this is the only way beside a JSON Patch. */
export function mergePatch(object: ObjectName, body: JsonObject): Step {
  return patchObject(object, { type: 'merge', body })
}

/** With `test` operations before it, so that it never hits another item than the one that was looked at. */
export function jsonPatch(object: ObjectName, operations: readonly JsonPatchOperation[]): Step {
  return patchObject(object, { type: 'json', operations })
}

/** `command`: a shorter one that does the same, such as `kubectl label`. */
export function patchObject(object: ObjectName, patch: PatchBody, command?: string): Step {
  const apiVersion = apiVersionOf(object)
  const typed = command ?? patchCommand(object, patch)
  if (apiVersion === undefined) return { commands: [typed], changes: [] }
  return { commands: [typed], changes: [{ kind: 'patch', object: { ...object, apiVersion }, patch }] }
}

function patchCommand(object: ObjectName, patch: PatchBody): string {
  const body = JSON.stringify(patch.type === 'json' ? patch.operations : patch.body)
  return `${kubectl(object)} patch ${resourceOf(object)} ${shellWord(object.name)} --type=${patch.type} -p ${shellWord(body)}`
}

export function deleteObject(object: ObjectName): Step {
  const apiVersion = apiVersionOf(object)
  return {
    commands: [`${kubectl(object)} delete ${resourceOf(object)} ${shellWord(object.name)}`],
    changes: apiVersion === undefined ? [] : [{ kind: 'delete', object: { ...object, apiVersion } }],
  }
}
